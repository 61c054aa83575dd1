//! A fresh installation in a temporary directory, in a world whose time and randomness are the scenario's.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use doorward_directory::Catalogue;
use doorward_service::{Doorward, Options, RelyingParty, Services, World};
use doorward_store::{Durability, Event, EventFilter, EventLog, Order, Sqlite, Store};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::Credentials;
use crate::key::{ORIGIN, RP_ID};
use crate::provider::{Providers, token};

/// When every scenario begins: 2026-11-25T12:00:00Z.
const BEGINNING: i64 = 1_795_608_000;
const KEK: [u8; doorward_service::KEY_LENGTH] = [7; doorward_service::KEY_LENGTH];
/// How often and how long to wait for events to reach the store.
const PATIENCE: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(10);

/// Where clients reach the installation.
pub const PUBLIC_URL: &str = "https://iam.example.org";

/// The account that every scenario begins with.
pub const ACCOUNT_ID: &str = "111111111111";

struct Clockwork {
    seconds: AtomicI64,
    counter: AtomicU64,
}

#[derive(Clone)]
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

/// The audit events of all accounts, each as its JSON, by the request that they are of.
pub type Events = HashMap<String, Vec<Value>>;

/// A running installation of one account.
pub struct Installation {
    pub(crate) doorward: Doorward,
    store: Arc<dyn Store>,
    world: Shared,
    /// The root user's key.
    pub root: Credentials,
    dir: TempDir,
}

impl Installation {
    /// A fresh one.
    ///
    /// # Errors
    /// When the temporary directory or the store cannot be made.
    pub fn new() -> Result<Installation, Box<dyn Error>> {
        Installation::seeded(0)
    }

    /// A fresh one with its own randomness.
    ///
    /// # Errors
    /// As [`Installation::new`].
    pub fn seeded(seed: u32) -> Result<Installation, Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let store: Arc<dyn Store> = Arc::new(sqlite(dir.path())?);
        Installation::over(dir, store, seed)
    }

    /// A fresh one whose store is wrapped in another; and that one.
    ///
    /// # Errors
    /// As [`Installation::new`].
    pub fn wrapped<S: Store + 'static>(
        wrap: impl FnOnce(Sqlite) -> S,
    ) -> Result<(Installation, Arc<S>), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let store = Arc::new(wrap(sqlite(dir.path())?));
        let as_store: Arc<dyn Store> = Arc::<S>::clone(&store);
        Ok((Installation::over(dir, as_store, 0)?, store))
    }

    fn over(dir: TempDir, store: Arc<dyn Store>, seed: u32) -> Result<Installation, Box<dyn Error>> {
        let counter = AtomicU64::new(u64::from(seed) << 32);
        let world = Shared(Arc::new(Clockwork { seconds: AtomicI64::new(BEGINNING), counter }));
        let root = Doorward::initialize(&store, &world, &KEK, Some(ACCOUNT_ID), "first")?;
        let root = Credentials {
            access_key_id: root.access_key_id.clone(),
            secret_access_key: root.secret_access_key.to_string(),
            session_token: None,
        };
        Ok(Installation { doorward: open(&dir, &store, &world)?, store, world, root, dir })
    }

    /// The same installation after it was stopped and started.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn restarted(self) -> Result<Installation, Box<dyn Error>> {
        let Installation { doorward, store, world, root, dir } = self;
        doorward.close();
        drop((doorward, store));
        let store: Arc<dyn Store> = Arc::new(sqlite(dir.path())?);
        Ok(Installation { doorward: open(&dir, &store, &world)?, store, world, root, dir })
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// A token of these claims, of the provider `https://idp.example`, good for ten minutes from now.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, claims: &Map<String, Value>) -> Result<String, String> {
        token(claims, self.now().as_second())
    }

    /// What is published at a path, to anybody.
    pub fn published(&self, path: &str) -> Option<String> {
        self.doorward.published(path)
    }

    /// Fills `bytes` with what stands for randomness.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.world.fill(bytes);
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.world.0.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Where the store and the event log have their files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// How many decisions denied because a policy could not be read.
    pub fn unreadable(&self) -> u64 {
        self.doorward.unreadable()
    }

    /// The store, beside the service's back.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The operations that are implemented, as service and operation names.
    pub fn implemented(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.doorward.implemented()
    }

    /// The revision of an account's newest durable state.
    ///
    /// # Errors
    /// When the store fails, or there is no such account.
    pub fn revision(&self, account_id: &str) -> Result<u64, Box<dyn Error>> {
        let name = format!("account/{account_id}");
        let found = self.store.realms()?.into_iter().find(|(realm, _)| realm.as_str() == name);
        found.map(|(_, revision)| revision).ok_or_else(|| format!("there is no {name}").into())
    }

    /// Waits until so many events can be looked up.
    ///
    /// # Errors
    /// When they do not come, or the store fails.
    pub fn settle(&self, events: usize) -> Result<(), Box<dyn Error>> {
        for _ in 0..PATIENCE {
            if self.all_events()?.len() >= events {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Err(format!("{events} events did not reach the store").into())
    }

    /// Stops the installation and gives all its events.
    ///
    /// # Errors
    /// When the store fails, or an event is no JSON.
    pub fn events(&self) -> Result<Events, Box<dyn Error>> {
        self.doorward.close();
        let mut events = Events::new();
        for event in self.all_events()? {
            let body: Value = serde_json::from_slice(&event.body)?;
            let request = body.get("requestID").and_then(Value::as_str).unwrap_or_default().to_owned();
            events.entry(request).or_default().push(body);
        }
        Ok(events)
    }

    fn all_events(&self) -> Result<Vec<Event>, doorward_store::Error> {
        let mut filter = EventFilter { order: Order::Arrival, limit: 1_000, ..EventFilter::default() };
        let mut events = Vec::new();
        loop {
            let page = self.store.events(&filter)?;
            filter.after = page.seen.or(filter.after);
            events.extend(page.events.into_iter().map(|(_, event)| event));
            if !page.more {
                return Ok(events);
            }
        }
    }
}

fn sqlite(dir: &Path) -> Result<Sqlite, doorward_store::Error> {
    Sqlite::open(&dir.join("store"), Durability::None)
}

/// The AWS-managed policies that this build carries.
fn catalogue() -> Catalogue {
    doorward_managed::embedded().and_then(|bytes| Catalogue::open(bytes).ok()).unwrap_or_default()
}

fn open(dir: &TempDir, store: &Arc<dyn Store>, world: &Shared) -> Result<Doorward, Box<dyn Error>> {
    let log = EventLog::open(&dir.path().join("events"), Arc::clone(store), Durability::None)?;
    let options = Options {
        record_allowed: true,
        catalogue: catalogue(),
        services: Services(Some(doorward_catalogue::aws())),
        egress: Some(Arc::new(Providers)),
        relying_party: Some(RelyingParty::new(Some(RP_ID), &[ORIGIN.to_owned()])?),
        ..Options::default()
    };
    let doorward = Doorward::open(Arc::clone(store), log, Box::new(world.clone()), &KEK, options)?;
    doorward.reached_at(PUBLIC_URL);
    Ok(doorward)
}
