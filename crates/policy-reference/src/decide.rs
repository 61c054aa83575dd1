//! The decision, step by step as the User Guide describes it ("Policy evaluation logic", "Cross-account policy
//! evaluation logic").

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::principal::Kind;
use crate::question::{Principal, Question};
use crate::statement::{allows, denies, grants};

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// The request is allowed.
    Allowed,
    /// A Deny statement of this layer applies.
    Explicit(Layer),
    /// This layer lacks an Allow.
    Implicit(Layer),
}

/// A kind of policy, in the order in which denials are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layer {
    /// Resource control policies.
    ResourceControl,
    /// Service control policies.
    ServiceControl,
    /// The VPC endpoint policy.
    Endpoint,
    /// The resource-based policy.
    Resource,
    /// The role trust policy, in the place of the resource-based policy.
    Trust,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

/// Decides.
pub fn decide(question: &Question) -> Decision {
    if needs_no_permission(question) {
        return Decision::Allowed;
    }
    for (layer, documents) in layers(question) {
        if documents.iter().any(|document| denies(question, layer, document)) {
            return Decision::Explicit(layer);
        }
    }
    match lacking(question) {
        Some(layer) => Decision::Implicit(layer),
        None => Decision::Allowed,
    }
}

/// GetCallerIdentity answers all who have credentials, GetSessionToken all users; no policy controls them.
fn needs_no_permission(question: &Question) -> bool {
    match question.action.to_ascii_lowercase().as_str() {
        "sts:getcalleridentity" => !matches!(question.principal, Principal::Anonymous | Principal::Federated(_)),
        "sts:getsessiontoken" => matches!(question.principal, Principal::User(_) | Principal::Root { .. }),
        _ => false,
    }
}

/// The policies that can deny, layer by layer.
fn layers(question: &Question) -> Vec<(Layer, Vec<&Value>)> {
    let policies = &question.policies;
    vec![
        (Layer::ResourceControl, resource_control(question).into_iter().flatten().flatten().collect()),
        (Layer::ServiceControl, service_control(question).into_iter().flatten().flatten().collect()),
        (Layer::Endpoint, policies.endpoint.iter().collect()),
        (resource_layer(question), policies.resource.iter().collect()),
        (Layer::Identity, policies.identity.iter().collect()),
        (Layer::Boundary, policies.boundary.iter().flatten().collect()),
        (Layer::Session, policies.session.iter().flatten().collect()),
    ]
}

/// What the resource's own policy is called.
fn resource_layer(question: &Question) -> Layer {
    if question.policies.is_trust && question.policies.resource.is_some() { Layer::Trust } else { Layer::Resource }
}

/// The levels of service control policies, if they reach the principal: not services, not service-linked roles.
fn service_control(question: &Question) -> Option<&Vec<Vec<Value>>> {
    let reached = question.principal.account().is_some() && !question.principal.is_service_linked();
    question.policies.service_control.as_ref().filter(|_| reached)
}

/// The levels of resource control policies, if they reach the action and the principal.
fn resource_control(question: &Question) -> Option<&Vec<Vec<Value>>> {
    let action = question.action.to_ascii_lowercase();
    let service = action.split(':').next().unwrap_or_default();
    let reached = RESOURCE_CONTROL_SERVICES.split_whitespace().any(|known| known == service)
        && action != "kms:retiregrant"
        && !question.principal.is_service_linked();
    question.policies.resource_control.as_ref().filter(|_| reached)
}

/// The services of "Resource control policies" (Organizations User Guide).
const RESOURCE_CONTROL_SERVICES: &str = "appstream dsql clouddirectory cloudfront cloudsearch logs networkmonitor \
    cognito-identity cognito-idp comprehend comprehendmedical firehose dynamodb dax autoscaling ecr ecr-public gamelift \
    inspector-scan kendra kinesisvideo memorydb aoss personalize polly s3 swf sqs textract timestream-influxdb \
    transcribe translate workspaces appconfig autoscaling-plans budgets servicediscovery cloudtrail-data codeartifact \
    codebuild codecommit codepipeline compute-optimizer cost-optimization-hub events fms fis health rolesanywhere kms \
    opensearch pricing pca-connector-ad resource-groups secretsmanager sts signin support transfer notifications wafv2 \
    xray";

