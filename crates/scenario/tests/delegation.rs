//! Temporary delegation over time, and what must not come of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "common/mod.rs"]
mod common;

use common::{ALL, Bench, TRUST, allow, arn, credentials};
use doorward_scenario::Credentials;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const TEMPLATE: &str = "arn:aws:iam::222222222222:policy/template";

/// Two accounts: the one that asks, by its root user, and the one that is asked, by an administrator.
struct Scene {
    bench: Bench,
    vendor: Credentials,
    boss: Credentials,
}

impl Scene {
    /// The template allows this.
    fn new(template: &str) -> Scene {
        let bench = Bench::new();
        let vendor = bench.second_account();
        bench.done(&vendor, "iam:CreatePolicy", json!({"PolicyName": "template", "PolicyDocument": template}));
        let boss = bench.user("boss", Some(ALL));
        Scene { bench, vendor, boss }
    }

    fn request(&self, workflow: &str) -> String {
        let input = json!({"OwnerAccountId": "111111111111", "Description": "d", "SessionDuration": 3600,
            "Permissions": {"PolicyTemplateArn": TEMPLATE}, "RequestorWorkflowId": workflow,
            "NotificationChannel": "arn:aws:sns:us-east-1:222222222222:topic"});
        let made = self.bench.done(&self.vendor, "iam:CreateDelegationRequest", input);
        made["DelegationRequestId"].as_str().unwrap().to_owned()
    }

    fn step(&self, caller: &Credentials, step: &str, id: &str) {
        self.bench.done(caller, &format!("iam:{step}"), json!({"DelegationRequestId": id}));
    }

    /// A request that has come so far, every step by the same caller.
    fn advanced(&self, caller: &Credentials, steps: &[&str]) -> String {
        let id = self.request("workflow");
        steps.iter().for_each(|step| self.step(caller, step, &id));
        id
    }

    fn released(&self, caller: &Credentials) -> String {
        self.advanced(caller, &["AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"])
    }

    fn exchanged(&self, id: &str) -> Credentials {
        let answer = self.bench.done(&self.vendor, "sts:GetDelegatedAccessToken", json!({"TradeInToken": id}));
        credentials(&answer["Credentials"])
    }

    fn seen(&self, id: &str) -> Value {
        let answer = self.bench.done(&self.boss, "iam:GetDelegationRequest", json!({"DelegationRequestId": id}));
        answer["DelegationRequest"].clone()
    }

    #[track_caller]
    fn refused(&self, caller: &Credentials, step: &str, id: &str, code: &str) {
        let error = self.bench.refused(caller, &format!("iam:{step}"), json!({"DelegationRequestId": id}));
        assert_eq!(error.code, code, "{step}: {}", error.message);
    }
}

#[test]
fn requests_expire_when_nobody_goes_on() {
    for (steps, days, state) in [
        (&[][..], 1, "UNASSIGNED"),
        (&["AssociateDelegationRequest"][..], 7, "ASSIGNED"),
        (&["AssociateDelegationRequest", "UpdateDelegationRequest"][..], 7, "PENDING_APPROVAL"),
        (&["AssociateDelegationRequest", "AcceptDelegationRequest"][..], 7, "ACCEPTED"),
        (&["AssociateDelegationRequest", "RejectDelegationRequest"][..], 7, "REJECTED"),
        (&["AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"][..], 7, "FINALIZED"),
    ] {
        let scene = Scene::new(ALL);
        let id = scene.advanced(&scene.boss, steps);
        scene.bench.installation.advance(days * DAY - 1);
        assert_eq!(scene.seen(&id)["State"], state);
        scene.bench.installation.advance(1);
        assert_eq!(scene.seen(&id)["State"], "EXPIRED", "{state}");
        for step in ["Associate", "Update", "Accept", "Reject"] {
            scene.refused(&scene.boss, &format!("{step}DelegationRequest"), &id, "InvalidInput");
        }
        scene.refused(&scene.boss, "SendDelegationToken", &id, "InvalidInput");
    }
}

#[test]
fn what_has_ended_is_forgotten() {
    let scene = Scene::new(ALL);
    let first = scene.released(&scene.boss);
    scene.bench.installation.advance(30 * DAY);
    let second = scene.request("workflow");
    scene.step(&scene.boss, "AssociateDelegationRequest", &second);
    let list = scene.bench.done(&scene.boss, "iam:ListDelegationRequests", json!({}));
    assert_eq!(list["DelegationRequests"].as_array().map(Vec::len), Some(1));
    scene.refused(&scene.boss, "GetDelegationRequest", &first, "NoSuchEntity");
    scene.refused(&scene.vendor, "GetDelegationRequest", &first, "NoSuchEntity");
}

