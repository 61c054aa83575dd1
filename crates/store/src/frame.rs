//! Events in their binary form, in which they lie in the node's log, the outbox and the event store alike.
//!
//! A frame is the length of its content (4 bytes), the length's complement (4 bytes), the content's CRC-32 (4 bytes)
//! and the content: the time, a byte whose lowest bits say which optional texts follow and whether the event is
//! read-only, the texts each after its length, and the body. All numbers are little-endian.

use crate::{Event, MAX_EVENT_BYTES};

/// No frame is longer.
pub(crate) const MAX_FRAME: usize = MAX_EVENT_BYTES + (64 << 10);
const HEADER: usize = 12;

/// An event in its binary form, checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The whole frame.
    pub(crate) bytes: &'a [u8],
    pub(crate) time_ms: i64,
    pub(crate) id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
    pub(crate) source: &'a str,
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) user_name: Option<&'a str>,
    pub(crate) principal: Option<&'a str>,
    pub(crate) decision: Option<&'a str>,
    pub(crate) read_only: bool,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The event.
    pub fn event(&self) -> Event {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Event {
            id: self.id.to_owned(),
            time_ms: self.time_ms,
            account: self.account.to_owned(),
            name: self.name.to_owned(),
            source: self.source.to_owned(),
            access_key_id: own(self.access_key_id),
            user_name: own(self.user_name),
            principal: own(self.principal),
            decision: own(self.decision),
            read_only: self.read_only,
            body: self.body.to_vec(),
        }
    }

    /// The frame with this content.
    fn read(bytes: &'a [u8], mut content: &'a [u8]) -> Option<Self> {
        let rest = &mut content;
        let time_ms = i64::from_le_bytes(take(rest)?);
        let [flags] = take(rest)?;
        let (id, account, name, source) = (text(rest)?, text(rest)?, text(rest)?, text(rest)?);
        let mut optional = |bit: u8| match flags >> bit & 1 {
            0 => Some(None),
            _ => text(rest).map(Some),
        };
        let access_key_id = optional(0)?;
        let user_name = optional(1)?;
        let decision = optional(2)?;
        let principal = optional(3)?;
        let (read_only, body) = (flags >> 4 & 1 == 1, content);
        Some(Self {
            bytes,
            time_ms,
            id,
            account,
            name,
            source,
            access_key_id,
            user_name,
            principal,
            decision,
            read_only,
            body,
        })
    }
}

/// An event's frame; `None` where it passes a limit.
pub(crate) fn encode(event: &Event) -> Option<Vec<u8>> {
    if !event.fits() {
        return None;
    }
    let optional = [&event.access_key_id, &event.user_name, &event.decision, &event.principal].map(Option::as_deref);
    let flags = optional.map(|text| text.is_some()).into_iter().chain([event.read_only]);
    let flags = flags.enumerate().fold(0, |byte, (bit, flag)| byte | u8::from(flag) << bit);
    let texts = [&event.id, &event.account, &event.name, &event.source].map(|text| Some(text.as_str()));

    let mut frame = Vec::with_capacity(HEADER + 256 + event.body.len());
    frame.extend_from_slice(&[0; HEADER]);
    frame.extend_from_slice(&event.time_ms.to_le_bytes());
    frame.push(flags);
    for text in texts.into_iter().chain(optional).flatten() {
        frame.extend_from_slice(&u16::try_from(text.len()).ok()?.to_le_bytes());
        frame.extend_from_slice(text.as_bytes());
    }
    frame.extend_from_slice(&event.body);

    let (header, content) = frame.split_first_chunk_mut::<HEADER>()?;
    let length = u32::try_from(content.len()).ok()?;
    let [a, b, c] = [length, !length, crc32fast::hash(content)].map(u32::to_le_bytes);
    header.copy_from_slice([a, b, c].as_flattened());
    Some(frame)
}

/// What is found at the beginning of some bytes.
pub(crate) enum Found<'a> {
    /// An event.
    Frame(Frame<'a>),
    /// No event, though there should be one; the next one can begin after this many bytes.
    Damage(usize),
    /// The beginning of a frame, or nothing.
    Short,
}

/// Reads one frame.
pub(crate) fn decode(bytes: &[u8]) -> Found<'_> {
    let (words, _) = bytes.as_chunks::<4>();
    let (Some(&[length, complement, sum]), Some(rest)) = (words.first_chunk(), bytes.get(HEADER..)) else {
        return Found::Short;
    };
    let [length, complement, sum] = [length, complement, sum].map(u32::from_le_bytes);
    let length = match usize::try_from(length) {
        Ok(usable) if complement == !length && usable <= MAX_FRAME - HEADER => usable,
        _ => {
            // A file system that lost power can leave zeros where bytes were about to be. A length can begin with some.
            let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
            return if zeros == bytes.len() { Found::Short } else { Found::Damage(zeros.saturating_sub(3).max(1)) };
        }
    };
    let (Some(content), Some(whole)) = (rest.get(..length), bytes.get(..HEADER + length)) else { return Found::Short };
    match Frame::read(whole, content) {
        Some(frame) if crc32fast::hash(content) == sum => Found::Frame(frame),
        _ => Found::Damage(HEADER + length),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::from(u16::from_le_bytes(take(bytes)?));
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}
