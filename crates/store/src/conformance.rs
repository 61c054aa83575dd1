//! What every store must do, case by case. A backend's test is one call of [`conformance`].

mod events;
mod realms;

use std::path::Path;

use crate::{At, Change, Commit, Event, Frame, Record, Store, frame};

/// Runs every case on a store of its own. `make` is given an empty directory of its own.
pub(crate) fn conformance(make: impl Fn(&Path) -> Box<dyn Store>) {
    for (name, case) in realms::CASES.iter().chain(events::CASES) {
        // Shown when the case fails.
        println!("case {name}");
        let dir = tempfile::tempdir().unwrap();
        case(&*make(dir.path()));
    }
}

type Case = (&'static str, fn(&dyn Store));

/// Lists functions as cases under their names.
macro_rules! cases {
    ($($case:ident),* $(,)?) => { &[$((stringify!($case), $case as fn(&dyn Store))),*] };
}
use cases;

pub(crate) fn realm(name: &str) -> crate::RealmId {
    crate::RealmId::new(name)
}

/// A commit without an event. Its time is that of its revision: 1000 for the first, 2000 for the second…
pub(crate) fn commit(name: &str, expected: u64, changes: &[(&str, Option<&str>)]) -> Commit {
    let change =
        |(key, body): &(&str, Option<&str>)| Change { kind: "user", key: (*key).into(), body: body.map(Into::into) };
    let time_ms = i64::try_from(expected + 1).unwrap() * 1000;
    Commit {
        realm: realm(name),
        expected,
        time_ms,
        changes: changes.iter().map(change).collect(),
        event: None,
        also: Vec::new(),
    }
}

/// An event of account 1 with the given id and time.
pub(crate) fn event(id: &str, time_ms: i64) -> Event {
    Event {
        id: id.into(),
        time_ms,
        account: "111111111111".into(),
        name: "GetUser".into(),
        source: "iam.amazonaws.com".into(),
        body: format!("{{\"eventID\":{id:?}}}").into_bytes(),
        ..Event::default()
    }
}

/// The realm's revision and its records as `key=body`, sorted.
pub(crate) fn state(store: &dyn Store, name: &str, at: At) -> Option<(u64, Vec<String>)> {
    let mut loaded = store.load(&realm(name), at).unwrap()?;
    loaded.records.sort();
    let show = |record: &Record| format!("{}={}", record.key, String::from_utf8_lossy(&record.body));
    Some((loaded.revision, loaded.records.iter().map(show).collect()))
}

/// Expects a state of the realm: its revision and records, such as `(2, "a=1 b=2")`.
#[track_caller]
pub(crate) fn check_state(store: &dyn Store, name: &str, at: At, expect: Option<(u64, &str)>) {
    let found = state(store, name, at).map(|(revision, records)| (revision, records.join(" ")));
    assert_eq!(found, expect.map(|(revision, records)| (revision, records.to_owned())), "{name} {at:?}");
}

/// Adds events to the event store.
#[track_caller]
pub(crate) fn append(store: &dyn Store, events: &[Event]) {
    let bytes: Vec<_> = events.iter().map(|event| frame::encode(event).unwrap()).collect();
    let decode = |bytes| match frame::decode(bytes) {
        frame::Found::Frame(frame) => frame,
        _ => panic!("a frame"),
    };
    let frames: Vec<_> = bytes.iter().map(|bytes| decode(bytes)).collect();
    assert!(frames.iter().map(Frame::event).eq(events.iter().cloned()));
    store.append_events(&frames).unwrap();
}
