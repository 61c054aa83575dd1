//! Why a request is refused.

use std::borrow::Cow;
use std::fmt;

/// The longest piece of a request that an error text repeats, in characters.
const SHOWN_CHARACTERS: usize = 200;

/// Why a request is refused. The variant is AWS's error code, the text within is AWS's message.
///
/// The JSON protocols have other names for the first two, `IncompleteSignatureException` and `InvalidSignatureException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The authentication data does not conform to the standard.
    IncompleteSignature(Cow<'static, str>),
    /// The signature, its scope or its time is not right.
    SignatureDoesNotMatch(Cow<'static, str>),
    /// The query string cannot be decoded.
    MalformedQueryString(Cow<'static, str>),
    /// `X-Amz-Expires` is out of its range.
    AuthorizationQueryParametersError(Cow<'static, str>),
}

impl Error {
    /// AWS's error code, as the query protocol spells it.
    pub fn code(&self) -> &'static str {
        match self {
            Error::IncompleteSignature(_) => "IncompleteSignature",
            Error::SignatureDoesNotMatch(_) => "SignatureDoesNotMatch",
            Error::MalformedQueryString(_) => "MalformedQueryString",
            Error::AuthorizationQueryParametersError(_) => "AuthorizationQueryParametersError",
        }
    }

    /// The HTTP status, after the AWS page "Common Errors".
    pub fn status(&self) -> u16 {
        match self {
            Error::IncompleteSignature(_) | Error::AuthorizationQueryParametersError(_) => 400,
            Error::SignatureDoesNotMatch(_) => 403,
            Error::MalformedQueryString(_) => 404,
        }
    }

    /// The message, byte for byte what AWS says where AWS has the case.
    pub fn message(&self) -> &str {
        match self {
            Error::IncompleteSignature(message)
            | Error::SignatureDoesNotMatch(message)
            | Error::MalformedQueryString(message)
            | Error::AuthorizationQueryParametersError(message) => message,
        }
    }

    pub(crate) fn incomplete(message: impl Into<Cow<'static, str>>) -> Error {
        Error::IncompleteSignature(message.into())
    }

    pub(crate) fn mismatch(message: impl Into<Cow<'static, str>>) -> Error {
        Error::SignatureDoesNotMatch(message.into())
    }

    pub(crate) fn malformed_query(message: impl Into<Cow<'static, str>>) -> Error {
        Error::MalformedQueryString(message.into())
    }

    pub(crate) fn expires(message: &'static str) -> Error {
        Error::AuthorizationQueryParametersError(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// A piece of the request for an error text: cut to 200 characters, and nothing in it but printable ASCII, since the text
/// ends in logs, events and terminals.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS).map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}
