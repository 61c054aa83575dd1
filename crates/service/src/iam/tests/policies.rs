//! Managed policies and their versions.

use super::*;

#[test]
fn a_policy_is_created_read_and_deleted() {
    let bench = Bench::new();
    let input = json!({"PolicyName": "Read", "Path": "/team/", "PolicyDocument": DOCUMENT, "Description": "why"});
    let created = bench.ok("CreatePolicy", input)["Policy"].clone();
    let arn = "arn:aws:iam::111122223333:policy/team/Read";
    let id = created["PolicyId"].as_str().unwrap();
    assert!(id.starts_with("ANPA") && id.len() == 21);
    let expect = json!({
        "PolicyName": "Read", "PolicyId": id, "Arn": arn, "Path": "/team/", "DefaultVersionId": "v1",
        "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
        "CreateDate": "2026-11-25T12:00:00Z", "UpdateDate": "2026-11-25T12:00:00Z",
    });
    assert_eq!(created, expect);
    assert_eq!(bench.ok("ListPolicies", json!({}))["Policies"], json!([expect]));
    let mut detailed = expect;
    detailed["Description"] = json!("why");
    detailed["Tags"] = json!([]);
    assert_eq!(bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"], detailed);
    bench.ok("DeletePolicy", json!({"PolicyArn": arn}));
    for operation in ["GetPolicy", "DeletePolicy", "ListPolicyVersions", "ListPolicyTags"] {
        bench.check_refused(
            operation,
            json!({"PolicyArn": arn}),
            "NoSuchEntity",
            &format!("Policy {arn} was not found."),
        );
    }
}

#[test]
fn names_are_unique_ignoring_case_whatever_the_path() {
    let bench = Bench::new();
    bench.policy("Read");
    let input = json!({"PolicyName": "READ", "Path": "/team/", "PolicyDocument": DOCUMENT});
    let text = "A policy called READ already exists. Duplicate names are not allowed.";
    bench.check_refused("CreatePolicy", input, "EntityAlreadyExists", text);
}

/// Only the exact ARN names a policy.
#[test]
fn an_arn_in_other_spelling_or_of_another_account_names_nothing() {
    let bench = Bench::new();
    bench.ok("CreatePolicy", json!({"PolicyName": "Read", "Path": "/team/", "PolicyDocument": DOCUMENT}));
    for arn in [
        "arn:aws:iam::111122223333:policy/Read",
        "arn:aws:iam::111122223333:policy/team/read",
        "arn:aws:iam::111122223333:policy/Team/Read",
        "arn:aws:iam::444455556666:policy/team/Read",
        "arn:aws:iam::aws:policy/team/Read",
    ] {
        bench.check_refused(
            "GetPolicy",
            json!({"PolicyArn": arn}),
            "NoSuchEntity",
            &format!("Policy {arn} was not found."),
        );
    }
    let input = json!({"PolicyArn": "longpolicynamebutnoarn"});
    bench.check_refused("GetPolicy", input, "ValidationError", "Invalid ARN:  Could not be parsed!");
}

#[test]
fn a_policy_in_use_or_with_versions_cannot_be_deleted() {
    let bench = Bench::with_holders();
    let (attached, bounding, versioned) =
        (bench.policy("Attached"), bench.policy("Bounding"), bench.policy("Versioned"));
    bench.ok("AttachGroupPolicy", json!({"GroupName": "staff", "PolicyArn": attached}));
    bench.ok("PutRolePermissionsBoundary", json!({"RoleName": "app", "PermissionsBoundary": bounding}));
    bench.ok("CreatePolicyVersion", json!({"PolicyArn": versioned, "PolicyDocument": DOCUMENT}));
    for arn in [&attached, &bounding] {
        let text = "Cannot delete a policy attached to entities.";
        bench.check_refused("DeletePolicy", json!({"PolicyArn": arn}), "DeleteConflict", text);
    }
    let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
                The default version is deleted with the policy.";
    bench.check_refused("DeletePolicy", json!({"PolicyArn": versioned}), "DeleteConflict", text);
    bench.ok("DeletePolicyVersion", json!({"PolicyArn": versioned, "VersionId": "v2"}));
    bench.ok("DeletePolicy", json!({"PolicyArn": versioned}));
}

#[test]
fn lists_are_filtered_before_they_are_paged() {
    let bench = Bench::with_holders();
    for (name, path) in [("b", "/team/"), ("A", "/"), ("C", "/team/x/"), ("d", "/")] {
        bench.ok("CreatePolicy", json!({"PolicyName": name, "Path": path, "PolicyDocument": DOCUMENT}));
    }
    bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": "arn:aws:iam::111122223333:policy/A"}));
    let bounding = json!({"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::111122223333:policy/d"});
    bench.ok("PutUserPermissionsBoundary", bounding);
    let check = |input: Value, expect: &[&str]| {
        let names = bench.pages("ListPolicies", &input, |page| texts(&page["Policies"], "PolicyName"));
        assert_eq!(names, expect, "{input}");
    };
    check(json!({}), &["A", "b", "C", "d"]);
    check(json!({"Scope": "All"}), &["A", "b", "C", "d"]);
    check(json!({"Scope": "Local"}), &["A", "b", "C", "d"]);
    check(json!({"Scope": "AWS"}), &[]);
    check(json!({"PathPrefix": "/team/"}), &["b", "C"]);
    check(json!({"OnlyAttached": true}), &["A"]);
    check(json!({"PolicyUsageFilter": "PermissionsPolicy"}), &["A"]);
    check(json!({"PolicyUsageFilter": "PermissionsBoundary"}), &["d"]);
    check(json!({"PolicyUsageFilter": "PermissionsBoundary", "PathPrefix": "/team/"}), &[]);
}

#[test]
fn a_marker_is_good_for_its_own_list_alone() {
    let bench = Bench::new();
    bench.policy("a");
    bench.policy("b");
    let marker = bench.ok("ListPolicies", json!({"MaxItems": 1}))["Marker"].clone();
    bench.ok("ListPolicies", json!({"MaxItems": 1, "Marker": marker}));
    for input in [json!({"Marker": marker, "Scope": "Local"}), json!({"Marker": marker, "OnlyAttached": true})] {
        bench.check_refused("ListPolicies", input, "ValidationError", "Invalid Marker.");
    }
}

#[test]
fn tag_keys_of_policies_are_told_apart_by_case() {
    let bench = Bench::new();
    let tags = json!([{"Key": "a", "Value": "lower"}, {"Key": "A", "Value": "upper"}]);
    let input = json!({"PolicyName": "Read", "PolicyDocument": DOCUMENT, "Tags": tags});
    let arn = bench.ok("CreatePolicy", input)["Policy"]["Arn"].clone();
    let listed = |page: &Value| texts(&page["Tags"], "Value");
    assert_eq!(bench.pages("ListPolicyTags", &json!({"PolicyArn": arn}), listed), ["upper", "lower"]);
    bench.ok("UntagPolicy", json!({"PolicyArn": arn, "TagKeys": ["a", "never there"]}));
    bench.ok("TagPolicy", json!({"PolicyArn": arn, "Tags": [{"Key": "A", "Value": ""}, {"Key": "b", "Value": "new"}]}));
    let expect = json!([{"Key": "A", "Value": ""}, {"Key": "b", "Value": "new"}]);
    assert_eq!(bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"]["Tags"], expect);
    let twice = json!([{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]);
    let input = json!({"PolicyArn": arn, "Tags": twice});
    bench.check_refused("TagPolicy", input, "InvalidInput", "Duplicate tag keys found.");
    let many: Vec<Value> = (0..49).map(|n| json!({"Key": n.to_string(), "Value": ""})).collect();
    let text = "The number of tags has reached the maximum limit.";
    bench.check_refused("TagPolicy", json!({"PolicyArn": arn, "Tags": many}), "LimitExceeded", text);
    assert_eq!(bench.ok("ListPolicyTags", json!({"PolicyArn": arn}))["Tags"], expect);
}

#[test]
fn version_numbers_are_not_used_again() {
    let bench = Bench::new();
    let arn = bench.policy("Read");
    let create = |default: bool| {
        let input = json!({"PolicyArn": arn, "PolicyDocument": DOCUMENT, "SetAsDefault": default});
        bench.ok("CreatePolicyVersion", input)["PolicyVersion"].clone()
    };
    let expect = json!({"VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2026-11-25T12:00:00Z"});
    assert_eq!(create(true), expect);
    for _ in 3..=5 {
        create(false);
    }
    let input = json!({"PolicyArn": arn, "PolicyDocument": DOCUMENT});
    let text = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing \
                version.";
    bench.check_refused("CreatePolicyVersion", input, "LimitExceeded", text);
    bench.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v5"}));
    assert_eq!(create(false)["VersionId"], "v6");
    let listed = |page: &Value| texts(&page["Versions"], "VersionId");
    assert_eq!(bench.pages("ListPolicyVersions", &json!({"PolicyArn": arn}), listed), ["v6", "v4", "v3", "v2", "v1"]);
}

#[test]
fn the_default_version_is_the_one_that_was_set() {
    let bench = Bench::new();
    let arn = bench.policy("Read");
    let spaced =
        "{\"Version\":\"2012-10-17\",\n  \"Statement\":{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}} ";
    bench.ok("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": spaced}));
    assert_eq!(bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"]["DefaultVersionId"], "v1");
    bench.ok("SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"}));
    assert_eq!(bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"]["DefaultVersionId"], "v2");
    // As submitted, white space included.
    let version = bench.ok("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"}))["PolicyVersion"].clone();
    let expect = "%7B%22Version%22%3A%222012-10-17%22%2C%0A%20%20%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22\
                  Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D%20";
    assert_eq!((&version["Document"], &version["IsDefaultVersion"]), (&json!(expect), &json!(true)));
    let input = json!({"PolicyArn": arn, "VersionId": "v2"});
    bench.check_refused(
        "DeletePolicyVersion",
        input,
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    );
    bench.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"}));
}

