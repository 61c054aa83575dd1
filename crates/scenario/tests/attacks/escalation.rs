//! A01: no session may more than what it was made with. A20: the ways to more permissions that need IAM and STS alone, by the numbers of pathfinding.cloud. Each works as in
//! AWS for one who may take its steps, and leads nowhere for the same one within a boundary.

use doorward_scenario::Credentials;
use serde_json::{Value, json};

use crate::common::{ALL, Bench, TRUST, allow, arn};

/// What every way is to lead to: not among the attacker's own permissions.
const GOAL: &str = "iam:CreateGroup";

/// Makes something of nothing: the credentials with which the goal is tried in the end.
type Steps = fn(&Bench, &Credentials) -> Option<Credentials>;

struct Way {
    id: &'static str,
    /// The attacker's permissions.
    may: &'static [&'static str],
    steps: Steps,
}

/// One step; none if it is refused.
fn step(bench: &Bench, who: &Credentials, call: &str, input: Value) -> Option<Value> {
    bench.call(Some(who), call, &input).result.ok()
}

fn assume(bench: &Bench, who: &Credentials, role: &str) -> Option<Credentials> {
    let input = json!({"RoleArn": arn(&format!("role/{role}")), "RoleSessionName": "session"});
    step(bench, who, "sts:AssumeRole", input).map(|answer| crate::common::credentials(&answer["Credentials"]))
}

fn new_version(bench: &Bench, who: &Credentials, policy: &str) -> Option<Value> {
    let arn = arn(&format!("policy/{policy}"));
    let input = json!({"PolicyArn": arn, "PolicyDocument": ALL, "SetAsDefault": true});
    step(bench, who, "iam:CreatePolicyVersion", input)
}

fn put(bench: &Bench, who: &Credentials, kind: &str, name: &str) -> Option<Value> {
    let input = json!({format!("{kind}Name"): name, "PolicyName": "more", "PolicyDocument": ALL});
    step(bench, who, &format!("iam:Put{kind}Policy"), input)
}

fn attach(bench: &Bench, who: &Credentials, kind: &str, name: &str) -> Option<Value> {
    let input = json!({format!("{kind}Name"): name, "PolicyArn": arn("policy/Admin")});
    step(bench, who, &format!("iam:Attach{kind}Policy"), input)
}

fn key_of_admin(bench: &Bench, who: &Credentials) -> Option<Credentials> {
    let answer = step(bench, who, "iam:CreateAccessKey", json!({"UserName": "admin"}))?;
    Some(crate::common::credentials(&answer["AccessKey"]))
}

fn trust_account(bench: &Bench, who: &Credentials, role: &str) -> Option<Value> {
    step(bench, who, "iam:UpdateAssumeRolePolicy", json!({"RoleName": role, "PolicyDocument": TRUST}))
}

