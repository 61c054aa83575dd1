//! The event store's writing side: events become blocks, and the blocks are found by terms.

use std::collections::HashSet;

use rusqlite::types::Value;
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::{Frame, digest};

/// The events of one block are at most this far apart, in milliseconds.
pub(super) const SPAN_MS: i64 = 1_000;
/// A block of this size takes no more events, in bytes.
const BLOCK_BYTES: usize = 128 << 10;
/// A block's events are numbered with so many bits.
const NUMBER_BITS: u32 = 16;

/// The number of a block's n-th event among all events.
pub(super) fn sequence(block: i64, n: usize) -> i64 {
    block << NUMBER_BITS | i64::try_from(n).unwrap_or(0)
}

/// The block of a numbered event.
pub(super) fn block_of(sequence: i64) -> i64 {
    sequence >> NUMBER_BITS
}

/// Adds those events that are not there yet.
pub(super) fn append(connection: &Connection, events: &[Frame<'_>]) -> Result<(), Error> {
    let mut places =
        connection.prepare_cached("INSERT INTO place (id, block) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?;
    let mut block = Block::after(last(connection)?);
    for event in events {
        if block.is_full(event) {
            block.write(connection)?;
            block.clear();
        }
        let added = match uuid(event.id) {
            Some(bytes) => places.execute(params![bytes, block.seq])?,
            None => places.execute(params![event.id, block.seq])?,
        };
        if added == 1 {
            block.add(event);
        }
    }
    block.write(connection)
}

/// The last block that there ever was.
fn last(connection: &Connection) -> Result<i64, Error> {
    let last = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'block'")?
        .query_row((), |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// An event's id as `place` knows it: a UUID as 16 bytes, which is half the size and keeps the order of time.
pub(super) fn place_id(id: &str) -> Value {
    uuid(id).map_or_else(|| Value::Text(id.to_owned()), |bytes| Value::Blob(bytes.to_vec()))
}

/// A UUID in the one form that is also written.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let (mut number, mut dashes) = (0_u128, 0);
    for (at, byte) in text.iter().enumerate() {
        let digit = match byte {
            b'-' if matches!(at, 8 | 13 | 18 | 23) => {
                dashes += 1;
                continue;
            }
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    (dashes == 4).then_some(number.to_be_bytes())
}

/// What blocks are found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Term<'a> {
    All,
    Account(&'a str),
    Name { account: &'a str, name: &'a str },
    User { account: &'a str, name: &'a str },
    Principal(&'a str),
    AccessKey(&'a str),
    Decision(&'a str),
}

impl Term<'_> {
    /// The number that stands for the term. Two terms with the same number would only let more blocks be read.
    pub(super) fn number(self) -> i64 {
        let (kind, account, text) = match self {
            Self::All => ("", "", ""),
            Self::Account(account) => ("account", account, ""),
            Self::Name { account, name } => ("name", account, name),
            Self::User { account, name } => ("user", account, name),
            Self::AccessKey(key) => ("key", "", key),
            Self::Principal(id) => ("principal", "", id),
            Self::Decision(decision) => ("decision", "", decision),
        };
        digest::bytes([kind, account, text].join("\0").as_bytes())
    }
}

/// A block in the making.
struct Block<'a> {
    seq: i64,
    count: usize,
    from_ms: i64,
    until_ms: i64,
    frames: Vec<u8>,
    terms: HashSet<Term<'a>>,
}

impl<'a> Block<'a> {
    fn after(last: i64) -> Self {
        let (from_ms, until_ms) = (i64::MAX, i64::MIN);
        Self { seq: last + 1, count: 0, from_ms, until_ms, frames: Vec::new(), terms: HashSet::new() }
    }

    /// Begins the next block.
    fn clear(&mut self) {
        self.seq += 1;
        (self.count, self.from_ms, self.until_ms) = (0, i64::MAX, i64::MIN);
        self.frames.clear();
        self.terms.clear();
    }

    /// Whether this event belongs into the next block.
    fn is_full(&self, event: &Frame<'_>) -> bool {
        let span = self.until_ms.max(event.time_ms).saturating_sub(self.from_ms.min(event.time_ms));
        self.count > 0 && (self.frames.len() >= BLOCK_BYTES || span > SPAN_MS)
    }

    fn add(&mut self, event: &Frame<'a>) {
        self.count += 1;
        self.from_ms = self.from_ms.min(event.time_ms);
        self.until_ms = self.until_ms.max(event.time_ms);
        self.frames.extend_from_slice(event.bytes);
        let account = event.account;
        let terms = [Term::All, Term::Account(account), Term::Name { account, name: event.name }];
        self.terms.extend(terms);
        self.terms.extend(event.user_name.map(|name| Term::User { account, name }));
        self.terms.extend(event.access_key_id.map(Term::AccessKey));
        self.terms.extend(event.principal.map(Term::Principal));
        self.terms.extend(event.decision.map(Term::Decision));
    }

    fn write(&self, connection: &Connection) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        connection
            .prepare_cached("INSERT INTO block (seq, frames) VALUES (?1, ?2)")?
            .execute(params![self.seq, self.frames])?;
        let mut statement = connection
            .prepare_cached("INSERT OR IGNORE INTO term (term, until_ms, block, from_ms) VALUES (?1, ?2, ?3, ?4)")?;
        for term in &self.terms {
            statement.execute(params![term.number(), self.until_ms, self.seq, self.from_ms])?;
        }
        Ok(())
    }
}