#[test]
fn versions_and_policies_that_are_not_there() {
    let bench = Bench::new();
    let arn = bench.policy("Read");
    let missing = "arn:aws:iam::111122223333:policy/Missing";
    for operation in ["GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"] {
        for (arn, version) in [(arn.as_str(), "v2"), (arn.as_str(), "v1.x"), (missing, "v1")] {
            let text = format!("Policy {arn} version {version} does not exist or is not attachable.");
            bench.check_refused(operation, json!({"PolicyArn": arn, "VersionId": version}), "NoSuchEntity", &text);
        }
    }
    let input = json!({"PolicyArn": missing, "PolicyDocument": DOCUMENT});
    let text = format!("Policy {missing} does not exist or is not attachable.");
    bench.check_refused("CreatePolicyVersion", input, "NoSuchEntity", &text);
}

#[test]
fn what_policies_are_authorized_on() {
    let bench = Bench::new();
    let tags = json!([{"Key": "team", "Value": "red"}]);
    let input = json!({"PolicyName": "Read", "Path": "/team/", "PolicyDocument": DOCUMENT, "Tags": tags});
    let arn = "arn:aws:iam::111122223333:policy/team/Read";
    let keys = "aws:RequestTag/team=red aws:TagKeys=team";
    let expect = [format!("iam:CreatePolicy {arn} {keys}"), format!("iam:TagPolicy {arn} {keys}")];
    assert_eq!(bench.targets("CreatePolicy", input.clone()), expect);
    bench.ok("CreatePolicy", input);
    let check = |operation: &str, input: Value, expect: &str| {
        assert_eq!(bench.targets(operation, input), [format!("iam:{operation} {expect}")]);
    };
    check("ListPolicies", json!({}), "policy path /");
    check("ListPolicies", json!({"PathPrefix": "/x/"}), "policy path /x/");
    check(
        "UntagPolicy",
        json!({"PolicyArn": arn, "TagKeys": ["a", "b"]}),
        &format!("policy {arn} aws:ResourceTag/team=red aws:TagKeys=a,b"),
    );
    check(
        "GetPolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v1"}),
        &format!("policy {arn} aws:ResourceTag/team=red"),
    );
}
