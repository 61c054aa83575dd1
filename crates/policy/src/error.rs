//! Why a policy document is refused: AWS's words for the wire, our own for the author.

use std::fmt;

use crate::document::Span;
use crate::json;

/// A document refused by [`Document::parse`](crate::document::Document::parse).
///
/// On the wire this is `MalformedPolicyDocument` (IAM, STS), HTTP 400, or what corresponds to it in other services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// AWS's message.
    pub message: String,
    /// The place of the fault in the text; where something is missing, of what lacks it.
    pub span: Span,
    /// What is wrong and how to mend it, in plain words.
    pub detail: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyError {}

/// A fault and its place, before it is known which of AWS's messages it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(span: Span, detail: impl Into<String>) -> Problem {
        Problem { span, detail: detail.into() }
    }

    /// The error with AWS's message.
    pub(crate) fn says(self, message: impl Into<String>) -> PolicyError {
        PolicyError { message: message.into(), span: self.span, detail: self.detail }
    }
}

impl From<json::Error> for Problem {
    fn from(error: json::Error) -> Problem {
        let span = Span { start: error.offset, end: error.offset.saturating_add(1) };
        Problem::new(span, format!("Not acceptable as JSON: {}.", error.message))
    }
}
