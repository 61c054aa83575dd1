//! Looking up events: which index serves a filter, and the bounded walk along it.

use rusqlite::types::Value;
use rusqlite::{Connection, Error, Row, params_from_iter};

use super::events::{columns, read};
use crate::{Cursor, Event, EventFilter, Order, Page};

/// The largest page.
const MAX_PAGE: usize = 1_000;
/// How many events one call looks at, matching or not.
const MAX_WALK: usize = 20_000;

/// The events that match, as far as one walk comes.
pub(super) fn page(connection: &Connection, filter: &EventFilter) -> Result<Page, Error> {
    let Walk { sql, values } = walk(filter);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let limit = filter.limit.min(MAX_PAGE);
    let mut page = Page::default();
    let mut walked = 0;
    while let Some(row) = rows.next()? {
        if page.events.len() >= limit || walked >= MAX_WALK {
            page.more = true;
            break;
        }
        walked += 1;
        let cursor = Cursor { time_ms: row.get(1)?, sequence: row.get(11)? };
        page.seen = Some(cursor);
        if matches(filter, row)? {
            match undamaged(row) {
                Some(event) => page.events.push((cursor, event)),
                None => page.damaged += 1,
            }
        }
    }
    Ok(page)
}

fn undamaged(row: &Row<'_>) -> Option<Event> {
    read(row).ok().filter(|(event, sum)| event.sum() == *sum).map(|(event, _)| event)
}

/// Checks the whole filter, also what the index has answered already: the columns are at hand.
fn matches(filter: &EventFilter, row: &Row<'_>) -> Result<bool, Error> {
    let time_ms = row.get::<_, i64>(1)?;
    let texts = [
        (0, &filter.id),
        (2, &filter.account),
        (3, &filter.name),
        (4, &filter.source),
        (5, &filter.access_key_id),
        (6, &filter.user_name),
        (7, &filter.decision),
    ];
    for (column, wanted) in texts {
        if let Some(wanted) = wanted
            && row.get_ref(column)?.as_str_or_null()? != Some(wanted)
        {
            return Ok(false);
        }
    }
    let read_only = row.get::<_, bool>(8)?;
    Ok(filter.read_only.is_none_or(|wanted| wanted == read_only)
        && filter.from_ms.is_none_or(|from| from <= time_ms)
        && filter.until_ms.is_none_or(|until| time_ms <= until))
}

struct Walk {
    sql: String,
    values: Vec<Value>,
}

/// Chooses the index whose events are fewest, and the part of it that the order and times leave.
fn walk(filter: &EventFilter) -> Walk {
    let EventFilter { id, account, name, access_key_id, user_name, decision, .. } = filter;
    let (index, keys) = match () {
        _ if let Some(id) = id => ("event_by_id", vec![("id", id)]),
        // A stream is followed along one line, whatever it is filtered by.
        _ if filter.order == Order::Arrival => return arrivals(filter),
        _ if let Some(decision) = decision => ("event_by_decision", vec![("decision", decision)]),
        _ if let Some(key) = access_key_id => ("event_by_access_key", vec![("access_key_id", key)]),
        _ => match (account, user_name, name) {
            (Some(account), Some(user), _) => ("event_by_user", vec![("account", account), ("user_name", user)]),
            (Some(account), None, Some(name)) => ("event_by_name", vec![("account", account), ("name", name)]),
            (Some(account), None, None) => ("event_by_account", vec![("account", account)]),
            (None, ..) => return arrivals(filter),
        },
    };
    let newest = filter.order == Order::Newest;
    let (mut low, mut high) = (filter.from_ms.unwrap_or(i64::MIN), filter.until_ms.unwrap_or(i64::MAX));
    let start = filter.after.unwrap_or(if newest {
        Cursor { time_ms: i64::MAX, sequence: i64::MAX }
    } else {
        Cursor { time_ms: i64::MIN, sequence: i64::MIN }
    });
    // The bounds on the time let the index start at the cursor; the pair decides among events of one millisecond.
    let (beyond, direction) = if newest { ("<", "DESC") } else { (">", "ASC") };
    if newest {
        high = high.min(start.time_ms);
    } else {
        low = low.max(start.time_ms);
    }
    let mut values: Vec<Value> = keys.iter().map(|(_, value)| Value::Text((*value).clone())).collect();
    values.extend([low, high, start.time_ms, start.sequence].map(Value::Integer));
    let conditions: String = keys.iter().map(|(column, _)| format!("{column} = ? AND ")).collect();
    let sql = format!(
        "SELECT {columns}, seq FROM event INDEXED BY {index}
         WHERE {conditions} time_ms BETWEEN ? AND ? AND (time_ms, seq) {beyond} (?, ?)
         ORDER BY time_ms {direction}, seq {direction}",
        columns = columns!(),
    );
    Walk { sql, values }
}

fn arrivals(filter: &EventFilter) -> Walk {
    let newest = filter.order == Order::Newest;
    let start = filter.after.map_or(if newest { i64::MAX } else { i64::MIN }, |cursor| cursor.sequence);
    let (beyond, direction) = if newest { ("<", "DESC") } else { (">", "ASC") };
    let sql = format!("SELECT {}, seq FROM event WHERE seq {beyond} ? ORDER BY seq {direction}", columns!());
    Walk { sql, values: vec![Value::Integer(start)] }
}
