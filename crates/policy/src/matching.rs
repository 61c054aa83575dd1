//! Whether a statement's `Action`, `Resource` and `Principal` elements cover a request.

pub(crate) mod principal;

use crate::document::{Clause, Effect, PolicyType, Version};
use crate::pattern::{Case, Meter, Token, matches};
use crate::request::{Layer, Request};
use crate::variables::{Syntax, read};

/// What became of one element of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether the element covers the request.
    pub(crate) satisfied: bool,
    /// The entry that matched. For a `Not…` element it is the entry that keeps the statement from applying.
    pub(crate) entry: Option<usize>,
}

/// `Action` and `NotAction` (User Guide, "IAM JSON policy elements: Action").
pub(crate) fn action(clause: &Clause, action: &str, meter: &mut Meter) -> Finding {
    let entry = clause.entries.iter().position(|entry| action_entry(&entry.value, action, meter));
    Finding { satisfied: entry.is_some() != clause.negated, entry }
}

/// The service has to be named in full; `*:*` is read as `*`.
fn action_entry(pattern: &str, action: &str, meter: &mut Meter) -> bool {
    if matches!(pattern, "*" | "*:*") {
        return meter.spend(1);
    }
    let (Some((service, name)), Some((asked_service, asked_name))) = (pattern.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    meter.spend(1)
        && service.eq_ignore_ascii_case(asked_service)
        && read(name, Syntax::Glob, None, meter)
            .is_ok_and(|tokens| matches(&tokens, asked_name, Case::Insensitive, meter))
}

/// Whether an entry of `Resource` covers the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Covers {
    Yes,
    No,
    /// A variable in it has no value: the entry stands for no resource.
    Unresolved,
}

/// `Resource` and `NotResource` (User Guide, "IAM JSON policy elements: Resource").
pub(crate) fn resource(
    clause: &Clause,
    request: &Request<'_>,
    version: Version,
    layer: Layer,
    effect: Effect,
    meter: &mut Meter,
) -> Finding {
    let mut unresolved = false;
    for (index, entry) in clause.entries.iter().enumerate() {
        match resource_entry(&entry.value, request, version, layer.policy_type(), meter) {
            Covers::Yes => return Finding { satisfied: !clause.negated, entry: Some(index) },
            Covers::No => {}
            Covers::Unresolved => unresolved = true,
        }
    }
    let satisfied = clause.negated && (!unresolved || unresolved_not_resource(effect));
    Finding { satisfied, entry: None }
}

/// Whether a statement applies when nothing in its `NotResource` covers the resource but an entry is unresolved. AWS
/// does not say; so it neither grants everything else nor lets anything slip past a refusal.
fn unresolved_not_resource(effect: Effect) -> bool {
    effect == Effect::Deny
}

/// Compares component by component: a `*` never swallows one of the first five colons, and covers colons after them.
/// Wildcards are allowed in a resource type and variables in region and account, as AWS's own managed policies have
/// them, although the guide allows neither.
fn resource_entry(
    pattern: &str,
    request: &Request<'_>,
    version: Version,
    policy_type: PolicyType,
    meter: &mut Meter,
) -> Covers {
    if pattern == "*" {
        return if meter.spend(1) { Covers::Yes } else { Covers::No };
    }
    let variables = (version == Version::V2012).then_some(request.context);
    let Ok(tokens) = read(pattern, Syntax::ResourceArn, variables, meter) else { return Covers::Unresolved };
    // Only "*" itself covers an action that has no resource.
    if request.resource.arn == "*" || !meter.spend(1) {
        return Covers::No;
    }
    let mut components = tokens.split(|token| *token == Token::Colon);
    for (index, asked) in request.resource.arn.splitn(6, ':').enumerate() {
        let Some(component) = components.next() else {
            return if covers_missing_components(pattern, policy_type) { Covers::Yes } else { Covers::No };
        };
        // Variables have no place in the prefix, partition and service.
        if index <= 2 && component.iter().any(|token| matches!(token, Token::Value(_))) {
            return Covers::No;
        }
        let case = if index < 5 { Case::Insensitive } else { Case::Sensitive };
        if !matches(component, asked, case, meter) {
            return Covers::No;
        }
    }
    Covers::Yes
}

/// Whether a pattern of fewer than six components stands for every continuation, as in `arn:aws:s3`. Where such a
/// pattern cannot be saved at all (organizations' policies) the answer is the one that lets a Deny apply.
fn covers_missing_components(pattern: &str, policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Resource | PolicyType::Trust | PolicyType::VpcEndpoint => pattern.ends_with('*'),
        _ => true,
    }
}
