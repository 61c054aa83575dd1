//! A store whose commits can be held up or refused.

use std::sync::{Condvar, Mutex};

use doorward_store::{At, Commit, Error, EventFilter, Frame, Loaded, Page, RealmId, Refusal, Revision, Store};

/// Passes everything on, but for commits that it is told to hold up or to refuse.
pub struct Gate<S> {
    inner: S,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    /// How many batches are yet to be refused, as if another node had been first.
    conflicts: usize,
    /// Whether what comes through the gate next fails.
    failing: bool,
    waiting: usize,
}

impl<S> Gate<S> {
    pub fn new(inner: S) -> Self {
        Gate { inner, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Holds up every commit from now on.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
    }

    /// Waits until a batch of commits is held up.
    pub fn wait_for_one(&self) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| state.waiting == 0).unwrap());
    }

    /// Lets the commits go; the batch that was held up fails if `failing`.
    pub fn open(&self, failing: bool) {
        let mut state = self.state.lock().unwrap();
        (state.closed, state.failing) = (false, failing);
        self.changed.notify_all();
    }

    /// Refuses the next batches of commits.
    pub fn refuse(&self, batches: usize) {
        self.state.lock().unwrap().conflicts = batches;
    }
}

impl<S: Store> Store for Gate<S> {
    fn realms(&self) -> Result<Vec<(RealmId, Revision)>, Error> {
        self.inner.realms()
    }
    fn load(&self, realm: &RealmId, at: At) -> Result<Option<Loaded>, Error> {
        self.inner.load(realm, at)
    }
    fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error> {
        let mut state = self.state.lock().unwrap();
        if state.closed {
            state.waiting += 1;
            self.changed.notify_all();
            state = self.changed.wait_while(state, |state| state.closed).unwrap();
            state.waiting -= 1;
        }
        if std::mem::take(&mut state.failing) {
            return Err(Error::Injected);
        }
        if state.conflicts > 0 {
            state.conflicts -= 1;
            return Ok(batch.iter().map(|_| Err(Refusal::Conflict)).collect());
        }
        drop(state);
        self.inner.commit(batch)
    }
    fn append_events(&self, events: &[Frame<'_>]) -> Result<(), Error> {
        self.inner.append_events(events)
    }
    fn drain_outbox(&self, limit: usize) -> Result<usize, Error> {
        self.inner.drain_outbox(limit)
    }
    fn events(&self, filter: &EventFilter) -> Result<Page, Error> {
        self.inner.events(filter)
    }
    fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.inner.setting(key)
    }
    fn put_setting(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.inner.put_setting(key, value)
    }
}
