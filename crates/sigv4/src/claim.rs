//! Who a request claims to be from.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::canonical::{Canonical, Preamble};
use crate::error::shown;
use crate::headers::{self, Headers, Signed};
use crate::query::Query;
use crate::{ALGORITHM, Error, MAX_SESSION_TOKEN_BYTES, PathStyle, Request, authorization, presigned};

/// The longest access key id, in bytes (`accessKeyIdType` of the IAM API).
const MAX_ACCESS_KEY_ID_BYTES: usize = 128;

/// What a request says of its signer: well-formed, but so far only said. [`Claim::check`] comes next.
pub struct Claim<'a> {
    pub(crate) canonical: Canonical<'a>,
    pub(crate) credential: Credential<'a>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) time: Timestamp,
    pub(crate) stamp: Cow<'a, str>,
    pub(crate) expires: Option<u32>,
    pub(crate) content_sha256: Option<Cow<'a, str>>,
    session_token: Option<Cow<'a, str>>,
    presigned: bool,
}

/// The elements of `Credential`: the access key id and the scope.
pub(crate) struct Credential<'a> {
    pub(crate) access_key_id: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) region: Cow<'a, str>,
    pub(crate) service: Cow<'a, str>,
    pub(crate) terminator: Cow<'a, str>,
}

/// What both places of a signature, the header and the query, have to say.
pub(crate) struct Fields<'a> {
    pub(crate) algorithm: Cow<'a, str>,
    pub(crate) credential: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) time: Timestamp,
    pub(crate) stamp: Cow<'a, str>,
    pub(crate) expires: Option<u32>,
    pub(crate) session_token: Option<Cow<'a, str>>,
    pub(crate) content_sha256: Option<Cow<'a, str>>,
    pub(crate) presigned: bool,
}

/// Reads who a request claims to be from: `None` if it is not signed at all.
///
/// # Errors
/// * `IncompleteSignature` (400) for authentication data that is malformed, lacks something, is ambiguous or of another
///   algorithm, and for a payload that is not signed.
/// * `SignatureDoesNotMatch` (403) for a request signed in header and query at once, and for a header that had to be
///   signed and is not: `host`, every `x-amz-*`, and `content-type` where there can be a body.
/// * `MalformedQueryString` (404) and `AuthorizationQueryParametersError` (400) for faults of the query.
pub fn claim<'a>(request: &Request<'a>, style: PathStyle) -> Result<Option<Claim<'a>>, Error> {
    let query = Query::parse(request.query)?;
    let headers = Headers::read(request)?;
    let mut fields = match (headers.authorization, query.amz_names().next().is_some()) {
        (None, false) => return Ok(None),
        (Some(_), true) => {
            return Err(Error::mismatch(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            ));
        }
        (Some(value), false) => authorization::fields(value, &headers)?,
        (None, true) => presigned::fields(request, &query, &headers)?,
    };
    let signed = Signed::find(request, fields.signed_headers)?;
    require_signed(request, &signed)?;
    if fields.algorithm != ALGORITHM {
        let algorithm = shown(&fields.algorithm);
        // The space at the end is AWS's.
        return Err(Error::incomplete(format!(
            "Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). "
        )));
    }
    let credential = Credential::parse(fields.credential)?;
    if fields.session_token.as_ref().is_some_and(|token| token.len() > MAX_SESSION_TOKEN_BYTES) {
        return Err(Error::incomplete("The session token is too long."));
    }
    if let Some(value) = headers.content_sha256 {
        fields.content_sha256 = Some(Cow::Borrowed(headers::text("x-amz-content-sha256", value)?));
    }
    require_signed_payload(fields.content_sha256.as_deref())?;
    Ok(Some(Claim {
        canonical: Canonical::new(request, query, signed, style)?,
        credential,
        signature: fields.signature,
        time: fields.time,
        stamp: fields.stamp,
        expires: fields.expires,
        content_sha256: fields.content_sha256,
        session_token: fields.session_token,
        presigned: fields.presigned,
    }))
}

