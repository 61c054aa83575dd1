//! `Resource` and `NotResource`: the form of ARNs, whether there are such resources, and whether the actions know them.

use super::issue::*;
use super::read::{List, Statement, Text};
use super::wildcards::{covers, overlap};
use super::{Cx, PolicyType, ResourceType, regions};
use crate::arn::{PARTITIONS, is_account_id, is_partition, split_pattern};
use crate::catalogue;

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(list) = &statement.resource else { return };
    for entry in &list.entries {
        if entry.value != "*" {
            arn(*entry, cx);
        }
    }
    let redundant = redundant_entries(list, cx, covers_arn);
    if !redundant.is_empty() {
        let details =
            format!("{} ARN(s) are redundant, as others include them: look at the wildcards.", redundant.len());
        cx.report.add(REDUNDANT_RESOURCE, details, redundant.iter().map(|entry| entry.span));
    }
    supported(statement, list, cx);
}

/// The entries that another one covers; of equal ones all but the first.
pub(super) fn redundant_entries<'v>(list: &List<'v>, cx: &mut Cx<'_>, covers: fn(&str, &str) -> bool) -> Vec<Text<'v>> {
    let mut redundant = Vec::new();
    for (at, entry) in list.entries.iter().enumerate() {
        let is_redundant = list.entries.iter().enumerate().any(|(of, other)| {
            let cost = entry.value.len() + other.value.len();
            cx.comparisons = cx.comparisons.saturating_sub(cost);
            let wider = || covers(other.value, entry.value) && (of < at || !covers(entry.value, other.value));
            of != at && cx.comparisons > 0 && wider()
        });
        if is_redundant {
            redundant.push(*entry);
        }
    }
    redundant
}

/// Part by part, as ARNs are compared.
fn covers_arn(wide: &str, narrow: &str) -> bool {
    let (parts, inner) = (split_pattern(wide), split_pattern(narrow));
    wide == "*" || parts.len() == inner.len() && parts.iter().zip(&inner).all(|(wide, narrow)| covers(wide, narrow))
}

fn arn(entry: Text<'_>, cx: &mut Cx<'_>) {
    let parts = split_pattern(entry.value);
    let &[prefix, partition, service, region, account, resource] = parts.as_slice() else {
        if parts.first() != Some(&"arn") {
            let details = format!("`{}` is no ARN: it must begin with arn:, or be *.", entry.value);
            cx.add(INVALID_ARN_PREFIX, details, [entry.span]);
        } else if cx.policy_type != PolicyType::ServiceControl || !entry.value.ends_with('*') {
            let details = "An ARN has six fields: arn:partition:service:region:account:resource.";
            cx.add(MISSING_ARN_FIELD, details, [entry.span]);
        }
        return;
    };
    if prefix != "arn" {
        let details = format!("`{}` is no ARN: it must begin with arn:, or be *.", entry.value);
        cx.add(INVALID_ARN_PREFIX, details, [entry.span]);
        return;
    }
    if !is_partition(partition) && !is_open(partition) {
        let details = format!("There is no partition `{partition}`; the partitions are {}.", PARTITIONS.join(", "));
        cx.add(INVALID_PARTITION, details, [entry.span]);
    }
    if !region.is_empty() && !regions::is_region(region) && cx.catalogue.service(service).is_some() {
        let details = format!("There is no Region `{region}`.{}", regions::did_you_mean(region));
        cx.add(INVALID_ARN_REGION, details, [entry.span]);
    }
    // AWS's own resources have the word aws for their account.
    if !account.is_empty() && !is_account_id(account) && !is_open(account) && account != "aws" {
        let details = format!("`{account}` is no account id: it has twelve digits.");
        cx.add(INVALID_ARN_ACCOUNT, details, [entry.span]);
    }
    if let PolicyType::Resource(Some(kind)) = cx.policy_type {
        of_policy(kind, service, resource, entry, cx);
    }
    of_service(entry, service, [region, account, resource], cx);
}

/// Whether a part can stand for several things.
fn is_open(part: &str) -> bool {
    part.contains(['*', '?']) || part.contains("${")
}

/// Whether the policy's own resource can be meant.
fn of_policy(kind: ResourceType, service: &str, resource: &str, entry: Text<'_>, cx: &mut Cx<'_>) {
    let is_of = match kind {
        ResourceType::Bucket => service == "s3" && !resource.starts_with("accesspoint/"),
        ResourceType::AccessPoint | ResourceType::MultiRegionAccessPoint => {
            service == "s3" && overlap("accesspoint/${Rest}", resource)
        }
        ResourceType::ObjectLambdaAccessPoint => service == "s3-object-lambda",
        ResourceType::Table => service == "dynamodb",
        // These have no resources, which is said elsewhere.
        ResourceType::AssumeRolePolicyDocument => true,
    };
    if !is_of {
        let details = format!("The policy of a resource of type {} is about that resource only.", kind.name());
        cx.add(UNSUPPORTED_RESOURCE_ARN_IN_POLICY, details, [entry.span]);
    }
}

