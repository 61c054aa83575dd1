//! The events that came with commits, in `directory.db` until they are moved on to the event store.

use rusqlite::{Connection, Error};

use crate::Frame;
use crate::frame::{self, Found};

pub(super) fn put(connection: &Connection, frame: &[u8]) -> Result<(), Error> {
    connection.prepare_cached("INSERT INTO outbox (frame) VALUES (?1)")?.execute([frame])?;
    Ok(())
}

/// The oldest frames and their places.
pub(super) fn oldest(connection: &Connection, limit: usize) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    connection
        .prepare_cached("SELECT seq, frame FROM outbox WHERE seq >= 0 ORDER BY seq LIMIT ?1")?
        .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The events, and the places of what is damaged.
pub(super) fn decode(waiting: &[(i64, Vec<u8>)]) -> (Vec<Frame<'_>>, Vec<i64>) {
    let (mut frames, mut damaged) = (Vec::with_capacity(waiting.len()), Vec::new());
    for (seq, bytes) in waiting {
        match frame::decode(bytes) {
            Found::Frame(frame) if frame.bytes.len() == bytes.len() => frames.push(frame),
            _ => damaged.push(*seq),
        }
    }
    (frames, damaged)
}

/// Removes everything up to a place. What is damaged is kept aside under the negative of its place, or rather of the
/// first free one below.
pub(super) fn forget(connection: &Connection, last: i64, damaged: &[i64]) -> Result<(), Error> {
    for seq in damaged {
        connection
            .prepare_cached("UPDATE outbox SET seq = min(0, (SELECT min(seq) FROM outbox)) - 1 WHERE seq = ?1")?
            .execute([seq])?;
    }
    connection.prepare_cached("DELETE FROM outbox WHERE seq BETWEEN 0 AND ?1")?.execute([last])?;
    Ok(())
}
