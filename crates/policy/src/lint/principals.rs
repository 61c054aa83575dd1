//! `Principal` and `NotPrincipal`.

use super::issue::*;
use super::read::{Principals, Statement, Text};
use super::{Cx, PolicyType};
use crate::document::PrincipalPattern;
use crate::json::Json;

const KEYS: &[&str] = &["AWS", "CanonicalUser", "Federated", "Service"];

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(principal) = &statement.principal else { return };
    match cx.policy_type {
        PolicyType::Identity | PolicyType::ServiceControl => return,
        PolicyType::ResourceControl => return everyone(principal, cx),
        PolicyType::Resource(_) => {}
    }
    let is_trust = cx.is_trust(statement);
    negation(statement, principal, is_trust, cx);
    shape(principal, is_trust, cx);
    for (key, text) in &principal.entries {
        one(*key, *text, is_trust, cx);
    }
    sessions(principal, cx);
}

/// Resource control policies have everyone or nobody.
fn everyone(principal: &Principals<'_>, cx: &mut Cx<'_>) {
    let is_everyone = matches!(&principal.value.value, Json::String(text) if text == "*");
    if principal.negated || !is_everyone {
        let details = "A resource control policy has `\"Principal\": \"*\"` and tests principals in conditions.";
        cx.add(RCP_SYNTAX_ERROR_PRINCIPAL, details, [principal.value.span]);
    }
}

fn negation(statement: &Statement<'_>, principal: &Principals<'_>, is_trust: bool, cx: &mut Cx<'_>) {
    if !principal.negated {
        return;
    }
    if is_trust {
        let details = "A role trust policy says who is trusted: write Principal instead of NotPrincipal.";
        cx.add(ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, details, [principal.key]);
    } else if statement.allows() {
        let details =
            "Allow with NotPrincipal allows everyone else in the world, anonymous callers too: write Principal.";
        cx.add(ALLOW_WITH_NOT_PRINCIPAL, details, [principal.key]);
    }
}

fn shape(principal: &Principals<'_>, is_trust: bool, cx: &mut Cx<'_>) {
    match &principal.value.value {
        Json::Object(_) => {}
        Json::String(text) if text == "*" && !is_trust => {}
        Json::String(text) if text == "*" => {
            let details = "A role trust policy has no bare \"*\": write {\"AWS\": …} and name who is trusted.";
            cx.add(ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL, details, [principal.value.span]);
        }
        _ => {
            let details = "Name principals by type: {\"AWS\": …}, {\"Service\": …}, {\"Federated\": …}.";
            cx.add(INVALID_PRINCIPAL_FORMAT, details, [principal.value.span]);
        }
    }
}

fn one(key: Text<'_>, text: Text<'_>, is_trust: bool, cx: &mut Cx<'_>) {
    if !KEYS.contains(&key.value) {
        let details = format!("There is no type of principal {}; the types are {}.", key.value, KEYS.join(", "));
        cx.add(INVALID_PRINCIPAL_KEY, details, [key.span]);
        return;
    }
    if key.value == "Federated" && !is_trust {
        let details = "Identity providers are principals of role trust policies only.";
        cx.add(FEDERATED_PRINCIPAL_NOT_SUPPORTED, details, [text.span]);
        return;
    }
    let everyone = key.value == "AWS" && text.value == "*";
    // A variable is reported as such.
    if everyone || text.value.contains("${") {
        return;
    }
    if text.value.contains(['*', '?']) {
        let details =
            format!("A {} principal is named exactly, without wildcards: test aws:PrincipalArn instead.", key.value);
        cx.add(UNSUPPORTED_WILDCARD_IN_PRINCIPAL, details, [text.span]);
        return;
    }
    match (key.value, PrincipalPattern::parse(key.value, text.value)) {
        (_, Some(PrincipalPattern::UniqueId(id))) => by_id(&id, text, cx),
        (_, Some(_)) => {}
        ("Federated", None) => {
            let details = format!("`{}` is neither a provider's domain nor the ARN of a provider in IAM.", text.value);
            cx.add(INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, details, [text.span]);
        }
        // Services that are not AWS's have names of their own.
        ("Service", None) if super::values::is_service_principal(text.value) => {}
        ("Service", None) => {
            let details = "A service principal is of the form service-name.amazonaws.com, in lower case.";
            cx.add(INVALID_SERVICE_PRINCIPAL_FORMAT, details, [text.span]);
        }
        (_, None) => {
            let details =
                format!("`{}` is no {} principal: neither *, an account, nor the ARN of one.", text.value, key.value);
            cx.add(INVALID_PRINCIPAL_FORMAT, details, [text.span]);
        }
    }
}

fn by_id(id: &str, text: Text<'_>, cx: &mut Cx<'_>) {
    let (issue, what) = match id.starts_with("AROA") {
        true => (INVALID_ROLE_REFERENCE, "role"),
        false => (INVALID_USER_REFERENCE, "user"),
    };
    let details =
        format!("{id} is the unique id of a {what}: write its ARN, which the policy will be bound by all the same.");
    cx.add(issue, details, [text.span]);
}

/// Sessions of roles that are named themselves.
fn sessions(principal: &Principals<'_>, cx: &mut Cx<'_>) {
    for (_, text) in &principal.entries {
        let Some(session) = crate::arn::Arn::parse(text.value) else { continue };
        let Some((role, _)) = session.role_session() else { continue };
        let is_parent = |text: &str| {
            let arn = crate::arn::Arn::parse(text);
            arn.is_some_and(|arn| {
                arn.account == session.account && arn.resource_type() == "role" && arn.name() == Some(role)
            })
        };
        if let Some((_, parent)) = principal.entries.iter().find(|(_, text)| is_parent(text.value)) {
            let details = format!("The session is redundant with its role {}: remove it.", parent.value);
            cx.add(REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, details, [text.span, parent.span]);
        }
    }
}
