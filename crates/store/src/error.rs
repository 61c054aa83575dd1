//! What can go wrong with a store.

use std::{fmt, io, path::PathBuf};

/// Why a store did not do what it was asked. Nothing is known to have become durable.
#[derive(Debug)]
pub enum Error {
    /// Another process works on this directory.
    InUse(PathBuf),
    /// Other users of the machine can change the directory's files.
    Exposed {
        /// The directory.
        dir: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not one of Doorward's.
    Foreign(PathBuf),
    /// The file was written by a later version of Doorward.
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The linked SQLite is older than the first one without known ways to lose a WAL.
    OldSqlite(&'static str),
    /// What was read is not what was written.
    Damaged(String),
    /// An earlier write failed in a way after which the file cannot be trusted until it is opened again.
    Poisoned(String),
    /// No space is left. Writing goes on as soon as there is some.
    Full(PathBuf),
    /// The file system refused.
    Io(PathBuf, io::Error),
    /// The database refused.
    Sqlite(PathBuf, rusqlite::Error),
    /// A fault that a test asked for.
    #[cfg(any(test, feature = "testing"))]
    Injected,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(dir) => write!(
                f,
                "the store in {} is in use by another process: stop that one first, or choose another directory",
                dir.display()
            ),
            Self::Exposed { dir, mode } => write!(
                f,
                "the directory {} can be written by other users (mode {mode:03o}): run `chmod 700` on it, or name a \
                 directory inside it that does not exist yet",
                dir.display()
            ),
            Self::Foreign(path) => write!(
                f,
                "{} is not a Doorward database: choose another directory, or move the file away",
                path.display()
            ),
            Self::TooNew { path, found, known } => write!(
                f,
                "{} was written by a later version of Doorward (schema {found}, this program knows {known}): install \
                 that version, or restore a backup from before the upgrade",
                path.display()
            ),
            Self::OldSqlite(version) => {
                write!(f, "SQLite {version} is linked, 3.51.3 or later is needed: build with the bundled one")
            }
            Self::Damaged(what) => write!(f, "{what} is damaged: restore it from a backup"),
            Self::Poisoned(cause) => write!(f, "writing has stopped until the store is opened again, since {cause}"),
            Self::Full(path) => write!(f, "no space is left for {}", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Sqlite(path, error) => write!(f, "{}: {error}", path.display()),
            #[cfg(any(test, feature = "testing"))]
            Self::Injected => write!(f, "injected fault"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::Sqlite(_, error) => Some(error),
            _ => None,
        }
    }
}
