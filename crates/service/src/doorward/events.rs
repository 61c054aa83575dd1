//! The audit trail as a stream: ListEvents, behind `doorward audit tail`.

use doorward_directory::Account;
use doorward_shapes::doorward::{self as api, error};
use doorward_shapes::{Error, common};
use doorward_store::{Cursor, EventFilter, Order};
use serde_json::Value;

use crate::cx::Cx;
use crate::op::Op;

const DEFAULT_LIMIT: usize = 100;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read("ListEvents", |scope, _: &api::ListEventsRequest| Ok(vec![scope.any()]), list_events)]
}

/// Events in the order of their arrival, so that whoever follows misses none: those after a place, or the last ones. All
/// accounts' for the operator's principals, their own account's for others.
fn list_events(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListEventsRequest,
) -> Result<api::ListEventsResponse, Error> {
    let after = input.after.as_deref().map(parsed).transpose()?;
    if input.last.is_some() && (after.is_some() || input.limit.is_some()) {
        return Err(error::validation("Give either `last`, or `after` and `limit`."));
    }
    let filter = EventFilter {
        after,
        order: if input.last.is_some() { Order::Newest } else { Order::Arrival },
        limit: input.last.or(input.limit).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT),
        account: (account.id() != cx.doorward.operator()).then(|| account.id().to_owned()),
        ..EventFilter::default()
    };
    let page = cx.doorward.store().events(&filter).map_err(|failed| {
        tracing::error!(error = %failed, "the audit events could not be read");
        common::service_unavailable("The audit events could not be read.")
    })?;
    let mut found = page.events;
    let mut seen = page.seen.or(after);
    if input.last.is_some() {
        found.sort_by_key(|(cursor, _)| cursor.sequence);
        seen = found.last().map(|(cursor, _)| *cursor);
    }
    let event = |(_, event): &(Cursor, doorward_store::Event)| serde_json::from_slice::<Value>(&event.body).ok();
    Ok(api::ListEventsResponse {
        events: found.iter().filter_map(event).collect(),
        next: seen.map(|cursor| format!("{}.{}", cursor.time_ms, cursor.sequence)),
    })
}

fn parsed(text: &str) -> Result<Cursor, Error> {
    let cursor = text
        .split_once('.')
        .and_then(|(time, sequence)| Some(Cursor { time_ms: time.parse().ok()?, sequence: sequence.parse().ok()? }));
    cursor.ok_or_else(|| error::validation("`after` must be what `next` of an earlier answer was."))
}
