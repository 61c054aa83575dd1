//! Policies of resources that services act on, and keys of single services that mislead.

use super::issue::*;
use super::read::{Condition, Statement, Text};
use super::wildcards::covers_action;
use super::{Cx, PolicyType, ResourceType};
use crate::operator::Base;

/// Keys that say whom a service acts for.
const SOURCES: &[&str] = &["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Keys of principals, which a service that acts for itself does not have.
const OF_PRINCIPALS: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalTag/",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
];

/// Keys whose values the caller chooses.
const SPOOFABLE: &[&str] = &["aws:Referer", "aws:UserAgent"];

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    if cx.is_resource() && !cx.is_trust(statement) {
        sources(statement, cx);
    }
    for condition in &statement.conditions {
        if let Some(key) = SPOOFABLE.iter().find(|key| condition.is_on(key)) {
            let details = format!("The caller can write what they like into {key}: do not control access with it.");
            cx.add(UNTRUSTWORTHY_CONDITION_KEY, details, [condition.key.span]);
        }
        prefix(statement, condition, cx);
        relevant(condition, cx);
        paired(statement, condition, cx);
    }
    attributes(statement, cx);
}

/// Services as principals: for whom they act should be tested, and what they do not have should not.
fn sources(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(principal) = statement.principal.as_ref().filter(|principal| !principal.negated) else { return };
    let services: Vec<Text<'_>> =
        principal.entries.iter().filter(|(key, _)| key.value == "Service").map(|(_, text)| *text).collect();
    let Some(first) = services.first() else { return };
    if services.len() == principal.entries.len() {
        let applies = |condition: &&Condition<'_>| {
            OF_PRINCIPALS.iter().any(|key| condition.is_on(key))
                && condition.operator.is_some_and(|one| !one.if_exists && one.base != Base::Null)
        };
        for condition in statement.conditions.iter().filter(applies) {
            let details = format!("A service principal does not have {}: remove it.", condition.key.value);
            cx.add(UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, details, [condition.key.span, first.span]);
        }
    }
    if !statement.allows() || SOURCES.iter().any(|key| statement.tests(key)) {
        return;
    }
    let instead = statement.conditions.iter().find(|condition| SPOOFABLE.iter().any(|key| condition.is_on(key)));
    let keys = SOURCES.join(", ");
    if let Some(condition) = instead {
        let details = format!("For whom {} acts is told by {keys}, not by {}.", first.value, condition.key.value);
        cx.add(RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, details, [condition.key.span, first.span]);
    } else {
        let details = format!("{} may do this for anyone whom it serves: test one of {keys}.", first.value);
        cx.add(RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, details, [first.span]);
    }
}

/// A listing with a shorter prefix shows what a longer one would have.
fn prefix(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let compares = condition.base().starts_with("String");
    if condition.is_on("s3:prefix")
        && compares
        && statement.effect.is_some()
        && statement.allows() == condition.is_negated()
    {
        let details = "A shorter prefix gets around this: allow prefixes with StringLike, or deny with StringNotLike.";
        cx.add(S3_PREFIX_IN_NEGATIVE_CONTEXT, details, [condition.key.span, condition.name.span]);
    }
}

/// A bucket's policy is about resources of one account.
fn relevant(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let PolicyType::Resource(Some(kind)) = cx.policy_type else { return };
    let of_s3 = matches!(kind, ResourceType::Bucket | ResourceType::AccessPoint | ResourceType::MultiRegionAccessPoint);
    if of_s3 && condition.is_on("s3:ResourceAccount") {
        let details = format!("{} says nothing in the policy of the resource itself.", condition.key.value);
        cx.add(IRRELEVANT_CONDITION_KEY_IN_POLICY, details, [condition.key.span]);
    }
}

/// Private addresses are the same in every VPC.
fn paired(statement: &Statement<'_>, condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let partners = ["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"];
    if condition.is_on("aws:VpcSourceIp") && !partners.iter().any(|key| statement.tests(key)) {
        let details = "Other VPCs have the same addresses: test aws:SourceVpc or aws:SourceVpce, too.";
        cx.add(MISSING_PAIRED_CONDITION_KEYS, details, [condition.key.span]);
    }
}

/// `dynamodb:Attributes` are those that a request names, and a request can leave them out.
fn attributes(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    const READS: &[&str] = &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"];
    let Some(condition) = statement.conditions.iter().find(|condition| condition.is_on("dynamodb:Attributes")) else {
        return;
    };
    let reads = statement.action.as_ref().is_some_and(|list| {
        list.negated || list.entries.iter().any(|entry| READS.iter().any(|read| covers_action(entry.value, read)))
    });
    if statement.allows() && reads && !statement.tests("dynamodb:Select") {
        let details =
            "A request that names no attributes gets all: test that dynamodb:Select is SPECIFIC_ATTRIBUTES, too.";
        cx.add(DYNAMODB_ATTRIBUTES_WITHOUT_SELECT, details, [condition.key.span]);
    }
}
