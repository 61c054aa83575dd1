//! R01: a process that is killed while it writes loses nothing that it has acknowledged, and leaves no half
//! transaction.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of a test")]

use std::collections::HashSet;
use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorward_store::{
    At, Change, Commit, CommitError, Committer, Durability, Error, Event, EventFilter, EventLog, Order, RealmId,
    Refusal, Sqlite, Store,
};
use futures_executor::block_on;

const KILLS: u64 = 60;
const DIR: &str = "DOORWARD_STORE_KILL_DIR";

#[test]
fn r01_a_killed_writer_loses_nothing_acknowledged() {
    if let Some(dir) = env::var_os(DIR) {
        return write_until_killed(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..KILLS {
        let output = dir.path().join("output");
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "r01_a_killed_writer_loses_nothing_acknowledged", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(File::create(&output).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Some are killed while they open the store, most while they write.
        thread::sleep(Duration::from_millis(5 + round * 37 % 150));
        if round % 20 == 19 {
            let second = Sqlite::open(&dir.path().join("store"), Durability::Full);
            assert!(matches!(second.err(), Some(Error::InUse(_))), "a second process is refused");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut text = String::new();
        File::open(&output).unwrap().read_to_string(&mut text).unwrap();
        // A last line without its end was not said.
        let said = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        acknowledged.extend(said.lines().filter_map(|line| line.strip_prefix("ack ")).map(str::to_owned));
        check(dir.path(), &acknowledged);
    }
    assert!(acknowledged.len() > 500, "only {} writes were acknowledged", acknowledged.len());
    println!("{KILLS} kills, {} acknowledged writes", acknowledged.len());
}

fn realm(n: usize) -> RealmId {
    RealmId::new(format!("account/{n}"))
}

fn event(id: String) -> Event {
    Event { id, account: "111111111111".into(), name: "Test".into(), body: vec![b'x'; 300], ..Event::default() }
}

/// Each revision writes its number into two records and its event.
fn step(n: usize, expected: u64) -> Commit {
    let body = Some((expected + 1).to_string().into_bytes());
    let change = |key: &str| Change { kind: "user", key: key.into(), body: body.clone() };
    let changes = vec![change("left"), change("right")];
    Commit {
        realm: realm(n),
        expected,
        time_ms: 0,
        changes,
        event: Some(event(format!("{n}@{}", expected + 1))),
        also: Vec::new(),
    }
}

fn acknowledge(what: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "ack {what}").unwrap();
    out.flush().unwrap();
}

fn write_until_killed(dir: &Path) {
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.join("store"), Durability::Full).unwrap());
    let committer = Committer::start(Arc::clone(&store));
    let log = EventLog::open(&dir.join("log"), Arc::clone(&store), Durability::Full).unwrap();
    // The test's own output has begun a line.
    println!();
    thread::scope(|scope| {
        for n in 0..4 {
            let (store, committer) = (&store, &committer);
            scope.spawn(move || {
                let mut expected = store.load(&realm(n), At::Now).unwrap().map_or(0, |loaded| loaded.revision);
                loop {
                    match block_on(committer.submit(step(n, expected))).unwrap() {
                        Ok(revision) => acknowledge(&format!("{n}@{revision}")),
                        Err(CommitError::Refused(Refusal::Conflict)) => panic!("nobody else writes here"),
                        Err(error) => panic!("{error}"),
                    }
                    expected += 1;
                }
            });
        }
        scope.spawn(|| {
            let mut random = File::open("/dev/urandom").unwrap();
            loop {
                let mut bytes = [0; 8];
                random.read_exact(&mut bytes).unwrap();
                let id = format!("log{}", u64::from_le_bytes(bytes));
                block_on(log.append_durable(&event(id.clone()))).unwrap().unwrap();
                acknowledge(&id);
            }
        });
    });
}

/// Opens what the killed process has left and compares it with what it had acknowledged.
fn check(dir: &Path, acknowledged: &HashSet<String>) {
    let store = Arc::new(Sqlite::open(&dir.join("store"), Durability::Full).unwrap());
    EventLog::open(&dir.join("log"), store.clone(), Durability::Full).unwrap().close();
    let mut events = HashSet::new();
    let mut filter = EventFilter { order: Order::Arrival, limit: 1_000, ..EventFilter::default() };
    loop {
        let page = store.events(&filter).unwrap();
        for (_, event) in page.events {
            assert!(events.insert(event.id.clone()), "{} twice", event.id);
        }
        filter.after = page.seen;
        if !page.more {
            break;
        }
    }
    for what in acknowledged {
        assert!(events.contains(what), "the event of {what} is lost");
    }
    let mut commits = 0;
    for n in 0..4 {
        let head = store.load(&realm(n), At::Now).unwrap().map_or(0, |loaded| loaded.revision);
        for revision in (1..=head).rev().step_by(7).chain([head]).filter(|revision| *revision > 0) {
            let loaded = store.load(&realm(n), At::Revision(revision)).unwrap().unwrap();
            let bodies: Vec<_> = loaded.records.into_iter().map(|record| record.body).collect();
            assert_eq!(bodies, vec![revision.to_string().into_bytes(); 2], "half a transaction");
        }
        for revision in 1..=head {
            assert!(events.contains(&format!("{n}@{revision}")), "revision {revision} without its event");
        }
        assert!(!events.contains(&format!("{n}@{}", head + 1)), "an event without its revision");
        commits += head;
    }
    let acknowledged_commits = acknowledged.iter().filter(|what| !what.starts_with("log")).count();
    assert!(
        commits >= u64::try_from(acknowledged_commits).unwrap(),
        "{commits} of {acknowledged_commits} acknowledged commits"
    );
}
