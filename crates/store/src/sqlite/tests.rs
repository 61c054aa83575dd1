use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rusqlite::{Connection, ffi};
use tempfile::TempDir;

use super::*;
use crate::conformance::{append, check_state, commit, conformance, event, realm};

fn open(dir: &Path) -> Sqlite {
    Sqlite::open(dir, Durability::Full).unwrap()
}

/// Opens the directory and expects an error with this text, in which `DIR` stands for the directory.
#[track_caller]
fn check_refused(dir: &TempDir, expect: &str) {
    let error = Sqlite::open(dir.path(), Durability::Full).err().expect("refused").to_string();
    assert_eq!(error.replace(dir.path().to_str().unwrap(), "DIR"), expect);
}

fn count_events(store: &Sqlite) -> usize {
    store.events(&EventFilter { limit: 1_000, ..EventFilter::default() }).unwrap().events.len()
}

#[test]
fn sqlite_conforms() {
    conformance(|dir| Box::new(Sqlite::open(dir, Durability::Full).unwrap()));
}

#[test]
fn sqlite_conforms_without_durability() {
    conformance(|dir| Box::new(Sqlite::open(dir, Durability::None).unwrap()));
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = open(dir.path());
        store.commit(&[commit("a", 0, &[("x", Some("1"))]), commit("a", 1, &[("x", Some("2"))])]).unwrap();
        store.put_setting("keyring", b"sealed").unwrap();
        append(&store, &[event("e", 1)]);
    }
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "a stopped store is two databases and a lock: {names:?}");
    let store = open(dir.path());
    check_state(&store, "a", At::Now, Some((2, "x=2")));
    check_state(&store, "a", At::Revision(1), Some((1, "x=1")));
    assert_eq!(store.setting("keyring").unwrap(), Some(b"sealed".to_vec()));
    assert_eq!(count_events(&store), 1);
}

#[test]
fn a_second_user_of_the_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    check_refused(
        &dir,
        "the store in DIR is in use by another process: stop that one first, or choose another directory",
    );
    drop(first);
    open(dir.path());
}

#[test]
fn files_are_for_their_owner_alone() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("new/store");
    let store = open(&dir);
    store.commit(&[commit("a", 0, &[])]).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 7, "two databases, each with its WAL and index, and a lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_directory_open_to_others_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (mode, refused) in [(0o755, false), (0o775, true), (0o702, true), (0o700, false)] {
        fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(Sqlite::open(dir.path(), Durability::Full).is_err(), refused, "{mode:o}");
    }
    fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
    check_refused(
        &dir,
        "the directory DIR can be written by other users (mode 777): run `chmod 700` on it, or name a directory \
         inside it that does not exist yet",
    );
}

#[test]
fn foreign_and_newer_files_are_refused_and_left_alone() {
    let foreign = "DIR/directory.db is not a Doorward database: choose another directory, or move the file away";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("directory.db");
    fs::write(&path, "These are my notes.\n".repeat(1_000)).unwrap();
    check_refused(&dir, foreign);
    assert!(fs::read_to_string(&path).unwrap().starts_with("These are my notes."));

    let other = |statements: &str| {
        fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch(statements).unwrap();
    };
    other("CREATE TABLE mine (x)");
    check_refused(&dir, foreign);
    other("PRAGMA application_id = 7");
    check_refused(&dir, foreign);
    other("PRAGMA user_version = 1; CREATE TABLE t (x); PRAGMA application_id = 1146569810");
    // This one calls itself ours, but has none of the tables.
    assert!(Sqlite::open(dir.path(), Durability::Full).unwrap().realms().is_err());

    other("PRAGMA application_id = 1146569810; PRAGMA user_version = 2");
    check_refused(
        &dir,
        "DIR/directory.db was written by a later version of Doorward (schema 2, this program knows 1): install that \
         version, or restore a backup from before the upgrade",
    );
}

