//! What an explanation says would flip the decision does, says the engine and says the reference; and of the statements
//! that apply, only those that it names as deciding do so alone.

use std::thread;

use doorward_policy::evaluate::StatementRef;
use doorward_policy::explain::{Change, Explanation, explain};
use doorward_policy::request::Layer;
use doorward_policy_reference::{Decision, Principal, Question, decide};
use serde_json::{Value, json};

use crate::support::engine::{self, Documents, full_access};
use crate::support::generate;
use crate::support::random::Random;

const QUESTIONS: u64 = 100_000;
const WORKERS: u64 = 2;

/// An action that no question is about, and that may stand in policies of every kind.
const ANOTHER: &str = "sts:DecodeAuthorizationMessage";

#[derive(Default)]
struct Tally {
    deciding: u64,
    allowing: u64,
    denying: u64,
    /// Changes of more than one statement.
    joint: u64,
    /// Additions for identity providers, which only trust policies can name.
    for_providers: u64,
    /// Other additions that could not be saved: the resource or action is of a form that policies cannot name.
    impossible: u64,
    unchangeable: u64,
}

#[test]
fn what_is_said_to_flip_a_decision_does() {
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let work = |worker| {
            move || {
                let mut tally = Tally::default();
                (worker..QUESTIONS).step_by(2).for_each(|number| check(number, &mut tally));
                tally
            }
        };
        let threads: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(work(worker))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (deciding, allowing, denying) = (sum(|it| it.deciding), sum(|it| it.allowing), sum(|it| it.denying));
    let (joint, impossible, unchangeable) = (sum(|it| it.joint), sum(|it| it.impossible), sum(|it| it.unchangeable));
    println!(
        "{QUESTIONS} questions: {deciding} deciding statements; smallest changes: {allowing} that allow, {denying} that deny, \
         {joint} of them joint; {impossible} that cannot be saved, {unchangeable} decisions that no change flips"
    );
    assert!(deciding > 5_000 && allowing > 50_000 && denying > 5_000 && joint > 20_000);
    assert!(impossible < QUESTIONS / 50 && unchangeable < QUESTIONS / 5);
}

fn check(number: u64, tally: &mut Tally) {
    let mut random = Random::new(number);
    let question = generate::question(&mut random);
    let documents = Documents::new(&question.policies).unwrap();
    let (explanation, additions) = documents.ask(&question, |request, layers| {
        let explanation = explain(request, layers);
        let additions: Vec<_> =
            explanation.smallest_change.iter().map(|change| change.statement(request, layers)).collect();
        (explanation, additions)
    });
    let allowed = explanation.decision.is_allowed();
    for &at in matched(&explanation) {
        let mut without = question.clone();
        silence(&mut without, at);
        let flips = explanation.deciding.contains(&at);
        assert_eq!(is_allowed(&without), Some(allowed != flips), "question {number} without {at:?}");
    }
    tally.deciding += u64::try_from(explanation.deciding.len()).unwrap();
    let changes: Vec<_> = explanation.smallest_change.iter().zip(additions).collect();
    let changed = with(&question, changes.iter().cloned());
    // None of them can be left out.
    for left_out in 0..if changes.len() > 1 { changes.len() } else { 0 } {
        let kept = changes.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, change)| change.clone());
        let almost = is_allowed(&with(&question, kept));
        assert!(almost.is_none_or(|now| now == allowed), "question {number} without {left_out} of {changes:?}");
    }
    match is_allowed(&changed) {
        _ if explanation.smallest_change.is_empty() => tally.unchangeable += 1,
        None if matches!(question.principal, Principal::Federated(_)) => tally.for_providers += 1,
        None => tally.impossible += 1,
        Some(now) => {
            assert_ne!(now, allowed, "question {number} with {:?}: {changed:?}", explanation.smallest_change);
            *(if now { &mut tally.allowing } else { &mut tally.denying }) += 1;
            tally.joint += u64::from(explanation.smallest_change.len() > 1);
        }
    }
}

fn with<'a>(question: &Question, changes: impl Iterator<Item = (&'a Change, Option<String>)>) -> Question {
    let mut changed = question.clone();
    for (change, addition) in changes {
        match *change {
            Change::Remove(at) => silence(&mut changed, at),
            Change::Allow { layer, level } => add(&mut changed, layer, level, &addition.unwrap()),
            Change::Mend { .. } => unreachable!("all policies can be read"),
        }
    }
    changed
}

fn matched(explanation: &Explanation) -> impl Iterator<Item = &StatementRef> {
    explanation.ladder.iter().flat_map(|rung| &rung.matched).map(|report| &report.at)
}

/// What both evaluators say; none when a document cannot be saved.
fn is_allowed(question: &Question) -> Option<bool> {
    let engine = engine::decide(question)?.unwrap();
    assert_eq!(engine, decide(question));
    Some(engine == Decision::Allowed)
}

fn policy(question: &mut Question, at: StatementRef) -> &mut Value {
    let policies = &mut question.policies;
    let (level, policy) = (at.level(), at.policy());
    match at.layer() {
        Layer::ResourceControl => &mut policies.resource_control.as_mut().unwrap()[level][policy],
        Layer::ServiceControl => &mut policies.service_control.as_mut().unwrap()[level][policy],
        Layer::Endpoint => policies.endpoint.as_mut().unwrap(),
        Layer::Resource | Layer::Trust => policies.resource.as_mut().unwrap(),
        Layer::Identity => &mut policies.identity[policy],
        Layer::Boundary => &mut policies.boundary.as_mut().unwrap()[policy],
        Layer::Session => &mut policies.session.as_mut().unwrap()[policy],
    }
}

/// Makes a statement one about something else, which is as good as taking it out.
fn silence(question: &mut Question, at: StatementRef) {
    let document = policy(question, at);
    // The one policy that is on every level could only be detached.
    if at.layer() == Layer::ResourceControl && *document == full_access() {
        *document = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Deny", "Principal": "*", "Action": ANOTHER, "Resource": "*"}});
        return;
    }
    let statement = match &mut document["Statement"] {
        Value::Array(statements) => &mut statements[at.statement()],
        one => one,
    };
    let statement = statement.as_object_mut().unwrap();
    statement.remove("NotAction");
    statement.insert("Action".to_owned(), ANOTHER.into());
}

fn add(question: &mut Question, layer: Layer, level: usize, statement: &str) {
    let statement: Value = serde_json::from_str(statement).unwrap();
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let policies = &mut question.policies;
    match layer {
        Layer::ResourceControl => policies.resource_control.as_mut().unwrap()[level].push(full_access()),
        Layer::ServiceControl => policies.service_control.as_mut().unwrap()[level].push(document),
        Layer::Endpoint => join(policies.endpoint.as_mut().unwrap(), &document),
        Layer::Resource | Layer::Trust => match &mut policies.resource {
            Some(held) => join(held, &document),
            none => {
                // A new policy of a resource, as every role has its own.
                policies.is_trust = false;
                *none = Some(document);
            }
        },
        Layer::Identity => policies.identity.push(document),
        Layer::Boundary => policies.boundary.as_mut().unwrap().push(document),
        Layer::Session => policies.session.get_or_insert_default().push(document),
    }
}

/// Puts the statements of one document behind those of another.
fn join(held: &mut Value, more: &Value) {
    let list = |document: &Value| match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    held["Statement"] = [list(held), list(more)].concat().into();
}
