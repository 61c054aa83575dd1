//! The steps of a delegation request (IAM API Reference: AssociateDelegationRequest, UpdateDelegationRequest,
//! AcceptDelegationRequest, RejectDelegationRequest, SendDelegationToken; User Guide, "Understanding the Request
//! Lifecycle").

use doorward_directory::{Account, Approver, Delegation, DelegationParty, DelegationState, quota};
use doorward_shapes::Error;
use doorward_shapes::common;
use doorward_shapes::iam::{self as api, error};

use super::{invalid, is_owner, owned, request};
use crate::caller::Who;
use crate::cx::{Cx, caller_is_gone};
use crate::delegation::{Found, find};
use crate::op::Op;
use crate::subject::Subject;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "AssociateDelegationRequest",
            |scope, input: &api::AssociateDelegationRequestRequest| {
                Ok(vec![request(scope, &input.delegation_request_id)])
            },
            associate,
        ),
        Op::write(
            "UpdateDelegationRequest",
            |scope, input: &api::UpdateDelegationRequestRequest| owned(scope, &input.delegation_request_id),
            update,
        ),
        // Its owner, too, needs a policy for it.
        Op::write(
            "AcceptDelegationRequest",
            |scope, input: &api::AcceptDelegationRequestRequest| Ok(vec![request(scope, &input.delegation_request_id)]),
            accept,
        ),
        Op::write(
            "RejectDelegationRequest",
            |scope, input: &api::RejectDelegationRequestRequest| owned(scope, &input.delegation_request_id),
            reject,
        ),
        Op::write(
            "SendDelegationToken",
            |scope, input: &api::SendDelegationTokenRequest| owned(scope, &input.delegation_request_id),
            send,
        ),
    ]
}

fn party(cx: &Cx<'_>, account: &Account) -> Result<DelegationParty, Error> {
    let subject = Subject::find(cx.caller, Some(account)).ok_or_else(caller_is_gone)?;
    let user_id = subject.user_id().ok_or_else(caller_is_gone)?;
    Ok(DelegationParty { user_id, arn: subject.arn().to_owned() })
}

fn associate(cx: &Cx<'_>, account: &mut Account, input: api::AssociateDelegationRequestRequest) -> Result<(), Error> {
    let found = find(cx, account, &input.delegation_request_id)?;
    if found.is_expired(cx.now) {
        return Err(expired());
    }
    let request = match found {
        Found::Unassigned(request) if request.owner_account_id == account.id() => request,
        Found::Unassigned(_) => return Err(invalid("The delegation request asks another account.")),
        Found::Assigned(_) => return Err(invalid("The delegation request is associated already.")),
    };
    let old: Vec<String> =
        account.delegations().iter().filter(|old| old.is_forgotten(cx.now)).map(|old| old.request.id.clone()).collect();
    old.iter().for_each(|id| account.remove::<Delegation>(id));
    if account.delegations().len() >= quota::DELEGATION_REQUESTS {
        let limit = quota::DELEGATION_REQUESTS;
        return Err(error::limit_exceeded(format!("Cannot exceed quota for DelegationRequestsPerAccount: {limit}")));
    }
    let owner = party(cx, account)?;
    account.put(Delegation {
        request: doorward_directory::DelegationRequest::clone(&request),
        owner,
        state: DelegationState::Assigned,
        updated: cx.date(),
        notes: None,
        rejection_reason: None,
        approver: None,
    });
    Ok(())
}

fn expired() -> Error {
    invalid("The delegation request has expired.")
}

/// A delegation of this account, if it is in one of the states that the step is made from.
fn in_state(cx: &Cx<'_>, account: &Account, id: &str, from: &[DelegationState]) -> Result<Delegation, Error> {
    let delegation = match find(cx, account, id)? {
        Found::Assigned(delegation) if delegation.request.owner_account_id == account.id() => delegation,
        Found::Assigned(_) => return Err(invalid("The delegation request asks another account.")),
        Found::Unassigned(_) => return Err(invalid("The delegation request is associated with nobody.")),
    };
    if delegation.expires() <= cx.now {
        return Err(expired());
    }
    match from.contains(&delegation.state) {
        true => Ok(Delegation::clone(&delegation)),
        false => Err(invalid("The state of the delegation request does not allow this.")),
    }
}

fn step(cx: &Cx<'_>, account: &mut Account, delegation: Delegation, state: DelegationState) {
    account.put(Delegation { state, updated: cx.date(), ..delegation });
}

fn update(cx: &Cx<'_>, account: &mut Account, input: api::UpdateDelegationRequestRequest) -> Result<(), Error> {
    let from = [DelegationState::Assigned, DelegationState::PendingApproval];
    let mut delegation = in_state(cx, account, &input.delegation_request_id, &from)?;
    delegation.notes = input.notes.or(delegation.notes);
    step(cx, account, delegation, DelegationState::PendingApproval);
    Ok(())
}

fn accept(cx: &Cx<'_>, account: &mut Account, input: api::AcceptDelegationRequestRequest) -> Result<(), Error> {
    let from = [DelegationState::Assigned, DelegationState::PendingApproval];
    let mut delegation = in_state(cx, account, &input.delegation_request_id, &from)?;
    delegation.approver = Some(approver(cx, account)?);
    step(cx, account, delegation, DelegationState::Accepted);
    Ok(())
}

/// Whose permissions are delegated: a user, or a session that is no less than its role. What restricts a session, or is
/// a condition of it, would be lost with the delegated one.
fn approver(cx: &Cx<'_>, account: &Account) -> Result<Approver, Error> {
    if !matches!(cx.caller.who, Who::User { .. } | Who::Role { .. }) {
        return Err(common::access_denied("Delegation requests are accepted by users and roles."));
    }
    let session = cx.caller.session.as_ref();
    if session.is_some_and(|session| !session.policies.is_empty() || session.federation.is_some()) {
        let text = "A session with session policies, or of an identity provider, cannot accept delegation requests.";
        return Err(common::access_denied(text));
    }
    Ok(Approver {
        party: party(cx, account)?,
        tags: session.map(|session| session.tags.clone()).unwrap_or_default(),
        source_identity: session.and_then(|session| session.source_identity.clone()),
    })
}

fn reject(cx: &Cx<'_>, account: &mut Account, input: api::RejectDelegationRequestRequest) -> Result<(), Error> {
    let from = [DelegationState::Assigned, DelegationState::PendingApproval, DelegationState::Accepted];
    let mut delegation = in_state(cx, account, &input.delegation_request_id, &from)?;
    delegation.rejection_reason = input.notes;
    step(cx, account, delegation, DelegationState::Rejected);
    Ok(())
}

/// Releases the access: from now on the account that asked can have credentials.
fn send(cx: &Cx<'_>, account: &mut Account, input: api::SendDelegationTokenRequest) -> Result<(), Error> {
    let delegation = in_state(cx, account, &input.delegation_request_id, &[DelegationState::Accepted])?;
    let subject = Subject::find(cx.caller, Some(account)).ok_or_else(caller_is_gone)?;
    if delegation.request.only_send_by_owner && !is_owner(&delegation, &subject) {
        return Err(common::access_denied("The owner of the delegation request alone can send its token."));
    }
    step(cx, account, delegation, DelegationState::Finalized);
    Ok(())
}
