//! A policy read leniently: what is wrong with its structure is reported, and the rest goes on to be checked.

use super::issue::*;
use super::{Policy, Report};
use crate::document::{Effect, Span, Version};
use crate::json::{Json, Member, Value};
use crate::operator::Operator;
use crate::parse::{STATEMENT_ELEMENTS, TOP_ELEMENTS};

/// A text of the document.
#[derive(Clone, Copy)]
pub(super) struct Text<'v> {
    pub(super) value: &'v str,
    pub(super) span: Span,
}

/// A statement, as far as it could be understood.
pub(super) struct Statement<'v> {
    pub(super) span: Span,
    pub(super) sid: Option<Text<'v>>,
    pub(super) effect: Option<Effect>,
    pub(super) principal: Option<Principals<'v>>,
    pub(super) action: Option<List<'v>>,
    pub(super) resource: Option<List<'v>>,
    pub(super) conditions: Vec<Condition<'v>>,
}

/// `Action`, `Resource` and their `Not…` forms.
pub(super) struct List<'v> {
    pub(super) negated: bool,
    pub(super) key: Span,
    pub(super) span: Span,
    pub(super) entries: Vec<Text<'v>>,
}

/// `Principal` or `NotPrincipal`.
pub(super) struct Principals<'v> {
    pub(super) negated: bool,
    pub(super) key: Span,
    pub(super) value: &'v Value<'v>,
    /// Type and text; empty where the value is a string.
    pub(super) entries: Vec<(Text<'v>, Text<'v>)>,
}

/// One operator applied to one key.
pub(super) struct Condition<'v> {
    pub(super) name: Text<'v>,
    /// None where there is no such operator.
    pub(super) operator: Option<Operator>,
    pub(super) key: Text<'v>,
    /// All values.
    pub(super) span: Span,
    pub(super) values: Vec<Text<'v>>,
    /// Whether the values are of one JSON type.
    pub(super) uniform: bool,
}

impl Statement<'_> {
    pub(super) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// Whether some condition tests a key; `stem` may end in `/` and stands for all tags then.
    pub(super) fn tests(&self, stem: &str) -> bool {
        self.conditions.iter().any(|condition| condition.is_on(stem))
    }
}

impl Condition<'_> {
    /// Whether the key is this one, without regard to case; or one that begins so, where `stem` ends in `/`.
    pub(super) fn is_on(&self, stem: &str) -> bool {
        let start = if stem.ends_with('/') { self.key.value.get(..stem.len()) } else { Some(self.key.value) };
        start.is_some_and(|start| start.eq_ignore_ascii_case(stem))
    }

    pub(super) fn base(&self) -> &'static str {
        self.operator.map_or("", |operator| operator.base.name())
    }

    pub(super) fn is_negated(&self) -> bool {
        self.base().contains("Not")
    }
}

/// Reads the document.
pub(super) fn policy<'v>(root: &'v Value<'v>, report: &mut Report) -> Policy<'v> {
    let mut policy = Policy { span: root.span, version: None, statements: Vec::new() };
    let Some(members) = object(root, report) else { return policy };
    unknown(members, TOP_ELEMENTS, report);
    policy.version = version(members, root.span, report);
    if let Some(id) = get(members, "Id") {
        string(&id.value, report);
    }
    let statements: Vec<&Value<'_>> = match get(members, "Statement").map(|member| &member.value) {
        None => {
            report.add(MISSING_STATEMENT, "The policy has no `Statement`: add one.", [root.span]);
            Vec::new()
        }
        Some(Value { value: Json::Array(values), span }) => {
            if values.is_empty() {
                report.add(MISSING_STATEMENT, "The policy has no statements: add one.", [*span]);
            }
            values.iter().collect()
        }
        Some(one) => vec![one],
    };
    policy.statements = statements.into_iter().filter_map(|value| statement(value, report)).collect();
    policy
}

