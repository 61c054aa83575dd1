//! B10: a document in the store that cannot be read.

use doorward_scenario::Installation;
use doorward_store::{At, Change, Commit, RealmId};
use serde_json::{Value, json};

use crate::common::{ALL, Bench, arn};

/// Puts `text` in the place of a stored record's `part`, wherever in it that stands.
fn poison(installation: &Installation, part: &str, text: &str) {
    let store = installation.store();
    let realm = RealmId::new("account/111111111111".to_owned());
    let loaded = store.load(&realm, At::Now).unwrap().unwrap();
    let wanted = |body: &[u8]| body.windows(part.len()).any(|window| window == part.as_bytes());
    let record = loaded.records.iter().find(|record| wanted(&record.body)).unwrap();
    let body = String::from_utf8(record.body.clone()).unwrap().replace(part, text);
    // Kinds of records are static texts; a test may make one.
    let change = Change { kind: record.kind.clone().leak(), key: record.key.clone(), body: Some(body.into_bytes()) };
    let commit =
        Commit { realm, expected: loaded.revision, time_ms: 0, changes: vec![change], event: None, also: Vec::new() };
    assert!(store.commit(&[commit]).unwrap()[0].is_ok());
}

/// A managed policy allows `alice`, another one `bob`; the first is poisoned. She is denied everything, for it may
/// have held a Deny; he is not concerned.
#[test]
fn b10_only_those_who_hold_an_unreadable_policy_are_denied() {
    let bench = Bench::new();
    for name in ["mine", "yours"] {
        let document = ALL.replace("\"Allow\"", &format!("\"Allow\",\"Sid\":\"{name}\""));
        bench.root("iam:CreatePolicy", json!({"PolicyName": name, "PolicyDocument": document}));
    }
    let (alice, bob) = (bench.user("alice", Some(ALL)), bench.user("bob", None));
    bench.root("iam:AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": arn("policy/mine")}));
    bench.root("iam:AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn("policy/yours")}));
    assert!(bench.can(&alice, "iam:ListUsers", json!({})));
    poison(&bench.installation, r#"\"Sid\":\"mine\""#, r#"\"Unknown\":{\"a\":[]}"#);

    let bench = Bench::of(bench.installation.restarted().unwrap());
    // Her inline policy allows everything, and still.
    assert_eq!(bench.refused(&alice, "iam:ListUsers", json!({})).code, "AccessDenied");
    assert_eq!(bench.installation.unreadable(), 1);
    assert!(bench.can(&bob, "iam:ListUsers", json!({})));
    assert_eq!(bench.installation.unreadable(), 1);
    // An administrator mends it.
    let detach = json!({"UserName": "alice", "PolicyArn": arn("policy/mine")});
    bench.done(&bob, "iam:DetachUserPolicy", detach);
    assert!(bench.can(&alice, "iam:ListUsers", json!({})));
}

/// A trust policy that cannot be read trusts nobody, and the role can be given another one.
#[test]
fn b10_an_unreadable_trust_policy_trusts_nobody() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    let role = bench.role("app", ALL);
    let session = bench.session(&alice, &role, "before");
    poison(&bench.installation, r#"\"Action\":\"sts:AssumeRole\""#, r#"\"Action\":{}"#);

    let bench = Bench::of(bench.installation.restarted().unwrap());
    let assume = json!({"RoleArn": role, "RoleSessionName": "after"});
    assert_eq!(bench.refused(&alice, "sts:AssumeRole", assume.clone()).code, "AccessDenied");
    assert!(bench.can(&session, "iam:ListUsers", json!({})));
    let trust = json!({"RoleName": "app", "PolicyDocument": crate::common::TRUST});
    let _: Value = bench.done(&alice, "iam:UpdateAssumeRolePolicy", trust);
    assert!(bench.can(&alice, "sts:AssumeRole", assume));
}
