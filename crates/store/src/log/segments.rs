//! The list of segment files, shared by the thread that writes them and the one that moves their events on.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::place::Place;
use crate::sqlite::lock;

/// The first bytes of every file; frames follow.
pub(super) const MAGIC: &[u8; 8] = b"DWEVENT1";
const ENDING: &str = "events";

/// One segment file.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Up to where it is written, in bytes.
    pub(super) length: u64,
    /// Whether nothing more will be written.
    pub(super) done: bool,
}

/// The segment files, the oldest first.
#[derive(Default)]
pub(super) struct Segments {
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Default)]
struct State {
    files: VecDeque<Segment>,
    next: u64,
    closed: bool,
}

impl Segments {
    /// Those that an earlier process has left.
    pub(super) fn find(place: &Place) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(place.dir())? {
            let entry = entry?;
            let path = entry.path();
            if let Some(number) = number(&path) {
                files.push(Segment { number, path, length: entry.metadata()?.len(), done: true });
            }
        }
        files.sort_unstable_by_key(|segment| segment.number);
        let next = files.last().map_or(1, |last| last.number + 1);
        let state = State { files: files.into(), next, closed: false };
        Ok(Self { state: Mutex::new(state), closed: Condvar::new() })
    }

    /// The next file's number and path.
    pub(super) fn next(&self, place: &Place) -> (u64, PathBuf) {
        let mut state = lock(&self.state);
        let number = state.next;
        state.next += 1;
        (number, place.dir().join(format!("{number:020}.{ENDING}")))
    }

    /// Says how far a file is written.
    pub(super) fn wrote(&self, segment: &Segment) {
        let mut state = lock(&self.state);
        match state.files.back_mut() {
            Some(last) if last.number == segment.number => last.clone_from(segment),
            _ => state.files.push_back(segment.clone()),
        }
    }

    pub(super) fn oldest(&self) -> Option<Segment> {
        lock(&self.state).files.front().cloned()
    }

    /// Takes the oldest file off the list.
    pub(super) fn drop_oldest(&self) {
        lock(&self.state).files.pop_front();
    }

    /// Says that nothing more will be written.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.closed.notify_all();
    }

    /// Waits for the time to pass, and says whether nothing more will be written.
    pub(super) fn closed_within(&self, time: Duration) -> bool {
        let state = lock(&self.state);
        let waited = self.closed.wait_timeout_while(state, time, |state| !state.closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }
}

fn number(path: &Path) -> Option<u64> {
    let is_segment = path.extension().is_some_and(|ending| ending == ENDING);
    path.file_stem().filter(|_| is_segment)?.to_str()?.parse().ok()
}
