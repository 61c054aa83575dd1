//! The canonical request and the string to sign. The AWS page "Create a signed AWS API request".

use std::borrow::Cow;

use hmac::Mac;
use sha2::{Digest, Sha256};

use crate::encode::hex;
use crate::headers::Signed;
use crate::query::Query;
use crate::{ALGORITHM, Error, MAX_PATH_BYTES, PathStyle, Request, SigningKey, TERMINATOR};

/// Room for most canonical requests, in bytes.
const USUAL_BYTES: usize = 512;

/// A request with everything known that its canonical form takes.
pub(crate) struct Canonical<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) query: Query<'a>,
    pub(crate) signed: Signed<'a>,
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
    /// As [`PathStyle::canonical`], and `IncompleteSignature` for a method or path that is not allowed.
    pub(crate) fn new(
        request: &Request<'a>,
        query: Query<'a>,
        signed: Signed<'a>,
        style: PathStyle,
    ) -> Result<Canonical<'a>, Error> {
        if !request.method.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::incomplete("The method contains a character that is not allowed."));
        }
        if request.path.len() > MAX_PATH_BYTES {
            return Err(Error::incomplete("The path of the request is too long."));
        }
        Ok(Canonical { request: *request, query, signed, path: style.canonical(request.path)? })
    }

    /// The hash of the body, in hexadecimal.
    pub(crate) fn body_hash(&self) -> [u8; 64] {
        hex(Sha256::digest(self.request.body).into())
    }

    /// The canonical request.
    ///
    /// It is written to memory and then hashed at once: hashing it in its many small pieces takes longer.
    pub(crate) fn request(&self, body_hash: &[u8; 64]) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_BYTES);
        let line = [self.request.method, "\n", &self.path, "\n"];
        line.into_iter().chain(self.query.pieces()).for_each(|part| out.extend_from_slice(part.as_bytes()));
        out.push(b'\n');
        self.signed.write(&mut out);
        out.push(b'\n');
        out.extend_from_slice(self.signed.list.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(body_hash);
        out
    }

    /// The string to sign.
    pub(crate) fn string_to_sign(&self, preamble: &Preamble<'_>, body_hash: &[u8; 64]) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_BYTES);
        let Preamble { stamp, date, region, service } = preamble;
        for part in [ALGORITHM, "\n", stamp, "\n", date, "/", region, "/", service, "/", TERMINATOR, "\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(&hex(Sha256::digest(self.request(body_hash)).into()));
        out
    }

    /// The signature.
    pub(crate) fn signature(&self, preamble: &Preamble<'_>, body_hash: &[u8; 64], key: &SigningKey) -> [u8; 32] {
        key.begin().chain_update(self.string_to_sign(preamble, body_hash)).finalize().into_bytes().into()
    }
}
