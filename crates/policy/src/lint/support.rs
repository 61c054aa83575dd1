//! Whether the actions of a statement have the condition keys that it tests.

use std::collections::BTreeSet;

use super::Cx;
use super::actions::{is_pattern, split};
use super::issue::*;
use super::read::{Condition, Statement, Text};
use super::wildcards::{covers, covers_action};
use crate::catalogue::Service;
use crate::document::{Effect, Span};
use crate::operator::Base;

/// Keys of tags, which services have or lack as a whole.
const TAG_KEYS: &[&str] = &["aws:ResourceTag/", "aws:RequestTag/", "aws:TagKeys"];

/// Keys that only some services know (User Guide, "AWS global condition context keys").
const SOME_SERVICES_ONLY: &[&str] = &["aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"];

/// Keys that do not apply to the role's session unless another action is allowed with it: key, and that action.
const SECOND_ACTIONS: &[(&str, &str)] = &[
    ("sts:SourceIdentity", "sts:SetSourceIdentity"),
    ("sts:TransitiveTagKeys", "sts:TagSession"),
    ("aws:RequestTag/", "sts:TagSession"),
    ("aws:TagKeys", "sts:TagSession"),
];

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    for condition in &statement.conditions {
        scope(statement, condition, cx);
        // These hold or not whether the key is there or not, so that the author has thought of it.
        if condition.operator.is_none_or(|one| one.if_exists || one.base == Base::Null) {
            continue;
        }
        actions(statement, condition, cx);
        second_action(statement, condition, cx);
        if TAG_KEYS.iter().any(|key| condition.is_on(key)) && !condition.is_negated() {
            tags(statement, condition, cx);
        }
    }
}

fn entries<'s, 'v>(statement: &'s Statement<'v>) -> &'s [Text<'v>] {
    statement.action.as_ref().filter(|list| !list.negated).map_or(&[], |list| &list.entries)
}

/// Actions, each by its full name, that a service's own key does not come with.
fn actions(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let key = condition.key.value;
    let Some((vendor, _)) = key.split_once(':') else { return };
    let catalogue = cx.catalogue;
    let everywhere = vendor.eq_ignore_ascii_case("aws") || catalogue.global_keys().iter().any(|known| known.is(key));
    let owners = if everywhere { Vec::new() } else { catalogue.services_with_keys(vendor) };
    if !owners.iter().flat_map(|service| &service.condition_keys).any(|known| known.is(key)) {
        return;
    }
    let lacking: Vec<&Text<'_>> = entries(statement).iter().filter(|entry| has_not(entry.value, key, cx)).collect();
    if lacking.is_empty() {
        return;
    }
    let names: Vec<_> = lacking.iter().map(|entry| entry.value).collect();
    let details = format!("Requests for {} do not have {key}: move them to a statement without it.", names.join(", "));
    let places = lacking.iter().map(|entry| entry.span).chain([condition.span]);
    cx.report.add(UNSUPPORTED_ACTION_FOR_CONDITION_KEY, details, places.collect::<Vec<Span>>());
}

fn has_not(action: &str, key: &str, cx: &Cx<'_>) -> bool {
    let Some((prefix, name)) = split(action).filter(|(_, name)| !is_pattern(name)) else { return false };
    let Some(service) = cx.catalogue.service(&prefix) else { return false };
    service.action(name).is_some_and(|action| !service.keys_of(action).any(|known| known.is(key)))
}

/// A key of a session that another action brings.
fn second_action(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let assumes = |entry: &Text<'_>| covers("sts:assumerole*", &entry.value.to_ascii_lowercase());
    if !statement.allows() || entries(statement).is_empty() || !entries(statement).iter().all(assumes) {
        return;
    }
    if let Some((_, needed)) = SECOND_ACTIONS.iter().find(|(key, _)| condition.is_on(key)) {
        let key = condition.key.value;
        let details = format!("Nobody can set {key} without {needed}: add that action.");
        cx.add(
            MISSING_ACTION_FOR_CONDITION_KEY,
            details,
            [entries(statement).first().map_or(statement.span, |entry| entry.span), condition.key.span],
        );
    }
}

/// Services whose actions do not have a tag's key, which a condition on it thus never holds for.
fn tags(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let (Some(list), Some(effect)) = (&statement.action, statement.effect) else { return };
    let key = condition.key.value;
    if list.negated {
        let (issue, effect) = match effect {
            Effect::Deny => (DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "not denied"),
            Effect::Allow => (ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "not allowed"),
        };
        let details =
            format!("Actions whose requests do not have {key} are {effect} here: write Action instead of NotAction.");
        cx.add(issue, details, [list.key, condition.key.span]);
        return;
    }
    let mut prefixes = BTreeSet::new();
    let mut places = Vec::new();
    for entry in &list.entries {
        let Some((prefix, name)) = split(entry.value) else { continue };
        let Some(service) = cx.catalogue.service(&prefix) else { continue };
        if !any_has(service, name, key) {
            prefixes.insert(prefix);
            places.push(entry.span);
        }
    }
    if prefixes.is_empty() {
        return;
    }
    let (issue, effect) = match effect {
        Effect::Deny => (DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "not denied"),
        Effect::Allow => (ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "not allowed"),
    };
    let names = prefixes.into_iter().collect::<Vec<_>>().join(", ");
    let details = format!(
        "Requests for these actions of {names} do not have {key}, so they are {effect} here: move them to a statement without it."
    );
    cx.report.add(issue, details, places.into_iter().chain([condition.key.span]));
}

/// Whether there is such an action, or there are such actions, of which one has the key.
fn any_has(service: &Service, name: &str, key: &str) -> bool {
    let mut matching = service.actions.iter().filter(|action| covers_action(name, &action.name)).peekable();
    // What does not exist is reported as such.
    matching.peek().is_none() || matching.any(|action| service.keys_of(action).any(|known| known.is(key)))
}

/// A key that only some services have, in a statement about all.
fn scope(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let Some(list) = &statement.action else { return };
    let unscoped =
        list.negated || list.entries.iter().any(|entry| entry.value.split(':').next().is_some_and(is_pattern));
    if unscoped && SOME_SERVICES_ONLY.iter().any(|key| condition.is_on(key)) {
        let details = format!("Only some services know {}: name actions of those that do.", condition.key.value);
        cx.add(USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES, details, [condition.key.span, list.key]);
    }
}
