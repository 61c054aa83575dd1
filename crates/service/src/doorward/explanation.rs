//! Explanations as JSON: the ladder, and for every statement where it stands in its document.

use std::collections::BTreeMap;

use doorward_policy::context::Values;
use doorward_policy::display::position;
use doorward_policy::document::{Effect, Span, Spanned};
use doorward_policy::evaluate::{Confusion, Denial, StatementRef};
use doorward_policy::explain::{Change, Explanation, Rung, State, StatementReport};
use doorward_policy::request::{Layer, Layers, Request, Source};
use serde_json::{Value, json};

use crate::question::Question;
use crate::subject::Subject;

/// What people call a layer's policies.
pub(super) fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::ResourceControl => "resource control policies",
        Layer::ServiceControl => "service control policies",
        Layer::Endpoint => "VPC endpoint policy",
        Layer::Resource => "resource-based policy",
        Layer::Trust => "role trust policy",
        Layer::Identity => "identity-based policies",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policies",
    }
}

/// `explicit`, `implicit` or `allow`, and the layer that it is owed to.
pub(super) fn kind(denial: Option<Denial>) -> (&'static str, Option<Layer>) {
    match denial {
        None => ("allow", None),
        Some(Denial::Explicit(layer)) => ("explicit", Some(layer)),
        Some(Denial::Implicit(layer) | Denial::NotUnderstood(Confusion::Policy { layer, .. })) => {
            ("implicit", Some(layer))
        }
        Some(Denial::NotUnderstood(_) | Denial::OverBudget) => ("implicit", None),
    }
}

/// The texts of the policies that a report refers to, each once.
#[derive(Default)]
struct Documents {
    numbers: BTreeMap<(Layer, usize, usize), usize>,
    entries: Vec<Value>,
}

impl Documents {
    fn number(&mut self, layers: &Layers<'_>, at: StatementRef, report: &StatementReport) -> usize {
        *self.numbers.entry((at.layer(), at.level(), at.policy())).or_insert_with(|| {
            let text = layers.text(at);
            self.entries.push(json!({ "policy": report.policy, "attachedTo": report.attached_to, "text": text }));
            self.entries.len() - 1
        })
    }
}

/// The whole explanation of one question.
pub(super) fn to_json(
    question: &Question,
    subject: &Subject<'_>,
    (request, layers): (&Request<'_>, &Layers<'_>),
    explanation: &Explanation,
) -> Value {
    let mut documents = Documents::default();
    let ladder: Vec<Value> =
        explanation.ladder.iter().map(|rung| rung_json(rung, subject, layers, &mut documents)).collect();
    let (kind, layer) = kind(explanation.decision.denial());
    let context = |(key, values): (&str, &Values)| {
        let values = match values {
            Values::One(value) => json!(value),
            Values::Many(values) => json!(values),
        };
        (key.to_owned(), values)
    };
    json!({
        "decision": if explanation.decision.is_allowed() { "Allow" } else { "Deny" },
        "kind": kind,
        "layer": layer.map(layer_name),
        "principal": subject.arn(),
        "action": question.action,
        "resource": question.resource,
        "context": question.context.iter().map(context).collect::<serde_json::Map<_, _>>(),
        "ladder": ladder,
        "documents": documents.entries,
        "missingContext": explanation.missing_keys,
        "lacking": explanation.lacking,
        "deciding": explanation.deciding.iter().map(|at| place(layers, *at)).collect::<Vec<_>>(),
        "smallestChange": explanation.smallest_change.iter().map(|it| change_json(request, layers, it)).collect::<Vec<_>>(),
    })
}

/// A statement by its policy and its position in it.
fn place(layers: &Layers<'_>, at: StatementRef) -> Value {
    policy_json(layers, at.layer(), at.level(), at.policy(), Some(at.statement()))
}

fn policy_json(layers: &Layers<'_>, layer: Layer, level: usize, policy: usize, statement: Option<usize>) -> Value {
    let source = layers.policies(layer, level).get(policy).map(|attached| &attached.source);
    json!({
        "layer": layer_name(layer),
        "level": level,
        "policy": source.and_then(Source::name),
        "attachedTo": source.and_then(Source::attached_to),
        "statement": statement,
    })
}

/// A change to the policies: a statement to remove, one to add, or a policy to mend.
fn change_json(request: &Request<'_>, layers: &Layers<'_>, change: &Change) -> Value {
    match *change {
        Change::Remove(at) => json!({ "remove": place(layers, at) }),
        Change::Allow { layer, level } => json!({ "add": {
            "layer": layer_name(layer), "level": level, "statement": change.statement(request, layers),
        } }),
        Change::Mend { layer, level, policy } => json!({ "mend": policy_json(layers, layer, level, policy, None) }),
    }
}

fn rung_json(rung: &Rung, subject: &Subject<'_>, layers: &Layers<'_>, documents: &mut Documents) -> Value {
    let state = match rung.state {
        State::NotApplicable => "none",
        State::Allowed => "allowed",
        State::Denied => "denied",
        State::NotAllowed => "not allowed",
        State::Unreadable => "unreadable",
    };
    let mut statements = |reports: &[StatementReport]| -> Vec<Value> {
        reports.iter().map(|report| statement_json(report, subject, layers, documents)).collect()
    };
    json!({
        "layer": layer_name(rung.layer),
        "level": rung.level,
        "state": state,
        "matched": statements(&rung.matched),
        "nearly": statements(&rung.nearly),
        "omitted": rung.omitted,
        "lacking": rung.lacking,
    })
}

fn statement_json(
    report: &StatementReport,
    subject: &Subject<'_>,
    layers: &Layers<'_>,
    documents: &mut Documents,
) -> Value {
    let number = documents.number(layers, report.at, report);
    let text = layers.text(report.at);
    let place = |span: Span| place_json(text, span);
    let entry = |entry: &Spanned<String>| json!({ "value": entry.value, "span": place(entry.span) });
    let entries = |entries: &[Spanned<String>]| entries.iter().map(entry).collect::<Vec<_>>();
    let elements: Vec<Value> = report
        .elements
        .iter()
        .map(|element| {
            json!({ "name": element.name, "satisfied": element.satisfied, "entries": entries(&element.entries) })
        })
        .collect();
    let conditions: Vec<Value> = report
        .conditions
        .iter()
        .map(|condition| {
            json!({
                "operator": entry(&condition.operator),
                "key": entry(&condition.key),
                "satisfied": condition.satisfied,
                "policyValues": entries(&condition.policy_values),
                "requestValues": condition.request_values.iter().flat_map(Values::iter).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "document": number,
        "statement": report.at.statement(),
        "policy": report.policy,
        "version": report.policy.as_deref().and_then(|arn| subject.policy_version(arn)).map(|number| format!("v{number}")),
        "attachedTo": report.attached_to,
        "sid": report.sid,
        "effect": if report.effect == Effect::Allow { "Allow" } else { "Deny" },
        "span": place(report.span),
        "elements": elements,
        "conditions": conditions,
    })
}

/// A place in a document: bytes, and lines and columns counted from 1.
pub(super) fn place_json(text: &str, span: Span) -> Value {
    let at = |offset: u32| position(text, usize::try_from(offset).unwrap_or(usize::MAX));
    let (start, end) = (at(span.start), at(span.end));
    json!({
        "start": span.start,
        "end": span.end,
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}
