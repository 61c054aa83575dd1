//! The port to other servers, such as identity providers.

use std::fmt;
use std::pin::Pin;

/// The future of a document.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, EgressError>> + Send + 'a>>;

/// Most bytes that [`Egress::get`] may give.
pub const EGRESS_BYTES_MAX: usize = 256 * 1024;

/// How documents of other servers are fetched.
///
/// Whoever implements it keeps to this: https alone; no address that is not public, unless the operator allows it, and
/// the connection goes to the very address that was looked at; no redirects, no proxies; at most [`EGRESS_BYTES_MAX`] bytes
/// and 2.5 seconds.
pub trait Egress: Send + Sync + fmt::Debug {
    /// The body at `url`. A server whose certificate no public authority vouches for is trusted if a certificate at the
    /// top of its chain has one of these `thumbprints`: SHA-1 in lower-case hexadecimal.
    fn get<'a>(&'a self, url: &'a str, thumbprints: &'a [String]) -> Fetching<'a>;
}

/// Why there is no document. The texts are for the operator's log, not for callers: they would tell what is where in
/// the operator's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EgressError {
    /// The server cannot be reached, is too slow, or fails.
    Unreachable(String),
    /// The server's certificate is neither trusted nor named by a thumbprint.
    Certificate(String),
    /// The URL or the address may not be asked, or the answer is none: a redirect, an error of the asker, too much.
    Refused(String),
}

impl fmt::Display for EgressError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EgressError::Unreachable(why) | EgressError::Certificate(why) | EgressError::Refused(why) => {
                out.write_str(why)
            }
        }
    }
}

impl std::error::Error for EgressError {}
