//! Audit events as the store sees them: a JSON body and the fields it can be found by.

use std::fmt;

use crate::digest;

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
        self.texts().into_iter().flatten().all(|text| text.len() <= MAX_FIELD_BYTES)
            && self.body.len() <= MAX_EVENT_BYTES
    }

    fn texts(&self) -> [Option<&str>; 7] {
        [
            Some(&self.id),
            Some(&self.account),
            Some(&self.name),
            Some(&self.source),
            self.access_key_id.as_deref(),
            self.user_name.as_deref(),
            self.decision.as_deref(),
        ]
    }

    /// Appends the event in its binary form: the time, a byte whose lowest bits say which optional parts follow and
    /// whether it is read-only, the texts each after its length, and the body up to the end.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let [.., key, user, decision] = self.texts();
        let flags = [key.is_some(), user.is_some(), decision.is_some(), self.read_only];
        out.extend_from_slice(&self.time_ms.to_le_bytes());
        out.push(flags.iter().rev().fold(0, |byte, &flag| byte << 1 | u8::from(flag)));
        for text in self.texts().into_iter().flatten() {
            // A text longer than its limit never comes this far; a length that saturates would fail to decode.
            out.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&self.body);
    }

    /// Reads what [`Event::encode`] wrote.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let time_ms = i64::from_le_bytes(take(&mut bytes)?);
        let [flags] = take(&mut bytes)?;
        let id = take_text(&mut bytes)?;
        let account = take_text(&mut bytes)?;
        let name = take_text(&mut bytes)?;
        let source = take_text(&mut bytes)?;
        let mut optional = |bit: u8| match flags >> bit & 1 {
            0 => Some(None),
            _ => take_text(&mut bytes).map(Some),
        };
        let access_key_id = optional(0)?;
        let user_name = optional(1)?;
        let decision = optional(2)?;
        let read_only = flags >> 3 & 1 == 1;
        let body = bytes.to_vec();
        Some(Self { id, time_ms, account, name, source, access_key_id, user_name, decision, read_only, body })
    }

    /// A checksum of the whole event.
    pub(crate) fn sum(&self) -> i64 {
        let mut bytes = Vec::with_capacity(self.body.len() + 256);
        self.encode(&mut bytes);
        digest::bytes(&bytes)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes(take(bytes)?));
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(std::str::from_utf8(text).ok()?.to_owned())
}

/// A place in the event store. Good for the order it was returned in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The event's time, in milliseconds since 1970.
    pub time_ms: i64,
    /// Its number in the order of arrival.
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
///
/// Without an account, access key, decision or id to go by, `Newest` and `Oldest` walk in the order of arrival,
/// backwards or forwards.
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
    /// The last place that was looked at, whether or not it matched: go on `after` it.
    pub seen: Option<Cursor>,
    /// Whether there is more to look at.
    pub more: bool,
    /// How many events were left out because they no longer agree with their checksum.
    pub damaged: usize,
}
