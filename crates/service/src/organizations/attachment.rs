//! What policies are attached to: AttachPolicy, DetachPolicy, ListPoliciesForTarget, ListTargetsForPolicy.

use doorward_directory::{ControlKind, Node, NodeKind, Organization, OrganizationPolicy, RESOURCE_FULL_ACCESS};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::policy::{find, summary};
use super::policy_type::known;
use super::{invalid, limit, listed, target};
use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "AttachPolicy",
            |scope, input: &api::AttachPolicyRequest| {
                Ok(vec![target::policy(scope, &input.policy_id), target::place(scope, &input.target_id)])
            },
            attach,
        ),
        Op::write(
            "DetachPolicy",
            |scope, input: &api::DetachPolicyRequest| {
                Ok(vec![target::policy(scope, &input.policy_id), target::place(scope, &input.target_id)])
            },
            detach,
        ),
        Op::read(
            "ListPoliciesForTarget",
            |scope, input: &api::ListPoliciesForTargetRequest| {
                let target = target::place(scope, &input.target_id);
                Ok(vec![target.key("organizations:PolicyType", input.filter.as_str())])
            },
            list_for_target,
        ),
        Op::read(
            "ListTargetsForPolicy",
            |scope, input: &api::ListTargetsForPolicyRequest| Ok(vec![target::policy(scope, &input.policy_id)]),
            list_targets,
        ),
    ]
}

/// How many policies of a type a root, unit or account can have (Organizations User Guide, "Quotas").
fn most(kind: ControlKind) -> usize {
    match kind {
        ControlKind::Service => 10,
        ControlKind::Resource => 5,
    }
}

fn place<'a>(organization: &'a Organization, id: &str) -> Result<Node<'a>, Error> {
    let missing = || error::target_not_found("You specified a target that doesn't exist.");
    organization.node(id).ok_or_else(missing)
}

/// The policies of a type that are attached to a place.
fn attached<'a>(
    organization: &'a Organization,
    node: Node<'a>,
    kind: ControlKind,
) -> impl Iterator<Item = &'a OrganizationPolicy> {
    let policies = node.policies().iter().filter_map(|id| organization.policy(id));
    policies.map(AsRef::as_ref).filter(move |policy| policy.kind == kind)
}

fn attach(_: &Cx<'_>, organization: &mut Organization, input: api::AttachPolicyRequest) -> Result<(), Error> {
    let policy = find(organization, &input.policy_id)?;
    let node = place(organization, &input.target_id)?;
    if !organization.enabled().contains(&policy.kind) {
        return Err(error::policy_type_not_enabled("This operation can be performed only for enabled policy types."));
    }
    if node.policies().contains(&policy.id) {
        return Err(error::duplicate_policy_attachment(
            "A policy with the specified name and type already attached to the target.",
        ));
    }
    if attached(organization, node, policy.kind).count() >= most(policy.kind) {
        let text = "You have attached the maximum number of policies of this type to the target.";
        return Err(limit("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", text));
    }
    let policies = node.policies().iter().cloned().chain([policy.id.clone()]).collect();
    organization.put_policies(&input.target_id, policies);
    Ok(())
}

/// A place without service control policies would allow nothing: one must stay (Organizations User Guide, "Quotas").
fn detach(_: &Cx<'_>, organization: &mut Organization, input: api::DetachPolicyRequest) -> Result<(), Error> {
    let policy = find(organization, &input.policy_id)?;
    let node = place(organization, &input.target_id)?;
    if !node.policies().contains(&policy.id) {
        return Err(error::policy_not_attached("The policy isn't attached to the specified target."));
    }
    if policy.id == RESOURCE_FULL_ACCESS {
        return Err(invalid("NON_DETACHABLE_POLICY", "You can't detach this AWS managed policy."));
    }
    if policy.kind == ControlKind::Service && attached(organization, node, policy.kind).count() == 1 {
        let text = "You cannot remove the last policy attached to the specified target. You must have at least one \
                    attached policy at all times.";
        return Err(limit("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", text));
    }
    let policies = node.policies().iter().filter(|id| **id != policy.id).cloned().collect();
    organization.put_policies(&input.target_id, policies);
    Ok(())
}

fn list_for_target(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListPoliciesForTargetRequest,
) -> Result<api::ListPoliciesForTargetResponse, Error> {
    let node = place(organization, &input.target_id)?;
    let kind = known(input.filter)?;
    let mut policies: Vec<_> = attached(organization, node, kind).collect();
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    let from = (input.next_token.as_deref(), input.max_results);
    let list = [node.id(), kind.name()];
    let page = listed(cx, &list, from, policies, |policy| &policy.id, |policy| summary(organization, policy))?;
    Ok(api::ListPoliciesForTargetResponse { policies: Some(page.items), next_token: page.marker })
}

fn list_targets(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListTargetsForPolicyRequest,
) -> Result<api::ListTargetsForPolicyResponse, Error> {
    let policy = find(organization, &input.policy_id)?;
    let targets = organization.targets(&policy.id).filter_map(|id| organization.node(id));
    let item = |node: &Node<'_>| api::PolicyTargetSummary {
        target_id: Some(node.id().to_owned()),
        arn: Some(target::place_arn(organization, node.id())),
        name: Some(node.name().to_owned()),
        r#type: Some(match node.kind() {
            NodeKind::Root => api::TargetType::Root,
            NodeKind::Unit => api::TargetType::OrganizationalUnit,
            NodeKind::Account => api::TargetType::Account,
        }),
    };
    let from = (input.next_token.as_deref(), input.max_results);
    let page = listed(cx, &[&policy.id], from, targets, |node| node.id(), item)?;
    Ok(api::ListTargetsForPolicyResponse { targets: Some(page.items), next_token: page.marker })
}
