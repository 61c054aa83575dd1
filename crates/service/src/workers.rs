//! The port to threads for work that takes long.

use std::fmt;

/// A piece of work.
pub type Work = Box<dyn FnOnce() + Send>;

/// Where work is done that would keep other calls waiting, such as hashing a password.
///
/// Whoever implements it bounds how much is done at once and how much waits.
pub trait Workers: Send + Sync + fmt::Debug {
    /// Takes the work on.
    ///
    /// # Errors
    /// Too much is waiting; this will not be done.
    fn take(&self, work: Work) -> Result<(), Overloaded>;
}

/// Too much is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded;
