//! The authentication parameters of a presigned request.

use std::borrow::Cow;

use crate::claim::Fields;
use crate::headers::Headers;
use crate::query::{Query, SIGNATURE};
use crate::{Error, MAX_EXPIRES_SECONDS, Request, stamp};

/// The parameters that decide something here. In another spelling they are refused.
const NAMES: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    SIGNATURE,
    "X-Amz-SignedHeaders",
];

/// The parameters that every presigned request has, in the order in which AWS names the missing ones.
const REQUIRED: [&str; 5] = ["X-Amz-Algorithm", "X-Amz-Credential", SIGNATURE, "X-Amz-SignedHeaders", "X-Amz-Date"];

/// The largest number of `X-Amz-*` parameters, those included that a client only moved from its headers.
const MAX_NAMES: usize = 32;

/// Reads the fields of a request that is signed in its query.
pub(crate) fn fields<'a>(request: &Request<'a>, query: &Query<'a>, headers: &Headers<'a>) -> Result<Fields<'a>, Error> {
    check_names(request, query)?;
    if headers.security_token.is_some() || headers.amz_date.is_some() {
        return Err(Error::mismatch(
            "A presigned request must not have the headers 'x-amz-date', 'x-amz-security-token'.",
        ));
    }
    let [algorithm, credential, signature, signed_headers, stamp] = REQUIRED.map(|name| given(query, name));
    let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(stamp)) =
        (algorithm?, credential?, signature?, signed_headers?, stamp?)
    else {
        return Err(missing(query));
    };
    Ok(Fields {
        algorithm,
        credential,
        signed_headers,
        signature,
        time: stamp::parse(&stamp)?,
        stamp,
        expires: query.value("X-Amz-Expires")?.map(|text| expires(&text)).transpose()?,
        session_token: query.value("X-Amz-Security-Token")?,
        content_sha256: query.value("X-Amz-Content-Sha256")?,
        presigned: true,
    })
}

/// Refuses two parameters of one name, also if they differ in case, and a name that is a header as well. AWS takes the
/// first of two equal parameters. A handler that takes the last, or ignores case, would then act on what was not
/// verified (CVE-2022-2385), so this is stricter on purpose.
fn check_names(request: &Request<'_>, query: &Query<'_>) -> Result<(), Error> {
    let names: Vec<&str> = query.amz_names().take(MAX_NAMES + 1).collect();
    if names.len() > MAX_NAMES {
        return Err(Error::incomplete("The query string has too many 'X-Amz-' parameters."));
    }
    for (index, name) in names.iter().enumerate() {
        let same = |other: &&str| other.eq_ignore_ascii_case(name);
        if names.iter().skip(index + 1).any(same) {
            return Err(Error::incomplete(format!("The query parameter '{name}' must not occur more than once.")));
        }
        if let Some(right) = NAMES.iter().find(|right| same(right) && *right != name) {
            return Err(Error::incomplete(format!("The query parameter '{name}' must be spelled '{right}'.")));
        }
        if request.headers.iter().any(|header| same(&header.0)) {
            return Err(Error::mismatch(format!("'{name}' must not be both a query parameter and a header.")));
        }
    }
    Ok(())
}

/// The value of a parameter; an empty one counts as missing.
fn given<'a>(query: &Query<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Error> {
    Ok(query.value(name)?.filter(|value| !value.is_empty()))
}

/// AWS's text for a query that lacks parameters.
fn missing(query: &Query<'_>) -> Error {
    let mut message = String::new();
    for name in REQUIRED {
        if given(query, name) == Ok(None) {
            message.push_str(&format!("AWS query-string parameters must include '{name}'. "));
        }
    }
    message.push_str("Re-examine the query-string parameters.");
    Error::incomplete(message)
}

/// Reads `X-Amz-Expires`: decimal digits only, 1 to 604800 seconds.
fn expires(text: &str) -> Result<u32, Error> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_prefix('-').is_some_and(is_number) {
        return Err(Error::expires("X-Amz-Expires must be non-negative"));
    }
    if !is_number(text) {
        return Err(Error::expires("X-Amz-Expires should be a number"));
    }
    // Digits alone fail to parse only if the number is too large.
    match text.parse() {
        Ok(0) => Err(Error::expires("X-Amz-Expires must be non-negative")),
        Ok(seconds) if seconds <= MAX_EXPIRES_SECONDS => Ok(seconds),
        _ => Err(Error::expires(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        )),
    }
}
