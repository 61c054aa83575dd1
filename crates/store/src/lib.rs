//! Stores for realms and events: one trait, embedded SQLite, one conformance suite.
//!
//! A **realm** is a set of records that change together. Every commit raises its revision by one and nothing is
//! overwritten: a record ends at one revision and its successor begins there, so a realm can be loaded as it is now or
//! as of an earlier revision or time. A change's audit event is part of the change's own transaction.
//!
//! - [`Store`] is the small synchronous interface; [`Sqlite`] implements it in one directory.
//! - [`Committer`] turns many concurrent commits into few durable transactions.
//! - [`EventLog`] is the node's own append-only log for events without a change, and moves every event on to the
//!   event store.

#![forbid(unsafe_code)]

mod committer;
mod digest;
mod error;
mod event;
mod frame;
mod log;
mod place;
mod realm;
mod sqlite;

#[cfg(any(test, feature = "testing"))]
mod faulty;

#[cfg(test)]
mod conformance;

pub use committer::{CommitError, Committer, Line};
pub use error::Error;
pub use event::{Cursor, Event, EventFilter, MAX_EVENT_BYTES, Order, Page};
#[cfg(any(test, feature = "testing"))]
pub use faulty::{Fault, Faulty};
pub use frame::Frame;
pub use log::{AppendError, EventLog};
pub use realm::{At, Change, Commit, Loaded, MAX_CHANGES, MAX_COMMIT_BYTES, RealmId, Record, Refusal, Revision, Step};
pub use sqlite::{Durability, Sqlite};

/// What a store must do. All methods block; a method that returned is done.
///
/// An `Err` says that nothing is known to have become durable: what was asked for may or may not be found later, and
/// only reading tells.
pub trait Store: Send + Sync {
    /// The head revision of every realm.
    fn realms(&self) -> Result<Vec<(RealmId, Revision)>, Error>;

    /// A realm's records, now or as of an earlier revision or time. `None` where the realm has nothing there: it did
    /// not exist yet, or has not reached that revision.
    ///
    /// Records come in no particular order. Damage is found: the records of a realm carry checksums that must add up
    /// to the sum its commit recorded, else the answer is [`Error::Damaged`].
    fn load(&self, realm: &RealmId, at: At) -> Result<Option<Loaded>, Error>;

    /// Makes the whole batch durable in one transaction, in order, and answers for each commit. A refused commit
    /// leaves no trace in any realm and the others land; once a commit is refused, later ones of its realms in the batch
    /// that expect a higher revision are refused too, since they were built on it.
    fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error>;

    /// Adds events to the event store, durably. One that is there already (by its id) is left as it is.
    fn append_events(&self, events: &[Frame<'_>]) -> Result<(), Error>;

    /// Moves at most `limit` events that came with commits on to the event store, each exactly once, and says how many
    /// were moved.
    fn drain_outbox(&self, limit: usize) -> Result<usize, Error>;

    /// Looks up events. The work of one call is bounded, so a page can be short, or empty, and still have
    /// [`Page::more`] set.
    fn events(&self, filter: &EventFilter) -> Result<Page, Error>;

    /// A small named value beside the realms, such as a sealed keyring.
    fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Writes a setting, durably, over the one that was there.
    fn put_setting(&self, key: &str, value: &[u8]) -> Result<(), Error>;
}