/// Refuses a request with a header outside of the signature that decides what the request means. AWS asks for `host`;
/// that every `x-amz-*` header and the type of a body be signed is the rule of its page "Create a signed AWS API request".
fn require_signed(request: &Request<'_>, signed: &Signed<'_>) -> Result<(), Error> {
    if !signed.contains("host") {
        return Err(Error::mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let may_have_body = request.method == "POST" || !request.body.is_empty();
    let decides = |name: &str| name.starts_with("x-amz-") || (name == "content-type" && may_have_body);
    for (name, _) in request.headers.iter().filter(|header| decides(header.0)) {
        if !signed.contains(name) {
            let name = shown(name);
            return Err(Error::mismatch(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
        }
    }
    Ok(())
}

/// Refuses the values of `x-amz-content-sha256` that leave the payload out of the signature, or sign it in chunks.
fn require_signed_payload(content_sha256: Option<&str>) -> Result<(), Error> {
    match content_sha256 {
        Some(mode) if mode == "UNSIGNED-PAYLOAD" || mode.starts_with("STREAMING-") => {
            let mode = shown(mode);
            Err(Error::incomplete(format!("The payload must be signed: 'x-amz-content-sha256' must not be '{mode}'.")))
        }
        _ => Ok(()),
    }
}

impl<'a> Credential<'a> {
    fn parse(text: Cow<'a, str>) -> Result<Credential<'a>, Error> {
        let parts = match &text {
            Cow::Borrowed(text) => five(text).map(|parts| parts.map(Cow::Borrowed)),
            Cow::Owned(text) => five(text).map(|parts| parts.map(|part| Cow::Owned(part.to_owned()))),
        };
        let Some([access_key_id, date, region, service, terminator]) = parts else {
            return Err(Error::incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
                shown(&text)
            )));
        };
        if access_key_id.len() > MAX_ACCESS_KEY_ID_BYTES {
            return Err(Error::incomplete("The access key ID in Credential is too long."));
        }
        Ok(Credential { access_key_id, date, region, service, terminator })
    }
}

fn five(text: &str) -> Option<[&str; 5]> {
    let mut parts = text.split('/');
    let five = [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(five)
}

impl<'a> Claim<'a> {
    /// The request that was read, the one that will be verified.
    pub fn request(&self) -> Request<'a> {
        self.canonical.request
    }

    /// The access key id: printable ASCII without `/`, at most 128 bytes, possibly empty, otherwise unchecked. The signature
    /// does not cover it; what binds it is that its secret must verify.
    pub fn access_key_id(&self) -> &str {
        &self.credential.access_key_id
    }

    /// The date of the credential scope, `YYYYMMDD` once checked.
    pub fn date(&self) -> &str {
        &self.credential.date
    }

    /// The region of the credential scope. With a custom endpoint, clients sign for a region of their own.
    pub fn region(&self) -> &str {
        &self.credential.region
    }

    /// The service of the credential scope: a signing name such as `iam`.
    pub fn service(&self) -> &str {
        &self.credential.service
    }

    /// When the request was signed, to the second.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// For how many seconds after [`Claim::time`] a presigned request says it is valid.
    pub fn expires(&self) -> Option<u32> {
        self.expires
    }

    /// The session token, for temporary credentials. It is covered by the signature.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// Whether the request is signed in its query instead of its headers.
    pub fn is_presigned(&self) -> bool {
        self.presigned
    }

    /// The names of the signed headers, sorted.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.canonical.signed.list.split(';')
    }

    /// The canonical request, to find out why a signature does not match.
    pub fn canonical_request(&self) -> Vec<u8> {
        self.canonical.request(&self.canonical.body_hash())
    }

    /// The string to sign, to find out why a signature does not match.
    pub fn string_to_sign(&self) -> Vec<u8> {
        self.canonical.string_to_sign(&self.preamble(), &self.canonical.body_hash())
    }

    pub(crate) fn preamble(&self) -> Preamble<'_> {
        let Credential { date, region, service, .. } = &self.credential;
        Preamble { stamp: &self.stamp, date, region, service }
    }
}
