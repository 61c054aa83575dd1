//! FIDO security keys (User Guide, "Assign a passkey or security key").

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::{Reference, ReferenceKind};

/// A security key of a user.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityKey {
    /// `MFAK…`: the last part of its serial number, `arn:aws:iam::ACCOUNT:u2f/user/NAME/ID`.
    pub id: String,
    /// The user's unique id.
    pub user_id: String,
    /// When it was registered.
    pub enabled: Timestamp,
    /// The id that the key gave itself, in base 64 for URLs. No two keys of an account have the same.
    pub credential_id: String,
    /// The public key with its signature counter, as whoever verifies keeps it.
    pub credential: String,
}

impl Entity for SecurityKey {
    const KIND: &'static str = "security-key";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference { kind: ReferenceKind::MfaDevice, target: self.user_id.clone() }]
    }
}

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ceremony {
    /// To register a key.
    Registration,
    /// To prove a second factor.
    Assertion,
}

/// A challenge that was given out and not answered yet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityKeyChallenge {
    /// `MFAC…`: the id of the ceremony.
    pub id: String,
    /// The unique id of the user whose key must answer.
    pub user_id: String,
    /// What for.
    pub ceremony: Ceremony,
    /// The challenge.
    pub challenge: Vec<u8>,
    /// Until when it can be answered.
    pub expires: Timestamp,
}

impl Entity for SecurityKeyChallenge {
    const KIND: &'static str = "security-key-challenge";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference { kind: ReferenceKind::Challenge, target: self.user_id.clone() }]
    }
}
