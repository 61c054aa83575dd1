//! GetSessionToken (STS API Reference).

use doorward_directory::Account;
use doorward_shapes::Error;
use doorward_shapes::sts as api;

use super::issue;
use crate::caller::Who;
use crate::cx::{Cx, caller_is_gone};
use crate::op::Op;
use crate::session::SessionOf;

/// Seconds: the default, and the longest for the root user.
const DEFAULT: i32 = 43_200;
const ROOT_MAX: i32 = 3_600;

pub(super) fn ops() -> Vec<Op> {
    vec![
        // Policies cannot control it (User Guide, "Permissions for GetSessionToken").
        Op::issue("GetSessionToken", |_, _: &api::GetSessionTokenRequest| Ok(Vec::new()), get_session_token)
            .always_allowed(),
    ]
}

fn get_session_token(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetSessionTokenRequest,
) -> Result<api::GetSessionTokenResponse, Error> {
    let (of, seconds) = match &cx.caller.who {
        Who::User { id } => (SessionOf::User(id.clone()), input.duration_seconds.unwrap_or(DEFAULT)),
        // A longer one is cut to an hour for the root user (API Reference, GetSessionToken).
        Who::Root => (SessionOf::Root, input.duration_seconds.unwrap_or(ROOT_MAX).min(ROOT_MAX)),
        _ => return Err(caller_is_gone()),
    };
    let second_factor = issue::second_factor(cx, account, input.serial_number.as_deref(), input.token_code.as_ref())?;
    let mut session = issue::session(cx, account.id(), of, seconds)?;
    session.mfa = second_factor.then_some(session.issued);
    let issued = issue::issue(cx, &session, input.minimum_session_token_size)?;
    Ok(api::GetSessionTokenResponse {
        credentials: Some(issued.credentials),
        session_token_utilization: Some(issued.token_utilization),
        session_token_size: Some(issued.token_size),
    })
}
