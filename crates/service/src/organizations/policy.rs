//! Policies of an organization: CreatePolicy, DescribePolicy, UpdatePolicy, DeletePolicy, ListPolicies.

use doorward_directory::{ControlKind, FeatureSet, Organization, OrganizationPolicy, PolicyText, id};
use doorward_policy::document::Document;
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::policy_type::known;
use super::{invalid, limit, listed, tag, target};
use crate::cx::Cx;
use crate::op::Op;
use crate::world::random_u128;

/// Policies of a type in an organization (Organizations User Guide, "Quotas").
const POLICIES: usize = 10_000;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreatePolicy",
            |scope, input: &api::CreatePolicyRequest| {
                let target = scope.any().key("organizations:PolicyType", input.r#type.as_str());
                Ok(target::tagged(target, input.tags.as_deref()))
            },
            create,
        ),
        Op::read(
            "DescribePolicy",
            |scope, input: &api::DescribePolicyRequest| Ok(vec![target::policy(scope, &input.policy_id)]),
            describe,
        ),
        Op::write(
            "UpdatePolicy",
            |scope, input: &api::UpdatePolicyRequest| Ok(vec![target::policy(scope, &input.policy_id)]),
            update,
        ),
        Op::write(
            "DeletePolicy",
            |scope, input: &api::DeletePolicyRequest| Ok(vec![target::policy(scope, &input.policy_id)]),
            delete,
        ),
        Op::read(
            "ListPolicies",
            |scope, input: &api::ListPoliciesRequest| {
                Ok(vec![scope.any().key("organizations:PolicyType", input.filter.as_str())])
            },
            list,
        ),
    ]
}

/// The policies that everything new has: those that allow everything, of each type that is enabled.
pub(super) fn defaults(organization: &Organization) -> Vec<String> {
    organization.enabled().iter().map(|kind| kind.full_access().to_owned()).collect()
}

/// The policy of this id.
pub(super) fn find<'a>(organization: &'a Organization, id: &str) -> Result<&'a OrganizationPolicy, Error> {
    let missing = || error::policy_not_found("You specified a policy that doesn't exist.");
    organization.policy(id).map(AsRef::as_ref).ok_or_else(missing)
}

/// The same, to be changed: AWS's own are not.
fn own(organization: &Organization, id: &str) -> Result<OrganizationPolicy, Error> {
    let policy = find(organization, id)?;
    match policy.aws_managed {
        true => {
            Err(invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified."))
        }
        false => Ok(policy.clone()),
    }
}

/// All characters count, white space too (Organizations User Guide, "Quotas").
fn content(kind: ControlKind, text: &str) -> Result<PolicyText, Error> {
    let most = match kind {
        ControlKind::Service => 10_240,
        ControlKind::Resource => 5_120,
    };
    if text.chars().count() > most {
        let text = "You have exceeded the maximum size of a policy of this type.";
        return Err(limit("POLICY_CONTENT_LIMIT_EXCEEDED", text));
    }
    let parsed = Document::parse(text, kind.policy_type());
    parsed.map(PolicyText::new).map_err(|refused| error::malformed_policy_document(refused.message))
}

fn free_name(organization: &Organization, kind: ControlKind, name: &str) -> Result<(), Error> {
    match organization.policies_of(kind).any(|policy| policy.name == name) {
        true => Err(error::duplicate_policy("A policy with the same name already exists.")),
        false => Ok(()),
    }
}

fn create(
    cx: &Cx<'_>,
    organization: &mut Organization,
    input: api::CreatePolicyRequest,
) -> Result<api::CreatePolicyResponse, Error> {
    let kind = known(input.r#type)?;
    if organization.settings().features != FeatureSet::All {
        return Err(error::policy_type_not_available_for_organization(
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    free_name(organization, kind, &input.name)?;
    if organization.policies_of(kind).count() > POLICIES {
        let text = "You have exceeded the number of policies that you can have in an organization.";
        return Err(limit("POLICY_NUMBER_LIMIT_EXCEEDED", text));
    }
    let policy = OrganizationPolicy {
        id: id::organization_id("p-", random_u128(cx.world()), 8),
        document: content(kind, &input.content)?,
        name: input.name,
        kind,
        description: input.description,
        tags: tag::checked(input.tags)?,
        aws_managed: false,
    };
    let answer = whole(organization, &policy);
    organization.put(policy);
    Ok(api::CreatePolicyResponse { policy: Some(answer) })
}

fn describe(
    _: &Cx<'_>,
    organization: &Organization,
    input: api::DescribePolicyRequest,
) -> Result<api::DescribePolicyResponse, Error> {
    let policy = find(organization, &input.policy_id)?;
    Ok(api::DescribePolicyResponse { policy: Some(whole(organization, policy)) })
}

fn update(
    _: &Cx<'_>,
    organization: &mut Organization,
    input: api::UpdatePolicyRequest,
) -> Result<api::UpdatePolicyResponse, Error> {
    let mut policy = own(organization, &input.policy_id)?;
    if let Some(name) = input.name.filter(|name| *name != policy.name) {
        free_name(organization, policy.kind, &name)?;
        policy.name = name;
    }
    if let Some(description) = input.description {
        policy.description = description;
    }
    if let Some(text) = input.content {
        policy.document = content(policy.kind, &text)?;
    }
    let answer = whole(organization, &policy);
    organization.put(policy);
    Ok(api::UpdatePolicyResponse { policy: Some(answer) })
}

fn delete(_: &Cx<'_>, organization: &mut Organization, input: api::DeletePolicyRequest) -> Result<(), Error> {
    let id = own(organization, &input.policy_id)?.id;
    if organization.targets(&id).next().is_some() {
        return Err(error::policy_in_use("The policy is attached to one or more entities. You must detach it first."));
    }
    organization.remove::<OrganizationPolicy>(&id);
    Ok(())
}

fn list(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListPoliciesRequest,
) -> Result<api::ListPoliciesResponse, Error> {
    let list = [input.filter.as_str().to_owned()];
    let mut policies: Vec<_> = organization.policies_of(known(input.filter)?).collect();
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    let from = (input.next_token.as_deref(), input.max_results);
    let item = |policy: &&std::sync::Arc<OrganizationPolicy>| summary(organization, policy);
    let page = listed(cx, &[&list[0]], from, policies, |policy| &policy.id, item)?;
    Ok(api::ListPoliciesResponse { policies: Some(page.items), next_token: page.marker })
}

fn whole(organization: &Organization, policy: &OrganizationPolicy) -> api::Policy {
    api::Policy {
        policy_summary: Some(summary(organization, policy)),
        content: Some(policy.document.text().to_owned()),
    }
}

/// A policy as lists give it.
pub(super) fn summary(organization: &Organization, policy: &OrganizationPolicy) -> api::PolicySummary {
    api::PolicySummary {
        id: Some(policy.id.clone()),
        arn: Some(organization.policy_arn(policy)),
        name: Some(policy.name.clone()),
        description: Some(policy.description.clone()),
        r#type: api::PolicyType::parse(policy.kind.name()),
        aws_managed: Some(policy.aws_managed),
    }
}
