//! Every condition key that AWS's service reference gives to an action of IAM and STS is met in some scenario, or cannot
//! be, and here is why (Service Authorization Reference).

use std::collections::BTreeSet;

use doorward_policy::catalogue::{Catalogue, ConditionKey};
use doorward_scenario::{Events, Installation};
use serde_json::Value;

/// Actions, in lower case, and keys that came with questions about them.
pub type Told = BTreeSet<(String, String)>;

/// Keys of the resource's own tags: the matrix has tags on everything.
#[allow(dead_code, reason = "each test file uses a part of it")]
pub const OF_RESOURCES: &[&str] = &["aws:ResourceTag/", "iam:ResourceTag/"];

/// Beginnings of the other keys that are about an action; all else is about the caller or the network, or is an identity
/// provider's.
#[allow(dead_code, reason = "each test file uses a part of it")]
pub const OF_ACTIONS: &[&str] = &["aws:RequestTag/", "aws:TagKeys", "iam:", "sts:"];

/// Keys that questions about these actions, or all that begin so, never have, or not here: key, actions, and why.
const NEVER: &[(&str, &[&str], &str)] = &[
    ("ResourceTag", &["iam:Create", "iam:Upload"], "what is made has no tags yet"),
    ("ResourceTag", &["iam:GetServiceLinkedRoleDeletionStatus"], "the role is gone"),
    (
        "ResourceTag",
        &["iam:PassRole"],
        "User Guide, \"Grant a user permissions to pass a role\": tags do not control it",
    ),
    ("ResourceTag", &["sts:AssumeRoleWithWebIdentity"], "the matrix has no token; scenarios have tags"),
    ("iam:DelegationRequestOwner", &["iam:CreateDelegationRequest"], "nobody owns it before it is associated"),
    ("FIDO-", &["iam:EnableMFADevice"], "security keys are registered by ceremonies of the own API"),
    (
        "iam:AssociatedResourceArn",
        &["iam:PassRole"],
        "roles are passed to instance profiles, which no resource is behind",
    ),
    ("sts:RoleAuthorizedByIdp", &["sts:"], "tokens with a list of roles are not read"),
];

/// Takes the keys of all questions in these events.
pub fn note(events: &Events, told: &mut Told) {
    let questions =
        events.values().flatten().filter_map(|event| event.pointer("/additionalEventData/doorward/questions"));
    for question in questions.filter_map(Value::as_array).flatten() {
        let Some(action) = question.get("action").and_then(Value::as_str) else { continue };
        let context = question.get("context").and_then(Value::as_array);
        for key in context.into_iter().flatten().filter_map(|pair| pair.get(0)?.as_str()) {
            told.insert((action.to_ascii_lowercase(), key.to_owned()));
        }
    }
}

/// Fails with the keys that are lacking, and with reasons that are needless, of those that begin so and do not begin as
/// one of `but`.
pub fn check(told: &Told, beginnings: &[&str], but: &[&str]) {
    let implemented: BTreeSet<(String, String)> =
        Installation::new().unwrap().implemented().map(|(service, name)| (service.into(), name.into())).collect();
    let (mut lacking, mut asked_of, mut needed) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for prefix in ["iam", "sts"] {
        let service = doorward_catalogue::aws().service(prefix).unwrap();
        for action in &service.actions {
            let name = format!("{prefix}:{}", action.name);
            let asked = told.iter().any(|(known, _)| name.eq_ignore_ascii_case(known));
            if !asked && !implemented.contains(&(prefix.to_owned(), action.name.clone())) {
                continue;
            }
            let begins = |key: &ConditionKey, with: &[&str]| with.iter().any(|start| key.name.starts_with(start));
            for key in service.keys_of(action).filter(|key| begins(key, beginnings) && !begins(key, but)) {
                let met = told.iter().any(|(known, told)| name.eq_ignore_ascii_case(known) && key.is(told));
                let never = NEVER.iter().position(|(never, actions, _)| {
                    key.name.contains(never) && actions.iter().any(|action| name.starts_with(action))
                });
                asked_of.extend(never);
                match never {
                    Some(reason) if !met => drop(needed.insert(reason)),
                    None if !met => lacking.push(format!("{name} {}", key.name)),
                    _ => {}
                }
            }
        }
    }
    lacking.sort();
    lacking.dedup();
    assert!(lacking.is_empty(), "{} keys came with no question:\n{}", lacking.len(), lacking.join("\n"));
    let needless: Vec<_> = asked_of.difference(&needed).filter_map(|at| NEVER.get(*at)).collect();
    assert!(needless.is_empty(), "needless: {needless:#?}");
}
