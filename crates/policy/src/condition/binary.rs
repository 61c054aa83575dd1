//! Binary values are base64 text; equal bytes have equal text in its one canonical form.

/// Whether the text is base64 with padding and without stray bits behind the last byte.
pub(super) fn is_canonical(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let stray_bits = match padding {
        0 => 0,
        1 => 0b11,
        2 => 0b1111,
        _ => return false,
    };
    let well_formed = text.len().is_multiple_of(4) && digits.bytes().all(|digit| sextet(digit).is_some());
    let last = digits.bytes().last().and_then(sextet).unwrap_or_default();
    well_formed && last & stray_bits == 0
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
