//! Realms: accounts as readers see them, and how a change gets there.
//!
//! Readers take the published snapshot, which is durable, and never wait. Writers run one after another on the newest
//! state, which may still be on its way to the disk; so a disk that syncs 200 times a second can acknowledge thousands
//! of changes. A change is answered, and seen by readers, when it is durable.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use doorward_directory::Account;
use doorward_store::{Line, Loaded, RealmId, Revision};

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
    /// Raised when the states that were not durable yet had to be given up.
    generation: u64,
}

/// One account.
pub(crate) struct Realm {
    pub id: RealmId,
    published: ArcSwap<Snapshot>,
    head: Mutex<Head>,
}

/// A change that was handed to the writer.
pub(crate) struct Pending {
    snapshot: Arc<Snapshot>,
    generation: u64,
}

impl Realm {
    /// A realm as loaded; `line` is a new one.
    pub fn new(id: RealmId, snapshot: Snapshot, line: Line) -> Realm {
        let snapshot = Arc::new(snapshot);
        let head = Head { snapshot: Arc::clone(&snapshot), line, generation: 0 };
        Realm { id, published: ArcSwap::from(snapshot), head: Mutex::new(head) }
    }

    /// The durable state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load_full()
    }

    /// Makes a change on the newest state. `change` gets a private copy, the revision that it will become, and the line
    /// to commit it on.
    pub fn change<T, E>(
        &self,
        change: impl FnOnce(&mut Account, Revision, &Line) -> Result<T, E>,
    ) -> Result<(T, Pending), E> {
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let mut account = head.snapshot.account.clone();
        let revision = head.snapshot.revision + 1;
        let answer = change(&mut account, revision, &head.line)?;
        account.forget_changes();
        let snapshot = Arc::new(Snapshot { account, revision });
        head.snapshot = Arc::clone(&snapshot);
        Ok((answer, Pending { snapshot, generation: head.generation }))
    }

    /// The change is durable: readers see it from now on.
    pub fn publish(&self, pending: &Pending) {
        self.published.rcu(|current| {
            let newer = if pending.snapshot.revision > current.revision { &pending.snapshot } else { current };
            Arc::clone(newer)
        });
    }

    /// The change is not durable, nor is any that was made upon it: the newest state is again the stored one.
    pub fn give_up<E>(&self, pending: &Pending, load: impl FnOnce() -> Result<(Snapshot, Line), E>) -> Result<(), E> {
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        if head.generation != pending.generation {
            return Ok(()); // Another change of the same chain has done it.
        }
        let (snapshot, line) = load()?;
        let snapshot = Arc::new(snapshot);
        head.generation += 1;
        head.line = line;
        head.snapshot = Arc::clone(&snapshot);
        self.published
            .rcu(|current| Arc::clone(if snapshot.revision > current.revision { &snapshot } else { current }));
        Ok(())
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
pub(crate) fn snapshot(loaded: &Loaded) -> Result<Snapshot, doorward_directory::LoadError> {
    let records = loaded.records.iter().map(|record| doorward_directory::Record {
        kind: &record.kind,
        key: &record.key,
        body: &record.body,
    });
    Ok(Snapshot { account: Account::load(records)?, revision: loaded.revision })
}
