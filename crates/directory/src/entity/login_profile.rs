//! Login profiles: the passwords of users.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::Guesses;

/// A password's Argon2id hash, with what it was made with. The hash is sealed; this value cannot tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// The salt, in base 64.
    pub salt: String,
    /// The hash, sealed to the user's unique id.
    pub sealed: String,
}

/// A user's password (User Guide, "User passwords in AWS"). At most one for each user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// The user's unique id, which is the profile's too.
    pub user_id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Whether the user must set a new password when signing in.
    pub reset_required: bool,
    /// The password in force.
    pub password: PasswordHash,
    /// When that was set.
    pub changed: Timestamp,
    /// Earlier passwords, newest first, as far as the password policy forbids to use them again. All of a profile's have
    /// one salt, so that a new password is hashed once to be compared with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<PasswordHash>,
    /// Wrong guesses at it.
    #[serde(default, skip_serializing_if = "Guesses::is_empty")]
    pub guesses: Guesses,
}

impl Entity for LoginProfile {
    const KIND: &'static str = "login-profile";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.user_id
    }

    fn name(&self) -> &str {
        &self.user_id
    }
}
