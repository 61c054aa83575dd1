//! Resource-based policies, within an account and across accounts.

use doorward_policy::document::PrincipalPattern;
use doorward_policy::request::Principal;

use crate::scene::*;

const TO_ALICE: &str = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
const TO_A: &str = r#"{"AWS":"111111111111"}"#;
const TO_ROLE: &str = r#"{"AWS":"arn:aws:iam::111111111111:role/R"}"#;
const TO_S1: &str = r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/R/s1"}"#;
const ANYONE: &str = r#""*""#;

fn get() -> Part {
    allow("s3:GetObject")
}

fn other() -> Part {
    allow("ec2:*")
}

fn s1(number: usize) -> Scene {
    case(number).called_by(session("s1"))
}

trait Ask {
    fn get(self, expect: Expect);
}

impl Ask for Scene {
    #[track_caller]
    fn get(self, expect: Expect) {
        self.ask("s3:GetObject", OBJECT, expect);
    }
}

#[test]
fn users() {
    case(140).resource_policy([get().to(TO_ALICE)]).get(Allow);
    case(141).resource_policy([get().to(TO_A)]).get(DenyI);
    case(142).resource_policy([get().to(TO_A)]).id([get()]).get(Allow);
    case(143).resource_policy([get().to(TO_ROLE)]).id([get()]).get(Allow);
    case(144).resource_policy([deny("s3:*").to(TO_ALICE)]).id([get()]).get(DenyE);
    case(145).resource_policy([get().to(ANYONE)]).get(Allow);
    case(146).resource_policy([get().to(TO_ALICE)]).boundary([other()]).get(Allow);
    case(147).resource_policy([get().to(TO_ALICE)]).boundary([deny("s3:GetObject")]).get(DenyE);
    // Credentials of GetSessionToken are the user's own.
    case(159).resource_policy([get().to(TO_ALICE)]).boundary([other()]).get(Allow);
}

#[test]
fn role_sessions() {
    s1(148).resource_policy([get().to(TO_ROLE)]).get(Allow);
    s1(149).resource_policy([get().to(TO_ROLE)]).boundary([other()]).get(DenyI);
    s1(150)
        .resource_policy([allow("s3:GetObject s3:PutObject").to(TO_ROLE)])
        .session([get()])
        .ask("s3:GetObject", OBJECT, Allow)
        .ask("s3:PutObject", OBJECT, DenyI);
    s1(151).resource_policy([get().to(TO_S1)]).boundary([other()]).session([other()]).get(Allow);
    case(152).called_by(session("s2")).resource_policy([get().to(TO_S1)]).get(DenyI);
    s1(153).resource_policy([get().to(TO_S1)]).session([deny("s3:*")]).get(DenyE);
    let role_by_condition = r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/R"}"#;
    s1(154).resource_policy([get().to(ANYONE).given(role_by_condition)]).boundary([other()]).get(Allow);
    // A session's ARN has no path.
    s1(160)
        .resource_policy([get().to(TO_S1)])
        .resource_document(|document| {
            let principal = document.statements[0].principal.as_mut().unwrap();
            principal.entries[0].value =
                PrincipalPattern::RoleSession("arn:aws:sts::111111111111:assumed-role/path/R/s1".into());
        })
        .get(DenyI);
    case(162)
        .resource_policy([get().to(ANYONE)])
        .resource_document(|document| document.statements[0].principal = None)
        .get(DenyI);
}

#[test]
fn federated_users() {
    let bob = |number: usize| case(number).called_by(federated("bob"));
    let to_bob = r#"{"AWS":"arn:aws:sts::111111111111:federated-user/bob"}"#;
    bob(155).resource_policy([get().to(to_bob)]).get(Allow);
    bob(156).resource_policy([get().to(TO_ALICE)]).get(DenyI);
    bob(156).resource_policy([get().to(TO_ALICE)]).session([get()]).get(Allow);
    bob(157).id([get()]).get(DenyI);
    bob(158).id([allow("s3:*")]).session([get()]).ask("s3:PutObject", OBJECT, DenyI).ask("s3:GetObject", OBJECT, Allow);
    let of_root = Principal::FederatedUser { arn: format!("arn:aws:sts::{A}:federated-user/bob"), user: None };
    case(158).called_by(of_root.clone()).session([get()]).get(Allow);
    case(157).called_by(of_root).get(DenyI);
}

