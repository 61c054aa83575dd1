//! Secrets at rest and in tokens: the keyring, and what is sealed with it.
//!
//! The key-encryption key (KEK) comes from the operator. It opens the root key, which opens the keyring: independent
//! random keys, one for each purpose and version, so that what is sealed for one purpose is noise to every other.

mod keyring;
mod marker;
mod message;
mod seal;
mod token;

pub use keyring::{KEY_LENGTH, KeyError, Keyring};
pub(crate) use keyring::{Purpose, SecretText};
pub(crate) use token::MAX_LENGTH as MAX_TOKEN_LENGTH;
