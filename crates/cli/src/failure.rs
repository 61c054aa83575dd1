//! The one error of the command line: the sentence that the person reads. It names the thing and the mend.

use std::fmt;
use std::path::Path;

/// What every verb returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong and how to mend it, in words.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A file or directory that could not be used: `cannot read PATH: …`.
    pub(crate) fn of_path(verb: &str, path: &Path, error: impl fmt::Display) -> Self {
        Self(format!("cannot {verb} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Texts of the server end up here too.
        out.write_str(&crate::output::safe(&self.0))
    }
}

/// Errors whose own text is the sentence to be read.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
