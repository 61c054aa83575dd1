//! The `Authorization` header.

use std::borrow::Cow;

use crate::claim::Fields;
use crate::error::shown;
use crate::headers::{Headers, text};
use crate::{Error, MAX_AUTHORIZATION_BYTES, stamp};

/// Reads the fields of a request that is signed by its headers.
pub(crate) fn fields<'a>(authorization: &'a [u8], headers: &Headers<'a>) -> Result<Fields<'a>, Error> {
    if authorization.len() > MAX_AUTHORIZATION_BYTES {
        return Err(Error::incomplete("The header 'authorization' is too long."));
    }
    let header = text("authorization", authorization)?;
    let parameters = Parameters::read(header)?;
    let date = match (headers.amz_date, headers.date) {
        (Some(value), _) => Some(("x-amz-date", value)),
        (None, Some(value)) => Some(("date", value)),
        (None, None) => None,
    };
    let (Some(credential), Some(signature), Some(signed_headers), Some((date_name, date))) =
        (given(parameters.credential), given(parameters.signature), given(parameters.signed_headers), date)
    else {
        return Err(missing(&parameters, date.is_some(), header));
    };
    let date = text(date_name, date)?;
    let (time, stamp) = match date_name {
        "date" => stamp::parse_date_header(date)?,
        _ => (stamp::parse(date)?, Cow::Borrowed(date)),
    };
    Ok(Fields {
        algorithm: Cow::Borrowed(parameters.algorithm),
        credential: Cow::Borrowed(credential),
        signed_headers: Cow::Borrowed(signed_headers),
        signature: Cow::Borrowed(signature),
        time,
        stamp,
        expires: None,
        session_token: headers
            .security_token
            .map(|value| text("x-amz-security-token", value))
            .transpose()?
            .map(Cow::from),
        presigned: false,
        content_sha256: None,
    })
}

/// The parameters of the header.
struct Parameters<'a> {
    algorithm: &'a str,
    credential: Option<&'a str>,
    signature: Option<&'a str>,
    signed_headers: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    /// Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. Where AWS takes the last of two equal
    /// parameters and ignores those it does not know, both are refused here.
    fn read(header: &'a str) -> Result<Parameters<'a>, Error> {
        let (algorithm, list) = header.split_once(' ').unwrap_or((header, ""));
        let mut read = Parameters { algorithm, credential: None, signature: None, signed_headers: None };
        if list.is_empty() || !is_aws(algorithm) {
            return Ok(read);
        }
        for pair in list.split(',') {
            let pair = pair.trim_ascii();
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Error::incomplete(format!(
                    "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: '{}'.",
                    shown(pair),
                    shown(header)
                )));
            };
            let slot = match name {
                "Credential" => &mut read.credential,
                "Signature" => &mut read.signature,
                "SignedHeaders" => &mut read.signed_headers,
                _ => {
                    let name = shown(name);
                    return Err(Error::incomplete(format!("Authorization header has the unknown parameter '{name}'.")));
                }
            };
            if slot.replace(value).is_some() {
                return Err(Error::incomplete(format!("Authorization header has more than one '{name}' parameter.")));
            }
        }
        Ok(read)
    }
}

/// An empty parameter counts as missing.
fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

fn is_aws(algorithm: &str) -> bool {
    algorithm.starts_with("AWS4-")
}

/// AWS's text for a header that lacks something: one sentence for each, then the header itself. Of a header of another
/// scheme only the scheme is repeated, since what follows may be a password or a bearer token.
fn missing(parameters: &Parameters<'_>, has_date: bool, header: &str) -> Error {
    let mut message = String::new();
    for (name, value) in [
        ("Credential", parameters.credential),
        ("Signature", parameters.signature),
        ("SignedHeaders", parameters.signed_headers),
    ] {
        if given(value).is_none() {
            message.push_str(&format!("Authorization header requires '{name}' parameter. "));
        }
    }
    if !has_date {
        message.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    message.push_str("Authorization=");
    message.push_str(&shown(if is_aws(parameters.algorithm) { header } else { parameters.algorithm }));
    Error::incomplete(message)
}
