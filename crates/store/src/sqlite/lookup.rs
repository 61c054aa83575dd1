//! Looking up events: which blocks can hold matching ones, and the merge of their events into one order.

use rusqlite::{Connection, Error, OptionalExtension, params};

use super::events::{SPAN_MS, Term, block_of, place_id, sequence};
use crate::frame::{self, Found};
use crate::{Cursor, Event, EventFilter, Frame, Order, Page};

/// The largest page.
const MAX_PAGE: usize = 1_000;
/// About how many events one call looks at, matching or not.
const MAX_WALK: usize = 20_000;

/// The events that match, as far as one walk comes.
pub(super) fn page(connection: &Connection, filter: &EventFilter) -> Result<Page, Error> {
    let page = Page { seen: filter.after, ..Page::default() };
    let limit = filter.limit.min(MAX_PAGE);
    let mut walk = Walk { connection, filter, limit, found: Vec::new(), last: None, walked: 0, page };
    match (&filter.id, filter.order) {
        (Some(id), _) => walk.one(id)?,
        (None, Order::Arrival) => walk.by_arrival()?,
        (None, Order::Newest | Order::Oldest) => walk.by_time()?,
    }
    Ok(walk.page)
}

macro_rules! blocks_of_term {
    () => {
        "SELECT until_ms, block FROM term WHERE term = ?1 AND until_ms BETWEEN ?2 AND ?3 AND from_ms <= ?4"
    };
}
/// A place in the order that is walked. Whatever the order, the walk goes from smaller ranks to larger ones.
type Rank = (i64, i64);

struct Walk<'a> {
    connection: &'a Connection,
    filter: &'a EventFilter,
    limit: usize,
    /// Matching events that others can still precede.
    found: Vec<(Cursor, Event)>,
    /// The last event that was looked at.
    last: Option<Cursor>,
    /// How many were looked at.
    walked: usize,
    page: Page,
}

