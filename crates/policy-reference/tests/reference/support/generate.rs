//! Random questions, biased so that policies match: see `words`.

use doorward_policy::document::PolicyType;
use doorward_policy_reference::{Policies, Principal, Question, Resource, RoleSession, User, Values};

use serde_json::Value;

use super::engine::full_access;
use super::policies::document;
use super::random::Random;
use super::words::{ACTIONS, KEYS, RESOURCES, TEXTS, VARIABLES};

pub const A: &str = "111111111111";
pub const B: &str = "222222222222";

pub fn user(account: &str) -> User {
    User { arn: format!("arn:aws:iam::{account}:user/dev/alice"), id: format!("AIDA{account}") }
}

pub fn role_session(account: &str, service_linked: bool) -> Principal {
    Principal::RoleSession(RoleSession {
        arn: format!("arn:aws:sts::{account}:assumed-role/R/s1"),
        role_arn: format!("arn:aws:iam::{account}:role/svc/R"),
        role_id: format!("AROA{account}"),
        service_linked,
    })
}

pub fn federated_user(account: &str, user: Option<User>) -> Principal {
    Principal::FederatedUser { arn: format!("arn:aws:sts::{account}:federated-user/bob"), user }
}

/// A caller of each kind.
pub fn principals(account: &str) -> Vec<Principal> {
    let root = format!("arn:aws:iam::{account}:root");
    vec![
        Principal::User(user(account)),
        role_session(account, false),
        role_session(account, true),
        federated_user(account, Some(user(account))),
        federated_user(account, None),
        Principal::Root { arn: root.clone() },
        Principal::AssumedRoot { arn: root },
        Principal::Service("sns.amazonaws.com".into()),
        Principal::Federated(format!("arn:aws:iam::{A}:saml-provider/idp")),
        Principal::Federated("accounts.google.com".into()),
        Principal::Anonymous,
    ]
}

/// Whom policies name: every caller in every way it can be written, and near misses.
fn named() -> Vec<(&'static str, String)> {
    let mut named: Vec<(&str, String)> = Vec::new();
    for account in [A, B] {
        let role = |rest: &str| ("AWS", format!("arn:aws:sts::{account}:assumed-role/{rest}"));
        named.extend([
            ("AWS", account.to_owned()),
            ("AWS", format!("arn:aws:iam::{account}:root")),
            ("AWS", format!("arn:aws:iam::{account}:user/dev/alice")),
            ("AWS", format!("AIDA{account}")),
            ("AWS", format!("arn:aws:iam::{account}:role/svc/R")),
            ("AWS", format!("AROA{account}")),
            ("AWS", format!("arn:aws:sts::{account}:federated-user/bob")),
            role("R/s1"),
        ]);
    }
    named.extend([
        ("AWS", format!("arn:aws:iam::{A}:user/alice")),
        ("AWS", format!("arn:aws:iam::{A}:role/R")),
        ("AWS", format!("arn:aws:sts::{A}:assumed-role/R/s2")),
        ("AWS", "*".to_owned()),
        ("Service", "sns.amazonaws.com".to_owned()),
        ("Service", "ec2.amazonaws.com".to_owned()),
        ("Federated", format!("arn:aws:iam::{A}:saml-provider/idp")),
        ("Federated", "accounts.google.com".to_owned()),
    ]);
    named
}

/// A question whose request can be drawn again, for the same caller and policies.
pub fn question(random: &mut Random) -> Question {
    let account = if random.percent(75) { A } else { B };
    let principal = random.choose(&principals(account)).clone();
    let policies = policies(random, &principal);
    let mut question = Question {
        principal,
        action: String::new(),
        resource: Resource { arn: String::new(), account: None, requires_own_grant: false },
        context: Vec::new(),
        policies,
    };
    request(random, &mut question);
    question
}

/// Draws what is asked anew.
pub fn request(random: &mut Random, question: &mut Question) {
    let trust = question.policies.is_trust;
    question.action =
        if trust { random.pick(&["sts:AssumeRole", "sts:TagSession"]) } else { random.pick(ACTIONS) }.into();
    if random.percent(5) {
        question.action = question.action.to_ascii_lowercase();
    }
    let mut arn = random.pick(RESOURCES).to_owned();
    question.context = context(random);
    if random.percent(50)
        && let Some((action, resource)) = covered(random, question)
    {
        (question.action, arn) = (action, resource);
    }
    let account = if arn.contains(B) { B } else { A };
    let account = if random.percent(85) { Some(account.to_owned()) } else { None };
    let requires_own_grant = trust || arn.contains(":kms:");
    question.resource = Resource { arn, account, requires_own_grant };
}

