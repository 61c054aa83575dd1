//! What all ways to assume a role share: finding it, what it is asked for, the session and its credentials.

use std::sync::Arc;

use doorward_directory::{Account, Role, id};
use doorward_policy::arn::Arn;
use doorward_shapes::sts as api;
use doorward_shapes::{Error, common};

use super::chain::{self, SessionTags};
use super::issue::{self, Issued};
use super::session_policy;
use crate::cx::Cx;
use crate::evidence::Federation;
use crate::session::SessionOf;
use crate::subject::session_arn;
use crate::target::{Scope, Target};

/// Seconds: the default, and the longest session made with another session.
const DEFAULT: i32 = 3_600;
const CHAINED_MAX: i32 = 3_600;

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

/// What the caller wants the session to be.
pub(super) struct Wanted<'a> {
    pub role_arn: &'a str,
    pub session_name: &'a str,
    pub tags: Option<&'a [api::Tag]>,
    pub transitive_tag_keys: Option<&'a [String]>,
    pub source_identity: Option<&'a str>,
}

/// The role and its trust policy; with them TagSession and SetSourceIdentity, where the session gets tags or an identity.
/// `with` adds what is one operation's own. A role that does not exist is asked about all the same: what nobody may assume
/// is refused in the words of any other refusal.
pub(super) fn targets(
    scope: &Scope<'_>,
    wanted: &Wanted<'_>,
    with: impl FnOnce(Target) -> Target,
) -> Result<Vec<Target>, Error> {
    let caller = scope.cx.caller;
    let found = find(scope.cx, wanted.role_arn)?;
    let source_identity = chain::source_identity(caller, wanted.source_identity)?;
    let account_id = account_of(wanted.role_arn)?.to_owned();
    let role_id = found.as_ref().map(|(_, role)| role.id.clone()).unwrap_or_default();
    let mut target = scope
        .arn(wanted.role_arn)
        .owned_by(account_id.clone())
        .trusted_by((account_id, role_id))
        .key("sts:RoleSessionName", wanted.session_name)
        .key_if("sts:SourceIdentity", source_identity.as_deref())
        .request_tags(wanted.tags.map(|tags| tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))));
    if let Some(keys) = wanted.transitive_tag_keys {
        target = target.keys("sts:TransitiveTagKeys", keys.to_vec());
    }
    if let Some((_, role)) = &found {
        // What comes down from the calling session stands in the place of the role's own tags (User Guide, "Chain
        // roles with session tags").
        let mut tags = role.tags.clone();
        for tag in chain::inherited(caller) {
            tags.set(tag.clone());
        }
        target = target.resource_tags(&tags, true);
    }
    let target = with(target);
    let tag_session = chain::needs_tag_session(caller, wanted.tags).then(|| target.also("sts:TagSession"));
    let set_identity = source_identity.is_some().then(|| target.also("sts:SetSourceIdentity"));
    Ok([target].into_iter().chain(tag_session).chain(set_identity).collect())
}

/// What restricts the session, and how long it and its token are.
#[derive(Default)]
pub(super) struct Bounds<'a> {
    pub duration_seconds: Option<i32>,
    pub policy: Option<&'a str>,
    pub policy_arns: Option<&'a [api::PolicyDescriptorType]>,
    pub minimum_token_size: Option<i32>,
}

/// A session with its credentials.
pub(super) struct Assumed {
    pub issued: Issued,
    pub user: api::AssumedRoleUser,
    pub packed_policy_size: Option<i32>,
    pub source_identity: Option<String>,
}

/// Assumes the role. `federation` is what the session keeps of an identity provider's evidence.
pub(super) fn assume(
    cx: &Cx<'_>,
    wanted: &Wanted<'_>,
    bounds: &Bounds<'_>,
    federation: Option<Federation>,
) -> Result<Assumed, Error> {
    let found = find(cx, wanted.role_arn)?;
    let (account, role) = found.ok_or_else(|| common::access_denied("The role is no more."))?;
    let seconds = duration(cx, &role, bounds.duration_seconds)?;
    let SessionTags { tags, transitive_keys } = chain::tags(cx.caller, wanted.tags, wanted.transitive_tag_keys)?;
    let source_identity = chain::source_identity(cx.caller, wanted.source_identity)?;
    let policies = session_policy::checked(&account, bounds.policy, bounds.policy_arns)?;
    let packed_policy_size = session_policy::packed_size(&policies, &tags)?;
    let session_name = wanted.session_name;
    let of = SessionOf::Role { id: role.id.clone(), session_name: session_name.to_owned() };
    let mut session = issue::session(cx, account.id(), of, seconds)?;
    session.policies = policies;
    session.tags = tags;
    session.transitive_tag_keys = transitive_keys;
    session.source_identity = source_identity.clone();
    session.federation = federation;
    let user = api::AssumedRoleUser {
        assumed_role_id: format!("{}:{session_name}", role.id),
        arn: session_arn(account.id(), &role.name, session_name),
    };
    let issued = issue::issue(cx, &session, bounds.minimum_token_size)?;
    Ok(Assumed { issued, user, packed_policy_size, source_identity })
}

/// Too long is an error, never cut (API Reference, AssumeRole).
fn duration(cx: &Cx<'_>, role: &Role, requested: Option<i32>) -> Result<i32, Error> {
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
