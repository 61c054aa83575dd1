//! Signature Version 4: canonical requests, verification, signing, presigning.
//!
//! A request is verified in three steps, and each yields the value that the next one needs, so that none can be left out:
//!
//! 1. [`claim`] reads who the request claims to be from, and refuses every malformed or ambiguous form.
//! 2. [`Claim::check`] compares the credential scope and the clock: [`Checked`].
//! 3. [`Checked::verify`] compares the signature in constant time: [`Verified`].
//!
//! An access key that does not exist must cost the same as one that does: the caller then derives a [`SigningKey`] from a
//! dummy secret, verifies with it as usual, and answers `InvalidClientTokenId` whatever the result.
//!
//! The body is always hashed. No request is accepted whose payload is not covered by the signature, and none that carries
//! an `x-amz-*` header outside of it.
//!
//! The rules are those of the AWS pages "Create a signed AWS API request" and "Troubleshoot Signature Version 4 signing
//! for AWS API requests". Where AWS resolves an ambiguity silently (the first of two parameters wins), this crate refuses:
//! a verifier and a handler that choose differently are how signed requests get forged.
//!
//! Nothing here reads a clock, draws randomness or does I/O.

#![forbid(unsafe_code)]

mod authorization;
mod canonical;
mod claim;
mod encode;
mod error;
mod headers;
mod key;
mod path;
mod presigned;
mod query;
mod sign;
mod stamp;
mod verify;

pub use claim::{Claim, claim};
pub use error::Error;
pub use key::SigningKey;
pub use path::PathStyle;
pub use sign::{Credentials, Scope, presign, sign};
pub use verify::{Checked, Verified};

/// The one algorithm that is spoken here. Signature Version 4A and the X.509 variants have other names.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last element of every credential scope.
pub const TERMINATOR: &str = "aws4_request";

/// How far a request's time may lie from the server's, either way, in seconds.
pub const CLOCK_WINDOW_SECONDS: u32 = 15 * 60;

/// The longest time for which a presigned request can be valid, in seconds: seven days.
pub const MAX_EXPIRES_SECONDS: u32 = 604_800;

/// The longest `Authorization` header, in bytes.
pub const MAX_AUTHORIZATION_BYTES: usize = 8 * 1024;

/// The longest session token, in bytes.
pub const MAX_SESSION_TOKEN_BYTES: usize = 8 * 1024;

/// The largest number of names in `SignedHeaders`.
pub const MAX_SIGNED_HEADERS: usize = 64;

/// The largest number of headers of a request.
pub const MAX_HEADERS: usize = 128;

/// The longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// The longest query string, in bytes.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;

/// The largest number of query parameters.
pub const MAX_QUERY_PARAMETERS: usize = 1024;

/// An HTTP request, as it came over the wire.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, such as `POST`.
    pub method: &'a str,
    /// The path as received: not decoded, not normalised, without the query.
    pub path: &'a str,
    /// The query string as received, without the `?`; empty if there is none.
    pub query: &'a str,
    /// The headers in the order received. Names are lower-case; over HTTP/2 the caller supplies `host` from `:authority`.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The whole body.
    pub body: &'a [u8],
}