/// The crash is simulated by doing the first step alone.
#[test]
fn a_crash_between_the_steps_of_the_outbox_moves_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let with_event = |expected, id| Commit { event: Some(event(id, 1)), ..commit("a", expected, &[]) };
    {
        let store = open(dir.path());
        store.commit(&[with_event(0, "a"), with_event(1, "b")]).unwrap();
        let waiting = store.directory.read(|connection| outbox::oldest(connection, 10)).unwrap();
        store.append_events(&outbox::decode(&waiting).0).unwrap();
    }
    let store = open(dir.path());
    store.commit(&[with_event(2, "c")]).unwrap();
    assert_eq!(store.drain_outbox(10).unwrap(), 3);
    assert_eq!(store.drain_outbox(10).unwrap(), 0);
    assert_eq!(count_events(&store), 3);
}

#[test]
fn r15_a_damaged_event_in_the_outbox_is_kept_aside() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let with_event = |expected: u64| {
        let event = event(&expected.to_string(), 1);
        Commit { event: Some(event), ..commit("a", expected, &[]) }
    };
    for first in [0, 4] {
        store.commit(&[0, 1, 2, 3].map(|n| with_event(first + n))).unwrap();
        let damage = "UPDATE outbox SET frame = substr(frame, 1, 20) WHERE seq IN (1, 3)";
        store.directory.write(|connection| Ok((true, connection.execute(damage, ())?))).unwrap();
        assert_eq!(store.drain_outbox(10).unwrap(), 4);
        assert_eq!(store.drain_outbox(10).unwrap(), 0);
    }
    assert_eq!(count_events(&store), 4);
    let ask = |connection: &Connection| {
        let mut statement = connection.prepare("SELECT seq FROM outbox ORDER BY seq")?;
        statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()
    };
    assert_eq!(store.directory.read(ask).unwrap(), [-4, -3, -2, -1]);
}

#[test]
fn moving_the_outbox_leaves_commits_synced() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.commit(&[Commit { event: Some(event("e", 1)), ..commit("a", 0, &[]) }]).unwrap();
    store.drain_outbox(1).unwrap();
    let ask = |connection: &Connection| connection.query_row("PRAGMA synchronous", (), |row| row.get::<_, i64>(0));
    let synchronous = store.directory.write(|connection| Ok((false, ask(connection)?))).unwrap();
    assert_eq!(synchronous, 2, "2 is FULL");
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.commit(&[commit("a", 0, &[("x", Some("1"))])]).unwrap();
    let writing = store.directory.write(|connection| {
        commit::batch(connection, &[commit("a", 1, &[("x", Some("2"))])])?;
        check_state(&store, "a", At::Now, Some((1, "x=1")));
        Ok((true, ()))
    });
    writing.unwrap();
    check_state(&store, "a", At::Now, Some((2, "x=2")));
}

#[test]
fn r03_a_failed_sync_stops_all_writing_until_reopened() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = open(dir.path());
        store.commit(&[commit("a", 0, &[("x", Some("1"))])]).unwrap();
        let failed = store.directory.write(|connection| {
            commit::batch(connection, &[commit("a", 1, &[("x", Some("2"))])])?;
            Err::<(bool, ()), _>(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None))
        });
        assert!(matches!(failed, Err(Error::Sqlite(..))));
        for _ in 0..2 {
            let error = store.commit(&[commit("a", 1, &[])]).unwrap_err();
            assert!(matches!(error, Error::Poisoned(_)));
            assert!(error.to_string().starts_with("writing has stopped until the store is opened again, since "));
        }
        assert!(matches!(store.put_setting("k", b""), Err(Error::Poisoned(_))));
        check_state(&store, "a", At::Now, Some((1, "x=1")));
        append(&store, &[event("e", 1)]);
    }
    let store = open(dir.path());
    check_state(&store, "a", At::Now, Some((1, "x=1")));
    assert_eq!(store.commit(&[commit("a", 1, &[])]).unwrap(), [Ok(2)]);
}

#[test]
fn r04_a_full_disk_refuses_writes_and_recovers_without_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let limit_pages = |pages: i64| {
        let set =
            |connection: &Connection| connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        store.directory.write(|connection| Ok((false, set(connection)?))).unwrap();
    };
    store.commit(&[commit("a", 0, &[("x", Some("1"))])]).unwrap();
    limit_pages(1);
    let large = "x".repeat(200_000);
    let error = store.commit(&[commit("a", 1, &[("y", Some(&large))])]).unwrap_err();
    assert_eq!(error.to_string(), format!("no space is left for {}", dir.path().join("directory.db").display()));
    check_state(&store, "a", At::Now, Some((1, "x=1")));
    limit_pages(1 << 30);
    assert_eq!(store.commit(&[commit("a", 1, &[("y", None)])]).unwrap().len(), 1);
    assert_eq!(store.commit(&[commit("a", 1, &[("y", Some(&large))])]).unwrap(), [Ok(2)]);
}

