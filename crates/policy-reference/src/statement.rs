//! Whether a statement applies: its principal, action, resource and condition.

use serde_json::Value;

use crate::condition;
use crate::decide::Layer;
use crate::principal::{self, Kind};
use crate::question::Question;
use crate::text::{self, Variables};

/// Whether a Deny statement of the document applies.
pub(crate) fn denies(question: &Question, layer: Layer, document: &Value) -> bool {
    applying(question, layer, document, "Deny").next().is_some()
}

/// Whether an Allow statement of the document applies.
pub(crate) fn allows(question: &Question, layer: Layer, document: &Value) -> bool {
    applying(question, layer, document, "Allow").next().is_some()
}

/// How the Allow statements that apply name the caller.
pub(crate) fn grants(question: &Question, layer: Layer, document: &Value) -> Vec<Kind> {
    applying(question, layer, document, "Allow").collect()
}

fn applying<'a>(
    question: &'a Question,
    layer: Layer,
    document: &'a Value,
    effect: &'a str,
) -> impl Iterator<Item = Kind> + 'a {
    // Without a Version the old one is meant, which has no variables.
    let has_variables = document.get("Version").is_some_and(|version| version == "2012-10-17");
    let variables = Variables { context: if has_variables { Some(&question.context) } else { None } };
    let statements = document.get("Statement").map(list).unwrap_or_default();
    statements.into_iter().filter(move |statement| statement.get("Effect").is_some_and(|it| it == effect)).filter_map(
        move |statement| {
            let applies = action(&question.action, statement)
                && resource(question, layer, statement, variables)
                && condition::holds(statement, &question.context, variables, effect == "Deny");
            if applies { kind(question, layer, statement) } else { None }
        },
    )
}

/// How the statement names the caller; statements of layers without principals concern the one they are attached to.
fn kind(question: &Question, layer: Layer, statement: &Value) -> Option<Kind> {
    match layer {
        Layer::ResourceControl | Layer::Endpoint | Layer::Resource | Layer::Trust => {
            principal::named(question, statement)
        }
        Layer::ServiceControl | Layer::Identity | Layer::Boundary | Layer::Session => Some(Kind::Anyone),
    }
}

/// A bare value is a list of one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// The strings of a list; what is none matches nothing.
pub(crate) fn strings(values: &[&Value]) -> Vec<String> {
    values.iter().filter_map(|value| value.as_str()).map(str::to_owned).collect()
}

fn action(asked: &str, statement: &Value) -> bool {
    let listed = |name: &str| statement.get(name).map(|value| strings(&list(value)));
    match (listed("Action"), listed("NotAction")) {
        (Some(patterns), _) => patterns.iter().any(|pattern| action_matches(pattern, asked)),
        (None, Some(patterns)) => !patterns.iter().any(|pattern| action_matches(pattern, asked)),
        (None, None) => false,
    }
}

/// `*`, or a service's literal name and a pattern for the action's, all without regard to case.
fn action_matches(pattern: &str, asked: &str) -> bool {
    let (pattern, asked) = (pattern.to_ascii_lowercase(), asked.to_ascii_lowercase());
    if pattern == "*" || pattern == "*:*" {
        return true;
    }
    if pattern.contains(',') || pattern.contains(char::is_whitespace) {
        return false;
    }
    match (pattern.split_once(':'), asked.split_once(':')) {
        (Some((service, name)), Some((asked_service, asked_name))) => {
            service == asked_service && !name.is_empty() && text::glob(&text::pattern(name), asked_name)
        }
        _ => false,
    }
}

fn resource(question: &Question, layer: Layer, statement: &Value, variables: Variables<'_>) -> bool {
    // A trust policy is about the role that it is part of.
    if layer == Layer::Trust {
        return true;
    }
    let asked = &question.resource.arn;
    let outcomes = |value: &Value| -> Vec<Option<bool>> {
        strings(&list(value)).iter().map(|pattern| resource_matches(pattern, asked, layer, variables)).collect()
    };
    if let Some(listed) = statement.get("Resource") {
        return outcomes(listed).contains(&Some(true));
    }
    let Some(listed) = statement.get("NotResource") else { return false };
    let outcomes = outcomes(listed);
    if outcomes.contains(&Some(true)) {
        return false;
    }
    // Nobody knows what an entry with a variable without a value would have exempted: no Allow applies, every Deny does.
    let is_deny = statement.get("Effect").is_some_and(|effect| effect == "Deny");
    is_deny || !outcomes.contains(&None)
}

/// Whether the pattern covers the resource; none if it has a variable without a value.
fn resource_matches(pattern: &str, asked: &str, layer: Layer, variables: Variables<'_>) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    let mut parts = variables.split_arn(pattern);
    let tail_is_open = pattern.ends_with('*');
    let may_be_short = matches!(layer, Layer::Identity | Layer::Boundary | Layer::Session) || tail_is_open;
    if parts.len() < 6 && !may_be_short {
        return Some(false);
    }
    parts.resize(6, "*".to_owned());
    let mut patterns = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        // The partition and the service are literal: `${…}` is no variable there.
        patterns.push(if index < 3 { text::pattern(part) } else { variables.expand_pattern(part)? });
    }
    let asked: Vec<&str> = asked.splitn(6, ':').collect();
    if asked.len() < 6 {
        return Some(false);
    }
    Some(patterns.iter().zip(asked).enumerate().all(|(index, (pattern, asked))| {
        let ignores_case = (1..5).contains(&index);
        if ignores_case { text::glob_ignoring_case(pattern, asked) } else { text::glob(pattern, asked) }
    }))
}
