//! The thread that writes events into segment files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use super::AppendError;
use super::segments::{MAGIC, Segment, Segments};
use crate::Durability;
use crate::place::{Place, private_file};
use crate::sqlite::lock;

/// The most bytes that wait to be written; an event that would add to more is refused.
const MAX_WAITING: usize = 8 << 20;
/// As much is written at once, even if nobody waits for it.
const ENOUGH: usize = 256 << 10;
/// How long events that nobody waits for gather before they are written.
const GATHER: Duration = Duration::from_millis(25);
/// How long they stay written but not synced.
const SYNC_AFTER: Duration = Duration::from_millis(150);
/// After a failure, how long until the next attempt.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// A file of this size is finished, in bytes.
const SEGMENT: u64 = 4 << 20;

type Answer = oneshot::Sender<Result<(), AppendError>>;

/// What callers have appended and the thread has not taken yet.
#[derive(Default)]
pub(super) struct Buffer {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    answers: Vec<Answer>,
    closed: bool,
}

impl Buffer {
    /// Takes one frame. `answer` gets the error, too.
    pub(super) fn push(&self, frame: &[u8], answer: Option<Answer>) -> Result<(), AppendError> {
        let mut waiting = lock(&self.waiting);
        let refused = match () {
            () if waiting.closed => Some(AppendError::Closed),
            () if waiting.bytes.len() + frame.len() > MAX_WAITING => Some(AppendError::Overloaded),
            () => None,
        };
        if let Some(error) = refused {
            drop(answer.map(|answer| answer.send(Err(error.clone()))));
            return Err(error);
        }
        // The thread wakes for the first event, to gather more; then only for who waits, or for enough.
        let wake = waiting.bytes.is_empty() || answer.is_some() || waiting.bytes.len() >= ENOUGH;
        waiting.bytes.extend_from_slice(frame);
        waiting.answers.extend(answer);
        drop(waiting);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    pub(super) fn close(&self) {
        lock(&self.waiting).closed = true;
        self.arrived.notify_one();
    }

    /// Waits for something to write, at most for `idle`, and puts it into `bytes`, which is empty.
    fn take(&self, bytes: &mut Vec<u8>, idle: Duration) -> (Vec<Answer>, bool) {
        let nothing = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.closed;
        let gather = |waiting: &mut Waiting| {
            waiting.answers.is_empty() && !waiting.bytes.is_empty() && waiting.bytes.len() < ENOUGH && !waiting.closed
        };
        let waiting = lock(&self.waiting);
        let waited = self.arrived.wait_timeout_while(waiting, idle, nothing);
        let waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        let waited = self.arrived.wait_timeout_while(waiting, GATHER, gather);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        mem::swap(bytes, &mut waiting.bytes);
        (mem::take(&mut waiting.answers), waiting.closed)
    }

    /// Answers who waits now; the events stay.
    fn fail(&self, error: &AppendError) -> bool {
        let mut waiting = lock(&self.waiting);
        waiting.answers.drain(..).for_each(|answer| drop(answer.send(Err(error.clone()))));
        waiting.closed
    }
}

pub(super) struct Writer {
    buffer: Arc<Buffer>,
    segments: Arc<Segments>,
    place: Arc<Place>,
    durability: Durability,
    /// The file that is written to.
    open: Option<(File, Segment)>,
    /// Frames that are not known to be durable.
    unsynced: Vec<u8>,
    /// How much of that is written to the open file.
    written: usize,
    unsynced_since: Instant,
}

impl Writer {
    pub(super) fn new(buffer: Arc<Buffer>, segments: Arc<Segments>, place: Arc<Place>, durability: Durability) -> Self {
        let (open, unsynced, unsynced_since) = (None, Vec::new(), Instant::now());
        Self { buffer, segments, place, durability, open, unsynced, written: 0, unsynced_since }
    }

    /// Writes until the buffer is closed and empty.
    pub(super) fn run(mut self) {
        let _closing = CloseOnExit(Arc::clone(&self.buffer));
        let mut fresh = Vec::new();
        loop {
            let idle = if self.unsynced.is_empty() { Duration::MAX } else { SYNC_AFTER };
            let (answers, closed) = self.buffer.take(&mut fresh, idle);
            if self.unsynced.is_empty() {
                self.unsynced_since = Instant::now();
                mem::swap(&mut self.unsynced, &mut fresh);
            } else {
                self.unsynced.append(&mut fresh);
            }
            let urgent = closed || !answers.is_empty();
            let result = self.persist(urgent).map_err(|error| AppendError::Failed(error.to_string()));
            answers.into_iter().for_each(|answer| drop(answer.send(result.clone())));
            if let Err(error) = result
                && !self.recover(error)
            {
                tracing::error!(bytes = self.unsynced.len(), "events were lost: the log was closed while it failed");
                break;
            }
            if closed {
                break;
            }
        }
        self.finish();
    }

    /// Writes what is new and, when it is urgent or time, syncs.
    fn persist(&mut self, urgent: bool) -> io::Result<()> {
        if self.unsynced.is_empty() {
            return Ok(());
        }
        if self.open.is_none() {
            self.open = Some(self.create()?);
        }
        let Some((file, segment)) = &mut self.open else { return Ok(()) };
        let new = self.unsynced.get(self.written..).unwrap_or_default();
        file.write_all(new)?;
        segment.length += u64::try_from(new.len()).unwrap_or(0);
        self.written = self.unsynced.len();
        if urgent || self.unsynced_since.elapsed() >= SYNC_AFTER || segment.length >= SEGMENT {
            if self.durability == Durability::Full {
                file.sync_data()?;
            }
            self.unsynced.clear();
            self.unsynced.shrink_to(ENOUGH);
            self.written = 0;
        }
        self.segments.wrote(segment);
        if segment.length >= SEGMENT {
            self.finish();
        }
        Ok(())
    }

    fn create(&self) -> io::Result<(File, Segment)> {
        let (number, path) = self.segments.next(&self.place);
        let length = u64::try_from(MAGIC.len()).unwrap_or(0);
        let mut file = private_file(&path)?;
        let begun = file.write_all(MAGIC).and_then(|()| match self.durability {
            Durability::Full => self.place.sync(),
            Durability::None => Ok(()),
        });
        if let Err(error) = begun {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok((file, Segment { number, path, length, done: false }))
    }

    /// Leaves the open file as it is.
    fn finish(&mut self) {
        if let Some((_, segment)) = self.open.take() {
            self.segments.wrote(&Segment { done: true, ..segment });
        }
    }

    /// After a failed write or sync, a file is never trusted again: a later sync of it can succeed without having
    /// written anything. All that is not known to be durable goes into a new one, until that works. Says whether it
    /// did before the log was closed.
    fn recover(&mut self, mut error: AppendError) -> bool {
        tracing::error!(%error, "the event log");
        self.finish();
        loop {
            self.written = 0;
            let closed = self.buffer.fail(&error);
            match self.persist(true) {
                Ok(()) => return true,
                Err(_) if closed => return false,
                Err(again) => error = AppendError::Failed(again.to_string()),
            }
            // Nothing is in the new file that will not be in the next one.
            if let Some((_, segment)) = self.open.take() {
                let _ = fs::remove_file(segment.path);
            }
            thread::sleep(RETRY_AFTER);
        }
    }
}

/// However the thread ends, nobody appends in vain.
struct CloseOnExit(Arc<Buffer>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.close();
        self.0.fail(&AppendError::Closed);
    }
}
