//! Random policies about the vocabulary.

use doorward_policy::document::PolicyType;
use serde_json::{Map, Value, json};

use super::engine;
use super::random::Random;
use super::words::{ACTIONS, KEYS, OPERATORS, RESOURCES, TEXTS, VARIABLES};

/// A valid document. `grammar` says what its statements may hold, `principals` whom they may name.
pub fn document(random: &mut Random, grammar: PolicyType, principals: &[(&str, String)]) -> Value {
    loop {
        let mut statements: Vec<Value> =
            (0..1 + random.below(3)).map(|_| statement(random, grammar, principals)).collect();
        if random.percent(20) {
            statements.extend(allow_all(grammar));
        }
        let old_is_allowed =
            !matches!(grammar, PolicyType::Managed | PolicyType::ServiceControl | PolicyType::ResourceControl);
        let mut document = json!({"Version": "2012-10-17", "Statement": statements});
        if old_is_allowed && random.percent(8) {
            document["Version"] = json!("2008-10-17");
        }
        if old_is_allowed && random.percent(4) {
            document.as_object_mut().unwrap().shift_remove("Version");
        }
        if statements.len() == 1 && random.percent(20) {
            document["Statement"] = statements[0].clone();
        }
        if engine::parse(&document, grammar).is_ok() {
            return document;
        }
    }
}

/// So that not every denial is for want of an Allow. What trust and resource policies allow depends on whom they name.
fn allow_all(grammar: PolicyType) -> Option<Value> {
    match grammar {
        PolicyType::ResourceControl | PolicyType::Resource | PolicyType::Trust => None,
        PolicyType::VpcEndpoint => Some(json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})),
        _ => Some(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})),
    }
}

fn statement(random: &mut Random, grammar: PolicyType, principals: &[(&str, String)]) -> Value {
    let mut statement = Map::new();
    let denies = grammar == PolicyType::ResourceControl || random.percent(28);
    statement.insert("Effect".into(), json!(if denies { "Deny" } else { "Allow" }));
    match grammar {
        PolicyType::ResourceControl => drop(statement.insert("Principal".into(), json!("*"))),
        PolicyType::VpcEndpoint | PolicyType::Resource | PolicyType::Trust => {
            let not = grammar == PolicyType::Resource && random.percent(20);
            let name = if not { "NotPrincipal" } else { "Principal" };
            statement.insert(name.into(), principal(random, principals, not));
        }
        _ => {}
    }
    let is_resource_control = grammar == PolicyType::ResourceControl;
    let action = if random.percent(12) && !is_resource_control { "NotAction" } else { "Action" };
    let trust = grammar == PolicyType::Trust;
    statement.insert(action.into(), some(random, |random| action_pattern(random, trust)));
    if !trust {
        let resource = if random.percent(12) { "NotResource" } else { "Resource" };
        statement.insert(resource.into(), some(random, resource_pattern));
    }
    if random.percent(if is_resource_control { 70 } else { 40 }) {
        statement.insert("Condition".into(), conditions(random));
    }
    Value::Object(statement)
}

/// One value, bare or in a list, or a few.
fn some(random: &mut Random, mut one: impl FnMut(&mut Random) -> String) -> Value {
    if random.percent(40) {
        return json!(one(random));
    }
    let count = 1 + random.below(3);
    json!((0..count).map(|_| one(random)).collect::<Vec<_>>())
}

fn principal(random: &mut Random, principals: &[(&str, String)], not: bool) -> Value {
    if random.percent(if not { 3 } else { 20 }) {
        return if random.percent(50) { json!("*") } else { json!({"AWS": "*"}) };
    }
    let mut listed = Map::new();
    // Exemptions need the whole chain to be listed.
    let count = if not { 1 + random.below(5) } else { 1 + random.below(2) };
    for _ in 0..count {
        let (kind, value) = random.choose(principals).clone();
        let values = listed.entry(kind).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    Value::Object(listed)
}

fn action_pattern(random: &mut Random, trust: bool) -> String {
    let action = if trust { random.pick(&["sts:AssumeRole", "sts:TagSession"]) } else { random.pick(ACTIONS) };
    let (service, name) = action.split_once(':').unwrap();
    match random.below(12) {
        0 | 1 if !trust => "*".into(),
        0..=2 => format!("{service}:*"),
        3 => random.pick(&["*:*", "s3:", "*:GetObject", "s3:GetObject,s3:PutObject", "s3: GetObject", "s3:**"]).into(),
        4 => action.to_ascii_uppercase(),
        5..=7 => format!("{service}:{}", with_wildcards(random, name)),
        _ => action.into(),
    }
}

/// Parts of the text become wildcards, which may or may not still cover it.
pub fn with_wildcards(random: &mut Random, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(2) {
        if characters.is_empty() {
            break;
        }
        let start = random.below(characters.len());
        let end = (start + random.below(4)).min(characters.len());
        let wildcard = if random.percent(70) { '*' } else { '?' };
        characters.splice(start..end, [wildcard]);
    }
    characters.into_iter().collect()
}

fn resource_pattern(random: &mut Random) -> String {
    if random.percent(25) {
        return "*".into();
    }
    let arn = random.pick(&RESOURCES[1..]);
    let mut parts: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    match random.below(12) {
        0 => parts.truncate(1 + random.below(5)),
        1 => {
            parts.truncate(3 + random.below(3));
            parts.push("*".into());
        }
        2 => parts[1 + random.below(5)] = "*".into(),
        3 => {
            let index = 1 + random.below(5);
            parts[index] = parts[index].to_ascii_uppercase();
        }
        4 => {
            let index = 3 + random.below(3);
            parts[index] = random.pick(VARIABLES).into();
        }
        5 => parts[5] = format!("b/{}/o", random.pick(VARIABLES)),
        6 => parts[5] = format!("b/{}", random.pick(VARIABLES)),
        7..=9 => {
            let index = if random.percent(80) { 5 } else { 3 + random.below(2) };
            parts[index] = with_wildcards(random, &parts[index].clone());
        }
        _ => {}
    }
    parts.join(":")
}

fn conditions(random: &mut Random) -> Value {
    let mut block = Map::new();
    for _ in 0..1 + random.below(2) {
        // A key is usually tested with an operator of its type.
        let &(key, held) = random.choose(KEYS);
        let &(base, compared) = loop {
            let operator = random.choose(OPERATORS);
            if operator.1 == held || operator.0 == "Null" || random.percent(3) {
                break operator;
            }
        };
        let set = random.pick(if key == "aws:TagKeys" {
            &["ForAllValues:", "ForAnyValue:", "ForAllValues:", "ForAnyValue:", ""]
        } else {
            &["", "", "", "", "", "", "ForAllValues:", "ForAnyValue:"]
        });
        let suffix = if base != "Null" && random.percent(25) { "IfExists" } else { "" };
        let values = if random.percent(3) { json!([]) } else { some(random, |random| value(random, compared)) };
        let keys = block.entry(format!("{set}{base}{suffix}")).or_insert_with(|| json!({}));
        let key = if random.percent(10) { key.to_ascii_uppercase() } else { key.to_owned() };
        keys[key] = values;
    }
    Value::Object(block)
}

fn value(random: &mut Random, texts: &[&str]) -> String {
    let text = random.pick(texts);
    match random.below(10) {
        0 if texts == TEXTS => random.pick(VARIABLES).into(),
        1 if texts == TEXTS => format!("home/{}", random.pick(VARIABLES)),
        2 if texts == TEXTS && !text.is_empty() => with_wildcards(random, text),
        3 if texts != TEXTS => random.pick(VARIABLES).into(),
        _ => text.into(),
    }
}