#[test]
fn anonymous_and_services() {
    let anonymous = |number: usize| case(number).called_by(Principal::Anonymous);
    anonymous(163).resource_policy([get().to(ANYONE)]).get(Allow);
    anonymous(163).resource_policy([get().to(TO_A)]).get(DenyI);
    anonymous(137)
        .resource_policy([get().to(ANYONE).given(r#""StringEquals":{"aws:PrincipalAccount":"anonymous"}"#)])
        .get(Allow);
    let in_org = get().to(ANYONE).given(r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#);
    anonymous(164).resource_policy([in_org]).get(DenyI);
    let outside_org = get().to(ANYONE).given(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-1"}"#);
    anonymous(165).resource_policy([outside_org]).get(Allow);
    let service = |number: usize, name: &str| case(number).called_by(Principal::Service(name.into()));
    let to_s3 = get().to(r#"{"Service":"s3.amazonaws.com"}"#);
    service(166, "s3.amazonaws.com").resource_policy([to_s3.clone()]).get(Allow);
    service(166, "sns.amazonaws.com").resource_policy([to_s3]).get(DenyI);
    let perimeter = deny("s3:*").to(ANYONE).given(
        r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
    );
    service(133, "s3.amazonaws.com").resource_policy([get().to(ANYONE), perimeter]).get(Allow);
    let to_sns = r#"{"Service":"sns.amazonaws.com"}"#;
    let from_topic = r#""ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111111111111:t"}"#;
    case(134).resource_policy([get().to(to_sns).given(from_topic)]).get(DenyI);
}

#[test]
fn not_principal() {
    let list = |principals: &[&str]| {
        let listed: Vec<_> = principals.iter().map(|principal| format!("{principal:?}")).collect();
        format!(r#"{{"AWS":[{}]}}"#, listed.join(","))
    };
    let all_but = |principals: &[&str]| deny("s3:*").not_to(&list(principals));
    s1(167).resource_policy([all_but(&[ROLE, A])]).id([get()]).get(DenyE);
    s1(168).resource_policy([all_but(&[A, ROLE, S1])]).id([get()]).get(Allow);
    s1(169).resource_policy([all_but(&[A, ROLE, S1])]).id([get()]).boundary([allow("*")]).get(DenyE);
    let not_bob = get().not_to(r#"{"AWS":"arn:aws:iam::111111111111:user/bob"}"#);
    case(170).called_by(Principal::Anonymous).resource_policy([not_bob]).get(Allow);
    case(171).resource_policy([all_but(&[A])]).id([get()]).get(DenyE);
    case(171).resource_policy([all_but(&[A, ALICE])]).id([get()]).get(Allow);
    // A Deny spares nobody for want of a chain, and an Allow spares whoever is listed in part.
    case(170).called_by(Principal::Anonymous).resource_policy([get().to(ANYONE), all_but(&[A])]).get(DenyE);
    case(170).called_by(root()).resource_policy([all_but(&[A])]).get(Allow);
    case(170).resource_policy([get().not_to(TO_A)]).get(DenyI);
    s1(170).resource_policy([get().not_to(TO_ROLE)]).get(DenyI);
}

#[test]
fn keys_let_nobody_in_but_by_their_policy() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/k";
    let use_key = || allow("kms:*");
    let to_admin = r#"{"AWS":"arn:aws:iam::111111111111:user/admin"}"#;
    case(172).key_policy([use_key().to(to_admin)]).id([use_key()]).ask("kms:Decrypt", key, DenyI);
    let to_root = r#"{"AWS":"arn:aws:iam::111111111111:root"}"#;
    case(173).key_policy([use_key().to(to_root)]).id([use_key()]).ask("kms:Decrypt", key, Allow);
    case(173).key_policy([use_key().to(to_root)]).ask("kms:Decrypt", key, DenyI);
    case(174).key_policy([use_key().to(TO_ALICE)]).ask("kms:Decrypt", key, Allow);
    case(175).called_by(root()).key_policy([use_key().to(to_admin)]).ask("kms:Decrypt", key, DenyI);
    case(175).called_by(root()).key_policy([use_key().to(to_root)]).ask("kms:Decrypt", key, Allow);
}

#[test]
fn across_accounts() {
    let foreign = |number: usize| case(number).owner(B);
    let session_of_r = |number: usize| s1(number).owner(B);
    foreign(176).resource_policy([get().to(TO_ALICE)]).get(DenyI);
    foreign(177).id([get()]).get(DenyI);
    foreign(178).id([get()]).resource_policy([get().to(TO_ALICE)]).get(Allow);
    foreign(179).id([get()]).resource_policy([get().to(TO_A)]).get(Allow);
    foreign(180).resource_policy([get().to(ANYONE)]).get(DenyI);
    session_of_r(181).id([get()]).resource_policy([get().to(TO_S1)]).session([other()]).get(DenyI);
    session_of_r(182).id([get()]).resource_policy([get().to(TO_ROLE)]).boundary([other()]).get(DenyI);
    foreign(183).called_by(root()).resource_policy([get().to(TO_A)]).get(Allow);
    foreign(183).called_by(root()).get(DenyI);
    let elsewhere = get().on("arn:aws:s3:::bucket-of-A/*");
    foreign(184).id([elsewhere]).resource_policy([get().to(TO_ALICE)]).get(DenyI);
    let china = "arn:aws-cn:s3:::b/o";
    let both = foreign(185).id([get()]).resource_policy([get().to(ANYONE)]);
    both.clone().ask("s3:GetObject", china, DenyI);
    both.owner(A).ask("s3:GetObject", china, DenyI);
    // A resource whose ARN names another account is foreign even if nobody said so.
    let queue = "arn:aws:sqs:us-east-1:222222222222:q";
    case(177).no_owner().id([allow("sqs:*")]).ask("sqs:SendMessage", queue, DenyI);
}

#[test]
fn a16_the_same_names_in_another_account_are_someone_else() {
    let stranger = |number: usize| case(number).called_by(user_in_b());
    stranger(178).id([get()]).resource_policy([get().to(TO_ALICE)]).get(DenyI);
    let mut lookalike = session("s1");
    if let Principal::RoleSession(session) = &mut lookalike {
        session.arn = session.arn.replace(A, B);
        session.role_arn = session.role_arn.replace(A, B);
        session.role_unique_id = "AROAOTHER".into();
    }
    let scene = |to: &str| case(178).called_by(lookalike.clone()).id([get()]).resource_policy([get().to(to)]);
    scene(TO_ROLE).get(DenyI);
    scene(TO_S1).get(DenyI);
    scene(r#"{"AWS":"222222222222"}"#).get(Allow);
}
