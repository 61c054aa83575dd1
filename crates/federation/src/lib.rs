//! Evidence from outside in, verified claims out: tokens of OpenID Connect providers, with their keys and metadata, and
//! one-time codes ([`totp`]); and proofs of security keys ([`webauthn`]).
//!
//! A token goes through three types, each made from the one before: [`Token`] (well-formed, nothing believed),
//! [`Addressed`] (for this issuer's registered audience) and [`VerifiedToken`] (signed by the issuer, in force, complete).
//! Pure: no clock, no I/O; fetching keys is the caller's.

#![forbid(unsafe_code)]

mod claims;
mod error;
mod json;
mod keys;
mod metadata;
mod token;
pub mod totp;
pub mod webauthn;

#[cfg(test)]
mod testing;

pub use claims::{SessionTags, VerifiedToken};
pub use error::{DocumentError, TokenError};
pub use keys::KeySet;
pub use metadata::{configuration_url, keys_url};
pub use token::{Addressed, TOKEN_CHARS_MAX, Token};
