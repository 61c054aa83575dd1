//! The thread that moves events from the segment files and the outbox on to the event store.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use super::segments::{MAGIC, Segment, Segments};
use crate::frame::{self, Found, MAX_FRAME};
use crate::{Error, Frame, Store};

/// How long events stay in the log, or the outbox, before they are moved on.
const EVERY: Duration = Duration::from_millis(200);
/// How many bytes of a file make one transaction of the event store, at most. More than one frame.
const CHUNK: usize = 4 * MAX_FRAME;
/// How many events of the outbox make one, at most.
const OUTBOX: usize = 1_000;
/// A file that could not be read so often in a row is kept aside.
const MAX_FAILED_READS: u32 = 25;

pub(super) struct Shipper {
    segments: Arc<Segments>,
    store: Arc<dyn Store>,
    /// Up to where the oldest file is moved on, in bytes.
    offset: u64,
    /// Whether something in it could not be read.
    damaged: bool,
    /// How often in a row reading it has failed.
    failed_reads: u32,
    /// The last failure, reported once.
    failure: Option<String>,
}

impl Shipper {
    pub(super) fn new(segments: Arc<Segments>, store: Arc<dyn Store>) -> Self {
        Self { segments, store, offset: 0, damaged: false, failed_reads: 0, failure: None }
    }

    /// Moves events on until the log is closed, and then whatever is left.
    pub(super) fn run(mut self) {
        loop {
            let closed = self.segments.closed_within(EVERY);
            let outbox = self.empty_outbox();
            let log = self.empty_log();
            self.report(log.and(outbox));
            if closed {
                return;
            }
        }
    }

    fn report(&mut self, result: Result<(), Error>) {
        let failure = result.err().map(|error| error.to_string());
        match (&failure, &self.failure) {
            (Some(error), last) if last.as_ref() != Some(error) => {
                tracing::error!(error, "events wait in the log: the event store does not take them");
            }
            (None, Some(_)) => tracing::info!("the event store takes events again"),
            _ => {}
        }
        self.failure = failure;
    }

    fn empty_outbox(&self) -> Result<(), Error> {
        while self.store.drain_outbox(OUTBOX)? == OUTBOX {}
        Ok(())
    }

    fn empty_log(&mut self) -> Result<(), Error> {
        let mut chunk = Vec::new();
        while let Some(segment) = self.segments.oldest() {
            match self.read(&segment, &mut chunk) {
                Ok(is_last) => {
                    self.failed_reads = 0;
                    let (frames, length, damaged) = self.parse(&chunk, is_last);
                    if !frames.is_empty() {
                        self.store.append_events(&frames)?;
                    }
                    self.damaged |= damaged;
                    if length > 0 {
                        self.offset += u64::try_from(length).unwrap_or(0);
                        continue;
                    }
                }
                Err(_) if self.failed_reads >= MAX_FAILED_READS => self.damaged = true,
                Err(error) => {
                    self.failed_reads += 1;
                    return Err(Error::Io(segment.path, error));
                }
            }
            // There is nothing more to read in this file.
            if !segment.done {
                return Ok(());
            }
            self.retire(&segment);
        }
        Ok(())
    }

    /// Reads the next bytes of a file. Says whether they are its last ones so far.
    fn read(&self, segment: &Segment, chunk: &mut Vec<u8>) -> io::Result<bool> {
        let left = usize::try_from(segment.length.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        chunk.resize(left.min(CHUNK), 0);
        if left > 0 {
            File::open(&segment.path)?.read_exact_at(chunk, self.offset)?;
        }
        Ok(left <= CHUNK)
    }

    /// The events in a chunk, the length of what they take, and whether something could not be read.
    fn parse<'a>(&self, chunk: &'a [u8], is_last: bool) -> (Vec<Frame<'a>>, usize, bool) {
        let (mut frames, mut at, mut damaged) = (Vec::new(), 0, false);
        if self.offset == 0 {
            match chunk.starts_with(MAGIC) {
                true => at = MAGIC.len(),
                false => damaged = chunk.len() >= MAGIC.len(),
            }
        }
        while let Some(rest) = chunk.get(at..) {
            match frame::decode(rest) {
                Found::Frame(frame) => {
                    frames.push(frame);
                    at += frame.bytes.len();
                }
                Found::Damage(length) => {
                    damaged = true;
                    at += length;
                }
                // A whole frame would have had room: these are zeros, with something behind them.
                Found::Short if rest.len() >= MAX_FRAME && !is_last => {
                    damaged = true;
                    at = chunk.len();
                }
                Found::Short => break,
            }
        }
        (frames, at, damaged)
    }

    /// Removes a file whose events have all been moved on, or keeps it aside if it was damaged.
    fn retire(&mut self, segment: &Segment) {
        let done = if self.damaged {
            let aside = segment.path.with_extension("damaged");
            tracing::error!(path = %aside.display(), "events that could not be read are kept aside");
            fs::rename(&segment.path, aside)
        } else {
            fs::remove_file(&segment.path)
        };
        if let Err(error) = done {
            tracing::warn!(path = %segment.path.display(), %error, "the file stays until the next start");
        }
        self.segments.drop_oldest();
        (self.offset, self.damaged, self.failed_reads) = (0, false, 0);
    }
}
