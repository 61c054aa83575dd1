//! Issuing: a session, its token, its credentials.

use doorward_directory::{Account, GlobalEndpointTokens, id};
use doorward_shapes::sts as api;
use doorward_shapes::{Error, Sensitive, common};
use jiff::{SignedDuration, Timestamp};

use crate::cx::Cx;
use crate::secrets::MAX_TOKEN_LENGTH;
use crate::session::{Session, SessionOf};

/// A session that begins now, restricted in nothing.
pub(super) fn session(cx: &Cx<'_>, account_id: &str, of: SessionOf, seconds: i32) -> Result<Session, Error> {
    let issued = cx.date();
    let lasts = SignedDuration::from_secs(i64::from(seconds));
    let expires: Timestamp =
        issued.checked_add(lasts).map_err(|_| common::internal_failure("the session would not end"))?;
    let access_key_id = cx.access_key_id(id::TEMPORARY_ACCESS_KEY, account_id)?;
    let default_regions_only = is_version_1(cx, account_id)?;
    Ok(Session { default_regions_only, ..Session::new(access_key_id, account_id, of, issued, expires) })
}

/// The host of the global endpoint. Whatever else a server is called, it is an endpoint of its own Region.
const GLOBAL_ENDPOINT: &str = "sts.amazonaws.com";

/// Whether the token is one of version 1, which the global endpoint gives unless the account prefers others.
fn is_version_1(cx: &Cx<'_>, account_id: &str) -> Result<bool, Error> {
    let host = cx.call.peer.host.split(':').next().unwrap_or_default();
    if !host.eq_ignore_ascii_case(GLOBAL_ENDPOINT) {
        return Ok(false);
    }
    let account = cx.account(account_id)?;
    Ok(account.is_none_or(|account| account.settings().global_endpoint_tokens == GlobalEndpointTokens::V1))
}

/// Credentials, and what the API says of their token.
pub(super) struct Issued {
    pub credentials: api::Credentials,
    /// Length of the token in bytes.
    pub token_size: i32,
    /// That, in percent of the longest.
    pub token_utilization: i32,
}

/// The credentials of a session. `minimum` is `MinimumSessionTokenSize`, at most 4,096 by the model.
pub(super) fn issue(cx: &Cx<'_>, session: &Session, minimum: Option<i32>) -> Result<Issued, Error> {
    let secret = cx.secret_access_key();
    let minimum = usize::try_from(minimum.unwrap_or_default()).unwrap_or_default();
    let token = cx.keyring().seal_session(cx.world(), session, &secret, minimum).ok_or_else(|| {
        doorward_shapes::sts::error::packed_policy_too_large(
            "Packed size of session policies and tags consumes more than the allotted space: the session token would be too long.",
        )
    })?;
    let percent = (token.len() * 100).div_ceil(MAX_TOKEN_LENGTH);
    Ok(Issued {
        token_size: i32::try_from(token.len()).unwrap_or(i32::MAX),
        token_utilization: i32::try_from(percent).unwrap_or(100),
        credentials: api::Credentials {
            access_key_id: session.access_key_id.clone(),
            secret_access_key: secret.0.as_str().to_owned().into(),
            session_token: token.into(),
            expiration: session.expires,
        },
    })
}

/// `SerialNumber` and `TokenCode`: both or none. Whether they were given, and right: the code is then used.
pub(super) fn second_factor(
    cx: &Cx<'_>,
    account: &Account,
    serial_number: Option<&str>,
    token_code: Option<&Sensitive>,
) -> Result<bool, Error> {
    match (serial_number, token_code) {
        (None, None) => Ok(false),
        (Some(serial_number), Some(code)) => cx.spend_code(account, serial_number, code).map(|()| true),
        _ => Err(common::access_denied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        )),
    }
}
