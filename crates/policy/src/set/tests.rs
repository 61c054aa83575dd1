use proptest::prelude::*;

use super::*;
use crate::context::Context;
use crate::document::PolicyType;
use crate::evaluate::{Decision, decide};
use crate::explain::explain;
use crate::request::{Layers, Principal, Request, Resource, User};

fn attached(statements: &[String]) -> Attached {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let policy = Policy::parse(&text, PolicyType::Inline).unwrap();
    Attached::new(Source::Inline { name: "p".into(), owner: "o".into() }, policy)
}

fn ask(identity: &PolicySet, action: &str, arn: &str) -> Decision {
    let principal = Principal::User(User { arn: "arn:aws:iam::1:user/alice".into(), unique_id: "AIDA".into() });
    let context = Context::new().with("aws:username", "alice").with("k", "v");
    let resource = Resource { arn, account: None, requires_own_grant: false };
    let request = Request { principal: &principal, action, resource, context: &context };
    let layers = Layers { identity, ..Layers::default() };
    let decision = decide(&request, &layers);
    assert_eq!(explain(&request, &layers).decision, decision);
    decision
}

/// Asks with the index and without one.
fn check(policies: &[Vec<String>], action: &str, arn: &str) {
    let set: PolicySet = policies.iter().map(|statements| attached(statements)).collect();
    let walked = PolicySet { index: None, ..set.clone() };
    assert!(set.index.is_some(), "too few statements");
    assert_eq!(ask(&set, action, arn), ask(&walked, action, arn), "{action} on {arn} with {policies:?}");
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(texts), 1..4).prop_map(|texts| {
        let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        format!("[{}]", quoted.join(","))
    })
}

const ACTIONS: &[&str] = &[
    "*",
    "*:*",
    "s3:*",
    "S3:Get*",
    "s3:GetObject",
    "s3:getobject",
    "s3:?etObject",
    "s3:*Object",
    "s3:Put*",
    "iam:*",
    "iam:GetUser",
    "s3:GetObjectTagging",
    "s3:G*t",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/alice",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${aws:absent}",
    "arn:aws:s3:::*",
    "arn:aws:s3:::?/alice",
    "arn:aws:iam::*:user/*",
    "arn:aws:s3:::a-bucket-whose-name-is-longer-than-32/*",
    "arn:aws:s3:::a-bucket-whose-name-is-longer-than-32/alice",
    "arn:aws:s3:::B/alice",
    "arn:aws:iam::1:user/*",
    "arn:aws:iam::1:user/${aws:username}",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::b/${*}",
];

fn statement() -> impl Strategy<Value = String> {
    let condition = prop_oneof![
        3 => Just(""),
        1 => Just(r#","Condition":{"StringEquals":{"k":"v"}}"#),
        1 => Just(r#","Condition":{"StringEquals":{"k":"w"}}"#),
    ];
    let parts = (prop::bool::weighted(0.3), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (parts, one_of(ACTIONS), one_of(RESOURCES), condition).prop_map(
        |((deny, not_action, not_resource), actions, resources, condition)| {
            let effect = if deny { "Deny" } else { "Allow" };
            let not = |not: bool| if not { "Not" } else { "" };
            format!(
                r#"{{"Effect":"{effect}","{}Action":{actions},"{}Resource":{resources}{condition}}}"#,
                not(not_action),
                not(not_resource)
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// That it looks at fewer statements changes neither the decision nor the statements that are named.
    #[test]
    fn an_index_changes_no_decision(
        policies in prop::collection::vec(prop::collection::vec(statement(), 3..6), 3..6),
        action in prop::sample::select(&["s3:GetObject", "S3:getobject", "s3:PutObject", "iam:GetUser", "ec2:Run"]),
        arn in prop::sample::select(&[
            "*", "arn:aws:s3:::b/alice", "arn:aws:s3:::b/bob", "arn:aws:s3:::alice/x", "arn:aws:iam::1:user/alice",
            "arn:aws:s3:::a-bucket-whose-name-is-longer-than-32/alice", "arn:aws:s3:::", "arn:aws:s3:::b/*",
        ]),
    ) {
        check(&policies, action, arn);
    }
}

/// Many services, many actions of one, and names that fill the part of a beginning that is compared.
#[test]
fn what_is_filed_is_found() {
    let names: Vec<String> = (0..400).map(|n| "x".repeat(n % 40) + &n.to_string()).collect();
    let statements: Vec<String> = names
        .iter()
        .enumerate()
        .flat_map(|(n, name)| {
            let many: Vec<String> = (0..20).map(|k| format!(r#""s{n}:Do{k}""#)).collect();
            [
                format!(r#"{{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::{name}/*"}}"#),
                format!(r#"{{"Effect":"Allow","Action":"ec2:{name}","Resource":"*"}}"#),
                format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, many.join(",")),
            ]
        })
        .collect();
    let policies: Vec<Attached> = statements.chunks(50).map(attached).collect();
    let set = PolicySet::new(policies);
    let place = |number: usize| Some((number / 50, number % 50));
    let named = |action: &str, arn: &str| {
        let statement = ask(&set, action, arn).statements.iter().next();
        statement.map(|at| (at.policy(), at.statement()))
    };
    for (n, name) in names.iter().enumerate() {
        assert_eq!(named("s3:GetObject", &format!("arn:aws:s3:::{name}/key")), place(3 * n), "{name}");
        assert_eq!(named(&format!("ec2:{name}"), "*"), place(3 * n + 1), "{name}");
        assert_eq!(named(&format!("s{n}:Do19"), "*"), place(3 * n + 2), "{name}");
    }
    assert_eq!(named("s3:GetObject", "arn:aws:s3:::nowhere/key"), None);
}

#[test]
fn few_statements_need_no_index() {
    let allow = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#.to_owned();
    assert!(PolicySet::new(vec![attached(&vec![allow.clone(); FEW])]).index.is_none());
    assert!(PolicySet::new(vec![attached(&vec![allow; FEW + 1])]).index.is_some());
}

#[test]
fn what_a_set_takes_is_told() {
    let one = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}"#.to_owned();
    let set = PolicySet::new(vec![attached(std::slice::from_ref(&one))]);
    assert_eq!(PolicySet::EMPTY.size(), size_of::<PolicySet>());
    assert_eq!(set.size(), size_of::<PolicySet>() + size_of::<Attached>());
    let indexed = PolicySet::new(vec![attached(&vec![one; FEW + 1])]);
    // Each statement has a place of four bytes, all under one beginning; tables and drawers come to it.
    let index = indexed.size() - set.size();
    assert!((4 * (FEW + 1)..1024).contains(&index), "{index}");
}

#[test]
fn sources_tell_their_names() {
    let managed = Source::Managed { arn: "arn".into(), attached_to: "it".into() };
    let inline = Source::Inline { name: "name".into(), owner: "owner".into() };
    assert_eq!((managed.policy_arn(), managed.name(), managed.attached_to()), (Some("arn"), Some("arn"), Some("it")));
    assert_eq!((inline.policy_arn(), inline.name(), inline.attached_to()), (None, Some("name"), Some("owner")));
    let endpoint = Source::Endpoint { id: "vpce-1".into() };
    assert_eq!((endpoint.policy_arn(), endpoint.name(), endpoint.attached_to()), (None, Some("vpce-1"), None));
    for (source, of) in [(Source::Trust { role: "r".into() }, Some("r")), (Source::Session, None)] {
        assert_eq!((source.policy_arn(), source.name(), source.attached_to()), (None, None, of));
    }
}