#[test]
fn the_wal_is_copied_back_as_it_grows() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Durability::None).unwrap();
    let body = "x".repeat(20_000);
    for expected in 0..3_000 {
        store.commit(&[commit("a", expected, &[("x", Some(&body))])]).unwrap();
    }
    let size = |name: &str| dir.path().join(name).metadata().unwrap().len();
    assert!(size("directory.db") > 40_000_000, "{}", size("directory.db"));
    assert!(size("directory.db-wal") < 20_000_000, "{}", size("directory.db-wal"));
    check_state(&store, "a", At::Now, Some((3_000, &format!("x={body}"))));
}

/// Flips one bit at many places of a database file. `check` is given the opened store.
fn flip_bits(name: &str, flips: usize, fill: impl Fn(&Sqlite), check: impl Fn(&Sqlite) -> bool) -> usize {
    let dir = tempfile::tempdir().unwrap();
    fill(&Sqlite::open(dir.path(), Durability::None).unwrap());
    let path = dir.path().join(name);
    let sound = fs::read(&path).unwrap();
    let mut noticed = 0;
    for n in 0..flips {
        let mut bytes = sound.clone();
        let at = n * 7_919 % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        for entry in fs::read_dir(dir.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        fs::write(&path, bytes).unwrap();
        match Sqlite::open(dir.path(), Durability::None) {
            Ok(store) => noticed += usize::from(check(&store)),
            Err(_) => noticed += 1,
        }
    }
    noticed
}

#[test]
fn r15_a_flipped_bit_in_the_directory_never_changes_what_is_read() {
    let fill = |store: &Sqlite| {
        for expected in 0..12 {
            let bodies: Vec<_> =
                (0..20).map(|n| (format!("user{n}"), format!("{expected}-{n}-{}", "b".repeat(60)))).collect();
            let changes: Vec<_> = bodies.iter().map(|(key, body)| (key.as_str(), Some(body.as_str()))).collect();
            store.commit(&[commit("account/1", expected, &changes)]).unwrap();
        }
        store.put_setting("keyring", b"sealed").unwrap();
    };
    let sound = {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path(), Durability::None).unwrap();
        fill(&store);
        let state = |revision| crate::conformance::state(&store, "account/1", At::Revision(revision)).unwrap();
        (1..=12).map(state).collect::<Vec<_>>()
    };
    let noticed = flip_bits("directory.db", 2_000, fill, |store| {
        let mut noticed = false;
        let past = sound.iter().map(|state| (At::Revision(state.0), state));
        for (at, sound) in past.chain([(At::Now, &sound[11])]) {
            match store.load(&realm("account/1"), at) {
                Ok(Some(mut loaded)) => {
                    loaded.records.sort();
                    let records = loaded.records.iter();
                    let shown: Vec<_> =
                        records.map(|r| format!("{}={}", r.key, String::from_utf8_lossy(&r.body))).collect();
                    assert_eq!((loaded.revision, shown), *sound);
                }
                // A realm that is not found denies all its principals, as one that is damaged.
                Ok(None) | Err(_) => noticed = true,
            }
        }
        match store.setting("keyring") {
            Ok(Some(value)) => assert_eq!(value, b"sealed"),
            Ok(None) | Err(_) => noticed = true,
        }
        noticed
    });
    assert!(noticed > 500, "{noticed}");
}

#[test]
fn r15_a_flipped_bit_in_the_events_never_changes_an_event() {
    let events: Vec<_> = (0..150).map(|n| event(&format!("{n:036}"), n)).collect();
    let noticed = flip_bits(
        "events.db",
        1_000,
        |store| append(store, &events),
        |store| {
            let filter =
                EventFilter { limit: 1_000, account: Some(events[0].account.clone()), ..EventFilter::default() };
            let Ok(page) = store.events(&filter) else { return true };
            assert!(page.events.iter().all(|(_, found)| events.contains(found)));
            page.events.len() < events.len()
        },
    );
    assert!(noticed > 100, "{noticed}");
}
