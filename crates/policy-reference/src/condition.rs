//! Conditions (User Guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued context
//! keys").

use serde_json::Value;

use crate::compare::{self, Operand};
use crate::question::Values;
use crate::statement::list;
use crate::text::{Held, Variables, lookup};

/// Whether the statement's conditions all hold. What cannot be told holds for a Deny and not for an Allow.
pub(crate) fn holds(statement: &Value, context: &[(String, Values)], variables: Variables<'_>, is_deny: bool) -> bool {
    let Some(Value::Object(operators)) = statement.get("Condition") else { return true };
    operators.iter().all(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.into_iter().all(|(key, values)| {
            let values: Vec<String> = list(values).into_iter().map(literal).collect();
            test(operator, lookup(context, key), &values, variables).unwrap_or(is_deny)
        })
    })
}

/// Numbers and booleans count as their text.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    None,
    All,
    Any,
}

/// Whether one operator holds for one key; none if that cannot be told.
fn test(operator: &str, held: Held<'_>, values: &[String], variables: Variables<'_>) -> Option<bool> {
    let (set, rest) = if let Some(rest) = operator.strip_prefix("ForAllValues:") {
        (Set::All, rest)
    } else if let Some(rest) = operator.strip_prefix("ForAnyValue:") {
        (Set::Any, rest)
    } else {
        (Set::None, operator)
    };
    let (base, if_exists) = match rest.strip_suffix("IfExists") {
        Some(base) => (base, true),
        None => (rest, false),
    };
    if base == "Null" {
        let is_absent = if held == Held::Nothing { "true" } else { "false" };
        return Some(values.iter().any(|value| value.eq_ignore_ascii_case(is_absent)));
    }
    // That there is a value is certain, but not which one.
    if held == Held::Ambiguous {
        return None;
    }
    let (base, negated) = positive(base);
    let missing = held == Held::Nothing;
    let request: Vec<&str> = match held {
        Held::Nothing | Held::Ambiguous => Vec::new(),
        Held::One(value) => vec![value],
        Held::Many(values) => values.iter().map(String::as_str).collect(),
    };
    // For the set operators an empty text is no value.
    let nothing = missing || request == [""];
    let one = |value: &str| matches(base, negated, value, values, variables);
    match set {
        Set::All if nothing => Some(true),
        Set::All => every(request.iter().map(|value| one(value))),
        Set::Any if nothing => Some(if_exists && missing),
        Set::Any => every(request.iter().map(|value| one(value).map(|it| !it))).map(|none| !none),
        Set::None if missing => Some(if_exists || negated),
        Set::None if matches!(held, Held::Many(_)) => Some(false),
        Set::None => request.first().and_then(|value| one(value)),
    }
}

/// The positive counterpart of an operator, and whether the operator is its negation.
fn positive(base: &str) -> (&str, bool) {
    match base {
        "StringNotEquals" => ("StringEquals", true),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "StringNotLike" => ("StringLike", true),
        "NumericNotEquals" => ("NumericEquals", true),
        "DateNotEquals" => ("DateEquals", true),
        "NotIpAddress" => ("IpAddress", true),
        "ArnNotEquals" => ("ArnEquals", true),
        "ArnNotLike" => ("ArnLike", true),
        base => (base, false),
    }
}

/// Whether the request's value matches one of the policy's values; negated, whether it matches none.
fn matches(base: &str, negated: bool, request: &str, values: &[String], variables: Variables<'_>) -> Option<bool> {
    let outcomes: Vec<Operand> = values.iter().map(|value| compare::compare(base, value, request, variables)).collect();
    if outcomes.contains(&Operand::Match) {
        return Some(!negated);
    }
    if negated && outcomes.contains(&Operand::NotUnderstood) { None } else { Some(negated) }
}

/// Whether all hold; false if one certainly does not, none if one cannot be told.
fn every(outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let outcomes: Vec<Option<bool>> = outcomes.collect();
    if outcomes.contains(&Some(false)) {
        return Some(false);
    }
    if outcomes.contains(&None) { None } else { Some(true) }
}