fn version(members: &[Member<'_>], whole: Span, report: &mut Report) -> Option<Version> {
    let Some(member) = get(members, "Version") else {
        let details = "Add `\"Version\": \"2012-10-17\"`: without it the policy is read as of 2008, without variables.";
        report.add(MISSING_VERSION, details, [whole]);
        return None;
    };
    match string(&member.value, report)?.value {
        "2012-10-17" => Some(Version::V2012),
        "2008-10-17" => Some(Version::V2008),
        other => {
            let details = format!("There is no version {other} of the policy language: write 2012-10-17.");
            report.add(INVALID_VERSION, details, [member.value.span]);
            None
        }
    }
}

fn statement<'v>(value: &'v Value<'v>, report: &mut Report) -> Option<Statement<'v>> {
    let members = object(value, report)?;
    unknown(members, STATEMENT_ELEMENTS, report);
    let mut either = |name: &str, not_name: &str| {
        let (one, other) = (get(members, name), get(members, not_name));
        if let (Some(one), Some(other)) = (one, other) {
            let details = format!("A statement has either {name} or {not_name}: remove one of them.");
            report.add(UNSUPPORTED_ELEMENT_COMBINATION, details, [one.key.span, other.key.span]);
        }
        one.or(other)
    };
    let (principal, action, resource) =
        (either("Principal", "NotPrincipal"), either("Action", "NotAction"), either("Resource", "NotResource"));
    if action.is_none() {
        report.add(MISSING_ACTION, "The statement has neither Action nor NotAction: add one.", [value.span]);
    }
    Some(Statement {
        span: value.span,
        sid: get(members, "Sid").and_then(|member| string(&member.value, report)),
        effect: effect(members, value.span, report),
        principal: principal.map(|member| principals(member, report)),
        action: action.and_then(|member| list(member, report)),
        resource: resource.and_then(|member| list(member, report)),
        conditions: get(members, "Condition").map(|member| conditions(&member.value, report)).unwrap_or_default(),
    })
}

fn effect(members: &[Member<'_>], whole: Span, report: &mut Report) -> Option<Effect> {
    let Some(member) = get(members, "Effect") else {
        report.add(MISSING_EFFECT, "The statement has no Effect: add Allow or Deny.", [whole]);
        return None;
    };
    match string(&member.value, report)?.value {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            let details = format!("`{other}` is no effect: write Allow or Deny, in exactly this case.");
            report.add(INVALID_EFFECT, details, [member.value.span]);
            None
        }
    }
}

fn principals<'v>(member: &'v Member<'v>, report: &mut Report) -> Principals<'v> {
    let mut entries = Vec::new();
    if let Json::Object(types) = &member.value.value {
        if types.is_empty() {
            report.add(
                EMPTY_OBJECT_PRINCIPAL,
                "No principals are named: the statement has no effect.",
                [member.value.span],
            );
        }
        for one in types {
            let key = Text { value: &one.key.value, span: one.key.span };
            let texts = strings(&one.value, report);
            if one.value.value == Json::Array(Vec::new()) {
                report.add(
                    EMPTY_ARRAY_PRINCIPAL,
                    "No principals are named: the statement has no effect.",
                    [one.value.span],
                );
            }
            entries.extend(texts.into_iter().map(|text| (key, text)));
        }
    }
    Principals { negated: member.key.value == "NotPrincipal", key: member.key.span, value: &member.value, entries }
}

fn list<'v>(member: &'v Member<'v>, report: &mut Report) -> Option<List<'v>> {
    let name = member.key.value.as_ref();
    if member.value.value == Json::Array(Vec::new()) {
        let (issue, what) = match name.ends_with("Action") {
            true => (EMPTY_ARRAY_ACTION, "actions"),
            false => (EMPTY_ARRAY_RESOURCE, "resources"),
        };
        report.add(issue, format!("The list of {what} is empty: the statement has no effect."), [member.value.span]);
    }
    let entries = strings(&member.value, report);
    Some(List { negated: name.starts_with("Not"), key: member.key.span, span: member.value.span, entries })
}

fn conditions<'v>(value: &'v Value<'v>, report: &mut Report) -> Vec<Condition<'v>> {
    let mut conditions = Vec::new();
    let empty = "The block of conditions is empty: it has no effect.";
    let Some(blocks) = object(value, report) else { return conditions };
    if blocks.is_empty() {
        report.add(EMPTY_OBJECT_CONDITION, empty, [value.span]);
    }
    for block in blocks {
        let name = Text { value: &block.key.value, span: block.key.span };
        let Some(keys) = object(&block.value, report) else { continue };
        if keys.is_empty() {
            report.add(EMPTY_OBJECT_CONDITION, empty, [block.value.span]);
        }
        for key in keys {
            let (values, uniform) = scalars(&key.value, report);
            conditions.push(Condition {
                name,
                operator: Operator::parse(name.value),
                key: Text { value: &key.key.value, span: key.key.span },
                span: key.value.span,
                values,
                uniform,
            });
        }
    }
    conditions
}

/// Scalars as text, and whether they are of one JSON type.
fn scalars<'v>(value: &'v Value<'v>, report: &mut Report) -> (Vec<Text<'v>>, bool) {
    let (mut texts, mut kinds) = (Vec::new(), Vec::new());
    for one in elements(value) {
        let text = match &one.value {
            Json::String(text) => text.as_ref(),
            Json::Number(literal) => literal,
            Json::Bool(true) => "true",
            Json::Bool(false) => "false",
            _ => {
                mismatch(one, "a string, a number or a boolean", report);
                continue;
            }
        };
        kinds.push(one.value.describe());
        texts.push(Text { value: text, span: one.span });
    }
    kinds.dedup();
    (texts, kinds.len() <= 1)
}

fn strings<'v>(value: &'v Value<'v>, report: &mut Report) -> Vec<Text<'v>> {
    elements(value).into_iter().filter_map(|one| string(one, report)).collect()
}

/// The elements of an array, or the value itself.
fn elements<'v>(value: &'v Value<'v>) -> Vec<&'v Value<'v>> {
    match &value.value {
        Json::Array(values) => values.iter().collect(),
        _ => vec![value],
    }
}

fn string<'v>(value: &'v Value<'v>, report: &mut Report) -> Option<Text<'v>> {
    match &value.value {
        Json::String(text) => Some(Text { value: text, span: value.span }),
        _ => {
            mismatch(value, "a string", report);
            None
        }
    }
}

fn object<'v>(value: &'v Value<'v>, report: &mut Report) -> Option<&'v [Member<'v>]> {
    match &value.value {
        Json::Object(members) => Some(members),
        _ => {
            mismatch(value, "an object", report);
            None
        }
    }
}

fn mismatch(value: &Value<'_>, wanted: &str, report: &mut Report) {
    let details = format!("This must be {wanted}, not {}.", value.value.describe());
    report.add(DATA_TYPE_MISMATCH, details, [value.span]);
}

fn get<'v>(members: &'v [Member<'v>], name: &str) -> Option<&'v Member<'v>> {
    members.iter().find(|member| member.key.value == name)
}

fn unknown(members: &[Member<'_>], known: &[&str], report: &mut Report) {
    for member in members.iter().filter(|member| !known.contains(&member.key.value.as_ref())) {
        let key = member.key.value.as_ref();
        let details = match super::wildcards::nearest(key, known.iter().copied()) {
            Some(meant) => format!("There is no element {key}. Did you mean {meant}? Names are case-sensitive."),
            None => format!("There is no element {key} here; the elements are {}.", known.join(", ")),
        };
        report.add(INVALID_POLICY_ELEMENT, details, [member.key.span]);
    }
}
