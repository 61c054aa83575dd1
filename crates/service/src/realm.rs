//! Realms: accounts and organizations as readers see them, and how a change gets there.
//!
//! Readers take the published snapshot, which is durable, and never wait. Writers run one after another on the newest
//! state, which may still be on its way to the disk; so a disk that syncs 200 times a second can acknowledge thousands
//! of changes. A change is answered, and seen by readers, when it is durable; and so is what was refused because of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use doorward_directory::Account;
use doorward_store::{Line, RealmId, Revision};
use futures_channel::oneshot;

use crate::shelf::State;

/// An account, or an organization, at a revision.
pub(crate) struct Snapshot<S = Account> {
    pub state: S,
    pub revision: Revision,
}

/// The newest state, durable or not.
struct Head<S> {
    snapshot: Arc<Snapshot<S>>,
    /// The commits that lead to it.
    line: Line,
}

/// One account, or one organization.
pub(crate) struct Realm<S = Account> {
    pub id: RealmId,
    published: ArcSwap<Snapshot<S>>,
    head: Mutex<Head<S>>,
    /// Raised when the states that were not durable yet had to be given up. Written under the lock of `head`.
    generation: AtomicU64,
    /// Whether the store could not be read after a commit had failed: the published state may be an old one, and the
    /// newest state may be one that never came to be.
    stale: AtomicBool,
    /// Those who wait until the newest state is durable, or given up.
    waiting: Mutex<Vec<oneshot::Sender<()>>>,
}

/// A state that may not be durable yet: a change that was handed to the writer, or what a change was computed from.
pub(crate) struct Pending<S> {
    snapshot: Arc<Snapshot<S>>,
    generation: u64,
}

/// A realm whose newest state is being changed: no other change of it begins before this one has ended.
pub(crate) struct Draft<'r, S> {
    head: MutexGuard<'r, Head<S>>,
    generation: u64,
    /// The revision that the change will have.
    pub revision: Revision,
    /// Whether the newest state was still on its way to the disk.
    pub ahead: bool,
}

impl<S: State> Draft<'_, S> {
    /// What to commit the change on.
    pub fn line(&self) -> &Line {
        &self.head.line
    }

    /// The change was handed to the writer: the state is the newest one.
    pub fn done(mut self, mut state: S) -> Pending<S> {
        state.forget_changes();
        self.head.snapshot = Arc::new(Snapshot { state, revision: self.revision });
        self.undone()
    }

    /// There is no change: the state that this was found on.
    pub fn undone(self) -> Pending<S> {
        Pending { snapshot: Arc::clone(&self.head.snapshot), generation: self.generation }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: State> Realm<S> {
    /// A realm as loaded; `line` is a new one.
    pub fn new(id: RealmId, snapshot: Snapshot<S>, line: Line) -> Realm<S> {
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
    pub fn snapshot(&self) -> Arc<Snapshot<S>> {
        self.published.load_full()
    }

    /// Whether this holds in the durable or the newest state, or is being decided at this moment. Asks without waiting, so
    /// that two changes can ask about each other.
    pub fn may_be(&self, holds: impl Fn(&S) -> bool) -> bool {
        let newest = || self.head.try_lock().map_or(true, |head| holds(&head.snapshot.state));
        holds(&self.snapshot().state) || newest()
    }

    /// The state that is being changed, or else the durable one, and its revision.
    pub fn state(&self, draft: Option<&Draft<'_, S>>) -> (S, Revision) {
        let snapshot = draft.map_or_else(|| self.snapshot(), |draft| Arc::clone(&draft.head.snapshot));
        (snapshot.state.clone(), snapshot.revision)
    }

    /// Whether the store may hold a change of which it is unknown: it does, or cannot be read.
    pub fn may_hold(&self, pending: &Pending<S>) -> bool {
        self.is_stale() || self.snapshot().revision >= pending.snapshot.revision
    }

    /// Begins a change on the newest state.
    pub fn draft(&self) -> Draft<'_, S> {
        let head = lock(&self.head);
        let generation = self.generation.load(Ordering::Acquire);
        let revision = head.snapshot.revision + 1;
        let ahead = self.published.load().revision < head.snapshot.revision;
        Draft { head, generation, revision, ahead }
    }

    /// The change is durable: readers see it from now on.
    pub fn publish(&self, pending: &Pending<S>) {
        self.show(&pending.snapshot);
        self.wake();
    }

    /// Waits until a state is durable. False if it was given up.
    pub async fn settled(&self, pending: &Pending<S>) -> bool {
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
    pub fn give_up<E>(
        &self,
        pending: &Pending<S>,
        load: impl FnOnce() -> Result<(Snapshot<S>, Line), E>,
    ) -> Result<(), E> {
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
    pub fn refresh<E>(&self, load: impl FnOnce() -> Result<(Snapshot<S>, Line), E>) -> Result<(), E> {
        let mut head = lock(&self.head);
        if self.is_stale() { self.load(&mut head, load) } else { Ok(()) }
    }

    /// The same for a reader, who waits for nobody that is at it.
    pub fn try_refresh<E>(&self, load: impl FnOnce() -> Result<(Snapshot<S>, Line), E>) -> Result<(), E> {
        match self.head.try_lock() {
            Ok(mut head) if self.is_stale() => self.load(&mut head, load),
            _ => Ok(()),
        }
    }

    fn load<E>(&self, head: &mut Head<S>, load: impl FnOnce() -> Result<(Snapshot<S>, Line), E>) -> Result<(), E> {
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

    fn show(&self, snapshot: &Arc<Snapshot<S>>) {
        self.published.rcu(|current| Arc::clone(if snapshot.revision > current.revision { snapshot } else { current }));
    }

    fn wake(&self) {
        for waiting in lock(&self.waiting).drain(..) {
            // Whoever waited may be gone.
            let _ = waiting.send(());
        }
    }
}
