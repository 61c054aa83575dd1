use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use futures_executor::block_on;

use super::*;
use crate::conformance::{check_state, commit, event, realm};
use crate::{At, Durability, Error, Event, EventFilter, Fault, Faulty, Frame, Loaded, Order, Page, RealmId, Sqlite};

type Hook = Box<dyn Fn(&[Commit]) + Send + Sync>;

/// Calls a hook with every batch before it is committed.
struct Hooked<S> {
    inner: S,
    hook: Hook,
}

impl<S: Store> Store for Hooked<S> {
    fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error> {
        (self.hook)(batch);
        self.inner.commit(batch)
    }
    fn realms(&self) -> Result<Vec<(RealmId, Revision)>, Error> {
        self.inner.realms()
    }
    fn load(&self, realm: &RealmId, at: At) -> Result<Option<Loaded>, Error> {
        self.inner.load(realm, at)
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

/// A committer whose first transaction waits until the gate opens, so that what is submitted meanwhile makes the next
/// groups.
struct Gate {
    open: Arc<Barrier>,
    committer: Committer,
    first: oneshot::Receiver<Answer>,
    /// The sizes of the transactions.
    sizes: Arc<Mutex<Vec<usize>>>,
}

impl Gate {
    fn closed(store: impl Store + 'static) -> Self {
        let (open, sizes) = (Arc::new(Barrier::new(2)), Arc::<Mutex<Vec<_>>>::default());
        let (gate, seen) = (Arc::clone(&open), Arc::clone(&sizes));
        let hook = Box::new(move |batch: &[Commit]| {
            lock(&seen).push(batch.len());
            if lock(&seen).len() == 1 {
                gate.wait();
            }
        });
        let committer = Committer::start(Arc::new(Hooked { inner: store, hook }));
        let first = committer.submit(commit("gate", 0, &[]));
        while lock(&sizes).is_empty() {
            thread::yield_now();
        }
        Self { open, committer, first, sizes }
    }
}

fn sqlite(dir: &tempfile::TempDir) -> Sqlite {
    Sqlite::open(dir.path(), Durability::None).unwrap()
}

fn wait(receiver: oneshot::Receiver<Answer>) -> Answer {
    block_on(receiver).expect("every commit is answered")
}

#[test]
fn sixteen_threads_lose_and_double_nothing() {
    const THREADS: usize = 16;
    const COMMITS: u32 = 25;
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(dir.path(), Durability::Full).unwrap());
    let committer = Committer::start(store.clone());
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (committer, store, start) = (&committer, &store, &start);
            scope.spawn(move || {
                start.wait();
                // Four threads fight for each realm; a conflict is answered by trying again on the newer state.
                let name = format!("realm{}", thread % 4);
                let mut expected = 0;
                for n in 0..COMMITS {
                    let key = format!("{thread}-{n}");
                    loop {
                        let event = Event { id: key.clone(), ..event("", 1) };
                        let commit = Commit { event: Some(event), ..commit(&name, expected, &[(&key, Some("v"))]) };
                        match wait(committer.submit(commit)) {
                            Ok(revision) => {
                                assert_eq!(revision, expected + 1);
                                expected = revision;
                                break;
                            }
                            Err(CommitError::Refused(Refusal::Conflict)) => {
                                expected = store.load(&realm(&name), At::Now).unwrap().map_or(0, |l| l.revision);
                            }
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            });
        }
    });
    committer.close();
    for n in 0..4 {
        let loaded = store.load(&realm(&format!("realm{n}")), At::Now).unwrap().unwrap();
        assert_eq!(
            (loaded.revision, loaded.records.len()),
            (u64::from(4 * COMMITS), 4 * usize::try_from(COMMITS).unwrap())
        );
    }
    while store.drain_outbox(100).unwrap() > 0 {}
    let filter = EventFilter { order: Order::Arrival, limit: 1_000, ..EventFilter::default() };
    let mut seen = HashMap::new();
    for (_, event) in store.events(&filter).unwrap().events {
        *seen.entry(event.id).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), THREADS * usize::try_from(COMMITS).unwrap());
    assert!(seen.values().all(|count| *count == 1));
}

#[test]
fn what_waits_becomes_one_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { open, committer, first, sizes } = Gate::closed(sqlite(&dir));
    let line = committer.line();
    let chain: Vec<_> = (0..700).map(|expected| line.submit(commit("a", expected, &[("x", Some("v"))]))).collect();
    open.wait();
    assert_eq!(wait(first), Ok(1));
    for (revision, receiver) in (1..).zip(chain) {
        assert_eq!(wait(receiver), Ok(revision));
    }
    assert_eq!(*lock(&sizes), [1, GROUP, 700 - GROUP]);
}

#[test]
fn what_follows_a_refused_commit_on_its_line_is_refused_in_later_groups_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(sqlite(&dir));
    let committer = Committer::start(store.clone());
    let (mine, other) = (committer.line(), committer.line());
    assert_eq!(wait(other.submit(commit("a", 0, &[("x", Some("other"))]))), Ok(1));
    let conflict = Err(CommitError::Refused(Refusal::Conflict));
    assert_eq!(wait(mine.submit(commit("a", 0, &[("x", Some("mine"))]))), conflict);
    // Revision 1 is there, but not the one that this commit was computed from.
    assert_eq!(wait(mine.submit(commit("a", 1, &[("y", Some("mine"))]))), conflict);
    assert_eq!(wait(other.submit(commit("a", 1, &[("y", Some("other"))]))), Ok(2));
    check_state(&*store, "a", At::Now, Some((2, "x=other y=other")));
}

