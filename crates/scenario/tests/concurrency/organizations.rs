//! Changes of several realms at once: all of them or none, whatever fails and whoever else is at it.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_scenario::Installation;
use doorward_store::{Fault, Faulty, Sqlite};
use serde_json::{Value, json};

use crate::common::{ALL, Bench, credentials};
use crate::races::{at_once, code};

/// The ids of all accounts in the store, and of those that are members.
fn accounts(bench: &Bench) -> (BTreeSet<String>, BTreeSet<String>) {
    let realms = bench.installation.store().realms().unwrap();
    let stored = realms.iter().filter_map(|(realm, _)| realm.as_str().strip_prefix("account/")).map(str::to_owned);
    let members = bench.root("organizations:ListAccounts", json!({}))["Accounts"].as_array().unwrap().clone();
    (stored.collect(), members.iter().map(|account| account["Id"].as_str().unwrap().to_owned()).collect())
}

fn organizations(bench: &Bench) -> usize {
    let realms = bench.installation.store().realms().unwrap();
    realms.iter().filter(|(realm, _)| realm.as_str().starts_with("organization/")).count()
}

#[test]
fn an_account_makes_one_organization_however_often_it_asks() {
    let bench = Bench::new();
    let answers = at_once(|_| bench.call(Some(&bench.root), "organizations:CreateOrganization", &json!({})));
    let mut codes: Vec<&str> = answers.iter().map(code).collect();
    codes.sort_unstable();
    assert_eq!(codes[0], "");
    assert!(codes[1..].iter().all(|code| *code == "AlreadyInOrganizationException"), "{codes:?}");
    assert_eq!(organizations(&bench), 1);
}

#[test]
fn accounts_made_at_once_are_all_there_and_all_members() {
    let bench = Bench::new();
    bench.root("organizations:CreateOrganization", json!({}));
    let made: BTreeSet<String> = at_once(|thread| {
        let input = json!({"Email": format!("a{thread}@example.com"), "AccountName": "a"});
        let status = bench.root("organizations:CreateAccount", input)["CreateAccountStatus"].clone();
        status["AccountId"].as_str().unwrap().to_owned()
    })
    .into_iter()
    .collect();
    assert_eq!(made.len(), 16);
    let (stored, members) = accounts(&bench);
    assert_eq!(stored, members);
    assert!(made.is_subset(&members));
}

/// A change of two realms whose commit fails before or after it is made, at any call of the store.
fn check(call: &str, input: &Value, prepare: impl Fn(&Bench)) {
    for fault in [Fault::Before, Fault::After] {
        for at in 1..4 {
            let (installation, store) = Installation::wrapped(Faulty::new).unwrap();
            let (bench, store): (Bench, Arc<Faulty<Sqlite>>) = (Bench::of(installation), store);
            prepare(&bench);
            store.fail(at..usize::MAX, fault);
            let answer = bench.call(Some(&bench.root), call, input);
            store.fail(0..0, fault);
            drop(store);
            let place = format!("{call}, {fault:?} {at}: {}", code(&answer));
            let bench = Bench::of(bench.installation.restarted().unwrap());
            let known = bench.call(Some(&bench.root), "organizations:DescribeOrganization", &json!({})).result.is_ok();
            assert_eq!(known, organizations(&bench) == 1, "{place}");
            if known {
                let (stored, members) = accounts(&bench);
                assert_eq!(stored, members, "{place}");
            }
            // What failed can be done again.
            if fault == Fault::Before && answer.result.is_err() {
                bench.root(call, input.clone());
            }
        }
    }
}

#[test]
fn an_organization_that_failed_to_become_durable_has_left_nothing() {
    check("organizations:CreateOrganization", &json!({}), |_| ());
}

#[test]
fn an_account_is_there_as_a_member_or_not_at_all() {
    let prepare = |bench: &Bench| {
        bench.root("organizations:CreateOrganization", json!({}));
    };
    check("organizations:CreateAccount", &json!({"Email": "a@example.com", "AccountName": "a"}), prepare);
}

#[test]
fn an_organization_holds_after_a_restart() {
    let bench = Bench::new();
    let admin = bench.user("admin", Some(ALL));
    bench.root("organizations:CreateOrganization", json!({}));
    let root = bench.root("organizations:ListRoots", json!({}))["Roots"][0]["Id"].clone();
    let account = json!({"Email": "a@example.com", "AccountName": "a", "RoleName": "in"});
    let made = bench.root("organizations:CreateAccount", account)["CreateAccountStatus"]["AccountId"].clone();
    let content = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}});
    let policy =
        json!({"Name": "no IAM", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content.to_string()});
    let policy = bench.root("organizations:CreatePolicy", policy)["Policy"]["PolicySummary"]["Id"].clone();
    bench.root("organizations:AttachPolicy", json!({"PolicyId": policy, "TargetId": root}));
    let bench = Bench::of(bench.installation.restarted().unwrap());
    let role = format!("arn:aws:iam::{}:role/in", made.as_str().unwrap());
    let session = bench.done(&admin, "sts:AssumeRole", json!({"RoleArn": role, "RoleSessionName": "session"}));
    let member = credentials(&session["Credentials"]);
    assert_eq!(bench.refused(&member, "iam:ListUsers", json!({})).code, "AccessDenied");
    assert!(bench.can(&admin, "iam:ListUsers", json!({})));
    bench.root("organizations:DetachPolicy", json!({"PolicyId": policy, "TargetId": root}));
    assert!(bench.can(&member, "iam:ListUsers", json!({})));
}
