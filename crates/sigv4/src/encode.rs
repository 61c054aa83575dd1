//! Percent-encoding as Signature Version 4 wants it, and hexadecimal digits.

use std::borrow::Cow;

/// The unreserved characters of RFC 3986: the only ones that stand for themselves in a canonical request.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

/// The text with every byte escaped that is not kept. Only ASCII may be kept.
pub(crate) fn encode(text: &str, keep: impl Fn(u8) -> bool) -> Cow<'_, str> {
    if text.bytes().all(&keep) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if keep(byte) { out.push(char::from(byte)) } else { escape(byte, &mut out) }
    }
    Cow::Owned(out)
}

/// The text decoded and encoded again, so that all spellings of one text become the same. What is kept stands for itself
/// where it was not escaped; an escape stays one unless it was needless. `+` is a plus.
pub(crate) fn normalise(text: &str, keep: impl Fn(u8) -> bool) -> Result<Cow<'_, str>, &'static str> {
    if text.bytes().all(&keep) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len().saturating_mul(3));
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let (byte, kept, tail) = match byte {
            b'%' => unescape(tail).map(|(byte, tail)| (byte, is_unreserved(byte), tail))?,
            _ => (byte, keep(byte), tail),
        };
        if kept {
            out.push(char::from(byte))
        } else {
            escape(byte, &mut out)
        }
        rest = tail;
    }
    Ok(Cow::Owned(out))
}

/// The bytes that a percent-encoded text stands for.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let (byte, tail) = if byte == b'%' { unescape(tail)? } else { (byte, tail) };
        out.push(byte);
        rest = tail;
    }
    Ok(out)
}

/// The byte whose two hexadecimal digits begin the text, and what follows them.
fn unescape(text: &[u8]) -> Result<(u8, &[u8]), &'static str> {
    let [high, low, rest @ ..] = text else { return Err("Incomplete trailing escape % sequence") };
    match (digit(*high), digit(*low)) {
        (Some(high), Some(low)) => Ok((high << 4 | low, rest)),
        _ => Err("Illegal hex characters in escape % pattern"),
    }
}

fn digit(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'A'..=b'F' => Some(hex - b'A' + 10),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        _ => None,
    }
}

fn escape(byte: u8, out: &mut String) {
    let hex = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 });
    out.extend(['%', hex(byte >> 4), hex(byte & 0x0f)]);
}

/// The lower-case hexadecimal form of a hash.
pub(crate) fn hex(hash: [u8; 32]) -> [u8; 64] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(hash) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]);
    }
    out
}

/// The hash that a lower-case hexadecimal form stands for, if it is one.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != out.len() || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        assert_eq!(normalise(text, is_unreserved).as_deref().map_err(|e| *e), expect, "{text:?}");
    }

    #[test]
    fn f01_every_spelling_of_a_text_becomes_the_same() {
        check("", Ok(""));
        check("Az09-._~", Ok("Az09-._~"));
        check("%41%7a%2D", Ok("Az-"));
        check("a b", Ok("a%20b"));
        check("a%20b", Ok("a%20b"));
        check("a+b", Ok("a%2Bb"));
        check("a%2bb", Ok("a%2Bb"));
        check("a/b", Ok("a%2Fb"));
        check("a%252Fb", Ok("a%252Fb"));
        check("a=b", Ok("a%3Db"));
        check("*'()!", Ok("%2A%27%28%29%21"));
        check("ሴ", Ok("%E1%88%B4"));
        check("%e1%88%b4", Ok("%E1%88%B4"));
        check("%00", Ok("%00"));
        check("%ff", Ok("%FF"));
    }

    #[test]
    fn f01_an_invalid_escape_is_refused() {
        check("%", Err("Incomplete trailing escape % sequence"));
        check("a%4", Err("Incomplete trailing escape % sequence"));
        check("%4g", Err("Illegal hex characters in escape % pattern"));
        check("%+1", Err("Illegal hex characters in escape % pattern"));
        check("% 1", Err("Illegal hex characters in escape % pattern"));
        check("%u0041", Err("Illegal hex characters in escape % pattern"));
    }
}
