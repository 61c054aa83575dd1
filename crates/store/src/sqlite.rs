//! The embedded store: SQLite, one directory, no other program.

mod commit;
mod database;
mod events;
mod lookup;
mod outbox;
mod read;
mod schema;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Mutex;

use crate::place::Place;
use crate::{At, Commit, Error, EventFilter, Frame, Loaded, Page, RealmId, Refusal, Revision, Store};
use database::Database;
pub(crate) use database::lock;

/// The first SQLite without a known way to lose a WAL.
const LEAST_SQLITE: i32 = 3_051_003;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The disk.
    Full,
    /// Nothing. Only for stores that are thrown away.
    None,
}

/// A store in one directory: `directory.db` holds the realms, `events.db` the events, so that the load and retention
/// of events never touch the realms.
pub struct Sqlite {
    directory: Database,
    events: Database,
    /// Held by who moves events out of the outbox: a second mover could delete what the first has not moved.
    outbox: Mutex<()>,
    _place: Place,
}

impl Sqlite {
    /// Opens the store in this directory, or makes it.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::Exposed`], [`Error::Foreign`], [`Error::TooNew`] say in their text how to mend the
    /// matter.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self, Error> {
        if rusqlite::version_number() < LEAST_SQLITE {
            return Err(Error::OldSqlite(rusqlite::version()));
        }
        let place = Place::claim(dir)?;
        let directory = Database::open(dir, &schema::DIRECTORY, durability)?;
        let events = Database::open(dir, &schema::EVENTS, durability)?;
        place.sync().map_err(|error| Error::Io(dir.to_owned(), error))?;
        Ok(Self { directory, events, outbox: Mutex::default(), _place: place })
    }
}

impl Store for Sqlite {
    fn realms(&self) -> Result<Vec<(RealmId, Revision)>, Error> {
        self.directory.read(read::realms)
    }

    fn load(&self, realm: &RealmId, at: At) -> Result<Option<Loaded>, Error> {
        self.directory.read(|connection| read::load(connection, realm, at))?.transpose()
    }

    fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error> {
        self.directory.write(|connection| {
            let answers = commit::batch(connection, batch)?;
            Ok((answers.iter().any(Result::is_ok), answers))
        })
    }

    fn append_events(&self, events: &[Frame<'_>]) -> Result<(), Error> {
        self.events.write(|connection| Ok((true, events::append(connection, events)?)))
    }

    fn drain_outbox(&self, limit: usize) -> Result<usize, Error> {
        let _mover = lock(&self.outbox);
        let waiting = self.directory.read(|connection| outbox::oldest(connection, limit))?;
        let Some((last, _)) = waiting.last() else { return Ok(0) };
        let (frames, damaged) = outbox::decode(&waiting);
        for seq in &damaged {
            tracing::error!(path = %self.directory.path().display(), seq, "a damaged event stays in the outbox");
        }
        self.append_events(&frames)?;
        // Should this be lost, the events are moved once more, and the event store knows them by their ids.
        self.directory.write_relaxed(|connection| outbox::forget(connection, *last, &damaged))?;
        Ok(waiting.len())
    }

    fn events(&self, filter: &EventFilter) -> Result<Page, Error> {
        let page = self.events.read(|connection| lookup::page(connection, filter))?;
        if page.damaged > 0 {
            tracing::error!(path = %self.events.path().display(), events = page.damaged, "damaged events");
        }
        Ok(page)
    }

    fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.directory.read(|connection| read::setting(connection, key))?.transpose()
    }

    fn put_setting(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.directory.write(|connection| Ok((true, commit::put_setting(connection, key, value)?)))
    }
}
