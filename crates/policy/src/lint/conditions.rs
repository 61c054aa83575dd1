//! `Condition`: operators, keys, and whether they go together.

use std::collections::BTreeMap;

use super::issue::*;
use super::read::{Condition, Statement};
use super::wildcards::nearest;
use super::{Cx, presence, values};
use crate::catalogue::{ConditionKey, ValueType};
use crate::operator::{Base, SetOperator};

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    duplicates(statement, cx);
    for condition in &statement.conditions {
        operator(condition, cx);
        let key = known_key(condition, cx);
        if condition.values.is_empty() {
            no_values(condition, cx);
            continue;
        }
        if let Some(key) = key {
            types(condition, key, cx);
            qualifier(condition, key, cx);
        }
        audience(condition, key, cx);
        values::check(condition, cx);
        presence::check(condition, cx);
    }
}

/// Keys of one operator that differ in case only.
fn duplicates(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let mut seen = BTreeMap::new();
    for condition in &statement.conditions {
        let place = (condition.name.span.start, condition.key.value.to_ascii_lowercase());
        if let Some(first) = seen.insert(place, condition.key.span) {
            let details = format!(
                "The key {} stands twice under {}: condition keys have no case.",
                condition.key.value, condition.name.value
            );
            cx.add(DUPLICATE_KEYS_WITH_DIFFERENT_CASE, details, [condition.key.span, first]);
        }
    }
}

fn operator(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let name = condition.name;
    let Some(operator) = condition.operator else {
        if name.value.ends_with("NullIfExists") {
            let details = "Null tests whether a key exists: it has no IfExists.";
            cx.add(NULL_WITH_IF_EXISTS, details, [name.span]);
            return;
        }
        let plain = name.value.rsplit(':').next().unwrap_or_default();
        let meant = nearest(plain.strip_suffix("IfExists").unwrap_or(plain), Base::ALL.iter().map(|base| base.name()));
        let meant = meant.map(|meant| format!(" Did you mean {meant}? Names are case-sensitive.")).unwrap_or_default();
        cx.add(INVALID_CONDITION_OPERATOR, format!("There is no operator {}.{meant}", name.value), [name.span]);
        return;
    };
    if let (Base::Null, Some(set)) = (operator.base, operator.set) {
        let always = if set == SetOperator::ForAllValues { "true" } else { "false" };
        let details = format!("Null with this qualifier is always {always}: remove the qualifier.");
        cx.add(NULL_WITH_QUALIFIER, details, [name.span]);
    }
}

/// The key as the catalogue has it; if there is none, that is reported.
fn known_key<'c>(condition: &Condition<'_>, cx: &mut Cx<'c>) -> Option<&'c ConditionKey> {
    let name = condition.key.value;
    let Some((vendor, rest)) = name.split_once(':').filter(|(vendor, rest)| !vendor.is_empty() && !rest.is_empty())
    else {
        let details = format!("`{name}` is no condition key: write service:keyname.");
        cx.add(INVALID_CONDITION_KEY_FORMAT, details, [condition.key.span]);
        return None;
    };
    let vendor = vendor.to_ascii_lowercase();
    let catalogue = cx.catalogue;
    if let Some(key) = catalogue.global_keys().iter().find(|key| key.is(name)) {
        return Some(key);
    }
    if vendor == "aws" && rest.eq_ignore_ascii_case("arn") {
        arn_key(condition, cx);
        return None;
    }
    let owners = if vendor == "aws" { Vec::new() } else { catalogue.services_with_keys(&vendor) };
    let found = owners.iter().flat_map(|service| &service.condition_keys).find(|key| key.is(name));
    // Identity providers bring claims that no catalogue knows.
    if found.is_some() || vendor.contains('.') {
        return found;
    }
    let candidates: Vec<&ConditionKey> = match vendor.as_str() {
        "aws" => catalogue.global_keys().iter().collect(),
        _ => owners.iter().flat_map(|service| &service.condition_keys).collect(),
    };
    if let Some(stem) = candidates.iter().map(|key| key.stem()).find(|stem| is_stem(stem, name)) {
        let details = format!("{name} needs the key of a tag or the like: write {stem}key.");
        cx.add(MISSING_TAG_KEY_IN_CONDITION, details, [condition.key.span]);
        return None;
    }
    if vendor != "aws" && owners.is_empty() && catalogue.service(&vendor).is_none() {
        let meant = nearest(&vendor, catalogue.prefixes()).map(|meant| format!(" Did you mean {meant}?"));
        let details = format!("There is no service {vendor}.{}", meant.unwrap_or_default());
        cx.add(INVALID_SERVICE, details, [condition.key.span]);
        return None;
    }
    let meant = nearest(name, candidates.iter().map(|key| key.name.as_str()));
    let meant = meant.map(|meant| format!(" Did you mean {meant}?")).unwrap_or_default();
    let issue = if vendor == "aws" { INVALID_GLOBAL_CONDITION_KEY } else { INVALID_SERVICE_CONDITION_KEY };
    cx.add(issue, format!("There is no condition key {name}.{meant}"), [condition.key.span]);
    None
}

