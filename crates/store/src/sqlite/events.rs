//! Writing events: into the outbox with a commit, and into the event store.

use rusqlite::{CachedStatement, Connection, Error, Row, params};

use crate::Event;

/// The columns that the outbox and the event store share, in the order that [`insert`] and [`read`] know.
macro_rules! columns {
    () => {
        "id, time_ms, account, name, source, access_key_id, user_name, decision, read_only, sum, body"
    };
}
pub(super) use columns;

macro_rules! values {
    () => {
        concat!("(", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
    };
}

pub(super) fn put_outbox(connection: &Connection, event: &Event) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(concat!("INSERT INTO outbox ", values!()))?;
    insert(&mut statement, event, event.sum())
}

/// Adds events with their checksums to the event store.
pub(super) fn append<'a>(
    connection: &Connection,
    mut events: impl Iterator<Item = (&'a Event, i64)>,
) -> Result<(), Error> {
    let mut statement =
        connection.prepare_cached(concat!("INSERT INTO event ", values!(), " ON CONFLICT (id) DO NOTHING"))?;
    events.try_for_each(|(event, sum)| insert(&mut statement, event, sum))
}

fn insert(statement: &mut CachedStatement<'_>, event: &Event, sum: i64) -> Result<(), Error> {
    statement.execute(params![
        event.id,
        event.time_ms,
        event.account,
        event.name,
        event.source,
        event.access_key_id,
        event.user_name,
        event.decision,
        event.read_only,
        sum,
        event.body
    ])?;
    Ok(())
}

/// An event and its checksum from a row that begins with `columns!`.
pub(super) fn read(row: &Row<'_>) -> Result<(Event, i64), Error> {
    let event = Event {
        id: row.get(0)?,
        time_ms: row.get(1)?,
        account: row.get(2)?,
        name: row.get(3)?,
        source: row.get(4)?,
        access_key_id: row.get(5)?,
        user_name: row.get(6)?,
        decision: row.get(7)?,
        read_only: row.get(8)?,
        body: row.get(10)?,
    };
    Ok((event, row.get(9)?))
}

/// The oldest events in the outbox with their checksums, and the last one's place. What is damaged is moved on with
/// the checksum it had, so that look-ups find the damage.
pub(super) fn outbox(connection: &Connection, limit: usize) -> Result<(i64, Vec<(Event, i64)>), Error> {
    let mut statement =
        connection.prepare_cached(concat!("SELECT ", columns!(), ", seq FROM outbox ORDER BY seq LIMIT ?1"))?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let (mut last, mut events) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
        last = row.get(11)?;
    }
    Ok((last, events))
}

pub(super) fn forget(connection: &Connection, last: i64) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM outbox WHERE seq <= ?1")?.execute([last])?;
    Ok(())
}
