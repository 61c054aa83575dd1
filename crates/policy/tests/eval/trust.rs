//! Role trust policies, sessions, boundaries and session policies.

use doorward_policy::document::PrincipalPattern;
use doorward_policy::request::Principal;

use crate::scene::*;

const TO_ALICE: &str = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
const TO_ROOT: &str = r#"{"AWS":"arn:aws:iam::111111111111:root"}"#;
const ANYONE: &str = r#"{"AWS":"*"}"#;
const ASSUME: &str = "sts:AssumeRole";
const ROLE_IN_B: &str = "arn:aws:iam::222222222222:role/R";

fn assume() -> Part {
    allow(ASSUME)
}

trait Ask {
    fn assume(self, expect: Expect);
}

impl Ask for Scene {
    #[track_caller]
    fn assume(self, expect: Expect) {
        self.ask(ASSUME, ROLE, expect);
    }
}

#[test]
fn assuming_roles() {
    case(186).trust([assume().to(TO_ALICE)]).assume(Allow);
    case(187).trust([assume().to(TO_ROOT)]).assume(DenyI);
    case(188).trust([assume().to(TO_ROOT)]).id([assume().on(ROLE)]).assume(Allow);
    case(189).trust([assume().to(r#"{"AWS":"222222222222"}"#)]).id([allow("sts:*")]).assume(DenyI);
    case(190).trust([assume().to(TO_ALICE)]).id([deny(ASSUME)]).assume(DenyE);
    let foreign = |number: usize| case(number).owner(B);
    foreign(191).trust([assume().to(TO_ROOT)]).id([assume().on(ROLE_IN_B)]).ask(ASSUME, ROLE_IN_B, Allow);
    foreign(192).trust([assume().to(TO_ALICE)]).ask(ASSUME, ROLE_IN_B, DenyI);
    let with_id = assume().to(TO_ALICE).given(r#""StringEquals":{"sts:ExternalId":"x"}"#);
    case(193).trust([with_id.clone()]).assume(DenyI);
    case(193).key("sts:ExternalId", "x").trust([with_id]).assume(Allow);
    case(194).key("sts:ExternalId", "x").trust([assume().to(TO_ALICE)]).assume(Allow);
    case(195).trust([assume().to(r#"{"Service":"ec2.amazonaws.com"}"#)]).id([assume()]).assume(DenyI);
    case(197).trust([assume().to(ANYONE)]).assume(Allow);
    case(197).called_by(user_in_b()).trust([assume().to(ANYONE)]).assume(DenyI);
    case(197).called_by(user_in_b()).trust([assume().to(ANYONE)]).id([assume()]).assume(Allow);
    case(198).called_by(session("s1")).trust([assume().to(TO_ALICE)]).id([assume()]).assume(DenyI);
    case(199).trust([assume().to(TO_ALICE)]).ask("sts:TagSession", ROLE, DenyI);
}

#[test]
fn conditions_of_trust() {
    let with_mfa = assume().to(TO_ALICE).given(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#);
    case(209).trust([with_mfa.clone()]).assume(DenyI);
    case(209).key("aws:MultiFactorAuthPresent", "true").trust([with_mfa]).assume(Allow);
    let trap = assume().to(TO_ALICE).given(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#);
    case(210).trust([trap]).assume(Allow);
    let own_name = assume().to(TO_ALICE).given(r#""StringEquals":{"sts:RoleSessionName":"${aws:username}"}"#);
    case(216).key("sts:RoleSessionName", "alice").trust([own_name.clone()]).assume(Allow);
    case(216).key("sts:RoleSessionName", "bob").trust([own_name]).assume(DenyI);
    let replaced = assume().to(TO_ALICE).given(r#""StringEquals":{"aws:ResourceTag/Star":"1"}"#);
    case(203).key("aws:ResourceTag/Star", "1").trust([replaced]).assume(Allow);
}

#[test]
fn re_created_roles_are_others() {
    let trusting = |number: usize, id: &str| {
        case(number).called_by(session("s1")).trust([assume().to(TO_ALICE)]).resource_document(|document| {
            let principal = document.statements[0].principal.as_mut().unwrap();
            principal.entries[0].value = PrincipalPattern::UniqueId(id.into());
        })
    };
    trusting(211, "AROAOFTHEDELETED").id([assume()]).assume(DenyI);
    trusting(211, "AROAEXAMPLE").assume(Allow);
    let by_condition = r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/R"}"#;
    let recreated = case(212).called_by(session("s1")).trust([assume().to(TO_ROOT).given(by_condition)]);
    recreated.id([assume()]).assume(Allow);
}

#[test]
fn federation() {
    let provider = "arn:aws:iam::111111111111:oidc-provider/idp.example";
    let web = "sts:AssumeRoleWithWebIdentity";
    let trust =
        allow(web).to(&format!(r#"{{"Federated":"{provider}"}}"#)).given(r#""StringEquals":{"idp.example:sub":"job"}"#);
    let scene = |sub: &str| {
        let caller = Principal::Federated(provider.into());
        case(218).called_by(caller).key("idp.example:sub", sub).trust([trust.clone()])
    };
    scene("job").ask(web, ROLE, Allow);
    scene("another").ask(web, ROLE, DenyI);
    scene("job").ask("sts:TagSession", ROLE, DenyI);
    let vacuous = allow("sts:AssumeRoleWithSAML")
        .to(r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/idp"}"#)
        .given(r#""ForAllValues:StringLike":{"saml:edupersonaffiliation":["staff"]}"#);
    case(220)
        .called_by(Principal::Federated("arn:aws:iam::111111111111:saml-provider/idp".into()))
        .trust([vacuous])
        .ask("sts:AssumeRoleWithSAML", ROLE, Allow);
    let repository = r#""StringEquals":{"token.actions.githubusercontent.com:repository":"o/r"}"#;
    case(219).called_by(session("s1")).id([allow("*").given(repository)]).ask("s3:GetObject", OBJECT, DenyI);
}

#[test]
fn what_policies_cannot_take_away() {
    case(221).id([deny("*")]).ask("sts:GetCallerIdentity", "*", Allow);
    case(222).id([deny("sts:GetSessionToken")]).ask("sts:GetSessionToken", "*", Allow);
    case(222).called_by(session("s1")).ask("sts:GetSessionToken", "*", DenyI);
    case(221).called_by(Principal::Anonymous).ask("sts:GetCallerIdentity", "*", DenyI);
}

#[test]
fn task_policies_only_deny() {
    let task = deny("iam:GetUser").not_action();
    let scene = || {
        let caller = Principal::AssumedRoot { arn: format!("arn:aws:iam::{A}:root") };
        case(226).called_by(caller).session([task.clone()])
    };
    scene().ask("iam:GetUser", "arn:aws:iam::111111111111:root", Allow);
    scene().ask("s3:ListAllMyBuckets", "*", DenyE);
    let without = Principal::AssumedRoot { arn: format!("arn:aws:iam::{A}:root") };
    case(226).called_by(without).ask("iam:GetUser", "arn:aws:iam::111111111111:root", DenyI);
}

#[test]
fn boundaries_and_session_policies() {
    case(227).id([allow("s3:* ec2:*")]).boundary([allow("s3:*")]).ask("ec2:RunInstances", "*", DenyI).ask(
        "s3:GetObject",
        OBJECT,
        Allow,
    );
    case(228).boundary([allow("*")]).ask("s3:GetObject", OBJECT, DenyI);
    let s1 = |number: usize| case(number).called_by(session("s1"));
    s1(229).id([allow("s3:*")]).session([allow("s3:Get*")]).ask("s3:PutObject", OBJECT, DenyI);
    s1(230).id([allow("s3:Get*")]).session([allow("s3:*")]).ask("s3:PutObject", OBJECT, DenyI);
    s1(231).id([allow("s3:*")]).session([allow("s3:GetObject")]).session([allow("s3:PutObject")]).ask(
        "s3:PutObject",
        OBJECT,
        Allow,
    );
    s1(232).id([allow("s3:*")]).session([allow("*")]).session([deny("s3:PutObject")]).ask(
        "s3:PutObject",
        OBJECT,
        DenyE,
    );
    case(233).boundary([allow("s3:*")]).trust([assume().to(TO_ALICE)]).assume(Allow);
    let to_role = r#"{"AWS":"arn:aws:iam::111111111111:role/R"}"#;
    s1(234).boundary([allow("s3:*")]).trust([assume().to(to_role)]).assume(DenyI);
}

#[test]
fn rules_of_iam_that_are_conditions() {
    let target = "arn:aws:iam::111111111111:user/new";
    let pass = allow("iam:PassRole").on(ROLE).given(r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#);
    case(255).id([allow("ec2:RunInstances")]).ask("iam:PassRole", ROLE, DenyI);
    case(256).id([pass]).key("iam:PassedToService", "lambda.amazonaws.com").ask("iam:PassRole", ROLE, DenyI);
    let bounded = r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111111111111:policy/X"}"#;
    let create = || allow("iam:CreateUser iam:PutUserPolicy").given(bounded);
    case(259).id([create()]).ask("iam:CreateUser", target, DenyI);
    case(259).id([create()]).key("iam:PermissionsBoundary", "arn:aws:iam::111111111111:policy/X").ask(
        "iam:CreateUser",
        target,
        Allow,
    );
    case(260).id([create()]).ask("iam:PutUserPolicy", target, DenyI);
    let aws_only = allow("iam:AttachRolePolicy").given(r#""ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}"#);
    case(261).id([aws_only]).key("iam:PolicyARN", "arn:aws:iam::111111111111:policy/mine").ask(
        "iam:AttachRolePolicy",
        ROLE,
        DenyI,
    );
    let own = allow("iam:GetUser").on("arn:aws:iam::111111111111:user/${aws:username}");
    case(266).id([own]).ask("iam:GetUser", ALICE, Allow);
}
