//! Managed policies, customers' and AWS's (IAM API Reference: CreatePolicy, GetPolicy, DeletePolicy, ListPolicies, TagPolicy,
//! UntagPolicy, ListPolicyTags).

use std::sync::Arc;

use doorward_directory::{AWS_MANAGED, Account, Policy, PolicyText, PolicyVersion, ReferenceKind, id, quota};
use doorward_policy::arn::is_account_id;
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::size::counted_size;
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};

use super::room::check_room;
use super::tag;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::target::{Scope, Target};

#[cfg(test)]
mod tests;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreatePolicy", new_policy, create_policy),
        Op::read("GetPolicy", |scope, input: &api::GetPolicyRequest| target(scope, &input.policy_arn), get_policy),
        Op::write(
            "DeletePolicy",
            |scope, input: &api::DeletePolicyRequest| change(scope, &input.policy_arn),
            delete_policy,
        ),
        Op::read("ListPolicies", listed, list_policies),
        Op::write("TagPolicy", tagged, tag_policy),
        Op::write("UntagPolicy", untagged, untag_policy),
        Op::read(
            "ListPolicyTags",
            |scope, input: &api::ListPolicyTagsRequest| target(scope, &input.policy_arn),
            list_policy_tags,
        ),
    ]
}

/// A managed policy as the only target.
pub(super) fn target(scope: &Scope<'_>, arn: &str) -> Result<Vec<Target>, Error> {
    check_arn(arn)?;
    Ok(vec![scope.policy(arn)])
}

/// A managed policy to be changed, as the only target.
pub(super) fn change(scope: &Scope<'_>, arn: &str) -> Result<Vec<Target>, Error> {
    check_arn(arn)?;
    Ok(vec![changed(scope, arn)])
}

/// A managed policy to be changed. AWS's own ones belong to the account `aws`, which lets nobody, not even root.
fn changed(scope: &Scope<'_>, arn: &str) -> Target {
    let target = scope.policy(arn);
    if arn.starts_with(AWS_MANAGED) { target.owned_by("aws".to_owned()) } else { target }
}

/// Whether this is the ARN of a managed policy, of whichever account, or of AWS.
pub(super) fn check_arn(text: &str) -> Result<(), Error> {
    super::check_arn_of(text, "policy", |account| account == "aws" || is_account_id(account))?;
    // With nothing behind its path it has no name.
    if text.ends_with('/') {
        return Err(common::validation_error(format!("ARN {text} is not valid.")));
    }
    Ok(())
}

/// A managed policy by ARN, to be read or changed.
pub(super) fn policy<'a>(account: &'a Account, arn: &str) -> Result<&'a Arc<Policy>, Error> {
    account.policy_by_arn(arn).ok_or_else(|| not_found(arn))
}

pub(super) fn not_found(arn: &str) -> Error {
    error::no_such_entity(format!("Policy {arn} was not found."))
}

/// A managed policy by ARN, to be attached or given another version.
pub(super) fn attachable<'a>(account: &'a Account, arn: &str) -> Result<&'a Arc<Policy>, Error> {
    let missing = || error::no_such_entity(format!("Policy {arn} does not exist or is not attachable."));
    account.policy_by_arn(arn).ok_or_else(missing)
}

/// Paths of AWS-managed policies that are for service-linked roles and for AssumeRoot alone.
const RESERVED_PATHS: &[&str] = &["/aws-service-role/", "/root-task/"];

/// Whether a managed policy may be attached to a user, a group or a role of the account's own making.
pub(super) fn check_not_reserved(policy: &Policy) -> Result<(), Error> {
    if policy.aws_managed && RESERVED_PATHS.iter().any(|path| policy.path.starts_with(path)) {
        return Err(error::policy_not_attachable("Cannot attach a Service Role Policy to a Customer Role."));
    }
    Ok(())
}

/// The document of a request.
pub(super) fn parsed(text: &str, kind: PolicyType) -> Result<PolicyText, Error> {
    let refused = |refused: doorward_policy::error::PolicyError| error::malformed_policy_document(refused.message);
    Document::parse(text, kind).map(PolicyText::new).map_err(refused)
}

/// The document of a managed policy's version.
pub(super) fn managed(text: &str) -> Result<PolicyText, Error> {
    let document = parsed(text, PolicyType::Managed)?;
    if counted_size(text) > quota::POLICY_SIZE {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for PolicySize: {}", quota::POLICY_SIZE)));
    }
    Ok(document)
}

fn new_policy(scope: &Scope<'_>, input: &api::CreatePolicyRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("policy", path, &input.policy_name))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    // "To create with tags, permission for both" (User Guide, "Tags for IAM resources").
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagPolicy"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListPoliciesRequest) -> Result<Vec<Target>, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let target = scope.arn(scope.account.arn("policy", prefix, ""));
    Ok(vec![Target { display: format!("policy path {prefix}"), ..target }])
}

