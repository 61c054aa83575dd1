//! The headers, read once: those that decide something here, and the canonical form of those that are signed.

use std::str;

use crate::canonical::Sink;
use crate::error::shown;
use crate::{Error, MAX_HEADERS, Request};

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
    /// `IncompleteSignature` if a deciding header occurs twice, a name is not lower-case, or there are too many.
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
                // An upper-case name would slip past every comparison here and still reach a reader that ignores case.
                _ if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                    return Err(Error::incomplete("The names of headers must be given in lower case."));
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

/// The value of a header as text, without the spaces around it.
///
/// # Errors
/// `IncompleteSignature` if it is not printable ASCII.
pub(crate) fn text<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Error> {
    match str::from_utf8(value.trim_ascii()) {
        Ok(text) if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Ok(text),
        _ => Err(Error::incomplete(format!("The header '{name}' contains a character that is not allowed."))),
    }
}

/// Whether a list of signed headers holds a name.
pub(crate) fn lists(signed_headers: &str, name: &str) -> bool {
    signed_headers.split(';').any(|signed| signed == name)
}

/// Checks the form of a list of signed headers, that the request has each of them, and that their values can be written
/// without ambiguity.
///
/// # Errors
/// `IncompleteSignature` for a list that is too long, not in lower case, not sorted, or holds a name twice;
/// `SignatureDoesNotMatch` for a header that the request does not have.
pub(crate) fn check_signed(request: &Request<'_>, signed_headers: &str, limit: usize) -> Result<(), Error> {
    let mut before = "";
    for (index, name) in signed_headers.split(';').enumerate() {
        if index == limit {
            return Err(Error::incomplete(format!("'SignedHeaders' must not list more than {limit} headers.")));
        }
        if name <= before || !name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()) {
            return Err(Error::incomplete("'SignedHeaders' must list the headers once each, in lower case, sorted."));
        }
        before = name;
        let mut values = request.headers.iter().filter(|header| header.0 == name).map(|header| header.1).peekable();
        if values.peek().is_none() {
            return Err(Error::mismatch(format!("The signed header '{}' is not in the request.", shown(name))));
        }
        // A line break within a value could pass for another signed header.
        if values.any(|value| value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t')) {
            return Err(Error::incomplete(format!("The header '{name}' contains a character that is not allowed.")));
        }
    }
    Ok(())
}

/// Writes the canonical headers: a line for each signed name, with the values of all headers of that name.
pub(crate) fn put_signed(request: &Request<'_>, signed_headers: &str, out: &mut impl Sink) {
    for name in signed_headers.split(';') {
        out.put(name.as_bytes());
        let mut separator: &[u8] = b":";
        for (_, value) in request.headers.iter().filter(|header| header.0 == name) {
            out.put(separator);
            put_value(value, out);
            separator = b",";
        }
        out.put(b"\n");
    }
}

/// Writes a value without the spaces around it, and with one space for each run of spaces within.
fn put_value(value: &[u8], out: &mut impl Sink) {
    let mut separator: &[u8] = b"";
    for word in value.trim_ascii().split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        out.put(separator);
        out.put(word);
        separator = b" ";
    }
}
