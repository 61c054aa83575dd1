//! Resource control policies.

use super::issue::*;
use super::read::{Condition, Statement};
use super::{Cx, PolicyType, actions};

const OF_PRINCIPALS: &[&str] =
    &["aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalTag/"];
const OF_SOURCES: &[&str] = &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"];
const IS_SERVICE: &str = "aws:PrincipalIsAWSService";

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    if cx.policy_type != PolicyType::ResourceControl {
        return;
    }
    action(statement, cx);
    if statement.allows() {
        allow(statement, cx);
    } else {
        related_keys(statement, cx);
    }
}

fn action(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(list) = &statement.action else { return };
    if list.negated {
        let details = "A resource control policy names what it is about: write Action instead of NotAction.";
        cx.add(RCP_SYNTAX_ERROR_NOTACTION, details, [list.key]);
        return;
    }
    for entry in &list.entries {
        let service = actions::split(entry.value).map(|(prefix, _)| cx.catalogue.service(&prefix));
        let details = match service {
            // A service that does not exist is reported as such.
            Some(None) => continue,
            Some(Some(service)) if service.resource_control => continue,
            Some(Some(service)) => format!("Resource control policies do not apply to {}.", service.prefix),
            None if statement.allows() => continue,
            None => "An action of a resource control policy names its service.".to_owned(),
        };
        cx.add(RCP_SYNTAX_ERROR_ACTION, details, [entry.span]);
    }
}

/// The one thing that can be allowed is everything.
fn allow(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let all = statement.resource.as_ref().is_some_and(|list| {
        !list.negated && !list.entries.is_empty() && list.entries.iter().all(|entry| entry.value == "*")
    });
    if !all || !statement.conditions.is_empty() {
        let details = "Allow in a resource control policy is for all resources (\"*\") and without conditions.";
        cx.add(RCP_SYNTAX_ERROR_ALLOW, details, [statement.span]);
    }
}

/// A denial by what a caller has, or by whom a service acts for, denies those that cannot have it as well.
fn related_keys(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let is_on = |condition: &Condition<'_>, keys: &[&str]| keys.iter().any(|key| condition.is_on(key));
    let find = |keys: &[&str]| statement.conditions.iter().find(|condition| is_on(condition, keys));
    let advice = |key: &str, who: &str, value: &str| {
        format!("{key} denies {who} as well: add `\"BoolIfExists\": {{\"{IS_SERVICE}\": \"{value}\"}}`.")
    };
    let tells_services = statement.tests(IS_SERVICE);
    if let Some(condition) = find(OF_PRINCIPALS).filter(|_| !tells_services) {
        let details = advice(condition.key.value, "services that act for you", "false");
        cx.add(RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY, details, [condition.key.span]);
    }
    let Some(condition) = find(OF_SOURCES).filter(|condition| condition.base() != "Null") else { return };
    if !tells_services {
        let details = advice(condition.key.value, "your own principals", "true");
        cx.add(RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY, details, [condition.key.span]);
    }
    let tests_presence = |condition: &Condition<'_>| {
        condition.base() == "Null" && is_on(condition, &["aws:SourceAccount", "aws:SourceArn"])
    };
    if !statement.conditions.iter().any(tests_presence) {
        let details = format!(
            "Not every service sends {}: add `\"Null\": {{\"aws:SourceAccount\": \"false\"}}`.",
            condition.key.value
        );
        cx.add(RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK, details, [condition.key.span]);
    }
}
