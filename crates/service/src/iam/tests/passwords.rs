//! Passwords: where they are hashed, and what is not.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Overloaded, Work, Workers};

use super::*;

/// Workers with room for so many pieces of work, which they do at once.
#[derive(Debug, Default)]
struct Room(AtomicUsize);

impl Workers for Room {
    fn take(&self, work: Work) -> Result<(), Overloaded> {
        let left = |room: usize| room.checked_sub(1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).map_err(|_| Overloaded)?;
        work();
        Ok(())
    }
}

/// An installation with a user `alice`, and room for so many hashes.
fn with_room(hashes: usize) -> (Bench, Arc<Room>) {
    let room = Arc::new(Room(AtomicUsize::new(hashes)));
    let Bench { doorward, dir } = Bench::new();
    drop(doorward);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.path().join("store"), Durability::None).unwrap());
    let log = EventLog::open(&dir.path().join("log"), Arc::clone(&store), Durability::None).unwrap();
    let workers: Arc<dyn Workers> = Arc::<Room>::clone(&room);
    let bench = Bench::with_options(dir, store, log, Options { workers: Some(workers), ..Options::default() });
    bench.ok("CreateUser", json!({"UserName": "alice"}));
    (bench, room)
}

fn profile(password: &str) -> Value {
    json!({"UserName": "alice", "Password": password})
}

#[test]
fn what_the_workers_have_no_room_for_is_refused_and_changes_nothing() {
    let (bench, room) = with_room(0);
    bench.check_refused("CreateLoginProfile", profile("Passw0rd"), "Throttling", "Rate exceeded");
    let text = "Login Profile for User alice cannot be found.";
    bench.check_refused("GetLoginProfile", json!({"UserName": "alice"}), "NoSuchEntity", text);
    room.0.store(1, Ordering::Relaxed);
    bench.ok("CreateLoginProfile", profile("Passw0rd"));
}

#[test]
fn only_what_may_be_set_is_hashed_and_only_once() {
    let (bench, room) = with_room(100);
    let check = |expect: usize, call: &dyn Fn()| {
        let before = room.0.load(Ordering::Relaxed);
        call();
        assert_eq!(before - room.0.load(Ordering::Relaxed), expect);
    };
    check(0, &|| drop(bench.call("CreateLoginProfile", profile("password"))));
    check(1, &|| drop(bench.ok("CreateLoginProfile", profile("Passw0rd"))));
    check(0, &|| drop(bench.call("CreateLoginProfile", profile("Passw0rd"))));
    check(1, &|| drop(bench.ok("UpdateLoginProfile", profile("Passw0rd"))));
    // However many passwords are remembered, a new one is hashed once to be compared with all of them.
    bench.ok("UpdateAccountPasswordPolicy", json!({"PasswordReusePrevention": 24}));
    for number in 0..24 {
        check(1, &|| drop(bench.ok("UpdateLoginProfile", profile(&format!("number-{number}")))));
    }
    check(1, &|| drop(bench.call("UpdateLoginProfile", profile("number-0"))));
    check(1, &|| drop(bench.ok("UpdateLoginProfile", profile("Passw0rd"))));
}
