use serde_json::{Value, json};

use super::*;

fn trust(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})
}

fn account() -> Value {
    let s3 = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:iam::999999999999:role/x"}]});
    json!({
        "UserDetailList": [{"UserName": "Alice", "Path": "/", "Arn": "arn:aws:iam::999999999999:user/Alice",
            "GroupList": ["g"], "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": s3}],
            "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::999999999999:policy/p"}]}],
        "GroupDetailList": [{"GroupName": "g", "Path": "/", "Arn": "arn:aws:iam::999999999999:group/g"}],
        "RoleDetailList": [
            {"RoleName": "own", "Path": "/", "Arn": "arn:aws:iam::999999999999:role/own",
                "AssumeRolePolicyDocument": trust("arn:aws:iam::999999999999:user/Alice")},
            {"RoleName": "far", "Path": "/", "Arn": "arn:aws:iam::999999999999:role/far", "Colour": "red",
                "AssumeRolePolicyDocument": trust("arn:aws:iam::888888888888:root")},
            {"RoleName": "ec2", "Path": "/", "Arn": "arn:aws:iam::999999999999:role/ec2",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}},
            {"RoleName": "AWSServiceRoleForX_tail", "Path": "/aws-service-role/x.amazonaws.com/",
                "Arn": "arn:aws:iam::999999999999:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX_tail",
                "AssumeRolePolicyDocument": trust("*")},
            {"RoleName": "AWSReservedSSO_x", "Path": "/aws-reserved/sso.amazonaws.com/",
                "Arn": "arn:aws:iam::999999999999:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x",
                "AssumeRolePolicyDocument": trust("*")},
        ],
        "Policies": [
            {"PolicyName": "p", "Path": "/", "Arn": "arn:aws:iam::999999999999:policy/p", "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "Document": {"Statement": "none"}}]},
            {"PolicyName": "ReadOnlyAccess", "Path": "/", "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "DefaultVersionId": "v9", "PolicyVersionList": []},
        ],
    })
}

fn planned(account: &Value) -> Plan {
    let details: Details = serde_json::from_value(account.clone()).unwrap();
    let from = details.account_id().unwrap().unwrap();
    plan(&details, from, "111122223333")
}

#[test]
fn calls_come_in_the_order_in_which_they_can_succeed() {
    let plan = planned(&account());
    let calls: Vec<String> = plan
        .phases
        .iter()
        .flatten()
        .map(|chain| chain.iter().map(|call| call.operation).collect::<Vec<_>>().join(" "))
        .collect();
    let expected = [
        "CreateGroup",
        "CreateUser AddUserToGroup PutUserPolicy AttachUserPolicy",
        "CreateRole",
        "CreateRole",
        "CreateRole",
        "CreateServiceLinkedRole",
        "UpdateAssumeRolePolicy",
        "UpdateAssumeRolePolicy",
    ];
    assert_eq!(calls, expected);
    // Until its own trust policy can be set, a role lets nobody in; services exist already.
    let trusts: Vec<&str> = plan
        .phases
        .iter()
        .flatten()
        .flatten()
        .flat_map(|call| &call.parameters)
        .collect::<Vec<_>>()
        .iter()
        .filter(|(name, _)| name == "AssumeRolePolicyDocument")
        .map(|(_, value)| if value.contains("Deny") { "nobody" } else { "own" })
        .collect();
    assert_eq!(trusts, ["nobody", "nobody", "own"]);
    assert_eq!(plan.moved, 2);
}

#[test]
fn what_cannot_be_carried_over_is_said() {
    let problems: Vec<String> =
        planned(&account()).problems.iter().map(|problem| format!("{}: {}", problem.what, problem.why)).collect();
    let expected = [
        "policy p: its version v1: Syntax errors in policy.",
        "policy p: its default version is not there, or cannot be made; it is left out",
        "role far: its Colour is not known to this version of doorward",
        "role AWSReservedSSO_x: it is AWS's own: only AWS makes roles with this path",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn files_are_of_one_account() {
    let check = |change: fn(&mut Value), expected: &str| {
        let mut account = account();
        change(&mut account);
        let details: std::result::Result<Details, _> = serde_json::from_value(account);
        let refused = details.map_err(|error| error.to_string()).and_then(|it| it.account_id().map(|_| ()));
        assert_eq!(refused.unwrap_err(), expected);
    };
    check(
        |account| account["GroupDetailList"][0]["Arn"] = json!("arn:aws:iam::888888888888:group/g"),
        "it is of two accounts, 999999999999 and 888888888888",
    );
    check(|account| account["GroupDetailList"][0]["Arn"] = json!("g"), "\"g\" is no ARN of an account's own");
    check(
        |account| {
            account.as_object_mut().unwrap().remove("Policies");
        },
        "missing field `Policies`",
    );
}

#[test]
fn names_that_are_taken_are_told() {
    let details: Details = serde_json::from_value(account()).unwrap();
    let check = |taken: &[(&'static str, &str)], expected: Option<&str>| {
        let taken: Vec<_> = taken.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
        let refused = check_free(&details, &taken).err().map(|failure| failure.to_string());
        assert_eq!(refused.is_some(), expected.is_some(), "{refused:?}");
        assert!(refused.zip(expected).is_none_or(|(refused, expected)| refused.contains(expected)));
    };
    check(&[("user", "bob"), ("group", "alice"), ("role", "readonlyaccess")], None);
    check(&[("user", "alice"), ("policy", "p"), ("user", "bob")], Some("already: user alice, policy p. Nothing"));
}
