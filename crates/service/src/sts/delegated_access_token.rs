//! GetDelegatedAccessToken (STS API Reference): credentials of whoever has accepted a delegation request, for the account
//! that asked.

use doorward_directory::{Account, Approver, DelegationRequest};
use doorward_shapes::sts::{self as api, error};
use doorward_shapes::{Error, common};

use super::issue;
use crate::cx::Cx;
use crate::delegation::{Found, find};
use crate::op::Op;
use crate::session::{SessionOf, SessionPolicy};
use crate::subject::session_arn;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue(
        "GetDelegatedAccessToken",
        |scope, _: &api::GetDelegatedAccessTokenRequest| Ok(vec![scope.any()]),
        get_delegated_access_token,
    )]
}

/// The trade-in token of a request is its id: it is good for nobody but the account that has asked, and for that once the
/// access was released.
fn get_delegated_access_token(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetDelegatedAccessTokenRequest,
) -> Result<api::GetDelegatedAccessTokenResponse, Error> {
    let id = input.trade_in_token.expose();
    let not_one = || common::access_denied("The trade-in token is not one of this account.");
    if DelegationRequest::requestor_in(id) != Some(account.id()) {
        return Err(not_one());
    }
    let delegation = match find(cx, account, id) {
        Ok(Found::Assigned(delegation)) if delegation.request.requestor_id == account.id() => delegation,
        Ok(_) => return Err(not_one()),
        Err(error) if error.code == "NoSuchEntity" => return Err(not_one()),
        Err(error) => return Err(error),
    };
    let (Some(ends), Some(approver)) = (delegation.access_ends(), &delegation.approver) else {
        return Err(common::access_denied("The access was not released."));
    };
    if ends <= cx.now {
        return Err(error::expired_trade_in_token("The trade-in token has expired."));
    }
    let owner = cx.account(&delegation.request.owner_account_id)?.ok_or_else(not_one)?;
    let (of, arn) = principal(&owner, approver)
        .ok_or_else(|| common::access_denied("Whoever has accepted the delegation request is no more."))?;
    let mut session = issue::session(cx, owner.id(), of, 0)?;
    // Whatever ends older sessions of the role ends this one: it does not begin anew with each exchange.
    session.issued = delegation.updated;
    session.expires = ends;
    session.policies = vec![SessionPolicy::Delegated(id.to_owned())];
    session.tags = approver.tags.clone();
    session.source_identity = approver.source_identity.clone();
    let issued = issue::issue(cx, &session, None)?;
    Ok(api::GetDelegatedAccessTokenResponse {
        credentials: Some(issued.credentials),
        packed_policy_size: None,
        assumed_principal: Some(arn),
    })
}

/// The user or role session that has accepted, as it is called now.
fn principal(owner: &Account, approver: &Approver) -> Option<(SessionOf, String)> {
    match approver.party.user_id.split_once(':') {
        None => {
            let user = owner.users().by_id(&approver.party.user_id)?;
            Some((SessionOf::User(user.id.clone()), owner.user_arn(user)))
        }
        Some((id, session_name)) => {
            let role = owner.roles().by_id(id)?;
            let of = SessionOf::Role { id: role.id.clone(), session_name: session_name.to_owned() };
            Some((of, session_arn(owner.id(), &role.name, session_name)))
        }
    }
}
