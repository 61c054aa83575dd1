//! The simulator and the path of every call decide alike, on random accounts, callers and requests.

use std::sync::Arc;

use doorward_directory::{
    Account, AccountSettings, Group, Organization, Policies, Policy, PolicyText, PolicyVersion, Role, Tag, Tags,
    TrustPolicy, User,
};
use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::{Denial, decide};
use doorward_shapes::iam as api;
use jiff::Timestamp;

use super::scene::Scene;
use super::source;
use crate::Services;
use crate::caller::{Caller, Who};
use crate::lookup::{Lookup, Unanswerable};
use crate::question::{Question, ResourcePolicy};
use crate::realm::Snapshot;
use crate::subject::Subject;

const ACCOUNT: &str = "111122223333";
const QUESTIONS: u64 = 20_000;

/// A stream of choices.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    fn maybe(&mut self) -> bool {
        self.roll(2) == 0
    }
}

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "iam:GetUser", "sts:GetCallerIdentity"];
const PATTERNS: &[&str] = &["*", "s3:*", "s3:Get*", "s3:PutObject", "iam:*"];
const RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/alice",
    "arn:aws:s3:::b/x",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:sqs:r:444455556666:q",
];
const TARGETS: &[&str] = &["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}", "arn:aws:iam::*:user/*"];
const CONDITIONS: &[&str] = &[
    r#"{}"#,
    r#"{}"#,
    r#"{"StringEquals": {"aws:PrincipalTag/team": "red"}}"#,
    r#"{"StringNotEquals": {"aws:username": "alice"}}"#,
    r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
    r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
    r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#,
    r#"{"NumericLessThan": {"s3:max-keys": "10"}}"#,
    r#"{"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}"#,
    r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}"#,
    r#"{"Null": {"aws:userid": "false"}}"#,
    r#"{"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}"#,
];
const PRINCIPALS: &[&str] =
    &[r#""*""#, r#"{"AWS": "111122223333"}"#, r#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#];

fn statement(dice: &mut Dice, principal: bool) -> String {
    let effect = if dice.roll(4) == 0 { "Deny" } else { "Allow" };
    let action = if dice.roll(5) == 0 { "NotAction" } else { "Action" };
    let principal = if principal { format!(r#""Principal": {},"#, dice.one(PRINCIPALS)) } else { String::new() };
    format!(
        r#"{{"Effect": "{effect}", {principal} "{action}": "{}", "Resource": "{}", "Condition": {}}}"#,
        dice.one(PATTERNS),
        dice.one(TARGETS),
        dice.one(CONDITIONS)
    )
}

fn document(dice: &mut Dice, principal: bool) -> String {
    let statements: Vec<String> = (0..=dice.roll(2)).map(|_| statement(dice, principal)).collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn text(dice: &mut Dice) -> PolicyText {
    PolicyText::new(Document::parse(&document(dice, false), PolicyType::Managed).unwrap())
}

fn policies(dice: &mut Dice, managed: &str) -> Policies {
    let inline = (0..dice.roll(3)).map(|n| (format!("inline{n}"), text(dice))).collect();
    Policies { inline, attached: if dice.maybe() { vec![managed.to_owned()] } else { Vec::new() } }
}

fn tags(dice: &mut Dice) -> Tags {
    let mut tags = Tags::default();
    if dice.maybe() {
        tags.set(Tag { key: "team".into(), value: (*dice.one(&["red", "blue"])).into() });
    }
    tags
}

fn account(dice: &mut Dice) -> Account {
    let created = Timestamp::UNIX_EPOCH;
    let mut account = Account::new(AccountSettings::new(ACCOUNT.into(), "test".into(), created));
    let managed = |name: &str| format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
    for name in ["one", "two", "bounding"] {
        account.put(Policy {
            id: format!("ANPA{name}"),
            name: name.into(),
            path: "/".into(),
            created,
            updated: created,
            description: None,
            tags: Tags::default(),
            versions: vec![PolicyVersion { number: 1, document: text(dice), created }],
            default_version: 1,
            next_version: 2,
            aws_managed: false,
        });
    }
    let group = Group {
        id: "AGPA1".into(),
        name: "team".into(),
        path: "/".into(),
        created,
        policies: policies(dice, &managed("two")),
    };
    account.put(group);
    let boundary = |dice: &mut Dice| (dice.roll(3) == 0).then(|| managed("bounding"));
    account.put(User {
        policies: policies(dice, &managed("one")),
        groups: if dice.maybe() { ["AGPA1".to_owned()].into() } else { Default::default() },
        tags: tags(dice),
        boundary: boundary(dice),
        ..User::new("AIDA1".into(), "alice".into(), "/".into(), created)
    });
    let trust = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}"#;
    account.put(Role {
        id: "AROA1".into(),
        name: "app".into(),
        path: "/".into(),
        created,
        description: None,
        max_session_duration: 3_600,
        trust: TrustPolicy::new(Document::parse(trust, PolicyType::Trust).unwrap(), Default::default()),
        tags: tags(dice),
        policies: policies(dice, &managed("one")),
        boundary: boundary(dice),
        source_template: None,
    });
    account
}

/// Keys of a request that do not follow from its caller.
fn given(dice: &mut Dice) -> Vec<(&'static str, Values<'static>, api::ContextKeyTypeEnum)> {
    use api::ContextKeyTypeEnum as Kind;
    let all: [(&str, Values<'static>, Kind); 5] = [
        ("aws:SourceIp", (*dice.one(&["203.0.113.9", "198.51.100.1"])).into(), Kind::Ip),
        ("aws:MultiFactorAuthPresent", (*dice.one(&["true", "false"])).into(), Kind::Boolean),
        ("aws:TagKeys", [*dice.one(&["a", "c"]), "d"].into(), Kind::StringList),
        ("s3:max-keys", (*dice.one(&["5", "50"])).into(), Kind::Numeric),
        ("aws:CurrentTime", (*dice.one(&["2026-11-25T12:00:00Z", "2020-01-01T00:00:00Z"])).into(), Kind::Date),
    ];
    all.into_iter().filter(|_| dice.maybe()).collect()
}

/// An account in no organization.
struct One<'a>(&'a Arc<Account>);

impl Lookup for One<'_> {
    fn account(&self, id: &str) -> Result<Option<Arc<Snapshot<Account>>>, Unanswerable> {
        Ok((id == ACCOUNT).then(|| Arc::new(Snapshot { state: Account::clone(self.0), revision: 1 })))
    }

    fn organization(&self, _: &str) -> Result<Option<Arc<Snapshot<Organization>>>, Unanswerable> {
        Ok(None)
    }
}

/// What the path of every call decides.
fn decided(account: &Arc<Account>, question: &Question) -> api::PolicyEvaluationDecisionType {
    let decision = question.ask(&One(account), |request, layers, _| decide(request, layers));
    match decision.unwrap().denial() {
        None => api::PolicyEvaluationDecisionType::Allowed,
        Some(Denial::Explicit(_)) => api::PolicyEvaluationDecisionType::ExplicitDeny,
        Some(_) => api::PolicyEvaluationDecisionType::ImplicitDeny,
    }
}

#[test]
fn the_simulator_decides_as_the_path_of_every_call_does() {
    let mut counts = [0_u32; 3];
    for seed in 1..=QUESTIONS {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let account = Arc::new(account(&mut dice));
        let is_user = dice.maybe();
        let who = match is_user {
            true => Who::User { id: "AIDA1".into() },
            false => Who::Role { id: "AROA1".into(), session_name: "session".into() },
        };
        let caller = Caller { account_id: ACCOUNT.into(), who, access_key_id: None, session: None };
        let arn = if is_user { "user/alice" } else { "role/app" };
        let arn = format!("arn:aws:iam::{ACCOUNT}:{arn}");
        let (action, resource, given) = (*dice.one(ACTIONS), *dice.one(RESOURCES), given(&mut dice));
        let is_across = resource.contains("444455556666");
        let with_policy = is_user && resource.starts_with("arn:aws:s3") && dice.maybe();
        let resource_policy = with_policy.then(|| document(&mut dice, true).replace("arn:aws:iam::*:user/*", "*"));

        let mut context = Context::new();
        Subject::find(&caller, Some(&account)).unwrap().describe(&mut context);
        let owner = if is_across { "444455556666" } else { ACCOUNT };
        context.insert("aws:ResourceAccount", owner);
        for (key, values, _) in &given {
            context.insert(*key, values.clone());
        }
        let question = Question {
            caller,
            action: action.into(),
            resource: resource.into(),
            resource_account: Some(owner.into()),
            resource_policy: resource_policy.clone().map(ResourcePolicy::Document),
            context,
        };

        let entries = given.into_iter().map(|(key, values, kind)| api::ContextEntry {
            context_key_name: Some(key.into()),
            context_key_values: Some(values.iter().map(str::to_owned).collect()),
            context_key_type: Some(kind),
        });
        let input = api::SimulateCustomPolicyRequest {
            action_names: vec![action.into()],
            resource_arns: Some(vec![resource.into()]),
            resource_policy,
            caller_arn: Some(arn.clone()),
            context_entries: Some(entries.collect()),
            ..Default::default()
        };
        let held = source::find(&account, &arn).unwrap().held(&account);
        let result = Scene::new(&account, held, &input).unwrap().simulate(action, Services::default()).unwrap();
        assert!(result.eval_decision == decided(&account, &question), "seed {seed}: {question:?}");
        counts[usize::from(result.eval_decision != api::PolicyEvaluationDecisionType::Allowed)
            + usize::from(result.eval_decision == api::PolicyEvaluationDecisionType::ExplicitDeny)] += 1;

        // What is allowed or denied by a statement names it, unless that is a boundary's or nobody needs one.
        let shown = result.matched_statements.unwrap();
        let bounded = result.permissions_boundary_decision_detail.is_some();
        let named = !shown.is_empty() || bounded || action == "sts:GetCallerIdentity";
        assert!(named || result.eval_decision == api::PolicyEvaluationDecisionType::ImplicitDeny, "seed {seed}");
    }
    // All three are there, and often.
    assert!(counts.iter().all(|count| *count > 1_000), "{counts:?}");
}
