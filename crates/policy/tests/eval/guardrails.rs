//! Organizations' policies and VPC endpoint policies.

use doorward_policy::document::PrincipalPattern;
use doorward_policy::request::Principal;

use crate::scene::*;

const ANYONE: &str = r#""*""#;

fn full() -> Part {
    allow("*").on("*")
}

#[test]
fn service_control_policies() {
    case(235).id([allow("ec2:*")]).scp([full()]).scp([allow("s3:*").on("*")]).scp([full()]).ask(
        "ec2:DescribeInstances",
        "*",
        DenyI,
    );
    case(236).scp([full()]).scp([full()]).ask("s3:GetObject", OBJECT, DenyI);
    let no_s3 = || deny("s3:*").on("*");
    case(237).called_by(root()).scp([full(), no_s3()]).ask("s3:GetObject", OBJECT, DenyE);
    // No service control policies reach the management account: none are given.
    case(238).id([allow("*")]).ask("s3:GetObject", OBJECT, Allow);
    let mut linked = session("s1");
    if let Principal::RoleSession(session) = &mut linked {
        session.service_linked = true;
    }
    case(239).called_by(linked).id([allow("*")]).scp([full(), no_s3()]).ask("s3:GetObject", OBJECT, Allow);
    let both = |number: usize| {
        let to_alice = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
        case(number).owner(B).id([allow("s3:*")]).resource_policy([allow("s3:*").to(to_alice)])
    };
    // Those of the resource's account do not matter: the caller's account has none.
    both(240).ask("s3:GetObject", OBJECT, Allow);
    both(241).scp([full(), no_s3()]).ask("s3:GetObject", OBJECT, DenyE);
    case(242).id([allow("*")]).scp([full(), deny("organizations:*").on("*")]).ask(
        "organizations:ListAccounts",
        "*",
        DenyE,
    );
    let in_region = allow("s3:*").on("*").given(r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#);
    case(243).id([allow("*")]).scp([full()]).scp([in_region]).ask("s3:GetObject", OBJECT, DenyI);
    case(254)
        .called_by(Principal::Service("logging.s3.amazonaws.com".into()))
        .resource_policy([allow("s3:*").to(r#"{"Service":"s3.amazonaws.com"}"#)])
        .resource_document(|document| {
            let principal = document.statements[0].principal.as_mut().unwrap();
            principal.entries[0].value = PrincipalPattern::Service("logging.s3.amazonaws.com".into());
        })
        .scp([full(), no_s3()])
        .ask("s3:PutObject", OBJECT, Allow);
}

#[test]
fn resource_control_policies() {
    const PERIMETER: &str = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#;
    let scene = |number: usize, caller: Principal| {
        case(number)
            .owner(B)
            .called_by(caller)
            .id([allow("*")])
            .resource_policy([allow("s3:*").to(ANYONE)])
            .rcp(deny("s3:*").given(PERIMETER))
    };
    scene(245, alice()).ask("s3:GetObject", OBJECT, DenyE);
    scene(245, alice()).key("aws:PrincipalOrgID", "o-1").ask("s3:GetObject", OBJECT, Allow);
    scene(246, Principal::Anonymous).ask("s3:GetObject", OBJECT, DenyE);
    scene(247, Principal::Service("logging.s3.amazonaws.com".into())).ask("s3:GetObject", OBJECT, Allow);
    // IAM is not a service that supports them, nor is kms:RetireGrant an action that does.
    case(248)
        .id([allow("*")])
        .rcp(deny("s3:*"))
        .resource_control_document(|document| document.statements[0].action.entries[0].value = "*".into())
        .ask("iam:GetRole", ROLE, Allow)
        .ask("kms:RetireGrant", "arn:aws:kms:us-east-1:111111111111:key/k", Allow)
        .ask("s3:GetObject", OBJECT, DenyE);
    case(249)
        .called_by(user_in_b())
        .id([allow("*")])
        .trust([allow("sts:AssumeRole").to(r#"{"AWS":"222222222222"}"#)])
        .rcp(deny("sts:AssumeRole").given(r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}"#))
        .ask("sts:AssumeRole", ROLE, DenyE);
    // None reach the management account: none are given.
    case(250).id([allow("*")]).ask("s3:GetObject", OBJECT, Allow);
}

#[test]
fn endpoint_policies() {
    let scene = || case(253).id([allow("s3:*")]);
    let through = |scene: Scene| scene.endpoint([allow("s3:GetObject").on("*").to(ANYONE)]);
    through(scene()).ask("s3:PutObject", OBJECT, DenyI).ask("s3:GetObject", OBJECT, Allow);
    scene().ask("s3:PutObject", OBJECT, Allow);
    // They grant nothing.
    through(case(253)).ask("s3:GetObject", OBJECT, DenyI);
}
