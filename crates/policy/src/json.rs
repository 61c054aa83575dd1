//! JSON (RFC 8259) with the place of every value: what a policy document is read with.
//!
//! Stricter than a general parser: an object may not hold a key twice, nesting is bounded, and the character U+0000
//! and a byte order mark are refused. Numbers keep their literal text, so that nothing is lost to rounding.

use std::borrow::Cow;
use std::fmt;

use crate::document::{Span, Spanned};

mod strings;
#[cfg(test)]
mod tests;

/// How deep arrays and objects may nest. A policy document needs six levels.
pub const MAX_DEPTH: usize = 20;

/// The longest text accepted, in bytes: several times what any policy may hold.
pub const MAX_BYTES: usize = 1 << 20;

/// A JSON value and its place; the span of a string includes the quotes, that of an array or object the brackets.
pub type Value<'a> = Spanned<Json<'a>>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object; the members in the order of the text, no key twice.
    Object(Vec<Member<'a>>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key, unescaped, and its place.
    pub key: Spanned<Cow<'a, str>>,
    /// The value.
    pub value: Value<'a>,
}

/// Why a text is no acceptable JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, as a plain sentence without a full stop.
    pub message: String,
    /// The byte offset of the fault.
    pub offset: u32,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.offset)
    }
}

impl std::error::Error for Error {}

impl Json<'_> {
    /// The kind of value, for messages: "a string", "an object".
    pub fn describe(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

/// Parses a text that is exactly one JSON value, with white space around it allowed.
///
/// Takes time proportional to the text's length, but for the search for duplicate keys, which sorts each object's keys.
///
/// # Errors
/// The first fault and its place; a duplicate key counts as a fault at the second occurrence.
pub fn parse(text: &str) -> Result<Value<'_>, Error> {
    let mut parser = Parser { text, at: 0 };
    if text.len() > MAX_BYTES {
        return Err(parser.error(format!("the text is longer than {MAX_BYTES} bytes")));
    }
    if text.starts_with('\u{feff}') {
        return Err(parser.error("a byte order mark is not part of JSON"));
    }
    parser.white_space();
    let value = parser.value(0)?;
    parser.white_space();
    if parser.at < text.len() {
        return Err(parser.unexpected("the end of the text"));
    }
    Ok(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Error> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Json::String(self.string()?),
            Some(b'{') => Json::Object(self.object(self.deeper(depth)?)?),
            Some(b'[') => Json::Array(self.array(self.deeper(depth)?)?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            _ if self.eat_word("true") => Json::Bool(true),
            _ if self.eat_word("false") => Json::Bool(false),
            _ if self.eat_word("null") => Json::Null,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Spanned { value, span: self.span(start) })
    }

    fn deeper(&self, depth: usize) -> Result<usize, Error> {
        if depth >= MAX_DEPTH {
            return Err(self.error(format!("arrays and objects are nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(depth.saturating_add(1))
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value<'a>>, Error> {
        let mut values = Vec::new();
        self.at += 1;
        self.white_space();
        if self.eat(b']') {
            return Ok(values);
        }
        loop {
            self.white_space();
            values.push(self.value(depth)?);
            self.white_space();
            if self.eat(b']') {
                return Ok(values);
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'a>>, Error> {
        let mut members = Vec::new();
        self.at += 1;
        self.white_space();
        if self.eat(b'}') {
            return Ok(members);
        }
        loop {
            self.white_space();
            members.push(self.member(depth)?);
            self.white_space();
            if self.eat(b'}') {
                return refuse_duplicates(members);
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member<'a>, Error> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let key = Spanned { value: self.string()?, span: self.span(start) };
        self.white_space();
        if !self.eat(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.white_space();
        Ok(Member { key, value: self.value(depth)? })
    }

    fn number(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(self.slice(start))
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if found {
            self.at += word.len();
        }
        found
    }

    /// The text from `start` to here. Both ends are beside ASCII characters, hence character boundaries.
    fn slice(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn span(&self, start: usize) -> Span {
        Span { start: offset(start), end: offset(self.at) }
    }

    fn error(&self, message: impl Into<String>) -> Error {
        Error { message: message.into(), offset: offset(self.at) }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => self.error(format!("expected {wanted}, found {found:?}")),
            None => self.error(format!("expected {wanted}, found the end of the text")),
        }
    }
}

/// Offsets fit because [`MAX_BYTES`] does.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Sorting instead of hashing keeps the work bounded whatever the keys are, without needing randomness.
fn refuse_duplicates(members: Vec<Member<'_>>) -> Result<Vec<Member<'_>>, Error> {
    let mut keys: Vec<(&str, u32)> = members.iter().map(|m| (m.key.value.as_ref(), m.key.span.start)).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(first, _), (second, offset)] = pair
            && first == second
        {
            return Err(Error { message: format!("the key {second:?} occurs twice in one object"), offset: *offset });
        }
    }
    Ok(members)
}