#[test]
fn a_full_queue_refuses_at_once_and_keeps_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { open, committer, first, .. } = Gate::closed(sqlite(&dir));
    let line = committer.line();
    let mut queued: Vec<_> = (0..).take(QUEUE + 1).map(|expected| line.submit(commit("a", expected, &[]))).collect();
    assert_eq!(wait(queued.pop().unwrap()), Err(CommitError::Overloaded));
    open.wait();
    assert_eq!(wait(first), Ok(1));
    for (revision, receiver) in (1..).zip(queued) {
        assert_eq!(wait(receiver), Ok(revision));
    }
    let conflict = Err(CommitError::Refused(Refusal::Conflict));
    assert_eq!(wait(line.submit(commit("a", 1 << 20, &[]))), conflict, "its predecessor was refused");
}

#[test]
fn closing_makes_what_was_submitted() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { open, committer, first, .. } = Gate::closed(sqlite(&dir));
    let queued = committer.submit(commit("a", 0, &[("x", Some("1"))]));
    thread::scope(|scope| {
        scope.spawn(|| committer.close());
        while !lock(&committer.shared.queue).closed {
            thread::yield_now();
        }
        assert_eq!(wait(committer.submit(commit("b", 0, &[]))), Err(CommitError::Closed));
        open.wait();
    });
    assert_eq!((wait(first), wait(queued)), (Ok(1), Ok(1)));
    committer.close();
    drop(committer);
    check_state(&sqlite(&dir), "a", At::Now, Some((1, "x=1")));
}

#[test]
fn an_error_of_the_store_acknowledges_nothing() {
    for fault in [Fault::Before, Fault::After] {
        for failing in 1..=4 {
            let dir = tempfile::tempdir().unwrap();
            let store = Arc::new(Faulty::new(sqlite(&dir)));
            let committer = Committer::start(store.clone());
            store.fail(failing..failing + 1, fault);
            let mut line = committer.line();
            let (mut expected, mut written) = (0, Vec::new());
            for n in 1..=5 {
                let key = n.to_string();
                match wait(line.submit(commit("a", expected, &[(&key, Some("v"))]))) {
                    Ok(revision) => {
                        assert_ne!(n, failing);
                        expected = revision;
                        written.push(format!("{key}=v"));
                    }
                    Err(CommitError::Unknown(error)) => {
                        assert_eq!((n, error.as_str()), (failing, "injected fault"));
                        // Only loading tells what has happened.
                        let loaded = store.load(&realm("a"), At::Now).unwrap();
                        let revision = loaded.map_or(0, |loaded| loaded.revision);
                        assert_eq!(revision, expected + u64::from(fault == Fault::After));
                        if revision > expected {
                            written.push(format!("{key}=v"));
                        }
                        expected = revision;
                        line = committer.line();
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            check_state(&*store, "a", At::Now, Some((expected, &written.join(" "))));
        }
    }
}

#[test]
fn a_failed_transaction_fails_all_its_commits_and_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let store = Faulty::new(sqlite(&dir));
    store.fail(2..3, Fault::Before);
    let Gate { open, committer, first, .. } = Gate::closed(store);
    let line = committer.line();
    let group: Vec<_> = (0..3).map(|expected| line.submit(commit("a", expected, &[]))).collect();
    open.wait();
    assert_eq!(wait(first), Ok(1));
    for receiver in group {
        assert_eq!(wait(receiver), Err(CommitError::Unknown("injected fault".into())));
    }
    assert_eq!(wait(line.submit(commit("a", 3, &[]))), Err(CommitError::Refused(Refusal::Conflict)));
    assert_eq!(wait(committer.submit(commit("a", 0, &[]))), Ok(1));
}

#[test]
fn a_panic_of_the_writer_leaves_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let hook = Box::new(|_: &[Commit]| panic!("a bug in the store"));
    let committer = Committer::start(Arc::new(Hooked { inner: sqlite(&dir), hook }));
    assert!(block_on(committer.submit(commit("a", 0, &[]))).is_err(), "never acknowledged");
    while !lock(&committer.shared.queue).closed {
        thread::yield_now();
    }
    assert_eq!(wait(committer.submit(commit("a", 0, &[]))), Err(CommitError::Closed));
}

#[test]
fn a_commit_of_two_realms_breaks_both_lines() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(sqlite(&dir));
    store.commit(&[commit("b", 0, &[])]).unwrap();
    let committer = Committer::start(store.clone());
    let (a, b) = (committer.line(), committer.line());
    // The first was computed from a `b` that another has changed.
    let step = crate::Step { realm: crate::conformance::realm("b"), expected: 0, changes: Vec::new() };
    let first = a.submit_with(&[&b], Commit { also: vec![step], ..commit("a", 0, &[]) });
    assert_eq!(wait(first), Err(CommitError::Refused(Refusal::Conflict)));
    for (line, name) in [(&a, "a"), (&b, "b")] {
        assert_eq!(wait(line.submit(commit(name, 1, &[]))), Err(CommitError::Refused(Refusal::Conflict)), "{name}");
    }
    assert_eq!(wait(committer.submit(commit("b", 1, &[]))), Ok(2));
}