fn tagged(scope: &Scope<'_>, input: &api::TagPolicyRequest) -> Result<Vec<Target>, Error> {
    check_arn(&input.policy_arn)?;
    Ok(vec![changed(scope, &input.policy_arn).request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagPolicyRequest) -> Result<Vec<Target>, Error> {
    check_arn(&input.policy_arn)?;
    Ok(vec![changed(scope, &input.policy_arn).keys("aws:TagKeys", input.tag_keys.clone())])
}

fn create_policy(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreatePolicyRequest,
) -> Result<api::CreatePolicyResponse, Error> {
    let tags = tag::checked_exact(input.tags)?;
    let document = managed(&input.policy_document)?;
    // Names are unique whatever the path.
    if account.policies().by_name(&input.policy_name).is_some() {
        let text = format!("A policy called {} already exists. Duplicate names are not allowed.", input.policy_name);
        return Err(error::entity_already_exists(text));
    }
    check_room(account, &quota::POLICIES, account.policies().len())?;
    let created = cx.date();
    let policy = Policy {
        id: cx.unique_id(id::POLICY),
        name: input.policy_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        created,
        updated: created,
        description: input.description,
        tags,
        versions: vec![PolicyVersion { number: 1, document, created }],
        default_version: 1,
        next_version: 2,
        aws_managed: false,
    };
    // The description is GetPolicy's alone to give (API Reference, Policy).
    let answer = api::Policy { tags: tag::list(&policy.tags), ..summary(account, &policy) };
    account.put(policy);
    Ok(api::CreatePolicyResponse { policy: Some(answer) })
}

fn get_policy(_: &Cx<'_>, account: &Account, input: api::GetPolicyRequest) -> Result<api::GetPolicyResponse, Error> {
    let policy = policy(account, &input.policy_arn)?;
    let answer = api::Policy {
        description: policy.description.clone(),
        // Of a policy without tags, GetPolicy says so with an empty list.
        tags: Some(policy.tags.iter().map(tag::api).collect()),
        ..summary(account, policy)
    };
    Ok(api::GetPolicyResponse { policy: Some(answer) })
}

fn delete_policy(_: &Cx<'_>, account: &mut Account, input: api::DeletePolicyRequest) -> Result<(), Error> {
    let policy = Arc::clone(policy(account, &input.policy_arn)?);
    if Uses::of(account, &input.policy_arn).any() {
        return Err(error::delete_conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(error::delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    account.remove::<Policy>(&policy.id);
    Ok(())
}

fn list_policies(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListPoliciesRequest,
) -> Result<api::ListPoliciesResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let scope = input.scope.as_ref().map_or("", |scope| scope.as_str());
    let usage = input.policy_usage_filter.as_ref().map_or("", |usage| usage.as_str());
    let only_attached = input.only_attached.unwrap_or(false);
    let wanted = |arn: &str| {
        let uses = Uses::of(account, arn);
        let used = match &input.policy_usage_filter {
            None => true,
            Some(api::PolicyUsageType::PermissionsPolicy) => uses.attachments > 0,
            Some(api::PolicyUsageType::PermissionsBoundary) => uses.boundaries > 0,
        };
        used && (!only_attached || uses.attachments > 0)
    };
    let own = !matches!(input.scope, Some(api::PolicyScopeType::Aws));
    let aws = !matches!(input.scope, Some(api::PolicyScopeType::Local));
    let list = [prefix, scope, usage, if only_attached { "attached" } else { "" }];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            // The account's own by name, then AWS's by ARN: no name is an ARN.
            let over = after.starts_with(AWS_MANAGED);
            let local = account.policies().after(after).filter(move |_| own && !over);
            let local = local.filter(|policy| wanted(&account.policy_arn(policy)));
            // Of AWS's many policies those alone are opened that are used in the way that was asked for.
            let arns = account.catalogue().after(if over { after } else { "" }).filter(move |arn| aws && wanted(arn));
            let managed = arns.filter_map(|arn| Some((arn, account.catalogue().get(arn)?)));
            let all = local.map(|policy| (policy.name.as_str(), policy)).chain(managed);
            all.filter(|(_, policy)| policy.path.starts_with(prefix))
        },
        |(key, _)| key,
        |(_, policy)| summary(account, policy),
    )?;
    Ok(api::ListPoliciesResponse {
        policies: Some(page.items),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn tag_policy(_: &Cx<'_>, account: &mut Account, input: api::TagPolicyRequest) -> Result<(), Error> {
    let mut policy = Policy::clone(policy(account, &input.policy_arn)?);
    tag::add_exact(&mut policy.tags, input.tags)?;
    account.put(policy);
    Ok(())
}

fn untag_policy(_: &Cx<'_>, account: &mut Account, input: api::UntagPolicyRequest) -> Result<(), Error> {
    let mut policy = Policy::clone(policy(account, &input.policy_arn)?);
    tag::remove_exact(&mut policy.tags, &input.tag_keys);
    account.put(policy);
    Ok(())
}

fn list_policy_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListPolicyTagsRequest,
) -> Result<api::ListPolicyTagsResponse, Error> {
    let policy = policy(account, &input.policy_arn)?;
    let page = tag::page_exact(cx, &policy.id, &policy.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListPolicyTagsResponse { tags: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

/// How many users, groups and roles use a policy, and how.
pub(super) struct Uses {
    pub attachments: usize,
    pub boundaries: usize,
}

impl Uses {
    pub fn of(account: &Account, arn: &str) -> Uses {
        use ReferenceKind::{GroupAttachment, RoleAttachment, RoleBoundary, UserAttachment, UserBoundary};
        let count = |kinds: &[ReferenceKind]| kinds.iter().map(|kind| account.referrers(arn, *kind).count()).sum();
        Uses {
            attachments: count(&[UserAttachment, GroupAttachment, RoleAttachment]),
            boundaries: count(&[UserBoundary, RoleBoundary]),
        }
    }

    pub fn any(&self) -> bool {
        self.attachments > 0 || self.boundaries > 0
    }
}

/// A policy as lists show it: without description and tags (API Reference, ListPolicies).
pub(super) fn summary(account: &Account, policy: &Policy) -> api::Policy {
    let arn = account.policy_arn(policy);
    let uses = Uses::of(account, &arn);
    let number = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
    api::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(arn),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: number(uses.attachments),
        permissions_boundary_usage_count: number(uses.boundaries),
        is_attachable: Some(true),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        ..Default::default()
    }
}
