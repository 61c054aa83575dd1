//! The own API: what AWS has no API for.

pub(crate) mod account;
mod ask;
mod decision;
mod events;
mod explanation;
mod hardware_mfa;
mod quota;
mod role_template;
mod security_keys;

use doorward_shapes::{Error, doorward::error};

use crate::cx::Cx;
use crate::op::Op;

/// The rows of the own API's operations.
pub(crate) fn ops() -> Vec<Op> {
    [
        account::ops(),
        ask::ops(),
        decision::ops(),
        events::ops(),
        hardware_mfa::ops(),
        quota::ops(),
        role_template::ops(),
        security_keys::ops(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Principals of the operator's account may look into every account, others into their own.
fn check_reach(cx: &Cx<'_>, account_id: &str) -> Result<(), Error> {
    if cx.caller.account_id == account_id || cx.caller.account_id == cx.doorward.operator() {
        return Ok(());
    }
    Err(error::access_denied(format!(
        "Only principals of the account {} may do this for the account {account_id}.",
        cx.doorward.operator()
    )))
}
