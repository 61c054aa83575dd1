//! GetFederationToken (STS API Reference).

use doorward_directory::Account;
use doorward_shapes::Error;
use doorward_shapes::sts as api;

use super::{chain, issue, session_policy};
use crate::caller::Who;
use crate::cx::{Cx, caller_is_gone};
use crate::op::Op;
use crate::session::SessionOf;
use crate::subject::federated_user_arn;
use crate::target::{Scope, Target};

/// Seconds: the default, and the longest for the root user.
const DEFAULT: i32 = 43_200;
const ROOT_MAX: i32 = 3_600;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue("GetFederationToken", targets, get_federation_token)]
}

/// The federated user; with tags, TagSession too.
fn targets(scope: &Scope<'_>, input: &api::GetFederationTokenRequest) -> Result<Vec<Target>, Error> {
    let tags = input.tags.as_deref();
    let target = scope
        .arn(federated_user_arn(scope.account.id(), &input.name))
        .request_tags(tags.map(|tags| tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))));
    let tag_session = tags.is_some().then(|| target.also("sts:TagSession"));
    Ok([target].into_iter().chain(tag_session).collect())
}

/// The session is within the policies of the caller and within the session policies; without any it may do nothing, but
/// for what resources grant it by its own ARN. That is the evaluation's rule, so nothing is checked here.
fn get_federation_token(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetFederationTokenRequest,
) -> Result<api::GetFederationTokenResponse, Error> {
    let name = input.name;
    let (by, seconds) = match &cx.caller.who {
        Who::User { id } => (Some(id.clone()), input.duration_seconds.unwrap_or(DEFAULT)),
        // A longer one is cut to an hour for the root user (API Reference, GetFederationToken).
        Who::Root => (None, input.duration_seconds.unwrap_or(ROOT_MAX).min(ROOT_MAX)),
        _ => return Err(caller_is_gone()),
    };
    let tags = chain::tags(cx.caller, input.tags.as_deref(), None)?.tags;
    let policies = session_policy::checked(account, input.policy.as_deref(), input.policy_arns.as_deref())?;
    let packed_policy_size = session_policy::packed_size(&policies, &tags)?;
    let mut session = issue::session(cx, account.id(), SessionOf::FederatedUser { name: name.clone(), by }, seconds)?;
    session.policies = policies;
    session.tags = tags;
    let issued = issue::issue(cx, &session, input.minimum_session_token_size)?;
    Ok(api::GetFederationTokenResponse {
        credentials: Some(issued.credentials),
        federated_user: Some(api::FederatedUser {
            federated_user_id: format!("{}:{name}", account.id()),
            arn: federated_user_arn(account.id(), &name),
        }),
        packed_policy_size,
        session_token_utilization: Some(issued.token_utilization),
        session_token_size: Some(issued.token_size),
    })
}