/// What is approved is what was shown: the template can change afterwards, and go.
#[test]
fn a_template_that_changes_later_changes_nothing() {
    let scene = Scene::new(&allow(&["iam:ListUsers"]));
    let id = scene.released(&scene.boss);
    let wider = json!({"PolicyArn": TEMPLATE, "PolicyDocument": ALL, "SetAsDefault": true});
    scene.bench.done(&scene.vendor, "iam:CreatePolicyVersion", wider);
    let delegated = scene.exchanged(&id);
    assert!(scene.bench.can(&delegated, "iam:ListUsers", json!({})));
    assert!(!scene.bench.can(&delegated, "iam:ListRoles", json!({})));
}

#[test]
fn a_session_of_a_role_is_delegated_with_its_tags_and_source_identity() {
    let scene = Scene::new(ALL);
    let bench = &scene.bench;
    let statement = |key: &str, value: &str| json!({"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {key: value}}});
    let own = json!({"Version": "2012-10-17", "Statement": [statement("aws:PrincipalTag/team", "red"),
        {"Effect": "Deny", "Action": "iam:ListGroups", "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceIdentity": "ann"}}}]});
    bench.role("approver", &own.to_string());
    let trust = TRUST.replace("\"sts:AssumeRole\"", r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#);
    bench.root("iam:UpdateAssumeRolePolicy", json!({"RoleName": "approver", "PolicyDocument": trust}));
    let input = json!({"RoleArn": arn("role/approver"), "RoleSessionName": "s1", "SourceIdentity": "ann",
        "Tags": [{"Key": "team", "Value": "red"}]});
    let session = credentials(&bench.done(&scene.boss, "sts:AssumeRole", input)["Credentials"]);
    let id = scene.released(&session);
    let answer = bench.done(&scene.vendor, "sts:GetDelegatedAccessToken", json!({"TradeInToken": id}));
    assert_eq!(answer["AssumedPrincipal"], "arn:aws:sts::111111111111:assumed-role/approver/s1");
    let delegated = credentials(&answer["Credentials"]);
    assert!(bench.can(&delegated, "iam:ListUsers", json!({})));
    assert!(!bench.can(&delegated, "iam:ListGroups", json!({})), "what is denied to the identity is denied to it");
    // Another session of the same role is not the owner.
    let other = json!({"RoleArn": arn("role/approver"), "RoleSessionName": "s2"});
    let other = credentials(&bench.done(&scene.boss, "sts:AssumeRole", other)["Credentials"]);
    scene.refused(&other, "GetDelegationRequest", &id, "AccessDenied");
    bench.root("iam:DeleteRolePolicy", json!({"RoleName": "approver", "PolicyName": "own"}));
    assert!(!bench.can(&delegated, "iam:ListUsers", json!({})), "what the role loses, it loses");
}

/// A01: who is restricted cannot hand on what they do not have.
#[test]
fn a01_a_restricted_session_accepts_nothing() {
    let scene = Scene::new(ALL);
    scene.bench.role("powers", ALL);
    let id = scene.advanced(&scene.boss, &["AssociateDelegationRequest"]);
    let input = json!({"RoleArn": arn("role/powers"), "RoleSessionName": "s1", "Policy": allow(&["iam:*"])});
    let session = credentials(&scene.bench.done(&scene.boss, "sts:AssumeRole", input)["Credentials"]);
    scene.refused(&session, "AcceptDelegationRequest", &id, "AccessDenied");
    assert_eq!(scene.seen(&id)["State"], "ASSIGNED");
}

/// What ends older sessions of a principal ends delegated ones, however often they are exchanged.
#[test]
fn revoked_sessions_stay_revoked() {
    let scene = Scene::new(ALL);
    let id = scene.released(&scene.boss);
    let delegated = scene.exchanged(&id);
    scene.bench.installation.advance(60);
    let revoke = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-25T12:00:30Z"}}}});
    let revoke = json!({"UserName": "boss", "PolicyName": "revoke", "PolicyDocument": revoke.to_string()});
    scene.bench.root("iam:PutUserPolicy", revoke);
    for session in [&delegated, &scene.exchanged(&id)] {
        assert!(!scene.bench.can(session, "iam:ListUsers", json!({})));
    }
    assert!(scene.bench.can(&scene.boss, "iam:ListUsers", json!({})));
}

/// A16: a name that is given again is somebody else.
#[test]
fn a16_neither_owner_nor_approver_is_whoever_has_their_name() {
    let scene = Scene::new(ALL);
    let carol = scene.bench.user("carol", Some(ALL));
    let id = scene.released(&carol);
    let delegated = scene.exchanged(&id);
    let key = json!({"UserName": "carol", "AccessKeyId": carol.access_key_id});
    scene.bench.root("iam:DeleteAccessKey", key);
    scene.bench.root("iam:DeleteUserPolicy", json!({"UserName": "carol", "PolicyName": "own"}));
    scene.bench.root("iam:DeleteUser", json!({"UserName": "carol"}));
    let again = scene.bench.user("carol", None);
    scene.refused(&again, "GetDelegationRequest", &id, "AccessDenied");
    let error = scene.bench.refused(&scene.vendor, "sts:GetDelegatedAccessToken", json!({"TradeInToken": id}));
    assert_eq!(error.message, "Whoever has accepted the delegation request is no more.");
    let error = scene.bench.refused(&delegated, "iam:ListUsers", json!({}));
    assert_eq!(error.code, "InvalidClientTokenId");
}

#[test]
fn what_denies_the_owner_denies() {
    let scene = Scene::new(ALL);
    let alice = scene.bench.user("alice", Some(&allow(&["iam:AssociateDelegationRequest"])));
    let id = scene.advanced(&alice, &["AssociateDelegationRequest"]);
    scene.step(&alice, "GetDelegationRequest", &id);
    let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}});
    let deny = json!({"UserName": "alice", "PolicyName": "deny", "PolicyDocument": deny.to_string()});
    scene.bench.root("iam:PutUserPolicy", deny);
    for step in ["GetDelegationRequest", "UpdateDelegationRequest", "RejectDelegationRequest", "SendDelegationToken"] {
        scene.refused(&alice, step, &id, "AccessDenied");
    }
}

