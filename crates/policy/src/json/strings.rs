//! String literals and their escapes.

use std::borrow::Cow;

use super::{Error, Parser, offset};

impl<'a> Parser<'a> {
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        let opening = self.at;
        self.at += 1;
        let start = self.at;
        let mut unescaped = String::new();
        // The text from here on is not yet in `unescaped`.
        let mut piece = start;
        loop {
            match self.peek() {
                None => return Err(Error { message: "this string is not closed".to_owned(), offset: offset(opening) }),
                Some(b'"') => {
                    let tail = self.slice(piece);
                    self.at += 1;
                    return Ok(if piece == start { Cow::Borrowed(tail) } else { Cow::Owned(unescaped + tail) });
                }
                Some(b'\\') => {
                    unescaped.push_str(self.slice(piece));
                    unescaped.push(self.escape()?);
                    piece = self.at;
                }
                Some(0..=0x1f) => return Err(self.error("a control character in a string must be escaped")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape(start);
            }
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(Error { message: "unknown escape sequence".to_owned(), offset: offset(start) }),
        };
        self.at += 1;
        Ok(character)
    }

    /// The rest of `\uXXXX`, or of a surrogate pair of two such escapes.
    fn unicode_escape(&mut self, start: usize) -> Result<char, Error> {
        let error = |message: &str| Error { message: message.to_owned(), offset: offset(start) };
        let high = self.hex4().ok_or_else(|| error("`\\u` must be followed by four hexadecimal digits"))?;
        if high == 0 {
            return Err(error("the character U+0000 is not allowed"));
        }
        let mut units = vec![high];
        if (0xd800..0xdc00).contains(&high) && self.eat_word("\\u") {
            units.extend(self.hex4());
        }
        match char::decode_utf16(units).collect::<Result<Vec<char>, _>>().as_deref() {
            Ok([character]) => Ok(*character),
            _ => Err(error("half of a surrogate pair stands alone")),
        }
    }

    fn hex4(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at.checked_add(4)?)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }
}
