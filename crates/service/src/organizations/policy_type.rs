//! Which types of policies there are: EnablePolicyType, DisablePolicyType.

use doorward_directory::{ControlKind, FeatureSet, Organization, Root};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::{invalid, target};
use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "EnablePolicyType",
            |scope, input: &api::EnablePolicyTypeRequest| {
                let root = target::place(scope, &input.root_id);
                Ok(vec![root.key("organizations:PolicyType", input.policy_type.as_str())])
            },
            enable,
        ),
        Op::write(
            "DisablePolicyType",
            |scope, input: &api::DisablePolicyTypeRequest| {
                let root = target::place(scope, &input.root_id);
                Ok(vec![root.key("organizations:PolicyType", input.policy_type.as_str())])
            },
            disable,
        ),
    ]
}

/// The type, if it is one whose policies have an effect here.
pub(super) fn known(kind: api::PolicyType) -> Result<ControlKind, Error> {
    ControlKind::named(kind.as_str())
        .ok_or_else(|| invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type string."))
}

/// Enabled types as the API gives them.
pub(super) fn summaries(enabled: &[ControlKind]) -> Vec<api::PolicyTypeSummary> {
    let summary = |kind: &ControlKind| api::PolicyTypeSummary {
        r#type: api::PolicyType::parse(kind.name()),
        status: Some(api::PolicyTypeStatus::Enabled),
    };
    enabled.iter().map(summary).collect()
}

fn root(organization: &Organization, id: &str) -> Result<Root, Error> {
    let root = organization.roots().by_id(id).map(|root| Root::clone(root));
    root.ok_or_else(|| error::root_not_found("You specified a root that doesn't exist."))
}

/// The policy that allows everything is attached to everything: nothing is denied by the type alone.
fn enable(
    _: &Cx<'_>,
    organization: &mut Organization,
    input: api::EnablePolicyTypeRequest,
) -> Result<api::EnablePolicyTypeResponse, Error> {
    let (mut root, kind) = (root(organization, &input.root_id)?, known(input.policy_type)?);
    if organization.settings().features != FeatureSet::All {
        return Err(error::policy_type_not_available_for_organization(
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    if root.enabled.contains(&kind) {
        return Err(error::policy_type_already_enabled("The specified policy type is already enabled."));
    }
    root.enabled.push(kind);
    organization.put(root);
    attach_everywhere(organization, kind, true);
    answer(organization, &input.root_id).map(|root| api::EnablePolicyTypeResponse { root: Some(root) })
}

/// All policies of the type are detached from everything (API Reference, DisablePolicyType).
fn disable(
    _: &Cx<'_>,
    organization: &mut Organization,
    input: api::DisablePolicyTypeRequest,
) -> Result<api::DisablePolicyTypeResponse, Error> {
    let (mut root, kind) = (root(organization, &input.root_id)?, known(input.policy_type)?);
    if !root.enabled.contains(&kind) {
        return Err(error::policy_type_not_enabled("The specified policy type isn't currently enabled in this root."));
    }
    root.enabled.retain(|enabled| *enabled != kind);
    organization.put(root);
    attach_everywhere(organization, kind, false);
    answer(organization, &input.root_id).map(|root| api::DisablePolicyTypeResponse { root: Some(root) })
}

fn answer(organization: &Organization, id: &str) -> Result<api::Root, Error> {
    root(organization, id).map(|root| super::organization::root(organization, &root))
}

/// Takes all policies of a type away from everything, and attaches the one that allows everything, or none.
fn attach_everywhere(organization: &mut Organization, kind: ControlKind, full: bool) {
    let is_other = |id: &&String| organization.policy(id).is_none_or(|policy| policy.kind != kind);
    let places: Vec<(String, Vec<String>)> = organization
        .nodes()
        .map(|node| {
            let full = full.then(|| kind.full_access().to_owned());
            (node.id().to_owned(), node.policies().iter().filter(is_other).cloned().chain(full).collect())
        })
        .collect();
    for (id, policies) in places {
        organization.put_policies(&id, policies);
    }
}
