//! The engine, asked as the service asks it.

use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType as Kind};
use doorward_policy::evaluate::{Denial, Outcome as Decided, decide};
use doorward_policy::explain::explain;
use doorward_policy::message::denial_message;
use doorward_policy::policy::Policy as Compiled;
use doorward_policy::request::{self, Attached, Layer, Layers, PolicySet, Request, Resource, RoleSession, Source};
use doorward_scenario::decision::{self, Outcome, Policy, PolicyType, Principal, Question, Refusal, Verdict};

/// The policy that is on every level of an organization with resource control policies.
pub const RCP_FULL_AWS_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// Decides, and sees to it that the explanation says the same.
pub fn evaluate(question: &Question) -> Result<Verdict, String> {
    let held = Held::parse(question)?;
    let principal = principal(&question.principal);
    let context: Context = question.context.iter().map(|(key, values)| (key.clone(), self::values(values))).collect();
    let owner =
        Some(question.resource_account.as_str()).filter(|account| !account.is_empty() && question.resource != "*");
    let requires_own_grant = question.trust_policy.is_some() || question.key_policy.is_some();
    let resource = Resource { arn: &question.resource, account: owner, requires_own_grant };
    let request = Request { principal: &principal, action: &question.action, resource, context: &context };
    held.with_layers(|layers| {
        let decision = decide(&request, layers);
        let explained = explain(&request, layers).decision;
        if explained != decision {
            return Err(format!("is decided as {decision:?} and explained as {explained:?}"));
        }
        let statements = decision.statements.iter().filter_map(|at| layers.find(at));
        let sids = statements.filter_map(|(_, statement)| Some(statement.sid.as_ref()?.value.clone())).collect();
        let message = |denial| {
            let caller = principal.arn().map_or("", |arn| arn);
            denial_message(caller, &question.action, question.named.as_deref(), denial, None)
        };
        let message = decision.denial().map(message).unwrap_or_default();
        Ok(Verdict { outcome: outcome(decision.outcome)?, sids: Some(sids), message: Some(message) })
    })
}

/// Whether the document is refused in these words, as every kind of policy of its type.
pub fn refuse(refusal: &Refusal) -> Result<(), String> {
    let kinds: &[Kind] = match refusal.kind {
        PolicyType::Identity => &[Kind::Managed, Kind::Inline],
        PolicyType::Boundary => &[Kind::Managed],
        PolicyType::Session => &[Kind::Session],
        PolicyType::Resource => &[Kind::Resource],
        PolicyType::Trust => &[Kind::Trust],
        PolicyType::ServiceControl => &[Kind::ServiceControl],
        PolicyType::ResourceControl => &[Kind::ResourceControl],
        PolicyType::Endpoint => &[Kind::VpcEndpoint],
    };
    kinds.iter().try_for_each(|&kind| match Document::parse(&refusal.document.0, kind) {
        Ok(_) => Err(format!("is accepted as {kind:?}, must be refused: {}", refusal.refused)),
        Err(error) if error.message != refusal.refused => {
            Err(format!("is refused as {kind:?}: {:?}, must be: {:?}", error.message, refusal.refused))
        }
        Err(_) => Ok(()),
    })
}

fn parse(policy: &Policy, kind: Kind) -> Result<Compiled, String> {
    Compiled::parse(&policy.0, kind).map_err(|error| format!("{} ({}): {}", error.message, error.detail, policy.0))
}

fn parse_all(policies: &[Policy], kind: Kind) -> Result<PolicySet, String> {
    policies.iter().map(|policy| parse(policy, kind).map(attached)).collect()
}

fn attached(policy: Compiled) -> Attached {
    let arn = "arn:aws:iam::111111111111:policy/p";
    Attached::new(Source::Managed { arn: arn.into(), attached_to: "it".into() }, policy)
}

/// The policies of a question.
struct Held {
    identity: PolicySet,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<PolicySet>,
    service_control: Option<Vec<PolicySet>>,
    resource_control: Option<Vec<PolicySet>>,
    endpoint: Option<PolicySet>,
}

