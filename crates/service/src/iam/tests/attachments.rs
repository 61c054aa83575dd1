//! Policies attached to users, groups and roles.

use super::*;

/// What the kinds of holders differ in.
const HOLDERS: [(&str, &str, &str); 3] =
    [("User", "UserName", "alice"), ("Group", "GroupName", "staff"), ("Role", "RoleName", "app")];

fn attached(bench: &Bench, kind: &str, member: &str, name: &str) -> Vec<String> {
    let operation = format!("ListAttached{kind}Policies");
    bench.pages(&operation, &json!({member: name}), |page| texts(&page["AttachedPolicies"], "PolicyName"))
}

#[test]
fn a_policy_is_attached_once_and_detached() {
    let bench = Bench::with_holders();
    let (first, second) = (bench.policy("b"), bench.policy("A"));
    for (kind, member, name) in HOLDERS {
        let input = |arn: &str| json!({member: name, "PolicyArn": arn});
        assert!(attached(&bench, kind, member, name).is_empty());
        for arn in [&first, &second, &first] {
            bench.ok(&format!("Attach{kind}Policy"), input(arn));
        }
        assert_eq!(attached(&bench, kind, member, name), ["A", "b"]);
        bench.ok(&format!("Detach{kind}Policy"), input(&first));
        assert_eq!(attached(&bench, kind, member, name), ["A"]);
        let text = format!("Policy {first} was not found.");
        bench.check_refused(&format!("Detach{kind}Policy"), input(&first), "NoSuchEntity", &text);
    }
    assert_eq!(bench.ok("GetPolicy", json!({"PolicyArn": second}))["Policy"]["AttachmentCount"], 3);
}

#[test]
fn only_policies_of_the_account_can_be_attached() {
    let bench = Bench::with_holders();
    bench.policy("Read");
    for (kind, member, name) in HOLDERS {
        let check = |arn: &str, code: &str, text: &str| {
            bench.check_refused(&format!("Attach{kind}Policy"), json!({member: name, "PolicyArn": arn}), code, text);
        };
        for arn in [
            "arn:aws:iam::111122223333:policy/Missing",
            "arn:aws:iam::444455556666:policy/Read",
            "arn:aws:iam::111122223333:policy/read",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ] {
            check(arn, "NoSuchEntity", &format!("Policy {arn} does not exist or is not attachable."));
        }
        check("longpolicynamebutnoarn", "ValidationError", "Invalid ARN:  Could not be parsed!");
        let arn = "arn:aws:iam::111122223333:role/app";
        check(arn, "ValidationError", &format!("ARN {arn} is not valid."));
        assert!(attached(&bench, kind, member, name).is_empty());
    }
}

#[test]
fn ten_policies_can_be_attached() {
    let bench = Bench::with_holders();
    let arns: Vec<String> = (0..11).map(|n| bench.policy(&format!("p{n:02}"))).collect();
    for (kind, member, name) in HOLDERS {
        let operation = format!("Attach{kind}Policy");
        for arn in &arns[..10] {
            bench.ok(&operation, json!({member: name, "PolicyArn": arn}));
        }
        let text = format!("Cannot exceed quota for PoliciesPer{kind}: 10");
        bench.check_refused(&operation, json!({member: name, "PolicyArn": arns[10]}), "LimitExceeded", &text);
        // One that is attached already takes no more room.
        bench.ok(&operation, json!({member: name, "PolicyArn": arns[0]}));
        assert_eq!(attached(&bench, kind, member, name).len(), 10);
    }
}

#[test]
fn holders_that_are_not_there() {
    let bench = Bench::with_holders();
    let arn = bench.policy("Read");
    for (kind, member, _) in HOLDERS {
        let text = format!("The {} with name nobody cannot be found.", kind.to_lowercase());
        for operation in ["Attach", "Detach"] {
            let input = json!({member: "nobody", "PolicyArn": arn});
            bench.check_refused(&format!("{operation}{kind}Policy"), input, "NoSuchEntity", &text);
        }
        bench.check_refused(&format!("ListAttached{kind}Policies"), json!({member: "nobody"}), "NoSuchEntity", &text);
    }
}

#[test]
fn attached_policies_are_filtered_by_path() {
    let bench = Bench::with_holders();
    for (name, path) in [("a", "/"), ("b", "/team/"), ("c", "/team/x/")] {
        let input = json!({"PolicyName": name, "Path": path, "PolicyDocument": DOCUMENT});
        let arn = bench.ok("CreatePolicy", input)["Policy"]["Arn"].clone();
        bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": arn}));
    }
    let input = json!({"UserName": "alice", "PathPrefix": "/team/"});
    let names = bench.pages("ListAttachedUserPolicies", &input, |page| texts(&page["AttachedPolicies"], "PolicyName"));
    assert_eq!(names, ["b", "c"]);
}

