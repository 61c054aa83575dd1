//! The engine, asked as the service asks it.

use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType as Kind};
use doorward_policy::evaluate::{Denial, Outcome as Decided, decide};
use doorward_policy::explain::explain;
use doorward_policy::message::denial_message;
use doorward_policy::request::{self, Attached, Layer, Layers, Request, Resource, RoleSession, Source};
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
    held.with_layers(question, |layers| {
        let decision = decide(&request, layers);
        let explained = explain(&request, layers).decision;
        if explained != decision {
            return Err(format!("is decided as {decision:?} and explained as {explained:?}"));
        }
        let statements = decision.statements.iter().filter_map(|at| layers.find(at));
        let sids = statements.filter_map(|(_, statement)| Some(statement.sid.as_ref()?.value.clone())).collect();
        let message = |denial| {
            let caller = principal.arn().unwrap_or_default();
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

fn parse(policy: &Policy, kind: Kind) -> Result<Document, String> {
    Document::parse(&policy.0, kind).map_err(|error| format!("{} ({}): {}", error.message, error.detail, policy.0))
}

fn parse_all(policies: &[Policy], kind: Kind) -> Result<Vec<Document>, String> {
    policies.iter().map(|policy| parse(policy, kind)).collect()
}

fn parse_levels(levels: &[Vec<Policy>], kind: Kind) -> Result<Vec<Vec<Document>>, String> {
    levels.iter().map(|level| parse_all(level, kind)).collect()
}

/// The documents of a question.
struct Held {
    identity: Vec<Document>,
    boundary: Option<Vec<Document>>,
    session: Option<Vec<Document>>,
    resource: Option<Document>,
    service_control: Option<Vec<Vec<Document>>>,
    resource_control: Option<Vec<Vec<Document>>>,
    endpoint: Option<Document>,
}

impl Held {
    fn parse(question: &Question) -> Result<Held, String> {
        let mut identity = parse_all(&question.identity, Kind::Inline)?;
        identity.extend(parse_all(&question.groups, Kind::Inline)?);
        let own = question.resource_policy.as_ref().or(question.key_policy.as_ref());
        let own = own.map(|policy| (policy, Kind::Resource));
        let own = own.or(question.trust_policy.as_ref().map(|policy| (policy, Kind::Trust)));
        let levels = |levels: &Option<Vec<_>>, kind| levels.as_ref().map(|them| parse_levels(them, kind)).transpose();
        let mut resource_control = levels(&question.resource_control, Kind::ResourceControl)?;
        for level in resource_control.iter_mut().flatten() {
            // It could not be saved as a customer's own.
            level.insert(0, parse(&Policy(RCP_FULL_AWS_ACCESS.to_owned()), Kind::Resource)?);
        }
        let boundary = question.boundary.as_ref().map(|policy| parse(policy, Kind::Managed)).transpose()?;
        Ok(Held {
            identity,
            boundary: boundary.map(|document| vec![document]),
            session: question.session.as_ref().map(|them| parse_all(them, Kind::Session)).transpose()?,
            resource: own.map(|(policy, kind)| parse(policy, kind)).transpose()?,
            service_control: levels(&question.service_control, Kind::ServiceControl)?,
            resource_control,
            endpoint: question.endpoint.as_ref().map(|policy| parse(policy, Kind::VpcEndpoint)).transpose()?,
        })
    }

    fn with_layers<T>(&self, question: &Question, then: impl FnOnce(&Layers<'_>) -> T) -> T {
        let identity = attach(&self.identity);
        let boundary = self.boundary.as_deref().map(attach);
        let session = self.session.as_deref().map(attach);
        let service_control = self.service_control.as_deref().map(attach_levels);
        let resource_control = self.resource_control.as_deref().map(attach_levels);
        let source = match question.trust_policy {
            Some(_) => Source::Trust { role: &question.resource },
            None => Source::Resource { arn: &question.resource },
        };
        let alone = |source, document| Attached { source, document: Some(document) };
        then(&Layers {
            identity: &identity,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            resource: self.resource.as_ref().map(|document| alone(source, document)),
            service_control: service_control.as_deref(),
            resource_control: resource_control.as_deref(),
            endpoint: self.endpoint.as_ref().map(|document| alone(Source::Endpoint { id: "vpce-1" }, document)),
        })
    }
}

fn attach(documents: &[Document]) -> Vec<Attached<'_>> {
    let source = Source::Managed { arn: "arn:aws:iam::111111111111:policy/p", attached_to: "it" };
    documents.iter().map(|document| Attached { source, document: Some(document) }).collect()
}

fn attach_levels(levels: &[Vec<Document>]) -> Vec<Vec<Attached<'_>>> {
    levels.iter().map(|level| attach(level)).collect()
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

fn values(values: &decision::Values) -> Values {
    match values.clone() {
        decision::Values::One(value) => Values::One(value),
        decision::Values::Many(values) => Values::Many(values),
    }
}

fn principal(principal: &Principal) -> request::Principal {
    use request::Principal as Asks;
    let user = |user: decision::User| request::User { arn: user.arn, unique_id: user.unique_id };
    match principal.clone() {
        Principal::Root { arn } => Asks::Root { arn },
        Principal::User(one) => Asks::User(user(one)),
        Principal::FederatedUser { arn, user: behind } => Asks::FederatedUser { arn, user: behind.map(user) },
        Principal::RoleSession { arn, role_arn, role_unique_id, service_linked } => {
            Asks::RoleSession(RoleSession { arn, role_arn, role_unique_id, service_linked })
        }
        Principal::AssumedRoot { arn } => Asks::AssumedRoot { arn },
        Principal::Service { name } => Asks::Service(name),
        Principal::Federated { provider } => Asks::Federated(provider),
        Principal::Anonymous {} => Asks::Anonymous,
    }
}
