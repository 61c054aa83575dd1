//! Why evidence is not believed.

use std::fmt;

/// Why a token is refused. The texts are AWS's (STS API Reference, AssumeRoleWithWebIdentity).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It is no compact JWS of a JSON object, or no ID token.
    NotAToken,
    /// A claim that every token must have is not there.
    MissingClaim(&'static str),
    /// It is for several audiences and does not say who it was issued to.
    ManyAudiences,
    /// It is for none of the audiences that are registered.
    WrongAudience,
    /// It ended, even with the allowance for clocks that differ. Both in seconds since 1970.
    Expired {
        /// The time now.
        now: i64,
        /// When it ended.
        expires: i64,
    },
    /// Its signature, its algorithm or a claim is not as it must be.
    Invalid,
}

impl fmt::Display for TokenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::NotAToken => out.write_str(
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            ),
            TokenError::MissingClaim(name) => write!(out, "Missing a required claim: {name}."),
            TokenError::ManyAudiences => out
                .write_str("Token audience contains more than one audience while authorized party is not present"),
            TokenError::WrongAudience => out.write_str("Incorrect token audience"),
            TokenError::Expired { now, expires } => write!(
                out,
                "Token expired: current date/time {now} must be before the expiration date/time {expires}"
            ),
            TokenError::Invalid => out.write_str(
                "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation \
                 for requirements.",
            ),
        }
    }
}

impl std::error::Error for TokenError {}

/// What is wrong with a document that a provider publishes; for the operator's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentError(pub(crate) &'static str);

impl fmt::Display for DocumentError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for DocumentError {}
