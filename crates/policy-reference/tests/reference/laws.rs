//! What must hold whatever the policies are; each law is tried on random questions, with both evaluators.

use doorward_policy_reference::{Decision, Principal, Question, Values, decide};
use serde_json::{Value, json};

use crate::support::engine;
use crate::support::generate;
use crate::support::random::Random;

const QUESTIONS: u64 = 30_000;

/// How a changed question relates to the one before.
#[derive(Clone, Copy, PartialEq)]
enum Law {
    /// What was denied stays denied.
    NeverGrants,
    /// Both are decided alike.
    ChangesNothing,
}

/// Tries the law. `change` gives up on questions that it cannot be applied to.
fn check(law: Law, change: impl Fn(&mut Random, &mut Question) -> Option<()>) {
    let (mut tried, mut telling) = (0, 0);
    for number in 0..QUESTIONS {
        let mut random = Random::new(number);
        let before = generate::question(&mut random);
        let mut after = before.clone();
        if change(&mut random, &mut after).is_none() {
            continue;
        }
        let Some(engine_after) = engine::decide(&after) else { continue };
        let both = [
            ("engine", engine::decide(&before).unwrap().unwrap(), engine_after.unwrap()),
            ("reference", decide(&before), decide(&after)),
        ];
        tried += 1;
        for (name, decided, now) in both {
            let holds = match law {
                Law::NeverGrants => decided == Decision::Allowed || now != Decision::Allowed,
                Law::ChangesNothing => decided == now,
            };
            assert!(holds, "{name}: {decided:?} becomes {now:?}, from {before:?} to {after:?}");
            let could_tell = match law {
                Law::NeverGrants => now != decided,
                Law::ChangesNothing => decided == Decision::Allowed || matches!(decided, Decision::Explicit(_)),
            };
            telling += u64::from(could_tell);
        }
    }
    println!("{tried} questions, {telling} telling answers");
    assert!(tried > QUESTIONS / 20, "the law is hardly tried: {tried}");
    assert!(telling > 50, "the law is hardly tested: {telling}");
}

/// All documents of a question that can be changed.
fn documents(question: &mut Question) -> Vec<&mut Value> {
    let policies = &mut question.policies;
    let levels = policies.service_control.iter_mut().chain(&mut policies.resource_control).flatten().flatten();
    let lists = policies.boundary.iter_mut().chain(&mut policies.session).flatten();
    let single = policies.resource.iter_mut().chain(&mut policies.endpoint);
    let all = policies.identity.iter_mut().chain(lists).chain(single).chain(levels);
    all.filter(|document| **document != engine::full_access()).collect()
}

/// The document's statements, as a list.
fn statements(document: &mut Value) -> &mut Vec<Value> {
    let statements = &mut document["Statement"];
    if !statements.is_array() {
        *statements = json!([statements.clone()]);
    }
    statements.as_array_mut().unwrap()
}

fn some_document<'a>(random: &mut Random, question: &'a mut Question) -> Option<&'a mut Value> {
    let mut documents = documents(question);
    if documents.is_empty() { None } else { Some(documents.swap_remove(random.below(documents.len()))) }
}

#[test]
fn a_deny_statement_more_never_grants() {
    check(Law::NeverGrants, |random, question| {
        let statements = statements(some_document(random, question)?);
        let mut statement = random.choose(statements).clone();
        statement["Effect"] = json!("Deny");
        statements.push(statement);
        Some(())
    });
}

#[test]
fn an_allow_statement_less_never_grants() {
    check(Law::NeverGrants, |random, question| {
        let statements = statements(some_document(random, question)?);
        let index = random.below(statements.len());
        let is_one_of_many = statements.len() > 1 && statements[index]["Effect"] == "Allow";
        if !is_one_of_many {
            return None;
        }
        statements.remove(index);
        Some(())
    });
}

#[test]
fn a_narrower_allow_statement_never_grants() {
    check(Law::NeverGrants, |random, question| {
        let statements = statements(some_document(random, question)?);
        let index = random.below(statements.len());
        let statement = &mut statements[index];
        if statement["Effect"] != "Allow" || statement.get("Action").is_none() {
            return None;
        }
        // No other condition tests this key, so that none is replaced.
        statement["Condition"]["Null"]["aws:RequestedRegion"] = json!("true");
        Some(())
    });
}

