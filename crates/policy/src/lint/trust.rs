//! Role trust policies: actions and principals that go together, and what identity providers must be held to.

use super::issue::*;
use super::read::{Condition, Statement, Text};
use super::wildcards::covers_action;
use super::{Cx, Policy};

const GITHUB: &str = "token.actions.githubusercontent.com";
const ROLES_ANYWHERE: &str = "rolesanywhere.amazonaws.com";
const ROLES_ANYWHERE_ACTIONS: &[&str] = &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

/// The actions that assume a role, and the kind of principal each is for.
const WAYS: &[(&str, Kind)] = &[
    ("sts:AssumeRole", Kind::Caller),
    ("sts:AssumeRoleWithSAML", Kind::Saml),
    ("sts:AssumeRoleWithWebIdentity", Kind::Oidc),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Caller,
    Saml,
    Oidc,
}

impl Kind {
    fn of(key: &str, text: &str) -> Kind {
        match key {
            "Federated" if text.contains(":saml-provider/") => Kind::Saml,
            "Federated" => Kind::Oidc,
            _ => Kind::Caller,
        }
    }
}

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    if !cx.is_trust(statement) {
        return;
    }
    mismatched(statement, cx);
    if statement.allows() {
        providers(statement, cx);
    }
}

/// Principals for which none of the statement's actions is, and the actions that are for others.
fn mismatched(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let (Some(actions), Some(principal)) = (&statement.action, &statement.principal) else { return };
    if actions.negated {
        return;
    }
    let is_for = |entry: &Text<'_>, kind: Kind| {
        WAYS.iter().any(|(action, of)| *of == kind && covers_action(entry.value, action))
    };
    let unserved: Vec<_> = principal
        .entries
        .iter()
        .filter(|(key, text)| !actions.entries.iter().any(|entry| is_for(entry, Kind::of(key.value, text.value))))
        .map(|(_, text)| *text)
        .collect();
    if unserved.is_empty() {
        return;
    }
    let names: Vec<_> = unserved.iter().map(|text| text.value).collect();
    for entry in
        actions.entries.iter().filter(|entry| WAYS.iter().any(|(action, _)| action.eq_ignore_ascii_case(entry.value)))
    {
        let details = format!(
            "{} cannot use {}: sts:AssumeRoleWithSAML is for SAML providers, sts:AssumeRoleWithWebIdentity for OIDC \
             providers, sts:AssumeRole for all others.",
            names.join(", "),
            entry.value
        );
        cx.report.add(
            MISMATCHED_ACTION_FOR_PRINCIPAL,
            details,
            [entry.span].into_iter().chain(unserved.iter().map(|text| text.span)),
        );
    }
}

/// OIDC providers serve many; conditions on their claims say whose tokens are meant.
fn providers(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(principal) = &statement.principal else { return };
    for (key, text) in &principal.entries {
        if Kind::of(key.value, text.value) != Kind::Oidc {
            continue;
        }
        let host = text.value.split_once(":oidc-provider/").map_or(text.value, |(_, host)| host);
        if host.eq_ignore_ascii_case(GITHUB) {
            github(statement, *text, cx);
            continue;
        }
        let is_claim = |condition: &Condition<'_>| {
            let (key, claim) = (condition.key.value, condition.key.value.get(host.len()..));
            claim.is_some_and(|claim| claim.starts_with(':'))
                && key.get(..host.len()).is_some_and(|of| of.eq_ignore_ascii_case(host))
        };
        if !statement.conditions.iter().any(is_claim) {
            let details =
                format!("Everyone whom {host} knows is trusted: test claims such as {host}:aud and {host}:sub.");
            cx.add(MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, details, [text.span]);
        }
    }
}

fn github(statement: &Statement<'_>, provider: Text<'_>, cx: &mut Cx<'_>) {
    let subject = format!("{GITHUB}:sub");
    if !statement.tests(&subject) {
        let details =
            format!("Every repository on GitHub is trusted: test {subject} for the repository and its branch.");
        cx.add(MISSING_GITHUB_REPO_CONDITION_KEY, details, [provider.span]);
    }
    let is_open = |value: &Text<'_>| value.value.contains(['*', '?']);
    let reference = format!("{GITHUB}:ref");
    let has_branch = statement.conditions.iter().any(|condition| {
        condition.is_on(&reference) && !condition.values.is_empty() && !condition.values.iter().any(is_open)
    });
    for condition in statement.conditions.iter().filter(|condition| condition.is_on(&subject)) {
        for value in condition.values.iter().filter(|value| is_open(value)) {
            // `repo:OWNER/NAME:…`
            let repository = value.value.split(':').nth(1).unwrap_or("*");
            if !has_branch || repository.contains(['*', '?']) {
                let details = format!(
                    "The wildcard trusts more than one branch: write repository and branch, or test {reference}."
                );
                cx.add(SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, details, [value.span]);
            }
        }
    }
}

/// IAM Roles Anywhere needs three actions, which may stand in several statements.
pub(super) fn check_roles_anywhere(policy: &Policy<'_>, cx: &mut Cx<'_>) {
    let mut allowed = Vec::new();
    let mut first = None;
    for statement in policy.statements.iter().filter(|statement| statement.allows() && cx.is_trust(statement)) {
        let entries = statement.principal.iter().flat_map(|principal| &principal.entries);
        let Some((_, service)) = entries.into_iter().find(|(_, text)| text.value == ROLES_ANYWHERE) else { continue };
        first = first.or(Some(service.span));
        allowed.extend(statement.action.iter().flat_map(|list| &list.entries).map(|entry| entry.value));
    }
    let missing: Vec<_> = ROLES_ANYWHERE_ACTIONS
        .iter()
        .copied()
        .filter(|action| !allowed.iter().any(|entry| covers_action(entry, action)))
        .collect();
    if let (Some(place), false) = (first, missing.is_empty()) {
        let details = format!("{ROLES_ANYWHERE} needs {}, too.", missing.join(" and "));
        cx.add(MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY, details, [place]);
    }
}
