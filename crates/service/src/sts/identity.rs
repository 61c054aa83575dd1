//! Who am I, and whose is that key (STS API Reference: GetCallerIdentity, GetAccessKeyInfo).

use doorward_directory::{Account, id};
use doorward_shapes::sts as api;
use doorward_shapes::{Error, common};

use crate::cx::{Cx, caller_is_gone};
use crate::op::Op;
use crate::subject::Subject;

pub(super) fn ops() -> Vec<Op> {
    vec![
        // "No permissions are required", and none can be taken away (API Reference, GetCallerIdentity).
        Op::read("GetCallerIdentity", |_, _: &api::GetCallerIdentityRequest| Ok(Vec::new()), get_caller_identity)
            .always_allowed(),
        Op::read(
            "GetAccessKeyInfo",
            |scope, _: &api::GetAccessKeyInfoRequest| Ok(vec![scope.any()]),
            get_access_key_info,
        ),
    ]
}

fn get_caller_identity(
    cx: &Cx<'_>,
    account: &Account,
    _: api::GetCallerIdentityRequest,
) -> Result<api::GetCallerIdentityResponse, Error> {
    let subject = Subject::find(cx.caller, Some(account)).ok_or_else(caller_is_gone)?;
    Ok(api::GetCallerIdentityResponse {
        user_id: subject.user_id(),
        account: Some(account.id().to_owned()),
        arn: Some(subject.arn().to_owned()),
    })
}

/// The account is in the key's id; whether the key exists is not said (API Reference, GetAccessKeyInfo).
fn get_access_key_info(
    _: &Cx<'_>,
    _: &Account,
    input: api::GetAccessKeyInfoRequest,
) -> Result<api::GetAccessKeyInfoResponse, Error> {
    let account = id::account_of_access_key(&input.access_key_id);
    let account = account.ok_or_else(|| common::validation_error("The access key ID is not valid."))?;
    Ok(api::GetAccessKeyInfoResponse { account: Some(account) })
}