#[test]
fn a_boundary_never_grants() {
    more(|question, document| {
        let can_have_one = generate::layers_of(&question.principal).1;
        if can_have_one && question.policies.boundary.is_none() {
            question.policies.boundary = Some(vec![document]);
            return Some(());
        }
        None
    });
}

#[test]
fn a_session_policy_never_grants() {
    // Sessions of federated users and of AssumeRoot have nothing without one.
    more(|question, document| {
        let can_have_one = matches!(&question.principal, Principal::RoleSession(it) if !it.service_linked);
        if can_have_one && question.policies.session.is_none() {
            question.policies.session = Some(vec![document]);
            return Some(());
        }
        None
    });
}

#[test]
fn a_service_control_policy_level_never_grants() {
    more(|question, document| {
        question.principal.account()?;
        question.policies.service_control.get_or_insert_default().push(vec![document]);
        Some(())
    });
}

#[test]
fn a_resource_control_policy_never_grants() {
    check(Law::NeverGrants, |random, question| {
        let level = vec![engine::full_access(), generate::resource_control_document(random)];
        question.policies.resource_control.get_or_insert_default().push(level);
        Some(())
    });
}

#[test]
fn an_endpoint_policy_never_grants() {
    more(|question, mut document| {
        for statement in statements(&mut document) {
            statement["Principal"] = json!("*");
        }
        question.policies.endpoint.is_none().then(|| question.policies.endpoint = Some(document))
    });
}

/// Adds a document where `add` puts it.
fn more(add: impl Fn(&mut Question, Value) -> Option<()>) {
    check(Law::NeverGrants, |random, question| {
        let document = generate::identity_document(random);
        add(question, document)
    });
}

#[test]
fn the_order_of_policies_and_statements_changes_nothing() {
    check(Law::ChangesNothing, |_, question| {
        question.policies.identity.reverse();
        for documents in question.policies.session.iter_mut().chain(&mut question.policies.boundary) {
            documents.reverse();
        }
        documents(question).into_iter().for_each(|document| statements(document).reverse());
        question.context.reverse();
        Some(())
    });
}

#[test]
fn saying_it_twice_changes_nothing() {
    check(Law::ChangesNothing, |_, question| {
        for document in documents(question) {
            let statements = statements(document);
            statements.extend_from_within(..);
        }
        question.policies.identity.extend_from_within(..);
        Some(())
    });
}

#[test]
fn one_statement_a_policy_changes_nothing() {
    check(Law::ChangesNothing, |_, question| {
        let mut split = Vec::new();
        for mut document in std::mem::take(&mut question.policies.identity) {
            for statement in std::mem::take(statements(&mut document)) {
                let mut alone = document.clone();
                alone["Statement"] = statement;
                split.push(alone);
            }
        }
        question.policies.identity = split;
        Some(())
    });
}

#[test]
fn one_action_a_statement_changes_nothing() {
    check(Law::ChangesNothing, |_, question| {
        for document in documents(question) {
            let statements = statements(document);
            for statement in std::mem::take(statements) {
                let Some(actions) = statement.get("Action").and_then(Value::as_array).cloned() else {
                    statements.push(statement);
                    continue;
                };
                statements.extend(actions.into_iter().map(|action| {
                    let mut alone = statement.clone();
                    alone["Action"] = action;
                    alone
                }));
            }
        }
        Some(())
    });
}

#[test]
fn the_case_of_actions_and_keys_changes_nothing() {
    check(Law::ChangesNothing, |_, question| {
        question.action = question.action.to_ascii_uppercase();
        for (key, _) in &mut question.context {
            *key = key.to_ascii_uppercase();
        }
        Some(())
    });
}

#[test]
fn a_key_that_no_policy_names_changes_nothing() {
    check(Law::ChangesNothing, |random, question| {
        let values = [Values::One("true".into()), Values::One(String::new()), Values::Many(vec!["a".into()])];
        question.context.push(("x:unnamed".into(), random.choose(&values).clone()));
        Some(())
    });
}
