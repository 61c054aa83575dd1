//! The one error type of all services.

use std::borrow::Cow;
use std::fmt;

use crate::ErrorShape;

/// What a caller is told when a call fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Code on the wire: `NoSuchEntity`.
    pub code: Cow<'static, str>,
    /// HTTP status. Below 500 the caller is at fault.
    pub status: u16,
    /// AWS's text for the caller.
    pub message: String,
    /// Which of an exception's reasons it is, where it has such: `OU_DEPTH_LIMIT_EXCEEDED`.
    pub reason: Option<&'static str>,
}

impl Error {
    /// An error with this code, HTTP status and text.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into(), reason: None }
    }

    /// The same error, with its reason.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// `Sender` if the caller is at fault, `Receiver` if the service is.
    pub fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }
}

impl ErrorShape {
    /// This error with a text for the caller.
    pub fn with(&self, message: impl Into<String>) -> Error {
        Error::new(self.code, self.status, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
