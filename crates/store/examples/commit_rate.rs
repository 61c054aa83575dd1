//! Durable changes per second with 16 clients, beside what the disk and bare SQLite do in the same run.
//!
//! `cargo run --release -p doorward-store --example commit_rate [directory]`

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use doorward_store::{Change, Commit, Committer, Durability, Event, EventLog, RealmId, Sqlite, Store};
use futures_executor::block_on;
use rusqlite::{Connection, params};

type Failure = Box<dyn std::error::Error>;
/// Works for a while and says how often something was done.
type Work = Box<dyn FnMut() -> Result<u64, Failure>>;

const CLIENTS: u64 = 16;
const ROUNDS: u64 = 15;
const TIME: Duration = Duration::from_millis(700);

/// A disk's speed changes from second to second, so all take turns and the medians are compared.
fn main() -> Result<(), Failure> {
    let dir =
        std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("doorward-commit-rate"), PathBuf::from);
    fs::create_dir_all(&dir)?;
    let mut works = vec![
        ("fdatasync of 4 KiB appended", syncs(&dir.join("sync"))?),
        ("bare SQLite, one commit each", bare(&dir.join("single.db"), 1)?),
        ("bare SQLite, groups of 16 savepoints", bare(&dir.join("grouped.db"), CLIENTS)?),
        ("changes with events, 16 clients, 1 realm", changes(&dir.join("store1"), 1)?),
        ("changes with events, 16 clients, 16 realms", changes(&dir.join("store16"), CLIENTS)?),
        ("durable events, 16 clients", events(&dir.join("durable"), true)?),
        ("other events, 16 clients", events(&dir.join("other"), false)?),
    ];
    let mut figures = vec![(Vec::new(), Vec::new()); works.len()];
    for _ in 0..ROUNDS {
        for ((_, work), (rates, cpus)) in works.iter_mut().zip(&mut figures) {
            let (start, cpu) = (Instant::now(), cpu_micros()?);
            let done = work()?;
            rates.push(f64_of(done) / start.elapsed().as_secs_f64());
            cpus.push(f64_of(cpu_micros()? - cpu) / f64_of(done.max(1)));
        }
    }
    for ((name, _), (rates, cpus)) in works.iter().zip(&mut figures) {
        println!("{name:45} {:>9.0} /s {:>8.1} us of CPU", median(rates), median(cpus));
    }
    drop(works);
    fs::remove_dir_all(dir)?;
    Ok(())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[expect(clippy::as_conversions, reason = "figures to print")]
fn f64_of(n: u64) -> f64 {
    n as f64
}

/// The process's user and system time so far, which Linux counts in ticks of 10 ms.
fn cpu_micros() -> Result<u64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Ok(ticks * 10_000)
}

fn syncs(path: &Path) -> Result<Work, Failure> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    Ok(Box::new(move || {
        let (start, mut done) = (Instant::now(), 0);
        while start.elapsed() < TIME {
            file.write_all(&[1; 4096])?;
            file.sync_data()?;
            done += 1;
        }
        Ok(done)
    }))
}

fn bare(path: &Path, group: u64) -> Result<Work, Failure> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE record (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)")?;
    let mut key = 0_u64;
    Ok(Box::new(move || {
        let (start, first) = (Instant::now(), key);
        while start.elapsed() < TIME {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for _ in 0..group {
                connection.prepare_cached("SAVEPOINT one")?.execute(())?;
                connection
                    .prepare_cached("INSERT INTO record (key, body) VALUES (?1, ?2)")?
                    .execute(params![format!("user/{key}"), [7_u8; 1_000]])?;
                connection.prepare_cached("RELEASE one")?.execute(())?;
                key += 1;
            }
            connection.execute_batch("COMMIT")?;
        }
        Ok(key - first)
    }))
}

/// Each client keeps one change with its event under way. Clients of one realm build on each other.
fn changes(dir: &Path, realms: u64) -> Result<Work, Failure> {
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(dir, Durability::Full)?);
    let committer = Committer::start(Arc::clone(&store));
    let line = |n| (RealmId::new(format!("account/{n}")), committer.line(), Mutex::new(0));
    let lines: Vec<_> = (0..realms).map(line).collect();
    Ok(Box::new(move || {
        let (_alive, done) = (&committer, AtomicU64::new(0));
        thread::scope(|scope| {
            let (lines, done, start) = (&lines, &done, Instant::now());
            for client in 0..CLIENTS {
                scope.spawn(move || {
                    let Some((realm, line, next)) = lines.get(usize::try_from(client % realms).unwrap_or(0)) else {
                        return;
                    };
                    while start.elapsed() < TIME {
                        let Ok(mut next) = next.lock() else { return };
                        let waiting = line.submit(change(realm, *next));
                        *next += 1;
                        drop(next);
                        match block_on(waiting) {
                            Ok(Ok(_)) => done.fetch_add(1, Ordering::Relaxed),
                            other => return println!("{other:?}"),
                        };
                    }
                });
            }
        });
        while store.drain_outbox(1_000)? > 0 {}
        Ok(done.into_inner())
    }))
}

fn change(realm: &RealmId, expected: u64) -> Commit {
    let changes = vec![Change { kind: "user", key: format!("AIDA{expected}"), body: Some(vec![7; 500]) }];
    let event = Some(event(&format!("{realm}-{expected}")));
    Commit { realm: realm.clone(), expected, time_ms: 0, changes, event, also: Vec::new() }
}

fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        account: "111122223333".into(),
        name: "GetUser".into(),
        source: "iam.amazonaws.com".into(),
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
        user_name: Some("alice".into()),
        body: vec![b'x'; 1_000],
        ..Event::default()
    }
}

fn events(dir: &Path, durable: bool) -> Result<Work, Failure> {
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.join("store"), Durability::Full)?);
    let log = EventLog::open(&dir.join("log"), store, Durability::Full)?;
    let number = AtomicU64::new(0);
    Ok(Box::new(move || {
        let first = number.load(Ordering::Relaxed);
        thread::scope(|scope| {
            let (log, number, start) = (&log, &number, Instant::now());
            for _ in 0..CLIENTS {
                scope.spawn(move || {
                    while start.elapsed() < TIME {
                        let n = number.fetch_add(1, Ordering::Relaxed);
                        let event = event(&format!("{n:036}"));
                        let taken = match durable {
                            true => matches!(block_on(log.append_durable(&event)), Ok(Ok(()))),
                            // Some 16,000 events per second in all.
                            false => {
                                thread::sleep(Duration::from_millis(1));
                                log.append(&event).is_ok()
                            }
                        };
                        if !taken {
                            return println!("an event was refused");
                        }
                    }
                });
            }
        });
        // What is moved on to the event store meanwhile belongs to the same figure.
        thread::sleep(Duration::from_millis(300));
        Ok(number.load(Ordering::Relaxed) - first)
    }))
}
