use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use tempfile::TempDir;

use super::*;
use crate::conformance::{commit, event};
use crate::{Commit, EventFilter, Fault, Faulty, Order, Sqlite};

/// A store and a log beside it.
struct Fixture {
    dir: TempDir,
    store: Arc<Faulty<Sqlite>>,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&dir.path().join("store"), Durability::None).unwrap();
        Self { store: Arc::new(Faulty::new(store)), dir }
    }

    fn log_dir(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn open(&self) -> EventLog {
        EventLog::open(&self.log_dir(), self.store.clone(), Durability::Full).unwrap()
    }

    /// The ids in the event store, as they arrived.
    fn ids(&self) -> String {
        let filter = EventFilter { order: Order::Arrival, limit: 1_000, ..EventFilter::default() };
        let page = self.store.events(&filter).unwrap();
        assert!(!page.more);
        page.events.into_iter().map(|(_, event)| event.id).collect::<Vec<_>>().join(" ")
    }

    /// The names of the log's files, without the lock.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.log_dir()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "lock");
        names.sort();
        names
    }

    /// Leaves a file in the log, as a process that ended would.
    fn leave(&self, number: u64, bytes: &[u8]) {
        fs::create_dir_all(self.log_dir()).unwrap();
        fs::write(self.log_dir().join(format!("{number:020}.events")), bytes).unwrap();
    }
}

fn file(ids: &[&str]) -> Vec<u8> {
    let mut bytes = segments::MAGIC.to_vec();
    ids.iter().for_each(|id| bytes.extend(frame::encode(&event(id, 1)).unwrap()));
    bytes
}

/// Opens a log that a process has left with these bytes in its one file, and expects what becomes of it.
#[track_caller]
fn check_left(bytes: &[u8], ids: &str, files: &[&str]) {
    let fixture = Fixture::new();
    fixture.leave(7, bytes);
    fixture.open().close();
    assert_eq!((fixture.ids().as_str(), fixture.files()), (ids, files.iter().map(|name| (*name).to_owned()).collect()));
}

const ASIDE: &str = "00000000000000000007.damaged";

#[test]
fn events_can_be_looked_up_within_a_second() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let start = Instant::now();
    log.append(&event("a", 1)).unwrap();
    let commit = Commit { event: Some(event("b", 2)), ..commit("r", 0, &[]) };
    fixture.store.commit(&[commit]).unwrap()[0].unwrap();
    while fixture.ids().len() < 3 {
        assert!(start.elapsed() < Duration::from_secs(1));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_durable_event_survives_the_process() {
    let (fixture, later) = (Fixture::new(), Fixture::new());
    let log = fixture.open();
    log.append(&event("a", 1)).unwrap();
    assert_eq!(block_on(log.append_durable(&event("b", 2))), Ok(Ok(())));
    // What lies on the disk now is what a killed process would leave.
    let files = fixture.files();
    let bytes = fs::read(fixture.log_dir().join(&files[0])).unwrap();
    later.leave(1, &bytes);
    later.open().close();
    assert_eq!(later.ids(), "a b");
}

#[test]
fn closing_moves_everything_on_and_leaves_no_file() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let full = Event {
        access_key_id: Some("AKIA".into()),
        user_name: Some("älice".into()),
        principal: Some("AIDA1".into()),
        decision: Some("d".into()),
        read_only: true,
        ..event("full", -1)
    };
    log.append(&full).unwrap();
    log.append(&event("b", 2)).unwrap();
    let commit = Commit { event: Some(event("c", 2)), ..commit("r", 0, &[]) };
    fixture.store.commit(&[commit]).unwrap()[0].unwrap();
    log.close();
    let ids = fixture.ids();
    assert!(ids == "c full b" || ids == "full b c", "{ids}");
    assert_eq!(fixture.files(), [""; 0]);
    let found = fixture.store.events(&EventFilter { id: Some("full".into()), limit: 1, ..EventFilter::default() });
    assert_eq!(found.unwrap().events[0].1, full);
    assert_eq!(log.append(&event("d", 4)), Err(AppendError::Closed));
    assert_eq!(block_on(log.append_durable(&event("d", 4))), Ok(Err(AppendError::Closed)));
    log.close();
}

#[test]
fn events_wait_while_the_store_does_not_take_them() {
    let fixture = Fixture::new();
    let log = fixture.open();
    // The events are added, but that is not confirmed.
    fixture.store.fail(1..usize::MAX, Fault::After);
    log.append(&event("a", 1)).unwrap();
    log.close();
    fixture.store.fail(0..0, Fault::After);
    assert_eq!(fixture.files(), ["00000000000000000001.events"]);
    let log = fixture.open();
    log.append(&event("b", 2)).unwrap();
    log.close();
    assert_eq!((fixture.ids().as_str(), fixture.files()), ("a b", vec![]));
}

#[test]
fn a_torn_tail_is_ignored() {
    let bytes = file(&["a", "b", "c"]);
    let ends = [8, file(&["a"]).len(), file(&["a", "b"]).len(), bytes.len()];
    for length in (0..=bytes.len()).step_by(3).chain(ends) {
        let ids = match length {
            _ if length < ends[1] => "",
            _ if length < ends[2] => "a",
            _ if length < ends[3] => "a b",
            _ => "a b c",
        };
        check_left(&bytes[..length], ids, &[]);
    }
    let zeros = [bytes.as_slice(), &[0; 5_000]].concat();
    check_left(&zeros, "a b c", &[]);
}

