//! One database file: opening it, its one writer, its readers, and when to stop trusting it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, ffi};

use super::{Durability, schema::Schema};
use crate::Error;
use crate::place::private_file;

/// Pages in the WAL from which on they are copied into the database.
const CHECKPOINT_PAGES: i32 = 2_000;
/// The most memory that the writer keeps pages in, in negative KiB as SQLite has it.
const WRITER_CACHE: i64 = -8_000;
/// The same for each reader. What they read is kept as values, not as pages.
const READER_CACHE: i64 = -1_000;
/// Idle read connections that are kept.
const IDLE_READERS: usize = 4;

pub(crate) struct Database {
    path: PathBuf,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
}

struct Writer {
    connection: Connection,
    synchronous: &'static str,
    /// Pages in the WAL after the last commit.
    wal_pages: Arc<AtomicI32>,
    /// Why writing has stopped.
    poisoned: Option<String>,
}

impl Database {
    /// Opens the file, or makes it. The caller holds the directory's lock.
    pub(crate) fn open(dir: &Path, schema: &Schema, durability: Durability) -> Result<Self, Error> {
        let path = dir.join(schema.file);
        // SQLite gives the WAL the permissions of the file.
        private_file(&path).map_err(|error| Error::Io(path.clone(), error))?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::None => "OFF",
        };
        let wal_pages = Arc::new(AtomicI32::new(0));
        let connection = prepare(&path, schema, synchronous, &wal_pages).map_err(|error| match error {
            Error::Sqlite(path, error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                Error::Foreign(path)
            }
            other => other,
        })?;
        let writer = Mutex::new(Writer { connection, synchronous, wal_pages, poisoned: None });
        Ok(Self { path, writer, readers: Mutex::default() })
    }

    /// Runs `work` in one transaction, which is durable when this returns `Ok`. `work` answers whether to commit.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<(bool, T), rusqlite::Error>,
    ) -> Result<T, Error> {
        let mut writer = lock(&self.writer);
        if let Some(cause) = &writer.poisoned {
            return Err(Error::Poisoned(cause.clone()));
        }
        let done = transaction(&mut writer.connection, work);
        match &done {
            Ok(_) => writer.checkpoint(&self.path),
            Err(error) if is_harmless(error) => {}
            Err(error) => writer.poison(&self.path, error),
        }
        done.map_err(|error| self.error(error))
    }

    /// Like [`Database::write`] for what need not be durable before this returns: it becomes so with the next write.
    pub(crate) fn write_relaxed(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<(), Error> {
        let mut writer = lock(&self.writer);
        if let Some(cause) = &writer.poisoned {
            return Err(Error::Poisoned(cause.clone()));
        }
        let relaxed = if writer.synchronous == "FULL" { "NORMAL" } else { writer.synchronous };
        let set = |connection: &Connection, value| connection.pragma_update(None, "synchronous", value);
        let done = set(&writer.connection, relaxed)
            .and_then(|()| transaction(&mut writer.connection, |connection| Ok((true, work(connection)?))));
        let restored = set(&writer.connection, writer.synchronous);
        // A writer that might acknowledge without syncing must not go on.
        if let Err(error) = restored.as_ref().and(done.as_ref())
            && (restored.is_err() || !is_harmless(error))
        {
            writer.poison(&self.path, error);
        }
        done.and(restored).map_err(|error| self.error(error))
    }

    /// Runs `work` on one durable state of the database, beside the writer and other readers.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>) -> Result<T, Error> {
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path).map_err(|error| self.error(error))?,
        };
        let done = connection.transaction().and_then(|transaction| work(&transaction));
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS && connection.is_autocommit() {
            readers.push(connection);
        }
        done.map_err(|error| self.error(error))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn error(&self, error: rusqlite::Error) -> Error {
        sqlite_error(&self.path, error)
    }
}

/// Copies the WAL into the database and removes it, so that a stopped store is two plain files.
impl Drop for Database {
    fn drop(&mut self) {
        lock(&self.readers).clear();
        let writer = lock(&self.writer);
        let connection = &writer.connection;
        let removes_wal = |()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
        if writer.poisoned.is_none()
            && let Err(error) = checkpoint(connection, CheckpointMode::TRUNCATE).and_then(removes_wal)
        {
            tracing::warn!(path = %self.path.display(), %error, "the WAL stays until the next start");
        }
    }
}

