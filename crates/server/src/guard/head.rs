//! The raw head of an HTTP/1 request: what hyper would let pass or hide is refused here, and the body's length is known.

use crate::refusal::{self, Refusal};
use memchr::memchr;

/// Reads the head of one request as it arrives, each byte once.
#[derive(Default)]
pub(super) struct HeadScanner {
    /// Where the line that is not yet complete begins.
    line_start: usize,
    /// How far line ends have been looked for.
    looked_at: usize,
    /// Complete lines, the request line included.
    lines: usize,
    content_length: Option<u64>,
    transfer_encoding: bool,
}

/// The extent of a request: everything after it belongs to the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Bytes of the head, its empty last line included.
    pub(super) head: usize,
    /// Bytes of the body.
    pub(super) body: u64,
}

impl HeadScanner {
    /// Looks at what `buffer` has gained since the last call; `buffer` begins with the request's first byte.
    /// `None`: the head is not complete.
    pub(super) fn scan(
        &mut self,
        buffer: &[u8],
        max_bytes: usize,
        max_headers: usize,
    ) -> Result<Option<Extent>, &'static Refusal> {
        while let Some(offset) = buffer.get(self.looked_at..).and_then(|rest| memchr(b'\n', rest)) {
            let end = self.looked_at.saturating_add(offset);
            let line = buffer.get(self.line_start..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").ok_or(&refusal::BARE_LINE_FEED)?;
            self.looked_at = end.saturating_add(1);
            self.line_start = self.looked_at;
            if self.looked_at > max_bytes {
                return Err(&refusal::HEAD_TOO_LARGE);
            }
            match (self.lines, line) {
                (0, request_line) => check_request_line(request_line)?,
                (_, b"") => return self.extent().map(Some),
                (_, header) => self.header(header)?,
            }
            self.lines = self.lines.saturating_add(1);
            if self.lines > max_headers.saturating_add(1) {
                return Err(&refusal::HEAD_TOO_LARGE);
            }
        }
        self.looked_at = buffer.len();
        if buffer.len() > max_bytes {
            return Err(&refusal::HEAD_TOO_LARGE);
        }
        Ok(None)
    }

    fn header(&mut self, line: &[u8]) -> Result<(), &'static Refusal> {
        let colon = memchr(b':', line).ok_or(&refusal::HEADER_LINE)?;
        let (name, value) = line.split_at_checked(colon).ok_or(&refusal::HEADER_LINE)?;
        let value = value.strip_prefix(b":").unwrap_or(value);
        // This also refuses the folded lines of old (they begin with white space) and white space before the colon.
        let is_name = |b: &u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        // Without an early end, so that it is done for many bytes at a time.
        let is_odd = value.iter().fold(false, |odd, b| odd | ((*b < 0x20) & (*b != b'\t')) | (*b == 0x7f));
        if name.is_empty() || !name.iter().all(is_name) || is_odd {
            return Err(&refusal::HEADER_LINE);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = parse_length(value).ok_or(&refusal::CONTENT_LENGTH)?;
            if self.content_length.replace(length).is_some() {
                return Err(&refusal::CONTENT_LENGTH);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.transfer_encoding = true;
        }
        Ok(())
    }

    /// RFC 9112 §6.3 lets a server insist on a Content-Length. With chunked bodies gone there is one way to say where a
    /// request ends, and nothing for two parsers to read differently.
    fn extent(&self) -> Result<Extent, &'static Refusal> {
        match (self.transfer_encoding, self.content_length) {
            (true, Some(_)) => Err(&refusal::LENGTH_AND_ENCODING),
            (true, None) => Err(&refusal::LENGTH_REQUIRED),
            (false, length) => Ok(Extent { head: self.looked_at, body: length.unwrap_or(0) }),
        }
    }
}

