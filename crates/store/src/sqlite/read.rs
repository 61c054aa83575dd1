//! The readers' side of `directory.db`.

use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use super::commit::LIVE;
use crate::{At, Error as StoreError, Loaded, RealmId, Record, Revision, digest};

pub(super) fn realms(connection: &Connection) -> Result<Vec<(RealmId, Revision)>, Error> {
    connection
        .prepare_cached("SELECT name, revision FROM realm")?
        .query_map((), |row| Ok((RealmId::new(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs())))?
        .collect()
}

/// One state's row in `revision`.
struct State {
    realm: i64,
    revision: i64,
    time_ms: i64,
    sum: u128,
}

type Checked<T> = Result<Option<Result<T, StoreError>>, Error>;

pub(super) fn load(connection: &Connection, realm: &RealmId, at: At) -> Checked<Loaded> {
    let Some(state) = state(connection, realm, at)? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT kind, key, body, revision_from FROM record INDEXED BY record_by_end
         WHERE realm = ?1 AND revision_to > ?2 AND revision_from <= ?2",
    )?;
    let mut rows = statement.query(params![state.realm, state.revision])?;
    let (mut records, mut sum) = (Vec::new(), 0_u128);
    while let Some(row) = rows.next()? {
        let record = Record { kind: row.get(0)?, key: row.get(1)?, body: row.get(2)? };
        let from = row.get::<_, i64>(3)?.unsigned_abs();
        sum = sum.wrapping_add(digest::record(realm, &record.kind, &record.key, from, &record.body));
        records.push(record);
    }
    let revision = state.revision.unsigned_abs();
    if sum != state.sum {
        return Ok(Some(Err(StoreError::Damaged(format!("the realm {realm} at revision {revision}")))));
    }
    Ok(Some(Ok(Loaded { revision, time_ms: state.time_ms, records })))
}

fn state(connection: &Connection, realm: &RealmId, at: At) -> Result<Option<State>, Error> {
    let read = |row: &Row<'_>| {
        let sum = u128::from_le_bytes(row.get(3)?);
        Ok(State { realm: row.get(0)?, revision: row.get(1)?, time_ms: row.get(2)?, sum })
    };
    let name = realm.as_str();
    match at {
        At::Now => connection
            .prepare_cached("SELECT id, revision, time_ms, sum FROM realm WHERE name = ?1")?
            .query_row([name], read),
        At::Revision(revision) => connection
            .prepare_cached(
                "SELECT realm, revision, time_ms, sum FROM revision
                 WHERE realm = (SELECT id FROM realm WHERE name = ?1) AND revision = ?2",
            )?
            .query_row(params![name, i64::try_from(revision).unwrap_or(LIVE)], read),
        At::Time(time_ms) => connection
            .prepare_cached(
                "SELECT realm, revision, time_ms, sum FROM revision
                 WHERE (realm, revision) = (
                     SELECT realm, revision FROM revision INDEXED BY revision_by_time
                     WHERE realm = (SELECT id FROM realm WHERE name = ?1) AND time_ms <= ?2
                     ORDER BY time_ms DESC, revision DESC LIMIT 1)",
            )?
            .query_row(params![name, time_ms], read),
    }
    .optional()
}

pub(super) fn setting(connection: &Connection, key: &str) -> Checked<Vec<u8>> {
    let found = connection
        .prepare_cached("SELECT value, sum FROM setting WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    Ok(found.map(|(value, sum)| match digest::bytes(&value) == sum {
        true => Ok(value),
        false => Err(StoreError::Damaged(format!("the setting {key}"))),
    }))
}
