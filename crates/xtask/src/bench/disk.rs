//! What the disk and SQLite can do at best: the ceiling of every durable change.

use std::fs::File;
use std::io::{Seek, Write};
use std::time::{Duration, Instant};

use crate::run::{self, Result};

/// Changes per second.
pub struct Disk {
    /// One append and one fdatasync each.
    pub syncs: f64,
    /// SQLite with write-ahead log and `synchronous=FULL`, one change a transaction.
    pub single: f64,
    /// The same with so many changes a transaction.
    pub grouped: f64,
}

const TIME: Duration = Duration::from_secs(2);

/// Of a change's two rows, as large as those of CreateUser: a record and an event, in bytes.
const RECORD: usize = 600;
const EVENT: usize = 1_200;

/// Measures for two seconds each, on the disk where the server's data is.
pub fn measure(group: u32) -> Result<Disk> {
    run::make_directory(&super::directory())?;
    let [single, grouped] = [1, group].map(sqlite);
    Ok(Disk {
        syncs: syncs().map_err(|error| format!("cannot write to the disk: {error}"))?,
        single: single?,
        grouped: grouped?,
    })
}

fn syncs() -> std::io::Result<f64> {
    let path = super::directory().join("sync");
    let mut file = File::create(&path)?;
    // Written once, so that no later sync has to extend the file.
    file.write_all(&[0; 1 << 20])?;
    file.sync_all()?;
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < TIME {
        file.rewind()?;
        file.write_all(&[1; RECORD + EVENT])?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}

/// By Python's own SQLite, so that this program needs none.
fn sqlite(group: u32) -> Result<f64> {
    let file = super::directory().join("baseline.sqlite");
    let program = format!(
        r#"
import os, sqlite3, sys, time
path, group, seconds = sys.argv[1], {group}, {seconds}
for end in ("", "-wal", "-shm"):
    if os.path.exists(path + end):
        os.remove(path + end)
base = sqlite3.connect(path, isolation_level=None)
base.execute("PRAGMA journal_mode = WAL")
base.execute("PRAGMA synchronous = FULL")
base.execute("CREATE TABLE record (key INTEGER PRIMARY KEY, body BLOB)")
base.execute("CREATE TABLE event (key INTEGER PRIMARY KEY, body BLOB)")
count, start = 0, time.monotonic()
while time.monotonic() - start < seconds:
    base.execute("BEGIN IMMEDIATE")
    for _ in range(group):
        base.execute("INSERT INTO record (body) VALUES (?)", (b"r" * {RECORD},))
        base.execute("INSERT INTO event (body) VALUES (?)", (b"e" * {EVENT},))
    base.execute("COMMIT")
    count += group
print(count / (time.monotonic() - start))
"#,
        seconds = TIME.as_secs()
    );
    let mut python = run::command("python3", &["-c", &program]);
    python.arg(&file);
    let printed = run::output(python)?;
    printed.trim().parse().map_err(|_| format!("Python printed `{}`", printed.trim()))
}