/// The layer for want of whose Allow the request is denied; none if it is allowed. No Deny applies any more.
fn lacking(question: &Question) -> Option<Layer> {
    let every_level_allows = |levels: &Vec<Vec<Value>>, layer| {
        let allows = |level: &Vec<Value>| level.iter().any(|document| allows(question, layer, document));
        !levels.is_empty() && levels.iter().all(allows)
    };
    if resource_control(question).is_some_and(|levels| !every_level_allows(levels, Layer::ResourceControl)) {
        return Some(Layer::ResourceControl);
    }
    if service_control(question).is_some_and(|levels| !every_level_allows(levels, Layer::ServiceControl)) {
        return Some(Layer::ServiceControl);
    }
    if question.policies.endpoint.as_ref().is_some_and(|document| !allows(question, Layer::Endpoint, document)) {
        return Some(Layer::Endpoint);
    }

    let layer = resource_layer(question);
    let named: Vec<Kind> =
        question.policies.resource.iter().flat_map(|document| grants(question, layer, document)).collect();
    let Some(account) = question.principal.account() else {
        return if is_direct(&named) { None } else { Some(layer) };
    };
    // Task policies only deny, but a session of AssumeRoot is never without one.
    if matches!(question.principal, Principal::AssumedRoot { .. }) && question.policies.session.is_none() {
        return Some(Layer::Session);
    }
    if partitions_differ(question) {
        return cross_account(question, &[]);
    }
    match question.resource.owner() {
        Some(owner) if owner != account => cross_account(question, &named),
        _ => same_account(question, &named),
    }
}

/// A principal of one partition never reaches into another.
fn partitions_differ(question: &Question) -> bool {
    let partition = |arn: &str| arn.split(':').nth(1).map(str::to_owned);
    let there = partition(&question.resource.arn);
    there.is_some() && there != question.principal.arn().and_then(partition)
}

/// Whether the resource's policy grants to the caller itself or to everybody.
fn is_direct(named: &[Kind]) -> bool {
    named.contains(&Kind::Exact) || named.contains(&Kind::Anyone)
}

fn same_account(question: &Question, named: &[Kind]) -> Option<Layer> {
    let own_grant = question.resource.requires_own_grant;
    if question.principal.is_root() {
        return if own_grant && named.is_empty() { Some(resource_layer(question)) } else { None };
    }
    if is_direct(named) {
        return None;
    }
    // Naming the role, or the user that made a federated session, needs no identity policy but is limited.
    let half_direct = named.contains(&Kind::Role) || named.contains(&Kind::User);
    if !half_direct && !identity_allows(question) {
        return Some(Layer::Identity);
    }
    limit(question).or_else(|| if own_grant && named.is_empty() { Some(resource_layer(question)) } else { None })
}

/// Both accounts must allow, each by its own policies.
fn cross_account(question: &Question, named: &[Kind]) -> Option<Layer> {
    if !question.principal.is_root() {
        if !identity_allows(question) {
            return Some(Layer::Identity);
        }
        if let Some(layer) = limit(question) {
            return Some(layer);
        }
    }
    if named.is_empty() { Some(resource_layer(question)) } else { None }
}

fn identity_allows(question: &Question) -> bool {
    // What the root user asks a federation token for is limited by the session policies alone.
    matches!(question.principal, Principal::FederatedUser { user: None, .. })
        || question.policies.identity.iter().any(|document| allows(question, Layer::Identity, document))
}

/// The boundary or the session policies, if they do not allow.
fn limit(question: &Question) -> Option<Layer> {
    let some_allows =
        |documents: &Vec<Value>, layer| documents.iter().any(|document| allows(question, layer, document));
    if question.policies.boundary.as_ref().is_some_and(|documents| !some_allows(documents, Layer::Boundary)) {
        return Some(Layer::Boundary);
    }
    let session_allows = match &question.policies.session {
        Some(documents) => some_allows(documents, Layer::Session),
        // A federated user's session without session policies has no permissions.
        None => !matches!(question.principal, Principal::FederatedUser { .. }),
    };
    if session_allows { None } else { Some(Layer::Session) }
}
