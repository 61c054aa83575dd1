//! A store that fails on demand.

use std::ops::Range;
use std::sync::Mutex;

use crate::{At, Commit, Error, EventFilter, Frame, Loaded, Page, RealmId, Refusal, Revision, Store, sqlite::lock};

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Before it has done anything.
    Before,
    /// After it has done everything, as when the connection breaks before the answer.
    After,
}

/// Passes every call on to a store, but for the ones that are to fail with [`Error::Injected`].
pub struct Faulty<S> {
    inner: S,
    plan: Mutex<Plan>,
}

struct Plan {
    calls: usize,
    failing: Range<usize>,
    fault: Fault,
}

impl<S> Faulty<S> {
    /// Passes everything on.
    pub fn new(inner: S) -> Self {
        Self { inner, plan: Mutex::new(Plan { calls: 0, failing: 0..0, fault: Fault::Before }) }
    }

    /// Lets the calls with these numbers fail, and no others. The next call has number 1.
    pub fn fail(&self, failing: Range<usize>, fault: Fault) {
        *lock(&self.plan) = Plan { calls: 0, failing, fault };
    }

    fn call<T>(&self, call: impl FnOnce(&S) -> Result<T, Error>) -> Result<T, Error> {
        let due = {
            let mut plan = lock(&self.plan);
            plan.calls += 1;
            plan.failing.contains(&plan.calls).then_some(plan.fault)
        };
        match due {
            None => call(&self.inner),
            Some(Fault::Before) => Err(Error::Injected),
            Some(Fault::After) => call(&self.inner).and(Err(Error::Injected)),
        }
    }
}

impl<S: Store> Store for Faulty<S> {
    fn realms(&self) -> Result<Vec<(RealmId, Revision)>, Error> {
        self.call(S::realms)
    }
    fn load(&self, realm: &RealmId, at: At) -> Result<Option<Loaded>, Error> {
        self.call(|store| store.load(realm, at))
    }
    fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error> {
        self.call(|store| store.commit(batch))
    }
    fn append_events(&self, events: &[Frame<'_>]) -> Result<(), Error> {
        self.call(|store| store.append_events(events))
    }
    fn drain_outbox(&self, limit: usize) -> Result<usize, Error> {
        self.call(|store| store.drain_outbox(limit))
    }
    fn events(&self, filter: &EventFilter) -> Result<Page, Error> {
        self.call(|store| store.events(filter))
    }
    fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.call(|store| store.setting(key))
    }
    fn put_setting(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.call(|store| store.put_setting(key, value))
    }
}