const WAYS: &[Way] = &[
    Way {
        id: "iam-001",
        may: &["iam:CreatePolicyVersion"],
        steps: |bench, me| new_version(bench, me, "own").map(|_| me.clone()),
    },
    Way { id: "iam-002", may: &["iam:CreateAccessKey"], steps: key_of_admin },
    Way {
        id: "iam-003",
        may: &["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"],
        steps: |bench, me| {
            let keys = step(bench, me, "iam:ListAccessKeys", json!({"UserName": "admin"}))?;
            let key = keys["AccessKeyMetadata"][0]["AccessKeyId"].clone();
            step(bench, me, "iam:DeleteAccessKey", json!({"UserName": "admin", "AccessKeyId": key}))?;
            key_of_admin(bench, me)
        },
    },
    Way {
        id: "iam-005",
        may: &["iam:PutRolePolicy"],
        steps: |bench, _| {
            let session = assume(bench, &bench.key("user"), "mine")?;
            put(bench, &session, "Role", "mine").map(|_| session)
        },
    },
    Way {
        id: "iam-007",
        may: &["iam:PutUserPolicy"],
        steps: |bench, me| put(bench, me, "User", "attacker").map(|_| me.clone()),
    },
    Way {
        id: "iam-008",
        may: &["iam:AttachUserPolicy"],
        steps: |bench, me| attach(bench, me, "User", "attacker").map(|_| me.clone()),
    },
    Way {
        id: "iam-009",
        may: &["iam:AttachRolePolicy"],
        steps: |bench, _| {
            let session = assume(bench, &bench.key("user"), "mine")?;
            attach(bench, &session, "Role", "mine").map(|_| session)
        },
    },
    Way {
        id: "iam-010",
        may: &["iam:AttachGroupPolicy"],
        steps: |bench, me| attach(bench, me, "Group", "mine").map(|_| me.clone()),
    },
    Way {
        id: "iam-011",
        may: &["iam:PutGroupPolicy"],
        steps: |bench, me| put(bench, me, "Group", "mine").map(|_| me.clone()),
    },
    Way {
        id: "iam-012",
        may: &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| {
            trust_account(bench, me, "admins")?;
            assume(bench, me, "admins")
        },
    },
    Way {
        id: "iam-013",
        may: &["iam:AddUserToGroup"],
        steps: |bench, me| {
            let input = json!({"GroupName": "admins", "UserName": "attacker"});
            step(bench, me, "iam:AddUserToGroup", input).map(|_| me.clone())
        },
    },
    Way {
        id: "iam-014",
        may: &["iam:AttachRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| attach(bench, me, "Role", "mine").and_then(|_| assume(bench, me, "mine")),
    },
    Way {
        id: "iam-015",
        may: &["iam:AttachUserPolicy", "iam:CreateAccessKey"],
        steps: |bench, me| {
            attach(bench, me, "User", "user")?;
            let answer = step(bench, me, "iam:CreateAccessKey", json!({"UserName": "user"}))?;
            Some(crate::common::credentials(&answer["AccessKey"]))
        },
    },
    Way {
        id: "iam-016",
        may: &["iam:CreatePolicyVersion", "sts:AssumeRole"],
        steps: |bench, me| new_version(bench, me, "role").and_then(|_| assume(bench, me, "mine")),
    },
    Way {
        id: "iam-017",
        may: &["iam:PutRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| put(bench, me, "Role", "mine").and_then(|_| assume(bench, me, "mine")),
    },
    Way {
        id: "iam-018",
        may: &["iam:PutUserPolicy", "iam:CreateAccessKey"],
        steps: |bench, me| {
            put(bench, me, "User", "user")?;
            let answer = step(bench, me, "iam:CreateAccessKey", json!({"UserName": "user"}))?;
            Some(crate::common::credentials(&answer["AccessKey"]))
        },
    },
    Way {
        id: "iam-019",
        may: &["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| {
            attach(bench, me, "Role", "closed")?;
            trust_account(bench, me, "closed")?;
            assume(bench, me, "closed")
        },
    },
    Way {
        id: "iam-020",
        may: &["iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| {
            new_version(bench, me, "role")?;
            trust_account(bench, me, "closed")?;
            assume(bench, me, "closed")
        },
    },
    Way {
        id: "iam-021",
        may: &["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        steps: |bench, me| {
            put(bench, me, "Role", "closed")?;
            trust_account(bench, me, "closed")?;
            assume(bench, me, "closed")
        },
    },
    Way {
        id: "set-default-version",
        may: &["iam:SetDefaultPolicyVersion"],
        steps: |bench, me| {
            let input = json!({"PolicyArn": arn("policy/own"), "VersionId": "v2"});
            step(bench, me, "iam:SetDefaultPolicyVersion", input).map(|_| me.clone())
        },
    },
    Way {
        id: "delete-boundary",
        may: &["iam:DeleteUserPermissionsBoundary", "iam:PutUserPolicy"],
        steps: |bench, me| {
            // Without a boundary there is none to take away.
            let _ = step(bench, me, "iam:DeleteUserPermissionsBoundary", json!({"UserName": "attacker"}));
            put(bench, me, "User", "attacker").map(|_| me.clone())
        },
    },
    Way { id: "sts-001", may: &["sts:AssumeRole"], steps: |bench, me| assume(bench, me, "trusting-admins") },
];

/// An administrator, a group and roles of administrators, and what is the attacker's own: a group, a managed policy, a
/// role that trusts the account and another one that does not. `boundary`: what attacker and role are confined to.
fn scene(may: &[&str], boundary: Option<&str>) -> (Bench, Credentials) {
    let bench = Bench::new();
    let closed = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    bench.user("admin", Some(ALL));
    bench.root("iam:CreateUser", json!({"UserName": "user"}));
    for (name, document) in [("Admin", ALL), ("own", &allow(may)), ("role", &allow(may))] {
        bench.root("iam:CreatePolicy", json!({"PolicyName": name, "PolicyDocument": document}));
    }
    let dormant = json!({"PolicyArn": arn("policy/own"), "PolicyDocument": ALL});
    bench.root("iam:CreatePolicyVersion", dormant);
    for group in ["mine", "admins"] {
        bench.root("iam:CreateGroup", json!({"GroupName": group}));
    }
    bench.root("iam:PutGroupPolicy", json!({"GroupName": "admins", "PolicyName": "all", "PolicyDocument": ALL}));
    for (role, trust, policy) in [
        ("mine", TRUST, "role"),
        ("closed", closed, "role"),
        ("admins", closed, "Admin"),
        ("trusting-admins", TRUST, "Admin"),
    ] {
        bench.root("iam:CreateRole", json!({"RoleName": role, "AssumeRolePolicyDocument": trust}));
        let attached = json!({"RoleName": role, "PolicyArn": arn(&format!("policy/{policy}"))});
        bench.root("iam:AttachRolePolicy", attached);
    }
    let assume_mine = allow(&["sts:AssumeRole"]);
    bench.root("iam:PutUserPolicy", json!({"UserName": "user", "PolicyName": "own", "PolicyDocument": assume_mine}));
    let attacker = bench.user("attacker", None);
    bench.root("iam:AttachUserPolicy", json!({"UserName": "attacker", "PolicyArn": arn("policy/own")}));
    bench.root("iam:AddUserToGroup", json!({"GroupName": "mine", "UserName": "attacker"}));
    if let Some(document) = boundary {
        bench.root("iam:CreatePolicy", json!({"PolicyName": "Boundary", "PolicyDocument": document}));
        let boundary = arn("policy/Boundary");
        bench.root("iam:PutUserPermissionsBoundary", json!({"UserName": "attacker", "PermissionsBoundary": boundary}));
        for role in ["mine", "closed"] {
            bench.root("iam:PutRolePermissionsBoundary", json!({"RoleName": role, "PermissionsBoundary": boundary}));
        }
    }
    (bench, attacker)
}

fn leads_to_the_goal(way: &Way, boundary: Option<&str>) -> bool {
    let (bench, attacker) = scene(way.may, boundary);
    let goal = || json!({"GroupName": "goal"});
    let denied = bench.refused(&attacker, GOAL, goal());
    assert_eq!(denied.code, "AccessDenied", "{}: the goal is not there from the beginning", way.id);
    (way.steps)(&bench, &attacker).is_some_and(|credentials| bench.can(&credentials, GOAL, goal()))
}

#[test]
fn a20_each_way_works_without_a_boundary() {
    for way in WAYS {
        assert!(leads_to_the_goal(way, None), "{} is no way to the goal, as it is in AWS", way.id);
    }
}

/// A boundary of what the attacker needs for its own affairs: whatever it gives itself, it has no more.
#[test]
fn a20_no_way_leads_out_of_a_boundary() {
    let boundary = allow(&[
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:AttachGroupPolicy",
        "iam:AddUserToGroup",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:List*",
    ]);
    for way in WAYS {
        assert!(!leads_to_the_goal(way, Some(&boundary)), "{} leads out of the boundary", way.id);
    }
}

/// Even where the boundary allows to assume roles and to make keys, as long as it says which.
#[test]
fn a20_no_way_leads_out_of_a_boundary_that_names_what_is_ones_own() {
    let own = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn("role/mine")},
        {"Effect": "Deny", "Action": "iam:*AccessKey*", "NotResource": arn("user/attacker")},
        {"Effect": "Deny", "Action": ["iam:CreateGroup", "iam:Delete*Boundary", "iam:Put*Boundary"], "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:*PolicyVersion", "iam:DeletePolicy"], "Resource": arn("policy/Boundary")},
    ]});
    for way in WAYS {
        assert!(!leads_to_the_goal(way, Some(&own.to_string())), "{} leads out of the boundary", way.id);
    }
}

