//! Percent-encoding, in which IAM's operations give policy documents (API Reference, GetRolePolicy: "URL-encoded
//! compliant with RFC 3986").

/// The text with every byte of its UTF-8 form escaped that is not one of RFC 3986's unreserved characters. A space is
/// `%20`: some clients do not read `+` as one.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

fn digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(percent_encoded(text), expect);
    }

    #[test]
    fn unreserved_characters_stand_for_themselves() {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
        check("", "");
        check(unreserved, unreserved);
    }

    #[test]
    fn all_else_is_escaped() {
        check("a b", "a%20b");
        check("a+b%20", "a%2Bb%2520");
        check("!*'();:@&=+$,/?#[]", "%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%2F%3F%23%5B%5D");
        check("{\"Version\": \"2012-10-17\"}\n", "%7B%22Version%22%3A%20%222012-10-17%22%7D%0A");
        check("\t\r<>\\^`|", "%09%0D%3C%3E%5C%5E%60%7C");
    }

    #[test]
    fn letters_beyond_ascii_are_escaped_byte_by_byte() {
        check("é", "%C3%A9");
        check("ÿ", "%C3%BF");
    }
}