/// Whether the service has such resources, with a Region, with an account.
fn of_service(entry: Text<'_>, service: &str, [region, account, resource]: [&str; 3], cx: &mut Cx<'_>) {
    if is_open(service) {
        let details = "With a wildcard in its service's name the ARN may be one of services that you do not mean.";
        cx.add(WILDCARD_IN_SERVICE_NAME, details, [entry.span]);
        return;
    }
    if service.bytes().any(|b| b.is_ascii_uppercase()) {
        let details = format!("Services are in lower case in ARNs: write {}.", service.to_ascii_lowercase());
        cx.add(INVALID_ARN_SERVICE_CASE, details, [entry.span]);
        return;
    }
    let catalogue = cx.catalogue;
    let types = catalogue.services_with_arns(service).into_iter().flat_map(|one| &one.resource_types);
    let types = types.filter(|kind| kind.arn_service() == service);
    // Recovery points have the ARNs of what was backed up.
    let open = catalogue.service(service).into_iter().flat_map(|one| &one.resource_types);
    let open = open.filter(|kind| kind.arn_service().starts_with("${"));
    let types: Vec<[&str; 3]> = types.chain(open).filter_map(parts).collect();
    if types.is_empty() {
        if catalogue.service(service).is_none() {
            let meant = super::wildcards::nearest(service, catalogue.prefixes());
            let meant = meant.map(|meant| format!(" Did you mean {meant}?")).unwrap_or_default();
            cx.add(INVALID_SERVICE, format!("There is no service {service}.{meant}"), [entry.span]);
        }
        return;
    }
    let fitting: Vec<_> = types.into_iter().filter(|[_, _, template]| overlap(template, resource)).collect();
    if fitting.is_empty() {
        let details = format!("{service} has no resources whose ARNs end in `{resource}`.");
        cx.add(INVALID_ARN_RESOURCE, details, [entry.span]);
        return;
    }
    let none_has = |at: usize| fitting.iter().all(|kind| kind.get(at).is_some_and(|part| part.is_empty()));
    let all_have = |at: usize| fitting.iter().all(|kind| kind.get(at).is_some_and(|part| !part.is_empty()));
    // A star matches nothing, too.
    if !matches!(region, "" | "*") && none_has(0) {
        cx.add(
            ARN_REGION_NOT_ALLOWED,
            format!("ARNs of this kind of {service} have no Region: leave it empty."),
            [entry.span],
        );
    }
    if region.is_empty() && all_have(0) {
        cx.add(
            MISSING_ARN_REGION,
            format!("ARNs of this kind of {service} have a Region: add it, or *."),
            [entry.span],
        );
    }
    if !matches!(account, "" | "*") && none_has(1) {
        cx.add(
            ARN_ACCOUNT_NOT_ALLOWED,
            format!("ARNs of this kind of {service} have no account: leave it empty."),
            [entry.span],
        );
    }
    if account.is_empty() && all_have(1) && !is_of_aws(resource) {
        cx.add(
            MISSING_ARN_ACCOUNT,
            format!("ARNs of this kind of {service} have an account id: add it, or *."),
            [entry.span],
        );
    }
}

/// Whether AWS itself owns the resource, which has no account then: such as `document/AWS-RunShellScript`.
fn is_of_aws(resource: &str) -> bool {
    let name = resource.split_once('/').map_or(resource, |(_, name)| name);
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("aws"))
}

/// Region, account and resource of a template.
fn parts(kind: &catalogue::ResourceType) -> Option<[&str; 3]> {
    match split_pattern(&kind.arn).as_slice() {
        &[_, _, _, region, account, resource] => Some([region, account, resource]),
        _ => None,
    }
}

/// Actions for which no resource of the statement is of a type that they know: they are not granted or denied at all.
fn supported(statement: &Statement<'_>, list: &List<'_>, cx: &mut Cx<'_>) {
    let Some(actions) = statement.action.as_ref().filter(|actions| !actions.negated && !list.negated) else { return };
    // What is not the whole ARN of something is reported elsewhere.
    let arns: Vec<_> = list.entries.iter().map(|entry| split_pattern(entry.value)).collect();
    if arns.is_empty() || arns.iter().any(|arn| arn.len() != 6) {
        return;
    }
    for entry in &actions.entries {
        let Some((prefix, name)) = super::actions::split(entry.value) else { continue };
        let Some(service) = cx.catalogue.service(&prefix) else { continue };
        let Some(action) = service.action(name) else { continue };
        let types: Vec<_> = service.resources_of(action).collect();
        let fits = |kind: &&catalogue::ResourceType| {
            arns.iter().any(|arn| {
                let template = split_pattern(&kind.arn);
                template.len() == 6 && template.iter().zip(arn).all(|(template, part)| overlap(template, part))
            })
        };
        if types.iter().any(fits) {
            continue;
        }
        let details = match types.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>().as_slice() {
            [] => format!("{} is about no resource in particular: it needs the Resource *.", entry.value),
            names => {
                format!("{} is about resources of type {}, and no ARN here is of one.", entry.value, names.join(", "))
            }
        };
        cx.add(UNSUPPORTED_RESOURCE_FOR_ACTION, details, [entry.span, list.span]);
    }
}