/// An action and a resource that a statement of the question covers, or nearly.
fn covered(random: &mut Random, question: &Question) -> Option<(String, String)> {
    let policies = &question.policies;
    let documents: Vec<&Value> = policies.identity.iter().chain(&policies.resource).chain(&policies.endpoint).collect();
    if documents.is_empty() {
        return None;
    }
    let document = *random.choose(&documents);
    let statement = some_of(random, document.get("Statement")?)?;
    let action = some_of(random, statement.get("Action")?)?;
    let resource = some_of(random, statement.get("Resource")?)?;
    let (action, resource) = (action.as_str()?, resource.as_str()?);
    let (action, resource) = (filled(random, question, action), filled(random, question, resource));
    let is_action = !action.starts_with(':')
        && action.split_once(':').is_some_and(|(_, name)| !name.is_empty() && !name.contains([' ', ',', ':']));
    let is_arn = resource.starts_with("arn:aws") && resource.splitn(6, ':').count() == 6;
    let is_own = resource.split(':').nth(4).is_some_and(|account| ["", "aws", A, B].contains(&account));
    if is_action && is_arn && is_own { Some((action, resource)) } else { None }
}

/// An element of a list, or the value itself.
fn some_of(random: &mut Random, value: &Value) -> Option<Value> {
    match value {
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) => Some(random.choose(values).clone()),
        one => Some(one.clone()),
    }
}

/// The pattern with something in the place of wildcards and variables.
fn filled(random: &mut Random, question: &Question, pattern: &str) -> String {
    let held = question.context.iter().find_map(|(key, values)| match values {
        Values::One(value) if key.eq_ignore_ascii_case("aws:PrincipalTag/team") => Some(value.as_str()),
        _ => None,
    });
    let mut text = pattern.to_owned();
    for variable in VARIABLES {
        text = text.replace(variable, random.pick(&["all", "alice", "*", held.unwrap_or("red"), "us-east-1", A]));
    }
    text = text.replace('*', random.pick(&["", "a", "b/o", "*"])).replace('?', random.pick(&["a", "?", "é"]));
    if random.percent(10) { text.to_ascii_lowercase() } else { text }
}

fn context(random: &mut Random) -> Vec<(String, Values)> {
    let mut context = Vec::new();
    for (key, account) in [("aws:PrincipalAccount", A), ("aws:RequestedRegion", "us-east-1")] {
        if random.percent(80) {
            context.push((key.to_owned(), Values::One(account.to_owned())));
        }
    }
    for &(key, texts) in KEYS {
        if random.percent(35) {
            continue;
        }
        let texts = if random.percent(4) { TEXTS } else { texts };
        let mut many = || (0..random.below(4)).map(|_| random.pick(texts).to_owned()).collect::<Vec<_>>();
        let is_multivalued = key == "aws:TagKeys";
        let values = many();
        let values = if is_multivalued || random.percent(4) {
            Values::Many(values)
        } else {
            Values::One(random.pick(texts).to_owned())
        };
        if random.percent(8) {
            let other = if random.percent(50) { values.clone() } else { Values::One(random.pick(texts).to_owned()) };
            context.push((key.to_ascii_uppercase(), other));
        }
        context.push((key.to_owned(), values));
    }
    context
}

/// Policies of the kinds that the caller can have.
fn policies(random: &mut Random, principal: &Principal) -> Policies {
    let named = named();
    let mut policies = Policies::default();
    let some = |random: &mut Random, grammar: PolicyType| {
        (0..random.below(3)).map(|_| document(random, grammar, &named)).collect::<Vec<_>>()
    };
    let (identity, boundary, session) = layers_of(principal);
    if identity {
        policies.identity = some(random, PolicyType::Inline);
    }
    if boundary && random.percent(30) {
        policies.boundary = Some(some(random, PolicyType::Managed));
    }
    if session && random.percent(40) {
        policies.session = Some(some(random, PolicyType::Session));
    }
    policies.is_trust = random.percent(15);
    if random.percent(60) {
        let grammar = if policies.is_trust { PolicyType::Trust } else { PolicyType::Resource };
        policies.resource = Some(document(random, grammar, &named));
    }
    if principal.account().is_some() && random.percent(20) {
        policies.service_control =
            Some((0..1 + random.below(3)).map(|_| some(random, PolicyType::ServiceControl)).collect());
    }
    if random.percent(20) {
        let level = |random: &mut Random| {
            let mut level = some(random, PolicyType::ResourceControl);
            if random.percent(95) {
                level.insert(0, full_access());
            }
            level
        };
        policies.resource_control = Some((0..1 + random.below(2)).map(|_| level(random)).collect());
    }
    if random.percent(15) {
        policies.endpoint = Some(document(random, PolicyType::VpcEndpoint, &named));
    }
    policies
}

/// Whether a caller of this kind can have identity policies, a boundary and session policies.
pub fn layers_of(principal: &Principal) -> (bool, bool, bool) {
    match principal {
        Principal::User(_) => (true, true, false),
        Principal::RoleSession(session) => (true, !session.service_linked, !session.service_linked),
        Principal::FederatedUser { user, .. } => (user.is_some(), user.is_some(), true),
        Principal::AssumedRoot { .. } => (false, false, true),
        _ => (false, false, false),
    }
}

/// A document that can be attached to a user.
pub fn identity_document(random: &mut Random) -> Value {
    // The grammar of managed policies is the narrowest: such a document is valid in other places as well.
    document(random, PolicyType::Managed, &[])
}

/// A resource control policy of a customer.
pub fn resource_control_document(random: &mut Random) -> Value {
    document(random, PolicyType::ResourceControl, &[])
}
