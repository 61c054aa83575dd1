//! The node's own log: events without a change wait here, durable if need be, until the event store has them.
//!
//! One thread writes what callers append, many events at a time, into segment files and syncs them. Another moves
//! complete events from the files to the event store, by their ids, and removes the files; it also empties the store's
//! outbox. So every event can be looked up within a second, and callers wait at most for the node's own disk.
//!
//! What the files hold survives a crash: the next [`EventLog::open`] moves it on. A file that is damaged is read as far
//! as it can be, then kept aside under the ending `.damaged` and reported.

mod segments;
mod ship;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use futures_channel::oneshot;

use crate::place::Place;
use crate::sqlite::lock;
use crate::{Durability, Error, Event, Store, frame};
use segments::Segments;
use ship::Shipper;
use write::{Buffer, Writer};

/// Why an event was not taken, or is not known to be durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// The event is larger than [`MAX_EVENT_BYTES`](crate::MAX_EVENT_BYTES), or a field is too long.
    TooLarge,
    /// Too much is waiting to be written.
    Overloaded,
    /// The log has been closed.
    Closed,
    /// Writing failed. The event may still be recorded, once writing works again.
    Failed(String),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the event is too large"),
            Self::Overloaded => f.write_str("too many events are waiting to be written"),
            Self::Closed => f.write_str("the event log is closed"),
            Self::Failed(error) => write!(f, "writing the event log failed: {error}"),
        }
    }
}

impl std::error::Error for AppendError {}

/// Takes events without a change.
pub struct EventLog {
    buffer: Arc<Buffer>,
    segments: Arc<Segments>,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    /// Kept until both have ended.
    _place: Arc<Place>,
    writer: JoinHandle<()>,
    shipper: JoinHandle<()>,
}

impl EventLog {
    /// Opens the log in its own directory, or makes it, and begins to move what is left in it on to the store.
    ///
    /// # Errors
    /// [`Error::InUse`] and [`Error::Exposed`] as for the store, and [`Error::Io`].
    pub fn open(dir: &Path, store: Arc<dyn Store>, durability: Durability) -> Result<Self, Error> {
        let place = Arc::new(Place::claim(dir)?);
        let segments = Arc::new(Segments::find(&place).map_err(|error| Error::Io(dir.to_owned(), error))?);
        let buffer = Arc::new(Buffer::default());
        let writer = Writer::new(Arc::clone(&buffer), Arc::clone(&segments), Arc::clone(&place), durability);
        let shipper = Shipper::new(Arc::clone(&segments), store);
        let writer = thread::spawn(move || writer.run());
        let shipper = thread::spawn(move || shipper.run());
        let threads = Threads { _place: place, writer, shipper };
        Ok(Self { buffer, segments, threads: Mutex::new(Some(threads)) })
    }

    /// Takes an event and returns at once. It survives a crash of the process some 25 ms later and one of the machine
    /// some 200 ms later. An error says that it was not taken.
    pub fn append(&self, event: &Event) -> Result<(), AppendError> {
        self.buffer.push(&frame::encode(event).ok_or(AppendError::TooLarge)?, None)
    }

    /// Takes an event; the receiver is answered when it is durable, or known not to be.
    pub fn append_durable(&self, event: &Event) -> oneshot::Receiver<Result<(), AppendError>> {
        let (sender, receiver) = oneshot::channel();
        match frame::encode(event) {
            // The buffer answers an error through the sender.
            Some(frame) => drop(self.buffer.push(&frame, Some(sender))),
            None => drop(sender.send(Err(AppendError::TooLarge))),
        }
        receiver
    }

    /// Writes what was taken, moves all events on to the store, its outbox's too, and stops. What the store does not
    /// take stays in the log for the next start.
    pub fn close(&self) {
        let Some(threads) = lock(&self.threads).take() else { return };
        self.buffer.close();
        let written = threads.writer.join();
        self.segments.close();
        if written.and(threads.shipper.join()).is_err() {
            tracing::error!("a thread of the event log has panicked");
        }
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        self.close();
    }
}
