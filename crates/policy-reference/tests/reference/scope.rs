//! Every question of a small world: each layer absent, allowing, denying, both, or about something else; for every kind
//! of caller, in the resource's account and in another, by every way in which the resource's policy can name the caller.

use std::thread;

use doorward_policy_reference::{Policies, Principal, Question, Resource, decide};
use serde_json::{Value, json};

use crate::support::engine::{Documents, full_access};
use crate::support::generate::{A, B, layers_of, principals};

/// What a layer says.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Nothing,
    Allow,
    Deny,
    Both,
    SomethingElse,
}
use Says::{Allow, Both, Deny, Nothing, SomethingElse};

const ALL: [Says; 5] = [Nothing, Allow, Deny, Both, SomethingElse];

/// A document that says it, to these principals.
fn document(says: Says, principal: Option<&(&str, Value)>) -> Option<Value> {
    let statement = |effect: &str, action: &str| {
        let mut statement = json!({"Effect": effect, "Action": action, "Resource": "*"});
        if let Some((element, listed)) = principal {
            statement[*element] = listed.clone();
        }
        statement
    };
    let statements = match says {
        Nothing => return None,
        Allow => vec![statement("Allow", "s3:GetObject")],
        Deny => vec![statement("Deny", "s3:GetObject")],
        Both => vec![statement("Allow", "s3:*"), statement("Deny", "s3:GetObject")],
        SomethingElse => vec![statement("Allow", "s3:PutObject"), statement("Deny", "s3:PutObject")],
    };
    Some(json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A level of resource control policies that says it: only AWS's own policy allows.
fn resource_control_level(says: Says) -> Option<Vec<Value>> {
    let everyone = ("Principal", json!("*"));
    match says {
        Nothing => None,
        Allow => Some(vec![full_access()]),
        Deny => Some(vec![document(Deny, Some(&everyone))?]),
        Both => Some(vec![full_access(), document(Deny, Some(&everyone))?]),
        SomethingElse => {
            let mut denies = document(Deny, Some(&everyone))?;
            denies["Statement"][0]["Action"] = json!("s3:PutObject");
            Some(vec![full_access(), denies])
        }
    }
}

/// The ways in which a resource's policy can name callers.
fn namings() -> Vec<(&'static str, Value)> {
    let user = format!("arn:aws:iam::{A}:user/dev/alice");
    let role = format!("arn:aws:iam::{A}:role/svc/R");
    let session = format!("arn:aws:sts::{A}:assumed-role/R/s1");
    let federated = format!("arn:aws:sts::{A}:federated-user/bob");
    vec![
        ("Principal", json!("*")),
        ("Principal", json!({"AWS": A})),
        ("Principal", json!({"AWS": user})),
        ("Principal", json!({"AWS": role})),
        ("Principal", json!({"AWS": [session, federated]})),
        ("Principal", json!({"Service": "sns.amazonaws.com"})),
        ("NotPrincipal", json!({"AWS": [A, user, role]})),
        ("NotPrincipal", json!({"AWS": [A, user, role, session, federated], "Service": "sns.amazonaws.com"})),
    ]
}

/// Every combination of policies that the caller can have, with the ways to name it where there is a policy that names.
fn combinations(principal: &Principal) -> Vec<Policies> {
    let choices = |takes_part: bool| if takes_part { ALL.to_vec() } else { vec![Nothing] };
    let (identity, boundary, session) = layers_of(principal);
    let everyone = ("Principal", json!("*"));
    let list = |says| document(says, None).map(|it| vec![it]);
    let mut all = Vec::new();
    let mut guarded = Vec::new();
    for service_control in choices(principal.account().is_some()) {
        for resource_control in ALL {
            for endpoint in ALL {
                guarded.push(Policies {
                    service_control: list(service_control).map(|it| vec![it]),
                    resource_control: resource_control_level(resource_control).map(|it| vec![it]),
                    endpoint: document(endpoint, Some(&everyone)),
                    ..Policies::default()
                });
            }
        }
    }
    for identity in choices(identity) {
        for boundary in choices(boundary) {
            for session in choices(session) {
                for policies in &guarded {
                    all.push(Policies {
                        identity: list(identity).unwrap_or_default(),
                        boundary: list(boundary),
                        session: list(session),
                        ..policies.clone()
                    });
                }
            }
        }
    }
    all
}

/// What the resource's policy can say, and to whom.
fn resource_policies() -> Vec<Option<Value>> {
    let named = namings();
    let says = |says| named.iter().map(move |naming| document(says, Some(naming)));
    std::iter::once(None).chain([Allow, Deny, Both, SomethingElse].into_iter().flat_map(says)).collect()
}

/// Asks everything of one caller; how many questions that were.
fn check(principal: &Principal, part: usize) -> u64 {
    let mut asked = 0;
    let resource_policies = resource_policies();
    for (number, policies) in combinations(principal).into_iter().enumerate() {
        if number % 2 != part {
            continue;
        }
        let mut question = Question {
            principal: principal.clone(),
            action: "s3:GetObject".into(),
            resource: Resource { arn: "arn:aws:s3:::b/o".into(), account: None, requires_own_grant: false },
            context: Vec::new(),
            policies,
        };
        let mut documents = Documents::new(&question.policies).expect("all documents are valid");
        for resource in &resource_policies {
            documents.set_resource(resource.as_ref());
            question.policies.resource = resource.clone();
            for account in [A, B] {
                for requires_own_grant in [false, true] {
                    question.resource.account = Some(account.into());
                    question.resource.requires_own_grant = requires_own_grant;
                    assert_eq!(documents.decide(&question), Ok(decide(&question)), "{question:?}");
                    asked += 1;
                }
            }
        }
    }
    asked
}

#[test]
fn every_question_of_a_small_world_is_answered_alike() {
    let asked: u64 = thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|part| scope.spawn(move || principals(A).iter().map(|it| check(it, part)).sum::<u64>()))
            .collect();
        halves.into_iter().map(|half| half.join().unwrap()).sum()
    });
    println!("{asked} questions");
    assert!(asked > 1_000_000, "{asked}");
}
