//! How events lie in a segment file: one after the other, each behind its length (4 bytes), the length's complement
//! (4 bytes) and its checksum (8 bytes), all little-endian.

use crate::{Event, MAX_EVENT_BYTES, digest};

/// The first bytes of every segment file.
pub(super) const MAGIC: &[u8; 8] = b"DWEVENT1";
/// No frame is longer.
pub(super) const MAX_FRAME: usize = MAX_EVENT_BYTES + (64 << 10);
const HEADER: usize = 16;

/// An event's frame; `None` where a limit is passed.
pub(super) fn encode(event: &Event) -> Option<Vec<u8>> {
    if !event.fits() {
        return None;
    }
    let mut frame = Vec::with_capacity(HEADER + event.body.len() + 256);
    frame.extend_from_slice(&[0; HEADER]);
    event.encode(&mut frame);
    let (header, payload) = frame.split_first_chunk_mut::<HEADER>()?;
    let length = u32::try_from(payload.len()).ok()?;
    let sum = digest::bytes(payload);
    *header = (u128::from(length) | u128::from(!length) << 32 | u128::from(sum.cast_unsigned()) << 64).to_le_bytes();
    Some(frame)
}

/// What is found at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An event, and the length of its frame.
    Event(Box<Event>, usize),
    /// No event, though there should be one; the next one can begin after this many bytes.
    Damage(usize),
    /// The beginning of a frame, or nothing.
    Short,
}

/// Reads one frame.
pub(super) fn decode(bytes: &[u8]) -> Found {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Found::Short };
    let header = u128::from_le_bytes(*header);
    let [length, complement] = [header, header >> 32].map(|part| u32::try_from(part & 0xffff_ffff).unwrap_or(0));
    let length = match usize::try_from(length) {
        Ok(usable) if complement == !length && usable <= MAX_FRAME - HEADER => usable,
        _ => {
            // A file system that lost power can leave zeros where bytes were about to be. A length can begin with some.
            let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
            return if zeros == bytes.len() { Found::Short } else { Found::Damage(zeros.saturating_sub(3).max(1)) };
        }
    };
    let Some(payload) = rest.get(..length) else { return Found::Short };
    let sum = u64::try_from(header >> 64).unwrap_or(0).cast_signed();
    match Event::decode(payload) {
        Some(event) if digest::bytes(payload) == sum => Found::Event(Box::new(event), HEADER + length),
        _ => Found::Damage(HEADER + length),
    }
}