/// `METHOD target HTTP/1.x`. A fragment is refused because the URI parser would drop it silently.
fn check_request_line(line: &[u8]) -> Result<(), &'static Refusal> {
    let mut words = line.split(|b| *b == b' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(&refusal::REQUEST_LINE);
    };
    let target_is_plain = !target.is_empty() && target.iter().all(|b| b.is_ascii_graphic() && *b != b'#');
    let method_is_plain = !method.is_empty() && method.iter().all(u8::is_ascii_alphabetic);
    if method_is_plain && target_is_plain && matches!(version, b"HTTP/1.1" | b"HTTP/1.0") {
        Ok(())
    } else {
        Err(&refusal::REQUEST_LINE)
    }
}

fn parse_length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans `head` at once and byte by byte: both must come to the same end.
    #[track_caller]
    fn check(head: &str, expect: Result<Option<Extent>, &'static Refusal>) {
        let at_once = HeadScanner::default().scan(head.as_bytes(), 256, 4);
        assert_eq!(at_once, expect, "at once: {head:?}");
        let mut scanner = HeadScanner::default();
        let dripped = (1..=head.len())
            .map(|end| scanner.scan(&head.as_bytes()[..end], 256, 4))
            .find(|step| !matches!(step, Ok(None)))
            .unwrap_or(Ok(None));
        assert_eq!(dripped, expect, "byte by byte: {head:?}");
    }

    #[test]
    fn extents() {
        check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Ok(Some(Extent { head: 27, body: 0 })));
        check("POST / HTTP/1.1\r\ncontent-LENGTH: \t12 \r\n\r\n", Ok(Some(Extent { head: 41, body: 12 })));
        check("GET / HTTP/1.1\r\nHost: a\r\n", Ok(None));
        check("", Ok(None));
    }

    #[test]
    fn framing_in_doubt_is_refused() {
        check("GET / HTTP/1.1\n", Err(&refusal::BARE_LINE_FEED));
        check("GET / HTTP/1.1\r\nHost: a\n\r\n", Err(&refusal::BARE_LINE_FEED));
        check("\r\nGET / HTTP/1.1\r\n\r\n", Err(&refusal::REQUEST_LINE));
        let both = "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(both, Err(&refusal::LENGTH_AND_ENCODING));
        let both = "POST / HTTP/1.1\r\ntransfer-encoding: xchunked\r\nContent-Length: 3\r\n\r\n";
        check(both, Err(&refusal::LENGTH_AND_ENCODING));
        check("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Err(&refusal::LENGTH_REQUIRED));
        check("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n", Err(&refusal::CONTENT_LENGTH));
        for length in ["+2", "-1", "0x2", "2,2", "", "1e3", "99999999999999999999"] {
            let head = format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n");
            check(&head, Err(&refusal::CONTENT_LENGTH));
        }
    }

    #[test]
    fn odd_lines_are_refused() {
        for line in
            [" folded", "\tfolded", "Host : a", "no colon", ": no name", "a b: c", "X: a\0b", "X: a\rb", "X\u{e9}: a"]
        {
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n");
            check(&head, Err(&refusal::HEADER_LINE));
        }
        for line in [
            "GET /",
            "GET  / HTTP/1.1",
            "GET / HTTP/1.1 ",
            "GET / HTTP/2.0",
            "GET /\u{e9} HTTP/1.1",
            "GET /a\tb HTTP/1.1",
            "GET /#a HTTP/1.1",
            "G\u{0}T / HTTP/1.1",
            " / HTTP/1.1",
        ] {
            check(&format!("{line}\r\n"), Err(&refusal::REQUEST_LINE));
        }
    }

    #[test]
    fn size_and_count_are_bounded() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(300));
        check(&long, Err(&refusal::HEAD_TOO_LARGE));
        let without_end = "a".repeat(257);
        check(&without_end, Err(&refusal::HEAD_TOO_LARGE));
        let four = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(4));
        check(&four, Ok(Some(Extent { head: 42, body: 0 })));
        let five = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(5));
        check(&five, Err(&refusal::HEAD_TOO_LARGE));
    }
}
