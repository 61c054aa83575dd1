//! Signing and presigning, for our own command line and for tests.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::canonical::{Canonical, Preamble};
use crate::encode::hex;
use crate::headers::{Headers, Signed};
use crate::query::{Query, SIGNATURE};
use crate::{ALGORITHM, Error, PathStyle, Request, SigningKey, TERMINATOR, stamp};

/// Headers that are not signed, since a client library or a proxy sets or changes them on the way.
const UNSIGNED: [&str; 6] =
    ["authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"];

/// Who signs.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_access_key: &'a str,
    /// The session token of temporary credentials.
    pub session_token: Option<&'a str>,
}

/// What a signature is for.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The region, such as `us-east-1`.
    pub region: &'a str,
    /// The signing name of the service, such as `iam`.
    pub service: &'a str,
    /// The time of signing.
    pub time: Timestamp,
    /// How the service reads paths.
    pub style: PathStyle,
}

/// Signs a request by its headers, and gives those to add. The request has a `host` header, and all other headers that
/// it will be sent with; they are signed too.
///
/// # Errors
/// As [`claim`](crate::claim) for a malformed request, and `IncompleteSignature` if it carries a signature already or has no
/// `host` header.
pub fn sign(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    scope: &Scope<'_>,
) -> Result<Vec<(&'static str, String)>, Error> {
    let query = unsigned(request)?;
    let stamp = stamp::format(scope.time);
    let mut added = vec![("x-amz-date", stamp.clone())];
    if let Some(token) = credentials.session_token {
        added.push(("x-amz-security-token", token.to_owned()));
    }
    let mut headers = request.headers.to_vec();
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = Request { headers: &headers, ..*request };
    let signed_headers = signed_headers(&request);
    let canonical =
        Canonical::new(&request, query, Signed::find(&request, Cow::Borrowed(&signed_headers))?, scope.style)?;
    let authorization = format!(
        "{ALGORITHM} Credential={}, SignedHeaders={signed_headers}, Signature={}",
        credential(credentials, scope, &stamp),
        signature(&canonical, credentials, scope, &stamp)
    );
    added.push(("authorization", authorization));
    Ok(added)
}

/// Signs a request in its query, and gives the query string to send it with. It is then valid for that many seconds, of
/// which a server accepts 1 to 604800. All headers of the request are signed.
///
/// # Errors
/// As [`sign`].
pub fn presign(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    scope: &Scope<'_>,
    expires: u32,
) -> Result<String, Error> {
    let mut query = unsigned(request)?;
    let (stamp, expires) = (stamp::format(scope.time), expires.to_string());
    let credential = credential(credentials, scope, &stamp);
    let signed_headers = signed_headers(request);
    query.add("X-Amz-Algorithm", ALGORITHM);
    query.add("X-Amz-Credential", &credential);
    query.add("X-Amz-Date", &stamp);
    query.add("X-Amz-Expires", &expires);
    query.add("X-Amz-SignedHeaders", &signed_headers);
    if let Some(token) = credentials.session_token {
        query.add("X-Amz-Security-Token", token);
    }
    let canonical =
        Canonical::new(request, query, Signed::find(request, Cow::Borrowed(&signed_headers))?, scope.style)?;
    let mut signed: String = canonical.query.pieces().collect();
    signed.extend(["&", SIGNATURE, "=", &signature(&canonical, credentials, scope, &stamp)]);
    Ok(signed)
}

/// The query of a request that does not carry authentication data yet.
fn unsigned<'a>(request: &Request<'a>) -> Result<Query<'a>, Error> {
    let headers = Headers::read(request)?;
    let query = Query::parse(request.query)?;
    let signed = headers.authorization.or(headers.amz_date).or(headers.security_token).is_some();
    if signed || query.amz_names().next().is_some() {
        return Err(Error::incomplete("The request carries a signature already."));
    }
    if headers.host.is_none() {
        return Err(Error::incomplete("The request has no 'host' header."));
    }
    Ok(query)
}

fn signed_headers(request: &Request<'_>) -> String {
    let mut names: Vec<&str> = request.headers.iter().map(|header| header.0).collect();
    names.retain(|name| !UNSIGNED.contains(name));
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

/// The `YYYYMMDD` that a time begins with.
fn date(stamp: &str) -> &str {
    stamp.get(..8).unwrap_or_default()
}

fn credential(credentials: &Credentials<'_>, scope: &Scope<'_>, stamp: &str) -> String {
    format!("{}/{}/{}/{}/{TERMINATOR}", credentials.access_key_id, date(stamp), scope.region, scope.service)
}

fn signature(canonical: &Canonical<'_>, credentials: &Credentials<'_>, scope: &Scope<'_>, stamp: &str) -> String {
    let &Scope { region, service, .. } = scope;
    let key = SigningKey::derive(credentials.secret_access_key, date(stamp), region, service);
    let preamble = Preamble { stamp, date: date(stamp), region, service };
    hex(canonical.signature(&preamble, &canonical.body_hash(), &key)).map(char::from).iter().collect()
}
