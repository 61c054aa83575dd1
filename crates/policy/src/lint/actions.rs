//! `Action` and `NotAction`.

use super::issue::*;
use super::read::{List, Statement, Text};
use super::wildcards::{covers_action, nearest};
use super::{Cx, PolicyType, ResourceType};

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(list) = &statement.action else { return };
    for entry in &list.entries {
        known(*entry, cx);
        supported(statement, *entry, cx);
    }
    redundant(list, cx);
}

/// Prefix and name of an action; none of what is not in this form.
pub(super) fn split(action: &str) -> Option<(String, &str)> {
    let (prefix, name) = action.split_once(':')?;
    Some((prefix.to_ascii_lowercase(), name))
}

pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn known(entry: Text<'_>, cx: &mut Cx<'_>) {
    if entry.value == "*" {
        return;
    }
    let Some((prefix, name)) = split(entry.value) else {
        let details = format!("`{}` is no action: write service:Action, or *.", entry.value);
        cx.add(INVALID_ACTION, details, [entry.span]);
        return;
    };
    if is_pattern(&prefix) {
        let details = "With a wildcard in its service's name the action may be one of services that you do not mean.";
        cx.add(WILDCARD_IN_SERVICE_NAME, details, [entry.span]);
        return;
    }
    let Some(service) = cx.catalogue.service(&prefix) else {
        let meant = nearest(&prefix, cx.catalogue.prefixes()).map(|meant| format!(" Did you mean {meant}?"));
        let details = format!("There is no service {prefix}.{}", meant.unwrap_or_default());
        cx.add(INVALID_SERVICE_IN_ACTION, details, [entry.span]);
        return;
    };
    let exists = match is_pattern(name) {
        true => service.actions.iter().any(|action| covers_action(name, &action.name)),
        false => service.action(name).is_some(),
    };
    if !exists && !name.contains("${") {
        let meant = nearest(name, service.actions.iter().map(|action| action.name.as_str()));
        let meant = meant.map(|meant| format!(" Did you mean {prefix}:{meant}?")).unwrap_or_default();
        let what = if is_pattern(name) { "No action matches" } else { "There is no action" };
        cx.add(INVALID_ACTION, format!("{what} {}.{meant}", entry.value), [entry.span]);
    }
}

/// Whether the resource that the policy belongs to knows the action.
fn supported(statement: &Statement<'_>, entry: Text<'_>, cx: &mut Cx<'_>) {
    let PolicyType::Resource(Some(kind)) = cx.policy_type else { return };
    if statement.action.as_ref().is_some_and(|list| list.negated)
        || entry.value == "*" && kind != ResourceType::AssumeRolePolicyDocument
    {
        return;
    }
    let (prefix, types): (_, &[&str]) = match kind {
        ResourceType::Bucket => ("s3", &["bucket", "object"]),
        ResourceType::AccessPoint | ResourceType::MultiRegionAccessPoint => ("s3", &[]),
        ResourceType::ObjectLambdaAccessPoint => ("s3-object-lambda", &[]),
        ResourceType::AssumeRolePolicyDocument => ("sts", &[]),
        ResourceType::Table => ("dynamodb", &["table", "index"]),
    };
    let Some((vendor, name)) = split(entry.value).or_else(|| Some((entry.value.to_owned(), ""))) else { return };
    let service = cx.catalogue.service(prefix);
    let action = service.and_then(|service| Some((service, service.action(name)?)));
    let of_other_type = action.is_some_and(|(service, action)| {
        !types.is_empty() && !service.resources_of(action).any(|kind| types.contains(&kind.name.as_str()))
    });
    if vendor != prefix && !covers_action(&vendor, prefix) || of_other_type {
        let details = format!("{} does nothing in the policy of a resource of type {}.", entry.value, kind.name());
        cx.add(UNSUPPORTED_ACTION_IN_POLICY, details, [entry.span]);
    }
}

fn redundant(list: &List<'_>, cx: &mut Cx<'_>) {
    let redundant = super::resources::redundant_entries(list, cx, covers_action);
    let Some(first) = redundant.first() else { return };
    let details =
        format!("{} action(s) are redundant, as others include them; {} is one.", redundant.len(), first.value);
    cx.report.add(REDUNDANT_ACTION, details, redundant.iter().map(|entry| entry.span));
}
