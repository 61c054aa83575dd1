//! The policies that come with a simulation as texts.

use std::sync::Arc;

use doorward_policy::arn::Arn;
use doorward_policy::document::PolicyType;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, PolicySet, Source};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

/// The owner of policies that are attached to nobody.
pub(super) const NOBODY: &str = "";

/// The policies of a list; each is named after its place in it, such as `PolicyInputList.1`.
pub(super) fn listed(name: &str, texts: &[String], kind: PolicyType) -> Result<Vec<Attached>, Error> {
    let read = |(index, text): (usize, &String)| {
        let name = format!("{name}.{}", index + 1);
        let policy = parsed(&name, text, kind)?;
        Ok(Attached::new(Source::Inline { name: name.into(), owner: NOBODY.into() }, policy))
    };
    texts.iter().enumerate().map(read).collect()
}

/// The permissions boundary, of which there can be one.
pub(super) fn boundary(texts: Option<&[String]>) -> Result<Option<PolicySet>, Error> {
    let policies = listed("PermissionsBoundaryPolicyInputList", texts.unwrap_or_default(), PolicyType::Inline)?;
    match policies.len() {
        0 => Ok(None),
        1 => Ok(Some(policies.into_iter().collect())),
        _ => Err(error::invalid_input("PermissionsBoundaryPolicyInputList can hold only one permissions boundary.")),
    }
}

/// The service control policies, level by level from the root down to the account.
pub(super) fn service_control(
    levels: Option<&[api::OrderedOrganizationPolicyType]>,
) -> Result<Option<Vec<PolicySet>>, Error> {
    let Some(levels) = levels.filter(|levels| !levels.is_empty()) else { return Ok(None) };
    let level = |(index, level): (usize, &api::OrderedOrganizationPolicyType)| {
        let name = format!("OrderedOrganizationPolicyInputList.{}.ServiceControlPolicyInputList", index + 1);
        let texts = level.service_control_policy_input_list.as_deref().unwrap_or_default();
        Ok(listed(&name, texts, PolicyType::ServiceControl)?.into_iter().collect())
    };
    levels.iter().enumerate().map(level).collect::<Result<_, _>>().map(Some)
}

/// The policy that every resource is treated as having. It must be one of a resource of their service: one policy is
/// attached to one resource.
pub(super) fn resource_policy(text: &str, resources: &[String]) -> Result<Policy, Error> {
    let policy = parsed("ResourcePolicy", text, PolicyType::Resource)?;
    for resource in resources {
        let entity = || format!("Invalid Entity Arn: {resource} does not clearly define entity type and name.");
        let arn = Arn::parse(resource).ok_or_else(|| error::invalid_input(entity()))?;
        if arn.service == "iam" {
            return Err(error::invalid_input(
                "Simulation of resource-based policies is not supported for IAM resources.",
            ));
        }
        let clauses = policy.document().statements.iter().filter_map(|statement| statement.resource.as_ref());
        let entries = clauses.filter(|clause| !clause.negated).flat_map(|clause| &clause.entries);
        let is_of_another = |pattern: &str| {
            Arn::parse(pattern)
                .is_some_and(|pattern| pattern.service != arn.service && !pattern.service.contains(['*', '?']))
        };
        if entries.into_iter().any(|entry| is_of_another(&entry.value)) {
            return Err(error::invalid_input(format!(
                "The resource policy is not applicable to the resource {resource}."
            )));
        }
    }
    Ok(policy)
}

fn parsed(name: &str, text: &str, kind: PolicyType) -> Result<Policy, Error> {
    Policy::parse(text, kind).map_err(|refused| error::invalid_input(format!("{name}: {}", refused.message)))
}

/// The documents of policies that could be read.
pub(super) fn texts(policies: &[Attached]) -> impl Iterator<Item = &Arc<Policy>> {
    policies.iter().filter_map(|attached| attached.policy.as_ref())
}