/// Which of these actions credentials allow, as a resource service is told.
fn allowed(bench: &Bench, credentials: &Credentials) -> Vec<bool> {
    let may = |action: &&str| {
        let asked = json!({"accessKeyId": credentials.access_key_id, "sessionToken": credentials.session_token});
        let asked = match credentials.session_token {
            Some(_) => asked,
            None => json!({"accessKeyId": credentials.access_key_id}),
        };
        let input = json!({"credentials": asked, "action": action, "resource": "arn:aws:s3:::bucket/key"});
        bench.root("doorward:Authorize", input)["Decision"] == "Allow"
    };
    ACTIONS.iter().map(may).collect()
}

const ACTIONS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/// A policy that allows the actions of one set of bits and denies those of another, and lets roles be assumed.
fn policy(allowed: usize, denied: usize) -> String {
    let names = |bits: usize| -> Vec<&str> {
        ACTIONS.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, action)| *action).collect()
    };
    let statement = |effect: &str, actions: Vec<&str>| json!({"Effect": effect, "Action": actions, "Resource": "*"});
    let mut statements = vec![statement("Allow", [names(allowed), vec!["sts:AssumeRole"]].concat())];
    if denied > 0 {
        statements.push(statement("Deny", names(denied)));
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Every set of allowed actions, with denied ones in turn, for the identity; and every one for the session policy.
#[test]
fn a01_no_session_may_more_than_its_identity_nor_than_its_own_policy() {
    let bench = Bench::new();
    let user = bench.user("user", None);
    let role = bench.role("app", ALL);
    for identity in 0..8 {
        let document = policy(identity, identity * 5 % 8);
        bench.root("iam:PutUserPolicy", json!({"UserName": "user", "PolicyName": "own", "PolicyDocument": document}));
        bench.root("iam:PutRolePolicy", json!({"RoleName": "app", "PolicyName": "own", "PolicyDocument": document}));
        let own = allowed(&bench, &user);
        let token = bench.done(&user, "sts:GetSessionToken", json!({}));
        assert_eq!(allowed(&bench, &crate::common::credentials(&token["Credentials"])), own);
        assert_eq!(allowed(&bench, &bench.session(&user, &role, "unrestricted")), own, "the role may the same");
        for restriction in 0..8 {
            let session_policy = policy(restriction, 0);
            let input = json!({"RoleArn": role, "RoleSessionName": "restricted", "Policy": session_policy});
            let session = crate::common::credentials(&bench.done(&user, "sts:AssumeRole", input)["Credentials"]);
            let expect: Vec<bool> =
                own.iter().enumerate().map(|(at, own)| *own && restriction >> at & 1 == 1).collect();
            assert_eq!(allowed(&bench, &session), expect, "{document} with {session_policy}");
            assert_eq!(bench.refused(&session, "sts:GetSessionToken", json!({})).code, "AccessDenied");
        }
    }
}