#[test]
fn who_uses_a_policy() {
    let bench = Bench::with_holders();
    let arn = bench.policy("Read");
    for (name, path) in [("Bob", "/team/"), ("carol", "/")] {
        bench.ok("CreateUser", json!({"UserName": name, "Path": path}));
    }
    bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": arn}));
    bench.ok("AttachUserPolicy", json!({"UserName": "Bob", "PolicyArn": arn}));
    bench.ok("AttachGroupPolicy", json!({"GroupName": "staff", "PolicyArn": arn}));
    bench.ok("AttachRolePolicy", json!({"RoleName": "app", "PolicyArn": arn}));
    // Attached and boundary at once: alice is named once.
    bench.ok("PutUserPermissionsBoundary", json!({"UserName": "alice", "PermissionsBoundary": arn}));
    bench.ok("PutUserPermissionsBoundary", json!({"UserName": "carol", "PermissionsBoundary": arn}));
    let check = |filter: Value, expect: &[&str]| {
        let mut input = json!({"PolicyArn": arn});
        input.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        let names = bench.pages("ListEntitiesForPolicy", &input, |page| {
            let kinds = [("PolicyGroups", "GroupName"), ("PolicyRoles", "RoleName"), ("PolicyUsers", "UserName")];
            kinds.iter().flat_map(|(list, member)| texts(&page[list], member)).collect()
        });
        assert_eq!(names, expect, "{filter}");
    };
    check(json!({}), &["staff", "app", "alice", "Bob", "carol"]);
    check(json!({"EntityFilter": "User"}), &["alice", "Bob", "carol"]);
    check(json!({"EntityFilter": "Group"}), &["staff"]);
    check(json!({"EntityFilter": "Role"}), &["app"]);
    check(json!({"EntityFilter": "LocalManagedPolicy"}), &[]);
    check(json!({"EntityFilter": "AWSManagedPolicy"}), &[]);
    check(json!({"PathPrefix": "/team/"}), &["Bob"]);
    check(json!({"PolicyUsageFilter": "PermissionsPolicy"}), &["staff", "app", "alice", "Bob"]);
    check(json!({"PolicyUsageFilter": "PermissionsBoundary"}), &["alice", "carol"]);
    check(json!({"PolicyUsageFilter": "PermissionsBoundary", "EntityFilter": "Role"}), &[]);
    let policy = bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"].clone();
    assert_eq!((&policy["AttachmentCount"], &policy["PermissionsBoundaryUsageCount"]), (&json!(4), &json!(2)));
    let missing = "arn:aws:iam::111122223333:policy/Missing";
    let text = format!("Policy {missing} does not exist or is not attachable.");
    bench.check_refused("ListEntitiesForPolicy", json!({"PolicyArn": missing}), "NoSuchEntity", &text);
}

/// Nobody is left in the list of a policy that is no longer theirs.
#[test]
fn who_used_a_policy() {
    let bench = Bench::with_holders();
    let arn = bench.policy("Read");
    bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": arn}));
    bench.ok("UpdateUser", json!({"UserName": "alice", "NewUserName": "Alicia"}));
    let users = bench.ok("ListEntitiesForPolicy", json!({"PolicyArn": arn}))["PolicyUsers"].clone();
    assert_eq!(texts(&users, "UserName"), ["Alicia"]);
    bench.ok("DetachUserPolicy", json!({"UserName": "Alicia", "PolicyArn": arn}));
    let empty = json!({"PolicyGroups": [], "PolicyRoles": [], "PolicyUsers": [], "IsTruncated": false});
    assert_eq!(bench.ok("ListEntitiesForPolicy", json!({"PolicyArn": arn})), empty);
    bench.ok("DeletePolicy", json!({"PolicyArn": arn}));
}

#[test]
fn what_attachments_are_authorized_on() {
    let bench = Bench::with_holders();
    let (arn, boundary) = (bench.policy("Read"), bench.policy("Boundary"));
    let check = |operation: &str, member: &str, name: &str, expect: &str| {
        let targets = bench.targets(operation, json!({member: name, "PolicyArn": arn}));
        assert_eq!(targets, [format!("iam:{operation} {expect}")]);
    };
    check("AttachUserPolicy", "UserName", "alice", &format!("user alice iam:PolicyARN={arn}"));
    bench.ok("PutUserPermissionsBoundary", json!({"UserName": "alice", "PermissionsBoundary": boundary}));
    bench.ok("PutRolePermissionsBoundary", json!({"RoleName": "app", "PermissionsBoundary": boundary}));
    for operation in ["Attach", "Detach"] {
        let bounded = format!("iam:PermissionsBoundary={boundary} iam:PolicyARN={arn}");
        check(&format!("{operation}UserPolicy"), "UserName", "alice", &format!("user alice {bounded}"));
        check(&format!("{operation}RolePolicy"), "RoleName", "app", &format!("role app {bounded}"));
        check(&format!("{operation}GroupPolicy"), "GroupName", "staff", &format!("group staff iam:PolicyARN={arn}"));
    }
}