impl Held {
    fn parse(question: &Question) -> Result<Held, String> {
        let own_identity = [question.identity.as_slice(), question.groups.as_slice()].concat();
        let (arn, role) = (question.resource.as_str().into(), question.resource.as_str().into());
        let own = question.resource_policy.as_ref().or(question.key_policy.as_ref());
        let own = own.map(|policy| (policy, Kind::Resource, Source::Resource { arn }));
        let own = own.or(question.trust_policy.as_ref().map(|policy| (policy, Kind::Trust, Source::Trust { role })));
        let alone =
            |(policy, kind, source)| parse(policy, kind).map(|policy| PolicySet::one(source, Some(policy.into())));
        let endpoint = question.endpoint.as_ref();
        let endpoint = endpoint.map(|policy| (policy, Kind::VpcEndpoint, Source::Endpoint { id: "vpce-1".into() }));
        let level = |policies: &Vec<Policy>| parse_all(policies, Kind::ServiceControl);
        let service_control = question.service_control.as_ref();
        let resource_control = question.resource_control.as_ref();
        Ok(Held {
            identity: parse_all(&own_identity, Kind::Inline)?,
            boundary: question
                .boundary
                .as_ref()
                .map(|policy| parse_all(std::slice::from_ref(policy), Kind::Managed))
                .transpose()?,
            session: question.session.as_ref().map(|them| parse_all(them, Kind::Session)).transpose()?,
            resource: own.map(alone).transpose()?,
            service_control: service_control.map(|levels| levels.iter().map(level).collect()).transpose()?,
            resource_control: resource_control
                .map(|levels| levels.iter().map(|level| under_full_access(level)).collect())
                .transpose()?,
            endpoint: endpoint.map(alone).transpose()?,
        })
    }

    fn with_layers<T>(&self, then: impl FnOnce(&Layers<'_>) -> T) -> T {
        then(&Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            service_control: self.service_control.as_deref(),
            resource_control: self.resource_control.as_deref(),
            endpoint: self.endpoint.as_ref(),
        })
    }
}

/// One level of resource control policies, with the one that could not be saved as a customer's own.
fn under_full_access(policies: &[Policy]) -> Result<PolicySet, String> {
    let full = parse(&Policy(RCP_FULL_AWS_ACCESS.to_owned()), Kind::Resource);
    let own = policies.iter().map(|policy| parse(policy, Kind::ResourceControl));
    std::iter::once(full).chain(own).map(|policy| policy.map(attached)).collect()
}

fn outcome(decided: Decided) -> Result<Outcome, String> {
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
    match decided {
        Decided::Allowed => Ok(Outcome::Allowed),
        Decided::Denied(Denial::Explicit(layer)) => Ok(Outcome::ExplicitlyDenied(kind(layer))),
        Decided::Denied(Denial::Implicit(layer)) => Ok(Outcome::ImplicitlyDenied(kind(layer))),
        Decided::Denied(other) => Err(format!("is not decided by policies: {other:?}")),
    }
}

fn values(values: &decision::Values) -> Values<'static> {
    match values.clone() {
        decision::Values::One(value) => value.into(),
        decision::Values::Many(values) => values.into(),
    }
}

fn principal(principal: &Principal) -> request::Principal {
    use request::Principal as Asks;
    let user = |user: decision::User| request::User { arn: user.arn.into(), unique_id: user.unique_id };
    match principal.clone() {
        Principal::Root { arn } => Asks::Root { arn: arn.into() },
        Principal::User(one) => Asks::User(user(one)),
        Principal::FederatedUser { arn, user: behind } => {
            Asks::FederatedUser { arn: arn.into(), user: behind.map(user) }
        }
        Principal::RoleSession { arn, role_arn, role_unique_id, service_linked } => {
            Asks::RoleSession(RoleSession { arn: arn.into(), role_arn, role_unique_id, service_linked })
        }
        Principal::AssumedRoot { arn } => Asks::AssumedRoot { arn: arn.into() },
        Principal::Service { name } => Asks::Service(name),
        Principal::Federated { provider } => Asks::Federated(provider),
        Principal::Anonymous {} => Asks::Anonymous,
    }
}