#[test]
fn r15_a_flipped_byte_costs_one_event_at_most_and_the_file_is_kept() {
    let bytes = file(&["a", "b", "c"]);
    for at in (0..bytes.len()).step_by(5) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x20;
        let fixture = Fixture::new();
        fixture.leave(7, &bytes);
        fixture.open().close();
        let ids = fixture.ids();
        assert!(ids.len() >= 3, "byte {at}: only {ids:?} were found");
        assert_eq!(fixture.files(), [ASIDE], "byte {at}");
        assert_eq!(fs::read(fixture.log_dir().join(ASIDE)).unwrap(), bytes);
    }
}

#[test]
fn what_is_not_a_log_is_kept_aside() {
    check_left(b"", "", &[]);
    check_left(b"These are my notes.", "", &[ASIDE]);
    check_left(&[0xff; 5_000], "", &[ASIDE]);
    let hole = [file(&["a"]), vec![0; 3_000_000], file(&["b"])[8..].to_vec()].concat();
    check_left(&hole, "a b", &[ASIDE]);
    // A valid frame that holds no event.
    let frame = [[0; 4], [255; 4], crc32fast::hash(b"").to_le_bytes()].concat();
    check_left(&[file(&["a"]), frame, file(&["b"])[8..].to_vec()].concat(), "a b", &[ASIDE]);
}

#[test]
fn an_event_in_two_files_arrives_once_and_other_files_are_left_alone() {
    let fixture = Fixture::new();
    fixture.leave(1, &file(&["a", "b"]));
    fixture.leave(2, &file(&["b", "b", "c"]));
    fs::write(fixture.log_dir().join("notes.txt"), "mine").unwrap();
    fs::write(fixture.log_dir().join("x.events"), "mine").unwrap();
    let log = fixture.open();
    log.append(&event("d", 1)).unwrap();
    log.close();
    assert_eq!((fixture.ids().as_str(), fixture.files()), ("a b c d", vec!["notes.txt".into(), "x.events".into()]));
}

#[test]
fn many_events_take_many_files_and_all_are_removed() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let large = |n: u32| Event { body: vec![b'x'; 200_000], ..event(&n.to_string(), 1) };
    let mut numbers = Vec::new();
    for n in 0..80 {
        block_on(log.append_durable(&large(n))).unwrap().unwrap();
        numbers.push(n.to_string());
    }
    log.close();
    assert_eq!((fixture.ids(), fixture.files()), (numbers.join(" "), vec![]));
}

#[test]
fn limits_are_reported() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let body = |size| Event { body: vec![b'x'; size], ..event("e", 1) };
    assert_eq!(log.append(&body(crate::MAX_EVENT_BYTES + 1)), Err(AppendError::TooLarge));
    assert_eq!(log.append(&Event { name: "n".repeat(5_000), ..event("e", 1) }), Err(AppendError::TooLarge));
    assert_eq!(block_on(log.append_durable(&body(300_000))), Ok(Err(AppendError::TooLarge)));
    log.append(&body(crate::MAX_EVENT_BYTES)).unwrap();

    // A buffer that nobody empties.
    let buffer = Buffer::default();
    let frame = frame::encode(&body(200_000)).unwrap();
    let taken = (0..100).take_while(|_| buffer.push(&frame, None).is_ok()).count();
    assert_eq!((taken, buffer.push(&frame, None)), (41, Err(AppendError::Overloaded)));
    let (sender, receiver) = oneshot::channel();
    assert_eq!(buffer.push(&frame, Some(sender)), Err(AppendError::Overloaded));
    assert_eq!(block_on(receiver), Ok(Err(AppendError::Overloaded)));
}

#[test]
fn r20_a_log_that_cannot_be_written_says_so_and_recovers() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let away = fixture.dir.path().join("away");
    fs::rename(fixture.log_dir(), &away).unwrap();
    log.append(&event("a", 1)).unwrap();
    for id in ["b", "c"] {
        let answer = block_on(log.append_durable(&event(id, 1)));
        assert!(matches!(answer, Ok(Err(AppendError::Failed(_)))), "{answer:?}");
    }
    fs::rename(away, fixture.log_dir()).unwrap();
    while block_on(log.append_durable(&event("d", 1))).unwrap().is_err() {}
    log.close();
    assert_eq!(fixture.ids().split(' ').take(3).collect::<Vec<_>>(), ["a", "b", "c"], "nothing was dropped");
    assert!(fixture.ids().ends_with('d'));
}

#[test]
fn a_second_user_of_the_log_is_refused() {
    let fixture = Fixture::new();
    let log = fixture.open();
    let second = EventLog::open(&fixture.log_dir(), fixture.store.clone(), Durability::Full);
    assert!(matches!(second.err(), Some(Error::InUse(_))));
    log.close();
    fixture.open().close();
}

#[test]
fn many_threads_append_at_once() {
    let fixture = Fixture::new();
    let log = fixture.open();
    thread::scope(|scope| {
        for thread in 0..16 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..60 {
                    let event = event(&format!("{thread}-{n}"), 1);
                    match n % 10 {
                        0 => block_on(log.append_durable(&event)).unwrap().unwrap(),
                        _ => log.append(&event).unwrap(),
                    }
                }
            });
        }
    });
    log.close();
    let ids = fixture.ids();
    let mut ids: Vec<_> = ids.split(' ').collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 16 * 60);
}

#[test]
fn a_file_that_is_cut_while_in_use_stops_nothing() {
    let fixture = Fixture::new();
    let log = fixture.open();
    assert_eq!(block_on(log.append_durable(&event("a", 1))), Ok(Ok(())));
    let path = fixture.log_dir().join(&fixture.files()[0]);
    OpenOptions::new().write(true).open(&path).unwrap().set_len(3).unwrap();
    assert_eq!(block_on(log.append_durable(&event("b", 1))), Ok(Ok(())));
    log.close();
    fixture.open().close();
    assert!(fixture.ids().ends_with('b'));
    assert_eq!(fixture.files(), ["00000000000000000001.damaged"]);
}
