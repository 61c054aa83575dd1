//! AssumeRole (STS API Reference).

use std::sync::Arc;

use doorward_directory::{Account, Role, id};
use doorward_policy::arn::Arn;
use doorward_shapes::sts as api;
use doorward_shapes::{Error, common};

use super::{chain, issue, session_policy};
use crate::authorize::refuse_root;
use crate::cx::Cx;
use crate::op::Op;
use crate::session::SessionOf;
use crate::subject::session_arn;
use crate::target::{Scope, Target};

/// Seconds: the default, and the longest session made with another session.
const DEFAULT: i32 = 3_600;
const CHAINED_MAX: i32 = 3_600;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue("AssumeRole", targets, assume_role)]
}

/// A role and its account.
pub(super) type Found = (Arc<Account>, Arc<Role>);

/// The account in the ARN of a role.
pub(super) fn account_of(arn: &str) -> Result<&str, Error> {
    let is_role = |parsed: &Arn<'_>| {
        parsed.service == "iam" && id::is_account_id(parsed.account) && parsed.resource.starts_with("role/")
    };
    let invalid = || common::validation_error(format!("{} is invalid", arn.chars().take(200).collect::<String>()));
    Arn::parse(arn).filter(is_role).map(|parsed| parsed.account).ok_or_else(invalid)
}

/// The role that an ARN names exactly, in its account.
pub(super) fn find(cx: &Cx<'_>, arn: &str) -> Result<Option<Found>, Error> {
    let Some(account) = cx.account(account_of(arn)?)? else { return Ok(None) };
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role = account.roles().by_name(name).filter(|role| account.role_arn(role) == arn).cloned();
    Ok(role.map(|role| (account, role)))
}

/// AssumeRole, and with it TagSession and SetSourceIdentity where the call does that too, each on the role and its
/// trust policy. A role that does not exist is asked about all the same: what nobody may assume is refused in the words
/// of any other refusal.
fn targets(scope: &Scope<'_>, input: &api::AssumeRoleRequest) -> Result<Vec<Target>, Error> {
    let cx = scope.cx;
    refuse_root(cx)?;
    issue::check_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
    let found = find(cx, &input.role_arn)?;
    let source_identity = chain::source_identity(cx.caller, input.source_identity.as_deref())?;
    let role = found.as_ref().map(|(account, role)| (account.id().to_owned(), role.id.clone()));
    let account_id = Arn::parse(&input.role_arn).map(|arn| arn.account.to_owned()).unwrap_or_default();
    let mut target = scope
        .arn(input.role_arn.as_str())
        .owned_by(account_id.clone())
        .trusted_by(role.unwrap_or((account_id, String::new())))
        .key("sts:RoleSessionName", input.role_session_name.as_str())
        .key_if("sts:ExternalId", input.external_id.as_deref())
        .key_if("sts:SourceIdentity", source_identity.as_deref())
        .request_tags(input.tags.as_deref().map(|tags| tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))));
    if let Some(keys) = &input.transitive_tag_keys {
        target = target.keys("sts:TransitiveTagKeys", keys.clone());
    }
    if let Some((_, role)) = &found {
        // What comes down from the calling session stands in the place of the role's own tags (User Guide, "Chain
        // roles with session tags").
        let mut tags = role.tags.clone();
        for tag in chain::inherited(cx.caller) {
            tags.set(tag.clone());
        }
        target = target.resource_tags(&tags, true);
    }
    let tag_session = chain::needs_tag_session(cx.caller, input.tags.as_deref()).then(|| target.also("sts:TagSession"));
    let set_identity = source_identity.is_some().then(|| target.also("sts:SetSourceIdentity"));
    Ok([target].into_iter().chain(tag_session).chain(set_identity).collect())
}

fn assume_role(cx: &Cx<'_>, _: &Account, input: api::AssumeRoleRequest) -> Result<api::AssumeRoleResponse, Error> {
    let (account, role) = find(cx, &input.role_arn)?.ok_or_else(|| common::access_denied("The role is no more."))?;
    if input.provided_contexts.as_ref().is_some_and(|contexts| !contexts.is_empty()) {
        return Err(common::invalid_parameter_value(
            "There is no context provider that ProvidedContexts could come from.",
        ));
    }
    let seconds = duration(cx, &role, input.duration_seconds)?;
    let tags = chain::tags(cx.caller, input.tags.as_deref(), input.transitive_tag_keys.as_deref())?;
    let source_identity = chain::source_identity(cx.caller, input.source_identity.as_deref())?;
    let policies = session_policy::checked(&account, input.policy.as_deref(), input.policy_arns.as_deref())?;
    let packed_policy_size = session_policy::packed_size(&policies, &tags.tags)?;
    let session_name = input.role_session_name;
    let of = SessionOf::Role { id: role.id.clone(), session_name: session_name.clone() };
    let mut session = issue::session(cx, account.id(), of, seconds)?;
    session.policies = policies;
    session.tags = tags.tags;
    session.transitive_tag_keys = tags.transitive_keys;
    session.source_identity = source_identity.clone();
    let issued = issue::issue(cx, &session, input.minimum_session_token_size)?;
    Ok(api::AssumeRoleResponse {
        credentials: Some(issued.credentials),
        assumed_role_user: Some(api::AssumedRoleUser {
            assumed_role_id: format!("{}:{session_name}", role.id),
            arn: session_arn(account.id(), &role.name, &session_name),
        }),
        packed_policy_size,
        source_identity,
        session_token_utilization: Some(issued.token_utilization),
        session_token_size: Some(issued.token_size),
    })
}

/// Too long is an error, never cut (API Reference, AssumeRole).
pub(super) fn duration(cx: &Cx<'_>, role: &Role, requested: Option<i32>) -> Result<i32, Error> {
    let seconds = requested.unwrap_or(DEFAULT);
    if cx.caller.session.is_some() && seconds > CHAINED_MAX {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        return Err(common::validation_error(text));
    }
    if seconds > role.max_session_duration {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(common::validation_error(text));
    }
    Ok(seconds)
}
