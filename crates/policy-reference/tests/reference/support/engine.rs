//! The engine, asked in the reference's terms.

use doorward_policy::context::{self, Context};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::{self, Denial, Outcome};
use doorward_policy::request::{self as asked, Attached, Layers, Request, Source};
use doorward_policy_reference::{Decision, Layer, Policies, Principal, Question, User, Values};
use serde_json::{Value, json};

/// The policies of a question as the engine's documents.
#[derive(Default)]
pub struct Documents {
    identity: Vec<Document>,
    boundary: Option<Vec<Document>>,
    session: Option<Vec<Document>>,
    resource: Option<Document>,
    service_control: Option<Vec<Vec<Document>>>,
    resource_control: Option<Vec<Vec<Document>>>,
    endpoint: Option<Document>,
}

pub fn parse(document: &Value, kind: PolicyType) -> Result<Document, String> {
    Document::parse(&document.to_string(), kind).map_err(|error| error.message)
}

/// `RCPFullAWSAccess`, which is on every level of an organization that has resource control policies.
pub fn full_access() -> Value {
    json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})
}

/// A resource control policy. Customers can only save those that deny.
fn resource_control(document: &Value) -> Option<Document> {
    let grammar = if *document == full_access() { PolicyType::Resource } else { PolicyType::ResourceControl };
    parse(document, grammar).ok()
}

impl Documents {
    /// None if a document is not valid.
    pub fn new(policies: &Policies) -> Option<Self> {
        let one = |document: &Value, kind| parse(document, kind).ok();
        let list = |documents: &[Value], kind| documents.iter().map(|it| one(it, kind)).collect::<Option<Vec<_>>>();
        let service_control = |level: &Vec<Value>| list(level, PolicyType::ServiceControl);
        let resource_control = |level: &Vec<Value>| level.iter().map(resource_control).collect::<Option<Vec<_>>>();
        let resource = if policies.is_trust { PolicyType::Trust } else { PolicyType::Resource };
        // The outer Option tells whether the documents are valid, the inner one whether there are any.
        fn some<T: ?Sized, D>(held: Option<&T>, parse: impl Fn(&T) -> Option<D>) -> Option<Option<D>> {
            held.map_or(Some(None), |held| parse(held).map(Some))
        }
        Some(Self {
            identity: list(&policies.identity, PolicyType::Inline)?,
            boundary: some(policies.boundary.as_deref(), |it| list(it, PolicyType::Managed))?,
            session: some(policies.session.as_deref(), |it| list(it, PolicyType::Session))?,
            resource: some(policies.resource.as_ref(), |it| one(it, resource))?,
            service_control: some(policies.service_control.as_deref(), |it| it.iter().map(service_control).collect())?,
            resource_control: some(policies.resource_control.as_deref(), |it| {
                it.iter().map(resource_control).collect()
            })?,
            endpoint: some(policies.endpoint.as_ref(), |it| one(it, PolicyType::VpcEndpoint))?,
        })
    }

    /// Puts another policy in the place of the resource's own.
    pub fn set_resource(&mut self, document: Option<&Value>) {
        self.resource = document.map(|it| parse(it, PolicyType::Resource).unwrap());
    }

    /// The engine's decision; an error where it does not understand the question.
    pub fn decide(&self, question: &Question) -> Result<Decision, String> {
        let inline = |document| Attached { source: Source::Inline { name: "p", owner: "o" }, document: Some(document) };
        let identity: Vec<_> = self.identity.iter().map(inline).collect();
        let boundary = self.boundary.as_ref().map(|them| them.iter().map(inline).collect::<Vec<_>>());
        let session = self.session.as_ref().map(|them| them.iter().map(inline).collect::<Vec<_>>());
        let service_control = self.service_control.as_ref().map(|levels| attach_levels(levels));
        let resource_control = self.resource_control.as_ref().map(|levels| attach_levels(levels));
        let resource =
            if question.policies.is_trust { Source::Trust { role: "r" } } else { Source::Resource { arn: "r" } };
        let layers = Layers {
            identity: &identity,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            resource: self.resource.as_ref().map(|it| Attached { source: resource, document: Some(it) }),
            service_control: service_control.as_deref(),
            resource_control: resource_control.as_deref(),
            endpoint: self
                .endpoint
                .as_ref()
                .map(|it| Attached { source: Source::Endpoint { id: "e" }, document: Some(it) }),
        };
        let principal = principal(&question.principal);
        let context = context(&question.context);
        let request = Request {
            principal: &principal,
            action: &question.action,
            resource: asked::Resource {
                arn: &question.resource.arn,
                account: question.resource.account.as_deref(),
                requires_own_grant: question.resource.requires_own_grant,
            },
            context: &context,
        };
        decision(evaluate::decide(&request, &layers).outcome)
    }
}

/// The engine's decision; none if a document is not valid.
pub fn decide(question: &Question) -> Option<Result<Decision, String>> {
    Some(Documents::new(&question.policies)?.decide(question))
}

fn attach_levels(levels: &[Vec<Document>]) -> Vec<Vec<Attached<'_>>> {
    let managed =
        |document| Attached { source: Source::Managed { arn: "p", attached_to: "o" }, document: Some(document) };
    levels.iter().map(|level| level.iter().map(managed).collect()).collect()
}

fn decision(outcome: Outcome) -> Result<Decision, String> {
    match outcome {
        Outcome::Allowed => Ok(Decision::Allowed),
        Outcome::Denied(Denial::Explicit(it)) => Ok(Decision::Explicit(layer(it))),
        Outcome::Denied(Denial::Implicit(it)) => Ok(Decision::Implicit(layer(it))),
        Outcome::Denied(other) => Err(format!("{other:?}")),
    }
}

fn layer(layer: asked::Layer) -> Layer {
    match layer {
        asked::Layer::ResourceControl => Layer::ResourceControl,
        asked::Layer::ServiceControl => Layer::ServiceControl,
        asked::Layer::Endpoint => Layer::Endpoint,
        asked::Layer::Resource => Layer::Resource,
        asked::Layer::Trust => Layer::Trust,
        asked::Layer::Identity => Layer::Identity,
        asked::Layer::Boundary => Layer::Boundary,
        asked::Layer::Session => Layer::Session,
    }
}

fn principal(principal: &Principal) -> asked::Principal {
    let user = |user: &User| asked::User { arn: user.arn.clone(), unique_id: user.id.clone() };
    match principal {
        Principal::Root { arn } => asked::Principal::Root { arn: arn.clone() },
        Principal::User(it) => asked::Principal::User(user(it)),
        Principal::FederatedUser { arn, user: it } => {
            asked::Principal::FederatedUser { arn: arn.clone(), user: it.as_ref().map(user) }
        }
        Principal::RoleSession(it) => asked::Principal::RoleSession(asked::RoleSession {
            arn: it.arn.clone(),
            role_arn: it.role_arn.clone(),
            role_unique_id: it.role_id.clone(),
            service_linked: it.service_linked,
        }),
        Principal::AssumedRoot { arn } => asked::Principal::AssumedRoot { arn: arn.clone() },
        Principal::Service(name) => asked::Principal::Service(name.clone()),
        Principal::Federated(provider) => asked::Principal::Federated(provider.clone()),
        Principal::Anonymous => asked::Principal::Anonymous,
    }
}

fn context(entries: &[(String, Values)]) -> Context {
    let mut context = Context::new();
    for (key, values) in entries {
        let values = match values {
            Values::One(value) => context::Values::One(value.clone()),
            Values::Many(values) => context::Values::Many(values.clone()),
        };
        context.insert(key.as_str(), values);
    }
    context
}
