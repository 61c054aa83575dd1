//! Which policies grant access to services (IAM API Reference: ListPoliciesGrantingServiceAccess).

use doorward_directory::Account;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::granted::grants;
use super::identity::{self, Held, Identity};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read(
        "ListPoliciesGrantingServiceAccess",
        |scope, input: &api::ListPoliciesGrantingServiceAccessRequest| Ok(identity::target(scope, &input.arn)),
        list,
    )]
}

/// An entry for each namespace, in the order in which they are asked for.
fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListPoliciesGrantingServiceAccessRequest,
) -> Result<api::ListPoliciesGrantingServiceAccessResponse, Error> {
    let identity = match Identity::find(account, &input.arn)? {
        Identity::Policy(_) => return Err(error::invalid_input(format!("ARN {} is not valid.", input.arn))),
        identity => identity,
    };
    let held = identity.held(account);
    let numbered: Vec<(String, &String)> =
        input.service_namespaces.iter().enumerate().map(|(place, name)| (format!("{place:06}"), name)).collect();
    let list: Vec<&str> =
        std::iter::once(input.arn.as_str()).chain(input.service_namespaces.iter().map(String::as_str)).collect();
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: None };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            numbered.iter().filter(move |(place, _)| *place > after)
        },
        |(place, _)| place,
        |(_, namespace)| {
            let prefix = namespace.to_ascii_lowercase();
            let services = cx.doorward.services();
            let grants = |held: &&Held| held.policy.as_ref().is_some_and(|policy| grants(policy, &prefix, services));
            api::ListPoliciesGrantingServiceAccessEntry {
                service_namespace: Some((*namespace).clone()),
                policies: Some(held.iter().filter(grants).map(shown).collect()),
            }
        },
    )?;
    Ok(api::ListPoliciesGrantingServiceAccessResponse {
        policies_granting_service_access: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

/// A managed policy by its ARN, an inline one by whose it is (API Reference, PolicyGrantingServiceAccess).
fn shown(held: &Held) -> api::PolicyGrantingServiceAccess {
    let (kind, name) = &held.owner;
    let inline = held.arn.is_none();
    api::PolicyGrantingServiceAccess {
        policy_name: held.name.clone(),
        policy_type: if inline { api::PolicyType::Inline } else { api::PolicyType::Managed },
        policy_arn: held.arn.clone(),
        entity_type: inline.then_some(*kind),
        entity_name: inline.then(|| name.clone()),
    }
}
