//! Realms: accounts as readers see them, and how a change gets there.
//!
//! Readers take the published snapshot, which is durable, and never wait. Writers run one after another on the newest
//! state, which may still be on its way to the disk; so a disk that syncs 200 times a second can acknowledge thousands
//! of changes. A change is answered, and seen by readers, when it is durable; and so is what was refused because of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use doorward_directory::{Account, Catalogue};
use doorward_store::{Line, Loaded, RealmId, Revision};
use futures_channel::oneshot;

/// An account at a revision.
pub(crate) struct Snapshot {
    pub account: Account,
    pub revision: Revision,
}

/// The newest state, durable or not.
struct Head {
    snapshot: Arc<Snapshot>,
    /// The commits that lead to it.
    line: Line,
}

/// One account.
pub(crate) struct Realm {
    pub id: RealmId,
    published: ArcSwap<Snapshot>,
    head: Mutex<Head>,
    /// Raised when the states that were not durable yet had to be given up. Written under the lock of `head`.
    generation: AtomicU64,
    /// Whether the store could not be read after a commit had failed: the published state may be an old one, and the
    /// newest state may be one that never came to be.
    stale: AtomicBool,
    /// Those who wait until the newest state is durable, or given up.
    waiting: Mutex<Vec<oneshot::Sender<()>>>,
}

/// A state that may not be durable yet: a change that was handed to the writer, or what a change was computed from.
pub(crate) struct Pending {
    snapshot: Arc<Snapshot>,
    generation: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Realm {
    /// A realm as loaded; `line` is a new one.
    pub fn new(id: RealmId, snapshot: Snapshot, line: Line) -> Realm {
        let snapshot = Arc::new(snapshot);
        let head = Head { snapshot: Arc::clone(&snapshot), line };
        Realm {
            id,
            published: ArcSwap::from(snapshot),
            head: Mutex::new(head),
            generation: AtomicU64::new(0),
            stale: AtomicBool::new(false),
            waiting: Mutex::default(),
        }
    }

    /// The durable state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load_full()
    }

    /// Whether this holds in the durable or the newest state, or is being decided at this moment. Asks without waiting, so
    /// that two changes can ask about each other.
    pub fn may_be(&self, holds: impl Fn(&Account) -> bool) -> bool {
        let newest = || self.head.try_lock().map_or(true, |head| holds(&head.snapshot.account));
        holds(&self.snapshot().account) || newest()
    }

    /// Makes a change on the newest state. `change` gets a private copy, the revision that it will become, and the line
    /// to commit it on. An error comes with the state that it is about.
    pub fn change<T, E>(
        &self,
        change: impl FnOnce(&mut Account, Revision, &Line) -> Result<T, E>,
    ) -> Result<(T, Pending), (E, Pending)> {
        let mut head = lock(&self.head);
        let generation = self.generation.load(Ordering::Acquire);
        let mut account = head.snapshot.account.clone();
        let revision = head.snapshot.revision + 1;
        let answer = match change(&mut account, revision, &head.line) {
            Ok(answer) => answer,
            Err(error) => return Err((error, Pending { snapshot: Arc::clone(&head.snapshot), generation })),
        };
        account.forget_changes();
        let snapshot = Arc::new(Snapshot { account, revision });
        head.snapshot = Arc::clone(&snapshot);
        Ok((answer, Pending { snapshot, generation }))
    }

    /// The change is durable: readers see it from now on.
    pub fn publish(&self, pending: &Pending) {
        self.show(&pending.snapshot);
        self.wake();
    }

    /// Waits until a state is durable. False if it was given up.
    pub async fn settled(&self, pending: &Pending) -> bool {
        loop {
            let settled = {
                // Under the lock that whoever changes the answer takes afterwards, so that no call is missed.
                let mut waiting = lock(&self.waiting);
                if self.generation.load(Ordering::Acquire) != pending.generation || self.is_stale() {
                    return false;
                }
                if self.published.load().revision >= pending.snapshot.revision {
                    return true;
                }
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                receiver
            };
            // An error is a call, too.
            let _ = settled.await;
        }
    }

    /// The change is not durable, nor is any that was made upon it: the newest state is again the stored one.
    pub fn give_up<E>(&self, pending: &Pending, load: impl FnOnce() -> Result<(Snapshot, Line), E>) -> Result<(), E> {
        let mut head = lock(&self.head);
        if self.generation.load(Ordering::Acquire) != pending.generation {
            return Ok(()); // Another change of the same chain has done it.
        }
        self.load(&mut head, load)
    }

    /// Whether the stored state is still to be read, since a commit has failed and the store with it.
    pub fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Acquire)
    }

    /// Reads the stored state where that is still to be done.
    pub fn refresh<E>(&self, load: impl FnOnce() -> Result<(Snapshot, Line), E>) -> Result<(), E> {
        let mut head = lock(&self.head);
        if self.is_stale() { self.load(&mut head, load) } else { Ok(()) }
    }

    /// The same for a reader, who waits for nobody that is at it.
    pub fn try_refresh<E>(&self, load: impl FnOnce() -> Result<(Snapshot, Line), E>) -> Result<(), E> {
        match self.head.try_lock() {
            Ok(mut head) if self.is_stale() => self.load(&mut head, load),
            _ => Ok(()),
        }
    }

    fn load<E>(&self, head: &mut Head, load: impl FnOnce() -> Result<(Snapshot, Line), E>) -> Result<(), E> {
        let loaded = load();
        self.stale.store(loaded.is_err(), Ordering::Release);
        self.generation.fetch_add(1, Ordering::AcqRel);
        let loaded = loaded.map(|(snapshot, line)| {
            *head = Head { snapshot: Arc::new(snapshot), line };
            self.show(&head.snapshot);
        });
        self.wake();
        loaded
    }

    fn show(&self, snapshot: &Arc<Snapshot>) {
        self.published.rcu(|current| Arc::clone(if snapshot.revision > current.revision { snapshot } else { current }));
    }

    fn wake(&self) {
        for waiting in lock(&self.waiting).drain(..) {
            // Whoever waited may be gone.
            let _ = waiting.send(());
        }
    }
}

/// What the store has to write for an account.
pub(crate) fn stored_changes(account: &Account) -> Vec<doorward_store::Change> {
    let stored = |change: doorward_directory::Change| doorward_store::Change {
        kind: change.kind,
        key: change.key,
        body: change.body,
    };
    account.changes().into_iter().map(stored).collect()
}

/// An account from its stored records.
pub(crate) fn snapshot(loaded: &Loaded, catalogue: &Catalogue) -> Result<Snapshot, doorward_directory::LoadError> {
    let records = loaded.records.iter().map(|record| doorward_directory::Record {
        kind: &record.kind,
        key: &record.key,
        body: &record.body,
    });
    let account = Account::load(records)?.with_catalogue(catalogue.clone());
    Ok(Snapshot { account, revision: loaded.revision })
}