impl Writer {
    /// SQLite's own checkpoints ignore a failing sync and then believe the second one, which lies. So they are off,
    /// and this one stops all writing when it fails. What was committed is safe in the WAL.
    fn checkpoint(&mut self, path: &Path) {
        if self.wal_pages.load(Ordering::Relaxed) < CHECKPOINT_PAGES {
            return;
        }
        match checkpoint(&self.connection, CheckpointMode::PASSIVE) {
            Ok(()) => self.wal_pages.store(0, Ordering::Relaxed),
            Err(error) if is_harmless(&error) => {}
            Err(error) => self.poison(path, &error),
        }
    }

    fn poison(&mut self, path: &Path, error: &rusqlite::Error) {
        tracing::error!(path = %path.display(), %error, "writing stops until the store is opened again");
        self.poisoned = Some(format!("{}: {error}", path.display()));
    }
}

fn transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<(bool, T), rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (commit, value) = work(&transaction)?;
    if commit {
        transaction.commit()?
    } else {
        transaction.rollback()?
    }
    Ok(value)
}

fn checkpoint(connection: &Connection, mode: CheckpointMode) -> Result<(), rusqlite::Error> {
    connection.wal_checkpoint_v2(None::<&str>, mode).map(drop)
}

/// Whether the transaction was cleanly undone and the next one can be tried. All that remains, above all a failed
/// write or sync, leaves it unknown what the disk holds.
fn is_harmless(error: &rusqlite::Error) -> bool {
    match error.sqlite_error() {
        Some(error) => match error.code {
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::TooBig
            | ErrorCode::ConstraintViolation => true,
            ErrorCode::SystemIoFailure => {
                matches!(error.extended_code, ffi::SQLITE_IOERR_NOMEM | ffi::SQLITE_IOERR_SHMSIZE)
            }
            _ => false,
        },
        // The library's own complaints about parameters and types: no file was involved.
        None => true,
    }
}

fn sqlite_error(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full(path.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged(path.display().to_string()),
        _ => Error::Sqlite(path.to_owned(), error),
    }
}

/// Opens the writer's connection and brings the file to the schema.
fn prepare(path: &Path, schema: &Schema, synchronous: &str, wal_pages: &Arc<AtomicI32>) -> Result<Connection, Error> {
    let failed = |error| sqlite_error(path, error);
    let mut connection = connect(path).map_err(failed)?;
    let ask = |connection: &Connection, question: &str| connection.query_row(question, (), |row| row.get::<_, i64>(0));
    let application_id = ask(&connection, "PRAGMA application_id").map_err(failed)?;
    let version = ask(&connection, "PRAGMA user_version").map_err(failed)?;
    let is_new = application_id == 0
        && version == 0
        && ask(&connection, "SELECT count(*) FROM sqlite_schema").map_err(failed)? == 0;
    if !is_new && application_id != schema.application_id {
        return Err(Error::Foreign(path.to_owned()));
    }
    if version > schema.version {
        return Err(Error::TooNew { path: path.to_owned(), found: version, known: schema.version });
    }
    let pages = Arc::clone(wal_pages);
    let set_up = |connection: &mut Connection| {
        // The size of a page cannot change any more once there are some.
        connection.pragma_update(None, "page_size", schema.page)?;
        connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", 32 << 20, |_| Ok(()))?;
        if is_new {
            transaction(connection, |connection| {
                connection.execute_batch(schema.tables)?;
                connection.pragma_update(None, "application_id", schema.application_id)?;
                connection.pragma_update(None, "user_version", schema.version)?;
                Ok((true, ()))
            })?;
        }
        // After a crash the WAL can hold pages that the file system calls written though a sync of them has failed.
        // Copying all of them writes and syncs them afresh.
        checkpoint(connection, CheckpointMode::TRUNCATE)?;
        connection.wal_hook(Some(move |_: &mut Wal, in_wal| {
            pages.store(in_wal, Ordering::Relaxed);
            Ok(())
        }))
    };
    set_up(&mut connection).map_err(failed)?;
    Ok(connection)
}

fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// A panic while the lock was held has rolled its transaction back; what is behind the lock is sound.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
