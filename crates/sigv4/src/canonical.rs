//! The canonical request and the string to sign. The AWS page "Create a signed AWS API request".

use std::borrow::Cow;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::encode::hex;
use crate::query::Query;
use crate::{
    ALGORITHM, Error, MAX_PATH_BYTES, MAX_SIGNED_HEADERS, PathStyle, Request, SigningKey, TERMINATOR, headers,
};

/// What bytes are written to: a hash, a message authentication code, or memory.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        Digest::update(self, bytes);
    }
}

impl Sink for Hmac<Sha256> {
    fn put(&mut self, bytes: &[u8]) {
        Mac::update(self, bytes);
    }
}

/// A request with everything known that its canonical form takes.
pub(crate) struct Canonical<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) query: Query<'a>,
    pub(crate) signed_headers: Cow<'a, str>,
    path: Cow<'a, str>,
}

/// What stands before the hash of the canonical request in the string to sign.
pub(crate) struct Preamble<'a> {
    pub(crate) stamp: &'a str,
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> Canonical<'a> {
    /// # Errors
    /// As [`PathStyle::canonical`] and [`headers::check_signed`], and for a method or path beyond the limits.
    pub(crate) fn new(
        request: Request<'a>,
        query: Query<'a>,
        signed_headers: Cow<'a, str>,
        style: PathStyle,
    ) -> Result<Canonical<'a>, Error> {
        if request.path.len() > MAX_PATH_BYTES {
            return Err(Error::incomplete("The path of the request is too long."));
        }
        if !request.method.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::incomplete("The method contains a character that is not allowed."));
        }
        headers::check_signed(&request, &signed_headers, MAX_SIGNED_HEADERS)?;
        let path = style.canonical(request.path)?;
        Ok(Canonical { request, query, signed_headers, path })
    }

    /// The hash of the body, in hexadecimal.
    pub(crate) fn body_hash(&self) -> [u8; 64] {
        hex(Sha256::digest(self.request.body).into())
    }

    /// Writes the canonical request.
    pub(crate) fn put(&self, body_hash: &[u8; 64], out: &mut impl Sink) {
        out.put(self.request.method.as_bytes());
        out.put(b"\n");
        out.put(self.path.as_bytes());
        out.put(b"\n");
        self.query.pieces().for_each(|piece| out.put(piece.as_bytes()));
        out.put(b"\n");
        headers::put_signed(&self.request, &self.signed_headers, out);
        out.put(b"\n");
        out.put(self.signed_headers.as_bytes());
        out.put(b"\n");
        out.put(body_hash);
    }

    /// Writes the string to sign.
    pub(crate) fn put_string_to_sign(&self, preamble: &Preamble<'_>, body_hash: &[u8; 64], out: &mut impl Sink) {
        let mut hash = Sha256::new();
        self.put(body_hash, &mut hash);
        let Preamble { stamp, date, region, service } = preamble;
        for part in [ALGORITHM, "\n", stamp, "\n", date, "/", region, "/", service, "/", TERMINATOR, "\n"] {
            out.put(part.as_bytes());
        }
        out.put(&hex(hash.finalize().into()));
    }

    /// The signature, in hexadecimal.
    pub(crate) fn signature(&self, preamble: &Preamble<'_>, body_hash: &[u8; 64], key: &SigningKey) -> [u8; 64] {
        let mut code = key.begin();
        self.put_string_to_sign(preamble, body_hash, &mut code);
        hex(code.finalize().into_bytes().into())
    }
}
