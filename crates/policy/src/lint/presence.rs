//! Conditions with wildcards: those that say nothing but whether a key is there, and those that say more than one would
//! think.

use super::Cx;
use super::issue::*;
use super::read::{Condition, Text};
use crate::arn::split_pattern;
use crate::operator::{Base, SetOperator};

/// Keys that a wildcard makes worthless (User Guide, "AWS global condition context keys", "Sensitive condition keys").
const SENSITIVE: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
];

/// Keys whose wildcards must come after some characters: paths of organizations begin with the organization's id.
const PREFIXED: &[&str] = &["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths", "aws:SourceOrgPaths", "aws:VpceOrgPaths"];
const PREFIX_CHARACTERS_MIN: usize = 6;

pub(super) fn check(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let Some(operator) = condition.operator else { return };
    let like = matches!(operator.base, Base::StringLike | Base::ArnLike | Base::ArnEquals);
    let not_like = matches!(operator.base, Base::StringNotLike | Base::ArnNotLike | Base::ArnNotEquals);
    let mut sensitive = false;
    for value in &condition.values {
        sensitive |= too_permissive(condition, *value, like || not_like, cx);
    }
    if !sensitive && (like || not_like) && condition.values.iter().any(|value| value.value == "*") {
        say(condition, like, operator.set, operator.if_exists, cx);
    }
}

/// What a condition with the value `*` comes to.
fn say(condition: &Condition<'_>, like: bool, set: Option<SetOperator>, if_exists: bool, cx: &mut Cx<'_>) {
    let (key, operator) = (condition.key.value, condition.name.value);
    let null = |value: &str| format!("{operator} with * only tests whether {key} is there: write Null with {value}.");
    let (issue, details) = match (like, set, if_exists) {
        (true, None | Some(SetOperator::ForAnyValue), false) => (EQUIVALENT_TO_NULL_FALSE, null("false")),
        (true, ..) => {
            let details = format!("The condition on {key} always holds: remove it.");
            (REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION, details)
        }
        (false, Some(SetOperator::ForAnyValue), false) => {
            let details = format!("The condition on {key} never holds, so the statement has no effect.");
            (REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION, details)
        }
        (false, ..) => (EQUIVALENT_TO_NULL_TRUE, null("true")),
    };
    cx.add(issue, details, [condition.key.span, condition.span]);
}

/// Wildcards and variables where they let in more than they seem to. Tells whether one was found.
fn too_permissive(condition: &Condition<'_>, value: Text<'_>, has_wildcards: bool, cx: &mut Cx<'_>) -> bool {
    let is_on = |keys: &[&str]| keys.iter().any(|key| condition.is_on(key));
    let wildcard = value.value.find(['*', '?']).filter(|_| has_wildcards);
    let variable = value.value.find("${").filter(|at| !is_of_sensitive(value.value, *at));
    let mut found = false;
    let places =
        [(wildcard, "wildcard", WILDCARD_USAGE_TOO_PERMISSIVE), (variable, "variable", VARIABLE_USAGE_TOO_PERMISSIVE)];
    for (at, what, issue) in places {
        let Some(at) = at else { continue };
        let key = condition.key.value;
        let details = if is_on(SENSITIVE) {
            format!("A {what} in {key} can match anyone's: write the value out.")
        } else if is_on(PREFIXED) && at < PREFIX_CHARACTERS_MIN {
            format!("A {what} in {key} needs at least {PREFIX_CHARACTERS_MIN} characters before it.")
        } else if condition.is_on("aws:userid") && !splits_user_id(value.value, at) {
            format!("In aws:userid a {what} stands after the colon, or alone before it.")
        } else {
            continue;
        };
        cx.add(issue, details, [value.span]);
        found = true;
    }
    found
}

/// Whether a variable is of a sensitive key itself, which the caller has no say in: `${aws:PrincipalAccount}`.
fn is_of_sensitive(value: &str, at: usize) -> bool {
    let name = value.get(at..).and_then(|variable| variable.strip_prefix("${")?.split_once('}'));
    name.is_some_and(|(name, _)| SENSITIVE.iter().any(|key| key.eq_ignore_ascii_case(name)))
}

/// Whether what is open in a user id is its session name, or the whole of its role.
fn splits_user_id(value: &str, at: usize) -> bool {
    // Colons in variables do not separate.
    let parts = split_pattern(value);
    let [role, _, ..] = parts.as_slice() else { return false };
    let is_variable = role.strip_prefix("${").is_some_and(|name| name.find('}') == name.len().checked_sub(1));
    at > role.len() || *role == "*" || is_variable
}
