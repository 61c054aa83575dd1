//! Audit events as the store sees them: a JSON body and the fields it can be found by.

use std::fmt;

/// The largest body of an event, in bytes.
pub const MAX_EVENT_BYTES: usize = 256 << 10;
const MAX_FIELD_BYTES: usize = 4_096;

/// One audit event.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// Names the event for ever: adding it a second time changes nothing. Ids that begin with the time (UUID version
    /// 7) keep the event store's index compact.
    pub id: String,
    /// When it happened, in milliseconds since 1970.
    pub time_ms: i64,
    /// The account that it belongs to.
    pub account: String,
    /// CloudTrail's `eventName`.
    pub name: String,
    /// CloudTrail's `eventSource`.
    pub source: String,
    /// The access key that signed the call.
    pub access_key_id: Option<String>,
    /// CloudTrail's `Username` look-up attribute.
    pub user_name: Option<String>,
    /// The unique id of the user or role that called.
    pub principal: Option<String>,
    /// The id of the decision that the event records.
    pub decision: Option<String>,
    /// CloudTrail's `readOnly`.
    pub read_only: bool,
    /// The whole event as JSON.
    pub body: Vec<u8>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} at {} ({} bytes)", self.id, self.account, self.name, self.time_ms, self.body.len())
    }
}

impl Event {
    /// Whether all parts keep their limits.
    pub(crate) fn fits(&self) -> bool {
        let Self { id, account, name, source, access_key_id, user_name, principal, decision, .. } = self;
        let optional = [access_key_id, user_name, decision, principal].into_iter().flatten();
        [id, account, name, source].into_iter().chain(optional).all(|text| text.len() <= MAX_FIELD_BYTES)
            && self.body.len() <= MAX_EVENT_BYTES
    }
}

/// A place among the events. Good for the order it was returned in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The event's time, in milliseconds since 1970.
    pub time_ms: i64,
    /// Its number, which tells events of the same time apart. Those that arrived later have larger ones.
    pub sequence: i64,
}

/// The order in which events are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// By time, the newest first.
    #[default]
    Newest,
    /// By time, the oldest first.
    Oldest,
    /// As they reached the event store. Whoever follows the stream misses no late-comer in this order.
    Arrival,
}

/// Which events to look up: those that match everything given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only what comes after this place in the order.
    pub after: Option<Cursor>,
    /// The order.
    pub order: Order,
    /// The largest number of events to return; at most 1,000 are.
    pub limit: usize,
    /// [`Event::id`]
    pub id: Option<String>,
    /// [`Event::account`]
    pub account: Option<String>,
    /// [`Event::name`]
    pub name: Option<String>,
    /// [`Event::source`]
    pub source: Option<String>,
    /// [`Event::access_key_id`]
    pub access_key_id: Option<String>,
    /// [`Event::user_name`]
    pub user_name: Option<String>,
    /// [`Event::principal`]
    pub principal: Option<String>,
    /// [`Event::decision`]
    pub decision: Option<String>,
    /// [`Event::read_only`]
    pub read_only: Option<bool>,
    /// The earliest time, itself included, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// The latest time, itself included, in milliseconds since 1970.
    pub until_ms: Option<i64>,
}

/// What one look-up found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The events, each with its place.
    pub events: Vec<(Cursor, Event)>,
    /// Up to where the walk came, whether or not there was a match: go on `after` it.
    pub seen: Option<Cursor>,
    /// Whether there is more to look at.
    pub more: bool,
    /// How many places were met where events no longer agree with their checksum, and were left out.
    pub damaged: usize,
}