/// Whether a key is written without the part that its stem asks for.
fn is_stem(stem: &str, name: &str) -> bool {
    stem.strip_suffix('/').is_some_and(|bare| bare.eq_ignore_ascii_case(name.strip_suffix('/').unwrap_or(name)))
}

/// `aws:ARN` was replaced. Where policies name principals it could be either of two, hence AWS refuses it there.
fn arn_key(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    if cx.is_resource() {
        let details = "aws:ARN is not supported here: write aws:PrincipalArn or aws:SourceArn.";
        cx.add(UNSUPPORTED_GLOBAL_CONDITION_KEY, details, [condition.key.span]);
    } else {
        let details = "aws:ARN is an old key: write aws:PrincipalArn.";
        cx.add(DEPRECATED_GLOBAL_CONDITION_KEY, details, [condition.key.span]);
    }
}

fn no_values(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let operator = condition.operator;
    let key = condition.key.value;
    let (issue, effect) = match (operator.and_then(|one| one.set), operator.is_some_and(|one| one.if_exists)) {
        (Some(SetOperator::ForAllValues), _) => {
            (EMPTY_ARRAY_CONDITION_FORALLVALUES, "holds only if the request lacks the key; write Null instead")
        }
        (_, true) => (EMPTY_ARRAY_CONDITION_IFEXISTS, "holds only if the request lacks the key; write Null instead"),
        (Some(SetOperator::ForAnyValue), false) => (EMPTY_ARRAY_CONDITION_FORANYVALUE, "never holds"),
        (None, false) => (EMPTY_ARRAY_CONDITION, "has nothing to compare with"),
    };
    cx.add(issue, format!("The condition on {key} has no values: it {effect}."), [condition.span]);
}

/// Whether the operator is for the key's type.
fn types(condition: &Condition<'_>, key: &ConditionKey, cx: &mut Cx<'_>) {
    let base = condition.base();
    let wanted = match key.value_type {
        ValueType::String => "String",
        ValueType::Arn => "Arn",
        ValueType::Bool => "Bool",
        ValueType::Numeric => "Numeric",
        ValueType::Date => "Date",
        ValueType::IpAddress => "IpAddress",
    };
    let fits = match key.value_type {
        ValueType::IpAddress => base.ends_with("IpAddress"),
        ValueType::Arn if base.ends_with("Like") && base.starts_with("String") => {
            let details = format!(
                "{} holds an ARN: write Arn{}, which compares part by part.",
                key.name,
                base.trim_start_matches("String")
            );
            cx.add(STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS, details, [condition.name.span, condition.key.span]);
            true
        }
        ValueType::Arn => base.starts_with("Arn") || base.starts_with("String"),
        // Seconds since 1970 are a number, too.
        ValueType::Date => base.starts_with("Date") || base.starts_with("Numeric"),
        ValueType::Numeric if key.is("aws:EpochTime") => base.starts_with("Date") || base.starts_with("Numeric"),
        _ => base.starts_with(wanted),
    };
    if !fits && condition.operator.is_some_and(|operator| operator.base != Base::Null) {
        let details = format!("{} is tested with {wanted} operators, not with {}.", key.name, condition.name.value);
        cx.add(TYPE_MISMATCH, details, [condition.name.span, condition.key.span]);
    }
}

/// Whether a qualifier is there for keys of several values, and only for them.
fn qualifier(condition: &Condition<'_>, key: &ConditionKey, cx: &mut Cx<'_>) {
    let Some(operator) = condition.operator.filter(|operator| operator.base != Base::Null) else { return };
    match (operator.set, key.multivalued) {
        (None, true) => {
            let details =
                format!("A request can have several values of {}: write ForAllValues: or ForAnyValue:.", key.name);
            cx.add(MISSING_QUALIFIER, details, [condition.name.span, condition.key.span]);
        }
        (Some(SetOperator::ForAllValues), false) => {
            let details = format!(
                "{} has one value, and ForAllValues: holds where it is missing: remove ForAllValues:.",
                key.name
            );
            cx.add(FORALLVALUES_WITH_SINGLE_VALUED_KEY, details, [condition.name.span, condition.key.span]);
        }
        _ => {}
    }
}

/// The audience of a token is one value.
fn audience(condition: &Condition<'_>, key: Option<&ConditionKey>, cx: &mut Cx<'_>) {
    let name = condition.key.value;
    let is_audience = name.get(name.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(":aud"));
    let set = condition.operator.and_then(|operator| operator.set).filter(|_| is_audience);
    let places = [condition.name.span, condition.key.span];
    match set {
        Some(SetOperator::ForAnyValue) => {
            let details = format!("{name} has one value: remove ForAnyValue:.");
            cx.add(FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE, details, places);
        }
        Some(SetOperator::ForAllValues) if key.is_none() => {
            let details = format!("{name} is the audience of a token. If it is one value, remove ForAllValues:.");
            cx.add(CONFIRM_AUDIENCE_CLAIM_TYPE, details, places);
        }
        _ => {}
    }
}
