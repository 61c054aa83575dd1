//! Policy variables (User Guide, "IAM policy elements: Variables and tags").

use super::Cx;
use super::issue::*;
use super::read::{Statement, Text};
use crate::document::Version;

pub(super) fn check(statement: &Statement<'_>, version: Option<Version>, cx: &mut Cx<'_>) {
    let actions = statement.action.iter().flat_map(|list| &list.entries);
    let principals = statement.principal.iter().flat_map(|principal| principal.entries.iter().map(|(_, text)| text));
    for text in actions.chain(principals).chain(&statement.sid) {
        if let Some(at) = text.value.find("${") {
            let variable = text.value.get(at..).unwrap_or_default();
            let variable = variable.split_inclusive('}').next().unwrap_or(variable);
            let details = format!("Variables work in Resource and Condition only: remove {variable}.");
            cx.add(VARIABLE_UNSUPPORTED_IN_ELEMENT, details, [text.span]);
        }
    }
    for entry in statement.resource.iter().flat_map(|list| &list.entries) {
        variables(*entry, version, cx);
    }
    for condition in &statement.conditions {
        let takes_variables = condition.base().starts_with("String") || condition.base().starts_with("Arn");
        for value in condition.values.iter().filter(|value| value.value.contains("${")) {
            if condition.operator.is_some() && !takes_variables {
                let details = "Variables work with String and Arn operators only.";
                cx.add(INVALID_VARIABLE_FOR_OPERATOR, details, [value.span]);
            }
            variables(*value, version, cx);
        }
    }
}

/// The variables of one string.
fn variables(text: Text<'_>, version: Option<Version>, cx: &mut Cx<'_>) {
    let mut rest = text.value;
    if rest.contains("${") && version != Some(Version::V2012) {
        let details = "Without `\"Version\": \"2012-10-17\"` this is no variable but plain text.";
        cx.add(VARIABLE_UNSUPPORTED_IN_VERSION, details, [text.span]);
    }
    while let Some((_, begun)) = rest.split_once("${") {
        let Some((inside, after)) = begun.split_once('}') else {
            cx.add(MISSING_BRACE_IN_VARIABLE, "The variable is not closed: add }.", [text.span]);
            return;
        };
        variable(inside, text, cx);
        rest = after;
    }
}

fn variable(inside: &str, text: Text<'_>, cx: &mut Cx<'_>) {
    if inside.trim().is_empty() {
        cx.add(EMPTY_VARIABLE, "The variable has no name: write the key inside ${ }, or remove it.", [text.span]);
        return;
    }
    let (name, default) = inside.split_once(',').map_or((inside, None), |(name, default)| (name, Some(default)));
    if name.contains(char::is_whitespace) {
        let details = format!("The name of a variable has no spaces: `{}`.", name.trim());
        cx.add(UNSUPPORTED_SPACE_IN_VARIABLE, details, [text.span]);
    }
    if let Some(default) = default.map(str::trim) {
        let quoted = default.len() >= 2 && default.starts_with('\'') && default.ends_with('\'');
        if !quoted {
            let details = format!(
                "The default of a variable stands in single quotes: `{name}, '{}'`.",
                default.trim_matches('\'')
            );
            cx.add(MISSING_QUOTE_IN_VARIABLE, details, [text.span]);
        }
    }
}
