//! The second evaluator, on the same documents as they are written.

use doorward_policy_reference::{self as reference, Decision, Layer, Policies, Resource, RoleSession};
use doorward_scenario::decision::{self, Outcome, Policy, PolicyType, Principal, Question, Verdict};
use serde_json::Value;

use crate::engine::RCP_FULL_AWS_ACCESS;

/// Decides.
pub fn evaluate(question: &Question) -> Result<Verdict, String> {
    let account = Some(question.resource_account.clone()).filter(|id| !id.is_empty() && question.resource != "*");
    let asked = reference::Question {
        principal: principal(&question.principal),
        action: question.action.clone(),
        resource: Resource {
            arn: question.resource.clone(),
            account,
            requires_own_grant: question.trust_policy.is_some() || question.key_policy.is_some(),
        },
        context: question.context.iter().map(|(key, values)| (key.clone(), self::values(values))).collect(),
        policies: policies(question)?,
    };
    Ok(Verdict { outcome: outcome(reference::decide(&asked)), sids: None, message: None })
}

fn read(policy: &Policy) -> Result<Value, String> {
    serde_json::from_str(&policy.0).map_err(|error| format!("{error}: {}", policy.0))
}

fn read_all<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Result<Vec<Value>, String> {
    policies.into_iter().map(read).collect()
}

fn read_levels(levels: &Option<Vec<Vec<Policy>>>) -> Result<Option<Vec<Vec<Value>>>, String> {
    levels.as_ref().map(|levels| levels.iter().map(read_all).collect()).transpose()
}

fn policies(question: &Question) -> Result<Policies, String> {
    let own = question.trust_policy.as_ref().or(question.key_policy.as_ref()).or(question.resource_policy.as_ref());
    let mut resource_control = read_levels(&question.resource_control)?;
    for level in resource_control.iter_mut().flatten() {
        level.push(read(&Policy(RCP_FULL_AWS_ACCESS.to_owned()))?);
    }
    Ok(Policies {
        identity: read_all(question.identity.iter().chain(&question.groups))?,
        boundary: question.boundary.as_ref().map(|policy| read_all([policy])).transpose()?,
        session: question.session.as_ref().map(read_all).transpose()?,
        resource: own.map(read).transpose()?,
        is_trust: question.trust_policy.is_some(),
        service_control: read_levels(&question.service_control)?,
        resource_control,
        endpoint: question.endpoint.as_ref().map(read).transpose()?,
    })
}

fn outcome(decision: Decision) -> Outcome {
    let kind = |layer| match layer {
        Layer::ResourceControl => PolicyType::ResourceControl,
        Layer::ServiceControl => PolicyType::ServiceControl,
        Layer::Endpoint => PolicyType::Endpoint,
        Layer::Resource => PolicyType::Resource,
        Layer::Trust => PolicyType::Trust,
        Layer::Identity => PolicyType::Identity,
        Layer::Boundary => PolicyType::Boundary,
        Layer::Session => PolicyType::Session,
    };
    match decision {
        Decision::Allowed => Outcome::Allowed,
        Decision::Explicit(layer) => Outcome::ExplicitlyDenied(kind(layer)),
        Decision::Implicit(layer) => Outcome::ImplicitlyDenied(kind(layer)),
    }
}

fn values(values: &decision::Values) -> reference::Values {
    match values.clone() {
        decision::Values::One(value) => reference::Values::One(value),
        decision::Values::Many(values) => reference::Values::Many(values),
    }
}

fn principal(principal: &Principal) -> reference::Principal {
    use reference::Principal as Asks;
    let user = |user: decision::User| reference::User { arn: user.arn, id: user.unique_id };
    match principal.clone() {
        Principal::Root { arn } => Asks::Root { arn },
        Principal::User(one) => Asks::User(user(one)),
        Principal::FederatedUser { arn, user: behind } => Asks::FederatedUser { arn, user: behind.map(user) },
        Principal::RoleSession { arn, role_arn, role_unique_id, service_linked } => {
            Asks::RoleSession(RoleSession { arn, role_arn, role_id: role_unique_id, service_linked })
        }
        Principal::AssumedRoot { arn } => Asks::AssumedRoot { arn },
        Principal::Service { name } => Asks::Service(name),
        Principal::Federated { provider } => Asks::Federated(provider),
        Principal::Anonymous {} => Asks::Anonymous,
    }
}