impl Walk<'_> {
    fn one(&mut self, id: &str) -> Result<(), Error> {
        let block = self
            .connection
            .prepare_cached("SELECT block FROM place WHERE id = ?1")?
            .query_row([place_id(id)], |row| row.get(0))
            .optional()?;
        if let Some(block) = block {
            self.read(block)?;
            self.emit_all();
        }
        Ok(())
    }

    fn by_arrival(&mut self) -> Result<(), Error> {
        let first = self.filter.after.map_or(i64::MIN, |after| block_of(after.sequence));
        let mut blocks = self.connection.prepare_cached("SELECT seq FROM block WHERE seq >= ?1 ORDER BY seq")?;
        let mut rows = blocks.query([first])?;
        while let Some(row) = rows.next()? {
            if self.walked >= MAX_WALK {
                self.page.more = true;
                return Ok(());
            }
            self.read(row.get(0)?)?;
            if self.emit_all() {
                return Ok(());
            }
            if let Some(last) = self.last.filter(|last| self.is_ahead(*last)) {
                self.page.seen = Some(last);
            }
        }
        Ok(())
    }

    /// Reads the blocks of one term by the times of their last events. As their first ones are no more than a span
    /// before these, an event is due once it precedes the earliest that a further block can hold.
    fn by_time(&mut self) -> Result<(), Error> {
        let newest = self.filter.order == Order::Newest;
        let after_ms = self.filter.after.map(|after| after.time_ms);
        let from_ms = self.filter.from_ms.max(after_ms.filter(|_| !newest)).unwrap_or(i64::MIN);
        let until_ms = self.filter.until_ms.unwrap_or(i64::MAX).min(after_ms.filter(|_| newest).unwrap_or(i64::MAX));
        let mut blocks = self.connection.prepare_cached(match newest {
            true => concat!(blocks_of_term!(), " ORDER BY until_ms DESC, block DESC"),
            false => concat!(blocks_of_term!(), " ORDER BY until_ms, block"),
        })?;
        let term = term(self.filter).number();
        let mut rows = blocks.query(params![term, from_ms, until_ms.saturating_add(SPAN_MS), until_ms])?;
        while let Some(row) = rows.next()? {
            let last_ms: i64 = row.get(0)?;
            let due = match newest {
                true => Cursor { time_ms: last_ms, sequence: i64::MAX },
                false => Cursor { time_ms: last_ms.saturating_sub(SPAN_MS), sequence: i64::MIN },
            };
            if self.emit(self.rank(due)) {
                return Ok(());
            }
            if self.walked >= MAX_WALK && self.is_ahead(due) {
                (self.page.seen, self.page.more) = (Some(due), true);
                return Ok(());
            }
            self.read(row.get(1)?)?;
        }
        self.emit_all();
        Ok(())
    }

    /// Looks at the events of a block.
    fn read(&mut self, block: i64) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached("SELECT frames FROM block WHERE seq = ?1")?;
        let frames: Option<Vec<u8>> = statement.query_row([block], |row| row.get(0)).optional()?;
        let frames = frames.unwrap_or_default();
        let (mut rest, mut n, mut damaged) = (frames.as_slice(), 0, frames.is_empty());
        while !rest.is_empty() {
            let length = match frame::decode(rest) {
                Found::Frame(frame) => {
                    let cursor = Cursor { time_ms: frame.time_ms, sequence: sequence(block, n) };
                    if self.is_ahead(cursor) && matches(self.filter, &frame) {
                        self.found.push((cursor, frame.event()));
                    }
                    self.last = Some(cursor);
                    n += 1;
                    frame.bytes.len()
                }
                Found::Damage(length) => {
                    damaged = true;
                    length
                }
                Found::Short => {
                    damaged = true;
                    rest.len()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        self.walked += n;
        self.page.damaged += usize::from(damaged);
        Ok(())
    }

    fn rank(&self, cursor: Cursor) -> Rank {
        match self.filter.order {
            Order::Oldest => (cursor.time_ms, cursor.sequence),
            Order::Newest => (!cursor.time_ms, !cursor.sequence),
            Order::Arrival => (0, cursor.sequence),
        }
    }

    fn is_ahead(&self, cursor: Cursor) -> bool {
        self.filter.after.is_none_or(|after| self.rank(cursor) > self.rank(after))
    }

    /// Moves what is due to the page. Says whether the page is full and there is more.
    fn emit(&mut self, due: Rank) -> bool {
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable_by_key(|(cursor, _)| std::cmp::Reverse(self.rank(*cursor)));
        while let Some((cursor, event)) = found.pop_if(|(cursor, _)| self.rank(*cursor) <= due) {
            if self.page.events.len() >= self.limit {
                self.page.more = true;
                return true;
            }
            self.page.seen = Some(cursor);
            self.page.events.push((cursor, event));
        }
        self.found = found;
        false
    }

    fn emit_all(&mut self) -> bool {
        self.emit((i64::MAX, i64::MAX))
    }
}

/// The term of the filter that tells the most.
fn term(filter: &EventFilter) -> Term<'_> {
    let EventFilter { account, name, access_key_id, user_name, principal, decision, .. } = filter;
    match (decision, access_key_id, principal) {
        (Some(decision), ..) => return Term::Decision(decision),
        (_, Some(key), _) => return Term::AccessKey(key),
        (.., Some(id)) => return Term::Principal(id),
        _ => {}
    }
    match (account, user_name, name) {
        (Some(account), Some(name), _) => Term::User { account, name },
        (Some(account), None, Some(name)) => Term::Name { account, name },
        (Some(account), None, None) => Term::Account(account),
        _ => Term::All,
    }
}

fn matches(filter: &EventFilter, event: &Frame<'_>) -> bool {
    let wants = |wanted: &Option<String>, found| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
    wants(&filter.id, Some(event.id))
        && wants(&filter.account, Some(event.account))
        && wants(&filter.name, Some(event.name))
        && wants(&filter.source, Some(event.source))
        && wants(&filter.access_key_id, event.access_key_id)
        && wants(&filter.user_name, event.user_name)
        && wants(&filter.principal, event.principal)
        && wants(&filter.decision, event.decision)
        && filter.read_only.is_none_or(|wanted| wanted == event.read_only)
        && filter.from_ms.is_none_or(|from| from <= event.time_ms)
        && filter.until_ms.is_none_or(|until| event.time_ms <= until)
}
