//! The policy as a whole and the elements of its statements: what must be there, what must not, ids and sizes.

use std::collections::BTreeMap;

use super::issue::*;
use super::read::{Condition, List, Statement, Text};
use super::{Cx, Policy, PolicyType, ResourceType};
use crate::size::counted_size;

/// Quotas in characters (User Guide, "IAM and AWS STS quotas"; Organizations User Guide, "Quotas"; S3 User Guide).
const MANAGED_POLICY_MAX: usize = 6_144;
const RESOURCE_POLICY_MAX: usize = 20_480;
const TRUST_POLICY_MAX: usize = 2_048;
const SERVICE_CONTROL_POLICY_MAX: usize = 10_240;
const RESOURCE_CONTROL_POLICY_MAX: usize = 5_120;

pub(super) fn check(text: &str, policy: &Policy<'_>, cx: &mut Cx<'_>) {
    size(text, policy, cx);
    sids(policy, cx);
    redundant_statements(policy, cx);
    for statement in &policy.statements {
        principal(statement, cx);
        resource(statement, cx);
    }
}

fn size(text: &str, policy: &Policy<'_>, cx: &mut Cx<'_>) {
    let (issue, size, most) = match cx.policy_type {
        PolicyType::Identity => (POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, counted_size(text), MANAGED_POLICY_MAX),
        PolicyType::Resource(Some(ResourceType::AssumeRolePolicyDocument)) => {
            (POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, counted_size(text), TRUST_POLICY_MAX)
        }
        PolicyType::Resource(_) => {
            (POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, text.chars().count(), RESOURCE_POLICY_MAX)
        }
        PolicyType::ServiceControl => (POLICY_SIZE_EXCEEDS_SCP_QUOTA, counted_size(text), SERVICE_CONTROL_POLICY_MAX),
        PolicyType::ResourceControl => (POLICY_SIZE_EXCEEDS_RCP_QUOTA, counted_size(text), RESOURCE_CONTROL_POLICY_MAX),
    };
    if size > most {
        let details = format!("The policy has {size} characters; the quota is {most}. Split it into several policies.");
        cx.add(issue, details, [policy.span]);
    }
}

fn sids(policy: &Policy<'_>, cx: &mut Cx<'_>) {
    let mut seen: BTreeMap<&str, Text<'_>> = BTreeMap::new();
    let sids = policy.statements.iter().filter_map(|statement| statement.sid.map(|sid| (sid, cx.is_trust(statement))));
    for (sid, is_trust) in sids.collect::<Vec<_>>() {
        // S3 and others allow more in the ids of their policies.
        let strict = is_trust || !cx.is_resource();
        if sid.value.is_empty() {
            cx.add(EMPTY_SID_VALUE, "The Sid is empty: give it a value, or remove it.", [sid.span]);
            continue;
        }
        if strict && !sid.value.bytes().all(|b| b.is_ascii_alphanumeric()) {
            cx.add(UNSUPPORTED_SID, "A Sid can have the characters a-z, A-Z and 0-9 only.", [sid.span]);
        }
        if let Some(first) = seen.get(sid.value) {
            let required = is_trust || cx.policy_type != PolicyType::Resource(None);
            let issue = if required { UNIQUE_SIDS_REQUIRED } else { UNIQUE_SIDS_RECOMMENDED };
            cx.add(issue, format!("An earlier statement has the Sid {}, too.", sid.value), [sid.span, first.span]);
        }
        seen.entry(sid.value).or_insert(sid);
    }
}

/// Statements that are the same but for their ids and the order of lists.
fn redundant_statements(policy: &Policy<'_>, cx: &mut Cx<'_>) {
    let mut seen = BTreeMap::new();
    for statement in &policy.statements {
        match seen.entry(fingerprint(statement)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(statement.span);
            }
            std::collections::btree_map::Entry::Occupied(first) => {
                let details = "The statement does what an earlier one does: remove one of them.";
                cx.add(REDUNDANT_STATEMENT, details, [statement.span, *first.get()]);
            }
        }
    }
}

/// Everything that decides what a statement does.
type Fingerprint = (Option<bool>, [Vec<String>; 4]);

fn fingerprint(statement: &Statement<'_>) -> Fingerprint {
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list.dedup();
        list
    };
    let list = |list: &Option<List<'_>>, fold: bool| {
        let entries = list.iter().flat_map(|list| list.entries.iter().map(|entry| (list.negated, entry.value)));
        let text = |(negated, text): (bool, &str)| {
            format!("{negated} {}", if fold { text.to_ascii_lowercase() } else { text.to_owned() })
        };
        sorted(entries.map(text).collect())
    };
    let principal = statement.principal.iter().flat_map(|principal| {
        let whole = match &principal.value.value {
            crate::json::Json::String(text) => Some(format!("{} {text}", principal.negated)),
            _ => None,
        };
        let entries = principal.entries.iter();
        whole
            .into_iter()
            .chain(entries.map(|(key, text)| format!("{} {} {}", principal.negated, key.value, text.value)))
    });
    let condition = |condition: &Condition<'_>| {
        let values = sorted(condition.values.iter().map(|value| format!("{:?}", value.value)).collect());
        format!("{} {} {}", condition.name.value, condition.key.value.to_ascii_lowercase(), values.join(","))
    };
    let conditions = sorted(statement.conditions.iter().map(condition).collect());
    let lists =
        [sorted(principal.collect()), list(&statement.action, true), list(&statement.resource, false), conditions];
    (statement.effect.map(|_| statement.allows()), lists)
}

fn principal(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    let Some(principal) = &statement.principal else {
        if cx.is_resource() || cx.policy_type == PolicyType::ResourceControl {
            let details = "The statement does not say whose requests it is about: add Principal.";
            cx.add(MISSING_PRINCIPAL, details, [statement.span]);
        }
        return;
    };
    match cx.policy_type {
        PolicyType::Identity => {
            let details = "An identity policy is about whom it is attached to: remove the principal.";
            cx.add(UNSUPPORTED_PRINCIPAL, details, [principal.key]);
        }
        PolicyType::ServiceControl => {
            let details = "A service control policy names no principals: test aws:PrincipalArn in a condition instead.";
            cx.add(SCP_SYNTAX_ERROR_PRINCIPAL, details, [principal.key]);
        }
        _ => {}
    }
}

fn resource(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    match (&statement.resource, cx.is_trust(statement)) {
        (Some(list), true) => {
            let details = "A trust policy is about the role it belongs to: remove the resource.";
            cx.add(ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, details, [list.key]);
        }
        (None, false) => {
            let details = "The statement has neither Resource nor NotResource: add one.";
            cx.add(MISSING_RESOURCE, details, [statement.span]);
        }
        _ => {}
    }
}
