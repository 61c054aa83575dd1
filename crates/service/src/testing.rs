//! A world for tests: the clock stands still until it is moved, and randomness is a counter.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::World;

pub(crate) struct TestWorld {
    now: Mutex<Timestamp>,
    counter: AtomicU64,
}

impl Default for TestWorld {
    fn default() -> Self {
        TestWorld { now: Mutex::new("2026-11-25T12:00:00Z".parse().unwrap()), counter: AtomicU64::new(1) }
    }
}

impl World for TestWorld {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn fill(&self, bytes: &mut [u8]) {
        use sha2::{Digest, Sha256};
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.counter.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
