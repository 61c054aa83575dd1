//! Inline policies of users, groups and roles.

use super::*;

/// What the kinds of holders differ in: names, and the size of all their policies together.
const HOLDERS: [(&str, &str, &str, usize); 3] =
    [("User", "UserName", "alice", 2_048), ("Group", "GroupName", "staff", 5_120), ("Role", "RoleName", "app", 10_240)];

fn names(bench: &Bench, kind: &str, member: &str, name: &str) -> Vec<String> {
    bench.pages(&format!("List{kind}Policies"), &json!({member: name}), |page| {
        page["PolicyNames"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    })
}

#[test]
fn a_policy_is_put_read_as_submitted_and_deleted() {
    let bench = Bench::with_holders();
    let other = "{\"Statement\":\n{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}";
    for (kind, member, name, _) in HOLDERS {
        let at = |policy: &str| json!({member: name, "PolicyName": policy});
        let put = |policy: &str, text: &str| {
            bench.ok(&format!("Put{kind}Policy"), json!({member: name, "PolicyName": policy, "PolicyDocument": text}));
        };
        assert!(names(&bench, kind, member, name).is_empty());
        put("b", DOCUMENT);
        put("a", DOCUMENT);
        put("b", other);
        assert_eq!(names(&bench, kind, member, name), ["a", "b"]);
        let text = "%7B%22Statement%22%3A%0A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A\
                    %22%2A%22%7D%7D";
        let expect = json!({member: name, "PolicyName": "b", "PolicyDocument": text});
        assert_eq!(bench.ok(&format!("Get{kind}Policy"), at("b")), expect);
        bench.ok(&format!("Delete{kind}Policy"), at("b"));
        assert_eq!(names(&bench, kind, member, name), ["a"]);
        for operation in ["Get", "Delete"] {
            let text = format!("The {} policy with name b cannot be found.", kind.to_lowercase());
            bench.check_refused(&format!("{operation}{kind}Policy"), at("b"), "NoSuchEntity", &text);
        }
    }
}

#[test]
fn holders_that_are_not_there() {
    let bench = Bench::new();
    for (kind, member, _, _) in HOLDERS {
        let text = format!("The {} with name nobody cannot be found.", kind.to_lowercase());
        let put = json!({member: "nobody", "PolicyName": "p", "PolicyDocument": DOCUMENT});
        let one = json!({member: "nobody", "PolicyName": "p"});
        for (operation, input) in [
            (format!("Put{kind}Policy"), put),
            (format!("Get{kind}Policy"), one.clone()),
            (format!("Delete{kind}Policy"), one),
            (format!("List{kind}Policies"), json!({member: "nobody"})),
        ] {
            bench.check_refused(&operation, input, "NoSuchEntity", &text);
        }
    }
}

#[test]
fn a_document_that_is_no_identity_policy_is_refused() {
    let bench = Bench::with_holders();
    for (kind, member, name, _) in HOLDERS {
        let check = |text: &str, expect: &str| {
            let input = json!({member: name, "PolicyName": "p", "PolicyDocument": text});
            bench.check_refused(&format!("Put{kind}Policy"), input, "MalformedPolicyDocument", expect);
        };
        check("{}", "Syntax errors in policy.");
        check(TRUST, "Policy document should not specify a principal.");
        assert!(names(&bench, kind, member, name).is_empty());
    }
}

/// The quota is on all policies together, white space not counted; what a policy replaces counts no more.
#[test]
fn the_size_of_all_policies_together_is_limited() {
    let bench = Bench::with_holders();
    let of_size = |size: usize| {
        let before = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Sid":""#;
        format!("{before}{}\"}}  \n}}", "x".repeat(size - before.len() - 3))
    };
    for (kind, member, name, limit) in HOLDERS {
        let operation = format!("Put{kind}Policy");
        let input =
            |policy: &str, size: usize| json!({member: name, "PolicyName": policy, "PolicyDocument": of_size(size)});
        bench.ok(&operation, input("a", limit - 1_000));
        bench.ok(&operation, input("b", 1_000));
        let text = format!("Maximum policy size of {limit} bytes exceeded for {} {name}", kind.to_lowercase());
        bench.check_refused(&operation, input("b", 1_001), "LimitExceeded", &text);
        bench.check_refused(&operation, input("c", 100), "LimitExceeded", &text);
        bench.ok(&operation, input("b", 900));
        bench.ok(&operation, input("c", 100));
        assert_eq!(names(&bench, kind, member, name), ["a", "b", "c"]);
    }
}

#[test]
fn what_inline_policies_are_authorized_on() {
    let bench = Bench::with_holders();
    let boundary = bench.policy("Boundary");
    bench.ok("PutUserPermissionsBoundary", json!({"UserName": "alice", "PermissionsBoundary": boundary}));
    bench.ok("PutRolePermissionsBoundary", json!({"RoleName": "app", "PermissionsBoundary": boundary}));
    for (kind, member, name, _) in HOLDERS {
        let check = |operation: String, input: Value, keys: &str| {
            let expect = format!("iam:{operation} {} {name}{keys}", kind.to_lowercase());
            assert_eq!(bench.targets(&operation, input), [expect]);
        };
        let bounded = if kind == "Group" { String::new() } else { format!(" iam:PermissionsBoundary={boundary}") };
        let one = json!({member: name, "PolicyName": "p"});
        let put = json!({member: name, "PolicyName": "p", "PolicyDocument": DOCUMENT});
        check(format!("Put{kind}Policy"), put, &bounded);
        check(format!("Delete{kind}Policy"), one.clone(), &bounded);
        check(format!("Get{kind}Policy"), one, "");
        check(format!("List{kind}Policies"), json!({member: name}), "");
    }
}
