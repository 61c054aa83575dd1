//! The headers, read once: those that decide something here, and the canonical form of those that are signed.

use std::borrow::Cow;
use std::str;

use crate::error::shown;
use crate::{Error, MAX_HEADERS, MAX_SIGNED_HEADERS, Request};

/// The headers that decide something, in this crate or in what runs after it. Each may occur at most once, since two
/// readers could choose differently.
#[derive(Default)]
pub(crate) struct Headers<'a> {
    pub(crate) authorization: Option<&'a [u8]>,
    pub(crate) content_length: Option<&'a [u8]>,
    pub(crate) content_type: Option<&'a [u8]>,
    pub(crate) date: Option<&'a [u8]>,
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) content_sha256: Option<&'a [u8]>,
    pub(crate) amz_date: Option<&'a [u8]>,
    pub(crate) security_token: Option<&'a [u8]>,
    pub(crate) target: Option<&'a [u8]>,
}

impl<'a> Headers<'a> {
    /// # Errors
    /// `IncompleteSignature` if a deciding header occurs twice, a name is malformed, or there are too many.
    pub(crate) fn read(request: &Request<'a>) -> Result<Headers<'a>, Error> {
        if request.headers.len() > MAX_HEADERS {
            return Err(Error::incomplete("The request has too many headers."));
        }
        let mut headers = Headers::default();
        for &(name, value) in request.headers {
            let slot = match name {
                "authorization" => &mut headers.authorization,
                "content-length" => &mut headers.content_length,
                "content-type" => &mut headers.content_type,
                "date" => &mut headers.date,
                "host" => &mut headers.host,
                "x-amz-content-sha256" => &mut headers.content_sha256,
                "x-amz-date" => &mut headers.amz_date,
                "x-amz-security-token" => &mut headers.security_token,
                "x-amz-target" => &mut headers.target,
                // A name in upper case would slip past every comparison here and still reach a reader that ignores case;
                // one with `:` or `;` would blur the canonical form.
                _ if !all(name.as_bytes(), |byte| matches!(byte, b'!'..=b'9' | b'<'..=b'@' | b'['..=b'~')) => {
                    return Err(Error::incomplete("The name of a header contains a character that is not allowed."));
                }
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Error::incomplete(format!("The header '{name}' must not occur more than once.")));
            }
        }
        Ok(headers)
    }
}

/// The signed headers: the list of their names, and each of them in the order of the list.
pub(crate) struct Signed<'a> {
    pub(crate) list: Cow<'a, str>,
    headers: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Signed<'a> {
    /// Finds the headers that a list names. Every name must be in the request, and no value may be written ambiguously.
    ///
    /// # Errors
    /// `IncompleteSignature` for a list that is too long, not sorted, or holds a name twice; `SignatureDoesNotMatch` for a
    /// name that is not in the request, which a name in upper case never is.
    pub(crate) fn find(request: &Request<'a>, list: Cow<'a, str>) -> Result<Signed<'a>, Error> {
        let mut headers: Vec<(&str, &[u8])> = Vec::with_capacity(request.headers.len());
        let mut before = "";
        for (index, name) in list.split(';').enumerate() {
            if index == MAX_SIGNED_HEADERS {
                let message = format!("'SignedHeaders' must not list more than {MAX_SIGNED_HEADERS} headers.");
                return Err(Error::incomplete(message));
            }
            if name <= before {
                return Err(Error::incomplete("'SignedHeaders' must list the headers once each, sorted."));
            }
            before = name;
            let found = headers.len();
            headers.extend(request.headers.iter().filter(|header| header.0 == name));
            if headers.len() == found {
                return Err(Error::mismatch(format!("The signed header '{}' is not in the request.", shown(name))));
            }
        }
        // A line break within a value could pass for another signed header.
        match headers.iter().find(|header| !all(header.1, |byte| !byte.is_ascii_control() || byte == b'\t')) {
            Some((name, _)) => Err(not_allowed(name)),
            None => Ok(Signed { list, headers }),
        }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.0 == name)
    }

    /// Writes the canonical headers: a line for each name, with the values of all headers of that name.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for same in self.headers.chunk_by(|a, b| a.0 == b.0) {
            for (index, (name, value)) in same.iter().enumerate() {
                if index == 0 {
                    out.extend_from_slice(name.as_bytes());
                }
                out.push(if index == 0 { b':' } else { b',' });
                write_value(value.trim_ascii(), out);
            }
            out.push(b'\n');
        }
    }
}

/// Writes a value, which neither begins nor ends with a space, with one space for each run of spaces.
fn write_value(value: &[u8], out: &mut Vec<u8>) {
    let is_run = |a: &u8, b: &u8| (*a == b' ') & (*b == b' ');
    let next = value.get(1..).unwrap_or_default();
    // Checked without stopping early, as in `all`: that a run occurs at all is rare.
    if !value.iter().zip(next).fold(false, |any, (a, b)| any | is_run(a, b)) {
        return out.extend_from_slice(value);
    }
    for part in value.chunk_by(|a, b| !is_run(a, b)) {
        out.extend_from_slice(part.strip_prefix(b" ").unwrap_or(part));
    }
}

/// The value of a header as text, without the spaces around it.
///
/// # Errors
/// `IncompleteSignature` if it is not printable ASCII.
pub(crate) fn text<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Error> {
    match str::from_utf8(value.trim_ascii()) {
        Ok(text) if all(text.as_bytes(), |byte| matches!(byte, b' '..=b'~')) => Ok(text),
        _ => Err(not_allowed(name)),
    }
}

fn not_allowed(name: &str) -> Error {
    Error::incomplete(format!("The header '{name}' contains a character that is not allowed."))
}

/// Whether something holds for all bytes. Unlike [`Iterator::all`] it does not stop early, which lets the compiler check
/// many bytes at once.
fn all(bytes: &[u8], holds: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & holds(*byte))
}