/// A third account learns nothing, and the one that asked cannot act as the one that is asked.
#[test]
fn a26_requests_of_others_are_not_there() {
    let scene = Scene::new(ALL);
    let id = scene.request("workflow");
    let third = json!({"accountName": "third", "accountId": "333333333333"});
    let third = credentials(&scene.bench.root("doorward:CreateAccount", third));
    for step in ["Get", "Associate", "Update", "Accept", "Reject"] {
        scene.refused(&third, &format!("{step}DelegationRequest"), &id, "NoSuchEntity");
    }
    for step in ["Associate", "Update", "Reject"] {
        scene.refused(&scene.vendor, &format!("{step}DelegationRequest"), &id, "InvalidInput");
    }
    scene.step(&scene.boss, "AssociateDelegationRequest", &id);
    scene.refused(&third, "GetDelegationRequest", &id, "NoSuchEntity");
    let list = scene.bench.done(&scene.vendor, "iam:ListDelegationRequests", json!({}));
    assert_eq!(list["DelegationRequests"], json!([]));
}

#[test]
fn what_was_agreed_outlives_a_restart_and_what_was_decided_is_explained() {
    let scene = Scene::new(&allow(&["iam:ListUsers"]));
    let id = scene.released(&scene.boss);
    let Scene { bench, vendor, boss } = scene;
    let scene = Scene { bench: Bench::of(bench.installation.restarted().unwrap()), vendor, boss };
    assert_eq!(scene.seen(&id)["State"], "FINALIZED");
    let delegated = scene.exchanged(&id);
    assert!(scene.bench.can(&delegated, "iam:ListUsers", json!({})));
    let refused = scene.bench.call(Some(&delegated), "iam:ListRoles", &json!({}));
    let decision = refused.decision.unwrap();
    scene.bench.settle(&scene.bench.root, &decision);
    let explained = scene.bench.root("doorward:GetDecision", json!({"DecisionId": decision}));
    let question = &explained["Explanation"]["questions"][0];
    assert_eq!((&question["decision"], &question["layer"]), (&json!("Deny"), &json!("session policies")));
    assert_eq!(question["documents"][1]["text"], allow(&["iam:ListUsers"]), "what was asked is shown");
}
