//! The engine, asked in the reference's terms.

use doorward_policy::context::{self, Context};
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate::{self, Denial, Outcome};
use doorward_policy::policy::Policy;
use doorward_policy::request::{self as asked, Attached, Layers, PolicySet, Request, Source};
use doorward_policy_reference::{Decision, Layer, Policies, Principal, Question, User, Values};
use serde_json::{Value, json};

/// The policies of a question as the engine's sets.
#[derive(Default)]
pub struct Documents {
    identity: PolicySet,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<PolicySet>,
    service_control: Option<Vec<PolicySet>>,
    resource_control: Option<Vec<PolicySet>>,
    endpoint: Option<PolicySet>,
}

pub fn parse(document: &Value, kind: PolicyType) -> Result<Policy, String> {
    Policy::parse(&document.to_string(), kind).map_err(|error| error.message)
}

/// `RCPFullAWSAccess`, which is on every level of an organization that has resource control policies.
pub fn full_access() -> Value {
    json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})
}

/// A resource control policy. Customers can only save those that deny.
fn resource_control(document: &Value) -> Option<Policy> {
    let grammar = if *document == full_access() { PolicyType::Resource } else { PolicyType::ResourceControl };
    parse(document, grammar).ok()
}

impl Documents {
    /// None if a document is not valid.
    pub fn new(policies: &Policies) -> Option<Self> {
        let one = |document: &Value, kind| parse(document, kind).ok();
        let list = |documents: &[Value], kind| {
            documents.iter().map(|it| Some(attached(one(it, kind)?))).collect::<Option<PolicySet>>()
        };
        let service_control = |level: &Vec<Value>| list(level, PolicyType::ServiceControl);
        let resource_control = |level: &Vec<Value>| {
            level.iter().map(|it| Some(attached(resource_control(it)?))).collect::<Option<PolicySet>>()
        };
        let (resource, source) = match policies.is_trust {
            true => (PolicyType::Trust, Source::Trust { role: "r".into() }),
            false => (PolicyType::Resource, Source::Resource { arn: "r".into() }),
        };
        let alone = |source: &Source, policy: Policy| PolicySet::one(source.clone(), Some(policy.into()));
        // The outer Option tells whether the documents are valid, the inner one whether there are any.
        fn some<T: ?Sized, D>(held: Option<&T>, parse: impl Fn(&T) -> Option<D>) -> Option<Option<D>> {
            held.map_or(Some(None), |held| parse(held).map(Some))
        }
        Some(Self {
            identity: list(&policies.identity, PolicyType::Inline)?,
            boundary: some(policies.boundary.as_deref(), |it| list(it, PolicyType::Managed))?,
            session: some(policies.session.as_deref(), |it| list(it, PolicyType::Session))?,
            resource: some(policies.resource.as_ref(), |it| Some(alone(&source, one(it, resource)?)))?,
            service_control: some(policies.service_control.as_deref(), |it| it.iter().map(service_control).collect())?,
            resource_control: some(policies.resource_control.as_deref(), |it| {
                it.iter().map(resource_control).collect()
            })?,
            endpoint: some(policies.endpoint.as_ref(), |it| {
                Some(alone(&Source::Endpoint { id: "e".into() }, one(it, PolicyType::VpcEndpoint)?))
            })?,
        })
    }

    /// Puts another policy in the place of the resource's own.
    pub fn set_resource(&mut self, document: Option<&Value>) {
        let policy = document.map(|it| parse(it, PolicyType::Resource).unwrap());
        let source = Source::Resource { arn: "r".into() };
        self.resource = policy.map(|policy| PolicySet::one(source, Some(policy.into())));
    }

    /// The engine's decision; an error where it does not understand the question.
    pub fn decide(&self, question: &Question) -> Result<Decision, String> {
        self.ask(question, |request, layers| decision(evaluate::decide(request, layers).outcome))
    }

    /// Asks the engine.
    pub fn ask<T>(&self, question: &Question, ask: impl FnOnce(&Request<'_>, &Layers<'_>) -> T) -> T {
        let layers = Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            service_control: self.service_control.as_deref(),
            resource_control: self.resource_control.as_deref(),
            endpoint: self.endpoint.as_ref(),
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
        ask(&request, &layers)
    }
}

/// The engine's decision; none if a document is not valid.
pub fn decide(question: &Question) -> Option<Result<Decision, String>> {
    Some(Documents::new(&question.policies)?.decide(question))
}

fn attached(policy: Policy) -> Attached {
    Attached::new(Source::Managed { arn: "p".into(), attached_to: "o".into() }, policy)
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
    let user = |user: &User| asked::User { arn: user.arn.as_str().into(), unique_id: user.id.clone() };
    match principal {
        Principal::Root { arn } => asked::Principal::Root { arn: arn.as_str().into() },
        Principal::User(it) => asked::Principal::User(user(it)),
        Principal::FederatedUser { arn, user: it } => {
            asked::Principal::FederatedUser { arn: arn.as_str().into(), user: it.as_ref().map(user) }
        }
        Principal::RoleSession(it) => asked::Principal::RoleSession(asked::RoleSession {
            arn: it.arn.as_str().into(),
            role_arn: it.role_arn.clone(),
            role_unique_id: it.role_id.clone(),
            service_linked: it.service_linked,
        }),
        Principal::AssumedRoot { arn } => asked::Principal::AssumedRoot { arn: arn.as_str().into() },
        Principal::Service(name) => asked::Principal::Service(name.clone()),
        Principal::Federated(provider) => asked::Principal::Federated(provider.clone()),
        Principal::Anonymous => asked::Principal::Anonymous,
    }
}

fn context(entries: &[(String, Values)]) -> Context<'_> {
    let mut context = Context::new();
    for (key, values) in entries {
        let values: context::Values<'_> = match values {
            Values::One(value) => value.as_str().into(),
            Values::Many(values) => values.clone().into(),
        };
        context.insert(key.as_str(), values);
    }
    context
}
