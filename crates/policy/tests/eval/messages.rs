//! From the case to the words of the refusal.

use doorward_policy::message::{denial_message, short_denial_message};

use crate::scene::*;

/// Asks, and compares what follows "User: ARN is not authorized to perform: ACTION".
#[track_caller]
fn check(scene: &Scene, caller: &str, action: &str, resource: &str, shown: Option<&str>, expect: &str) {
    let denial = scene.decide(action, resource).denial().unwrap();
    let text = denial_message(caller, action, shown, denial, None);
    assert_eq!(text, format!("User: {caller} is not authorized to perform: {action}{expect}"));
}

#[test]
fn refusals() {
    let root_arn = "arn:aws:iam::111111111111:root";
    let (get, put, run) = ("s3:GetObject", "s3:PutObject", "ec2:RunInstances");
    check(&case(268), ALICE, get, OBJECT, None, " because no identity-based policy allows the s3:GetObject action");
    let denied = case(269).called_by(root()).scp([allow("*").on("*"), deny("s3:*").on("*")]);
    check(&denied, root_arn, get, OBJECT, None, " with an explicit deny in a service control policy");
    let bounded = case(270).id([allow("s3:* ec2:*")]).boundary([allow("s3:*")]);
    check(&bounded, ALICE, run, "*", None, " because no permissions boundary allows the ec2:RunInstances action");
    let narrowed = case(271).called_by(session("s1")).id([allow("s3:*")]).session([allow("s3:Get*")]);
    check(&narrowed, S1, put, OBJECT, None, " because no session policy allows the s3:PutObject action");
    let through = case(272).id([allow("s3:*")]).endpoint([allow(get).on("*").to("\"*\"")]);
    check(&through, ALICE, put, OBJECT, None, " because no VPC endpoint policy allows the s3:PutObject action");
    let role = "arn:aws:iam::111111111111:role/X";
    let expect = " on resource: role X because no identity-based policy allows the iam:GetRole action";
    check(&case(273), ALICE, "iam:GetRole", role, Some("role X"), expect);
    let under_path = "arn:aws:iam::111111111111:role/p/";
    let expect = " on resource: arn:aws:iam::111111111111:role/p/ because no identity-based policy allows the \
                  iam:ListRoles action";
    check(&case(274), ALICE, "iam:ListRoles", under_path, Some(under_path), expect);
}

#[test]
fn assuming_a_role_gives_no_reason() {
    let text = short_denial_message(ALICE, "sts:AssumeRole", Some(ROLE));
    assert_eq!(text, format!("User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"));
    // The documented long form, for whoever asks for the reason.
    let untrusting = case(275).trust([allow("sts:AssumeRole").to("{\"AWS\":\"222222222222\"}")]).id([allow("sts:*")]);
    let expect = " because no role trust policy allows the sts:AssumeRole action";
    check(&untrusting, ALICE, "sts:AssumeRole", ROLE, None, expect);
}
