//! The writer's side of `directory.db`.

use rusqlite::{Connection, Error, OptionalExtension, params};

use super::outbox;
use crate::{Change, Commit, RealmId, Refusal, Revision, digest, frame};

/// `revision_to` of a record that has not ended.
pub(super) const LIVE: i64 = i64::MAX;

/// Applies the commits in order, inside the caller's transaction. Each is checked completely before its first write,
/// so that a refused one leaves nothing to undo.
pub(super) fn batch(connection: &Connection, batch: &[Commit]) -> Result<Vec<Result<Revision, Refusal>>, Error> {
    let mut refused: Vec<(&RealmId, Revision)> = Vec::new();
    let mut answers = Vec::with_capacity(batch.len());
    for commit in batch {
        let is_above = |(realm, expected, _): (&RealmId, Revision, &[Change])| {
            refused.iter().any(|(of, at)| *of == realm && *at < expected)
        };
        let answer = apply(connection, commit, commit.steps().any(is_above))?;
        if answer.is_err() {
            refused.extend(commit.steps().map(|(realm, expected, _)| (realm, expected)));
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// A realm's row.
struct Head {
    id: i64,
    revision: i64,
    time_ms: i64,
    sum: u128,
}

fn apply(connection: &Connection, commit: &Commit, built_on_refused: bool) -> Result<Result<Revision, Refusal>, Error> {
    let mut heads = Vec::with_capacity(1 + commit.also.len());
    for (realm, expected, _) in commit.steps() {
        let head = head(connection, realm)?;
        if built_on_refused || i64::try_from(expected) != Ok(head.as_ref().map_or(0, |head| head.revision)) {
            return Ok(Err(Refusal::Conflict));
        }
        heads.push(head);
    }
    if let Err(refusal) = commit.check() {
        return Ok(Err(refusal));
    }
    let mut steps = Vec::with_capacity(heads.len());
    for ((realm, _, changes), head) in commit.steps().zip(heads) {
        match olds(connection, head.as_ref(), changes)? {
            Ok(olds) => steps.push((realm, changes, head, olds)),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let Ok(frame) = commit.event.as_ref().map(|event| frame::encode(event).ok_or(())).transpose() else {
        return Ok(Err(Refusal::Invalid("the event is too large")));
    };
    // Below the largest, each has a next one.
    if commit.steps().any(|(_, expected, _)| i64::try_from(expected) == Ok(i64::MAX)) {
        return Ok(Err(Refusal::Invalid("no revision is left")));
    }
    for (realm, changes, head, olds) in steps {
        let mut head = match head {
            Some(head) => head,
            None => create(connection, realm)?,
        };
        head.revision += 1;
        head.time_ms = head.time_ms.max(commit.time_ms);
        for (change, old) in changes.iter().zip(olds) {
            replace(connection, realm, &mut head, change, old)?;
        }
        advance(connection, &head)?;
    }
    if let Some(frame) = frame {
        outbox::put(connection, &frame)?;
    }
    Ok(Ok(commit.expected + 1))
}

/// A live record: its row and checksum.
type Live = (i64, u128);

/// The live record that each change is about, if there is one.
fn olds(
    connection: &Connection,
    head: Option<&Head>,
    changes: &[Change],
) -> Result<Result<Vec<Option<Live>>, Refusal>, Error> {
    let mut olds = Vec::with_capacity(changes.len());
    for change in changes {
        let old = head.map_or(Ok(None), |head| live(connection, head.id, change))?;
        if old.is_none() && change.body.is_none() {
            return Ok(Err(Refusal::Invalid("a record ends that does not exist")));
        }
        olds.push(old);
    }
    Ok(Ok(olds))
}

fn head(connection: &Connection, realm: &RealmId) -> Result<Option<Head>, Error> {
    connection
        .prepare_cached("SELECT id, revision, time_ms, sum FROM realm WHERE name = ?1")?
        .query_row([realm.as_str()], |row| {
            let sum = u128::from_le_bytes(row.get(3)?);
            Ok(Head { id: row.get(0)?, revision: row.get(1)?, time_ms: row.get(2)?, sum })
        })
        .optional()
}

fn create(connection: &Connection, realm: &RealmId) -> Result<Head, Error> {
    let sum = 0_u128;
    connection
        .prepare_cached("INSERT INTO realm (name, revision, time_ms, sum) VALUES (?1, 0, 0, ?2)")?
        .execute(params![realm.as_str(), sum.to_le_bytes()])?;
    Ok(Head { id: connection.last_insert_rowid(), revision: 0, time_ms: i64::MIN, sum })
}

/// Records the new head and how it came about.
fn advance(connection: &Connection, head: &Head) -> Result<(), Error> {
    let Head { id, revision, time_ms, sum } = head;
    connection
        .prepare_cached("UPDATE realm SET revision = ?2, time_ms = ?3, sum = ?4 WHERE id = ?1")?
        .execute(params![id, revision, time_ms, sum.to_le_bytes()])?;
    connection
        .prepare_cached("INSERT INTO revision (realm, revision, time_ms, sum) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, revision, time_ms, sum.to_le_bytes()])?;
    Ok(())
}

/// The live record that a change is about.
fn live(connection: &Connection, realm: i64, change: &Change) -> Result<Option<Live>, Error> {
    connection
        .prepare_cached(
            "SELECT id, sum FROM record INDEXED BY record_by_end
             WHERE realm = ?1 AND revision_to = ?2 AND kind = ?3 AND key = ?4",
        )?
        .query_row(params![realm, LIVE, change.kind, change.key], |row| {
            Ok((row.get(0)?, u128::from_le_bytes(row.get(1)?)))
        })
        .optional()
}

/// Ends the old record, begins the new one.
fn replace(
    connection: &Connection,
    realm: &RealmId,
    head: &mut Head,
    change: &Change,
    old: Option<Live>,
) -> Result<(), Error> {
    if let Some((id, sum)) = old {
        connection
            .prepare_cached("UPDATE record SET revision_to = ?2 WHERE id = ?1")?
            .execute(params![id, head.revision])?;
        head.sum = head.sum.wrapping_sub(sum);
    }
    if let Some(body) = &change.body {
        let sum = digest::record(realm, change.kind, &change.key, head.revision.unsigned_abs(), body);
        connection
            .prepare_cached(
                "INSERT INTO record (realm, revision_from, revision_to, kind, key, sum, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![head.id, head.revision, LIVE, change.kind, change.key, sum.to_le_bytes(), body])?;
        head.sum = head.sum.wrapping_add(sum);
    }
    Ok(())
}

pub(super) fn put_setting(connection: &Connection, key: &str, value: &[u8]) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO setting (key, sum, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET sum = excluded.sum, value = excluded.value",
        )?
        .execute(params![key, digest::bytes(value), value])?;
    Ok(())
}
