//! AWS-managed policies that come and go with the catalogue: accounts hold ARNs, and what these mean is the catalogue's.

use doorward_directory::ManagedPolicy;

use super::*;

const READ: &str = "arn:aws:iam::aws:policy/Read";
const OBJECT: &str = "arn:aws:s3:::bucket/object";

/// A catalogue of one policy, `Read`, that allows an action.
fn allowing(action: &str, version: u32) -> Catalogue {
    let (created, updated) = ("2015-02-06T18:39:46Z".parse().unwrap(), "2019-06-20T15:42:00Z".parse().unwrap());
    let document =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let (name, path, document) = ("Read".to_owned(), "/".to_owned(), document.to_string());
    let policy = ManagedPolicy { name, path, created, updated, version, document };
    Catalogue::open(Catalogue::write("test", vec![policy])).unwrap()
}

/// An installation where `alice` may do everything, and has the policy `Read` too.
fn attached() -> Bench {
    let bench = Bench::with_holders().with_catalogue(allowing("s3:GetObject", 1));
    let all = DOCUMENT.replace("s3:Get*", "*");
    bench.ok("PutUserPolicy", json!({"UserName": "alice", "PolicyName": "all", "PolicyDocument": all}));
    bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": READ}));
    bench
}

#[test]
fn a_newer_catalogue_decides_with_its_documents() {
    let bench = Bench::with_holders().with_catalogue(allowing("s3:GetObject", 1));
    bench.ok("AttachUserPolicy", json!({"UserName": "alice", "PolicyArn": READ}));
    assert_eq!(bench.decide("s3:GetObject", OBJECT)["Decision"], "Allow");
    let bench = bench.with_catalogue(allowing("s3:PutObject", 2));
    assert_eq!(bench.decide("s3:GetObject", OBJECT)["Decision"], "Deny");
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Allow");
    let read = bench.ok("GetPolicy", json!({"PolicyArn": READ}));
    assert_eq!((&read["Policy"]["DefaultVersionId"], &read["Policy"]["AttachmentCount"]), (&json!("v2"), &json!(1)));
    bench.check_refused(
        "GetPolicyVersion",
        json!({"PolicyArn": READ, "VersionId": "v1"}),
        "NoSuchEntity",
        &format!("Policy {READ} version v1 does not exist or is not attachable."),
    );
}

/// It may have held a Deny. That it cannot be read, and which one it is, is said.
#[test]
fn one_that_is_gone_denies_everything_until_it_is_detached() {
    let bench = attached();
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Allow");
    let bench = bench.with_catalogue(Catalogue::default());
    let denied = bench.decide("s3:PutObject", OBJECT);
    assert_eq!((&denied["Decision"], &denied["Layer"]), (&json!("Deny"), &json!("identity-based policies")));
    let unread = json!([{"Layer": "identity-based policies", "Source": READ, "Effect": "Deny"}]);
    assert_eq!(denied["Reasons"], unread);
    let listed = bench.ok("ListAttachedUserPolicies", json!({"UserName": "alice"}));
    assert_eq!(texts(&listed["AttachedPolicies"], "PolicyArn"), [READ]);
    bench.ok("DetachUserPolicy", json!({"UserName": "alice", "PolicyArn": READ}));
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Allow");
}

#[test]
fn a_boundary_that_is_gone_allows_nothing_until_it_is_taken_away() {
    let bench = Bench::with_holders().with_catalogue(allowing("*", 1));
    let all = DOCUMENT.replace("s3:Get*", "*");
    bench.ok("PutUserPolicy", json!({"UserName": "alice", "PolicyName": "all", "PolicyDocument": all}));
    bench.ok("PutUserPermissionsBoundary", json!({"UserName": "alice", "PermissionsBoundary": READ}));
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Allow");
    let bench = bench.with_catalogue(Catalogue::default());
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Deny");
    bench.ok("DeleteUserPermissionsBoundary", json!({"UserName": "alice"}));
    assert_eq!(bench.decide("s3:PutObject", OBJECT)["Decision"], "Allow");
}

#[test]
fn attaching_names_the_policy_and_changing_it_is_asked_of_aws() {
    let bench = Bench::with_holders().with_catalogue(allowing("*", 1));
    let check = |operation: &str, input: Value, target: &str| {
        let targets = bench.targets(operation, input);
        assert_eq!(targets.len(), 1);
        assert!(targets[0].starts_with(target), "{targets:?}");
    };
    check(
        "AttachUserPolicy",
        json!({"UserName": "alice", "PolicyArn": READ}),
        &format!("iam:AttachUserPolicy user alice iam:PolicyARN={READ}"),
    );
    check("GetPolicy", json!({"PolicyArn": READ}), &format!("iam:GetPolicy policy {READ}"));
    check("DeletePolicy", json!({"PolicyArn": READ}), &format!("iam:DeletePolicy policy {READ}"));
}
