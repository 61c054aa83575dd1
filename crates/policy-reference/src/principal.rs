//! Whom a statement names (User Guide, "AWS JSON policy elements: Principal" and "… NotPrincipal").

use serde_json::Value;

use crate::question::{Principal, Question};
use crate::statement::{list, strings};

/// How a statement names the caller, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The caller itself.
    Exact,
    /// Everybody.
    Anyone,
    /// The user that made the caller's federated session.
    User,
    /// The role of the caller's session.
    Role,
    /// The caller's account.
    Account,
}

/// How the statement names the caller; none if it does not concern it. Without a principal it concerns nobody.
pub(crate) fn named(question: &Question, statement: &Value) -> Option<Kind> {
    if let Some(listed) = statement.get("Principal") {
        return entries(listed).iter().filter_map(|entry| kind(&question.principal, entry)).min();
    }
    let listed = entries(statement.get("NotPrincipal")?);
    let is_listed = |link: &Vec<(&str, String)>| {
        listed.iter().any(|entry| is_everyone(entry) || link.contains(&(entry.0.as_str(), entry.1.clone())))
    };
    let chain = chain(&question.principal);
    let exempt = if statement.get("Effect").is_some_and(|effect| effect == "Deny") {
        // A permissions boundary makes the exemption void, whoever is listed.
        let all = if chain.is_empty() { listed.iter().any(is_everyone) } else { chain.iter().all(is_listed) };
        question.policies.boundary.is_none() && all
    } else {
        listed.iter().any(is_everyone) || chain.iter().any(is_listed)
    };
    if exempt { None } else { Some(Kind::Anyone) }
}

/// One entry: the member's name (`AWS`, `Service`, …) and the value.
type Entry = (String, String);

fn entries(listed: &Value) -> Vec<Entry> {
    match listed {
        Value::String(star) => vec![("AWS".to_owned(), star.clone())],
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, values)| {
                strings(&list(values)).into_iter().map(|value| (name.clone(), value)).collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_everyone((name, value): &Entry) -> bool {
    name == "AWS" && value == "*"
}

fn kind(principal: &Principal, entry: &Entry) -> Option<Kind> {
    if is_everyone(entry) {
        return Some(Kind::Anyone);
    }
    let chain = chain(principal);
    let position = chain.iter().position(|link| link.contains(&(entry.0.as_str(), entry.1.clone())))?;
    let is_caller = position.checked_add(1) == Some(chain.len());
    Some(match (principal, position) {
        _ if is_caller => Kind::Exact,
        (_, 0) => Kind::Account,
        (Principal::RoleSession(_), _) => Kind::Role,
        _ => Kind::User,
    })
}

/// The caller's chain, from the account to the caller itself; each link with the ways to write it.
fn chain(principal: &Principal) -> Vec<Vec<(&'static str, String)>> {
    let aws = |names: &[&str]| names.iter().map(|name| ("AWS", (*name).to_owned())).collect::<Vec<_>>();
    let account = |arn: &str| {
        let mut parts = arn.split(':').skip(1);
        let partition = parts.next().unwrap_or_default();
        let id = parts.nth(2).unwrap_or_default();
        aws(&[id, &format!("arn:{partition}:iam::{id}:root")])
    };
    match principal {
        Principal::Root { arn } | Principal::AssumedRoot { arn } => vec![account(arn)],
        Principal::User(user) => vec![account(&user.arn), aws(&[&user.arn, &user.id])],
        Principal::FederatedUser { arn, user: Some(user) } => {
            vec![account(arn), aws(&[&user.arn, &user.id]), aws(&[arn])]
        }
        Principal::FederatedUser { arn, user: None } => vec![account(arn), aws(&[arn])],
        Principal::RoleSession(session) => {
            vec![account(&session.arn), aws(&[&session.role_arn, &session.role_id]), aws(&[&session.arn])]
        }
        Principal::Service(name) => vec![vec![("Service", name.clone())]],
        Principal::Federated(provider) => vec![vec![("Federated", provider.clone())]],
        Principal::Anonymous => Vec::new(),
    }
}
