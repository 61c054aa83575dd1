//! A fresh installation in a temporary directory, in a world whose time and randomness are the scenario's.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_service::{Doorward, Options, World};
use doorward_store::{Durability, Event, EventFilter, EventLog, Order, Sqlite, Store};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::Credentials;

/// When every scenario begins: 2026-11-25T12:00:00Z.
const BEGINNING: i64 = 1_795_608_000;
const KEK: [u8; doorward_service::KEY_LENGTH] = [7; doorward_service::KEY_LENGTH];

/// The account that every scenario begins with.
pub const ACCOUNT_ID: &str = "111111111111";

struct Clockwork {
    seconds: AtomicI64,
    counter: AtomicU64,
}

struct Shared(Arc<Clockwork>);

impl World for Shared {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.seconds.load(Ordering::Relaxed)).unwrap_or_default()
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.counter.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
    }
}

/// A running installation of one account.
pub struct Installation {
    pub(crate) doorward: Doorward,
    store: Arc<dyn Store>,
    clockwork: Arc<Clockwork>,
    seen: Mutex<usize>,
    /// The root user's key.
    pub root: Credentials,
    _dir: TempDir,
}

impl Installation {
    /// A fresh one.
    ///
    /// # Errors
    /// When the temporary directory or the store cannot be made.
    pub fn new() -> Result<Installation, Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let clockwork = Arc::new(Clockwork { seconds: AtomicI64::new(BEGINNING), counter: AtomicU64::new(1) });
        let world = || Shared(Arc::clone(&clockwork));
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.path().join("store"), Durability::None)?);
        let root = Doorward::initialize(&store, &world(), &KEK, Some(ACCOUNT_ID), "first")?;
        let log = EventLog::open(&dir.path().join("events"), Arc::clone(&store), Durability::None)?;
        let options = Options { dev: false, record_allowed: true };
        let doorward = Doorward::open(Arc::clone(&store), log, Box::new(world()), &KEK, options)?;
        let root = Credentials {
            access_key_id: root.access_key_id.clone(),
            secret_access_key: root.secret_access_key.to_string(),
            session_token: None,
        };
        Ok(Installation { doorward, store, clockwork, seen: Mutex::new(0), root, _dir: dir })
    }

    /// Service and name of every operation that is implemented.
    pub fn implemented(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.doorward.implemented()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        Shared(Arc::clone(&self.clockwork)).now()
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.clockwork.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// All events so far, in the order of arrival, once at least `expected` new ones are there or a second has gone by.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new_events(&self, expected: usize) -> Result<Vec<Event>, Box<dyn std::error::Error>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for patience in (0..100).rev() {
            let filter = EventFilter { order: Order::Arrival, limit: 1_000, ..EventFilter::default() };
            let mut events: Vec<Event> = Vec::new();
            let mut filter = filter;
            loop {
                let page = self.store.events(&filter)?;
                filter.after = page.seen.or(filter.after);
                let more = page.more;
                events.extend(page.events.into_iter().map(|(_, event)| event));
                if !more {
                    break;
                }
            }
            if events.len() >= *seen + expected || patience == 0 {
                let new = events.split_off((*seen).min(events.len()));
                *seen += new.len();
                return Ok(new);
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(Vec::new())
    }
}
