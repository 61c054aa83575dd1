//! The account's password policy.

use serde::{Deserialize, Serialize};

/// What passwords of an account's users must be (API Reference, UpdateAccountPasswordPolicy). By default what that
/// operation sets where it is told nothing: an account that has no policy at all has a stricter one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Least number of characters, 6 to 128.
    pub minimum_length: u32,
    /// Whether there must be one of ``! @ # $ % ^ & * ( ) _ + - = [ ] { } | '``.
    pub require_symbols: bool,
    /// Whether there must be a digit.
    pub require_numbers: bool,
    /// Whether there must be one of `A` to `Z`.
    pub require_uppercase: bool,
    /// Whether there must be one of `a` to `z`.
    pub require_lowercase: bool,
    /// Whether users may change their own passwords without a policy that says so.
    pub allow_users_to_change_password: bool,
    /// After how many days a password expires, 1 to 1,095; none where passwords do not.
    pub max_age_days: Option<u32>,
    /// How many passwords, the one in force included, a new one must differ from, 1 to 24.
    pub reuse_prevention: Option<u32>,
    /// Whether an expired password can be replaced by an administrator alone.
    pub hard_expiry: Option<bool>,
}

impl Default for PasswordPolicy {
    fn default() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 6,
            require_symbols: false,
            require_numbers: false,
            require_uppercase: false,
            require_lowercase: false,
            allow_users_to_change_password: false,
            max_age_days: None,
            reuse_prevention: None,
            hard_expiry: None,
        }
    }
}
