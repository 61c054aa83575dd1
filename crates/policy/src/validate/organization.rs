//! Service control policies and resource control policies (Organizations User Guide, "SCP syntax" and "RCP syntax").
//!
//! Their grammar is that of identity policies with further restrictions. Organizations has one message for all faults.

use crate::arn::split_pattern;
use crate::document::{Document, Effect, PolicyType, PrincipalClause, PrincipalPattern, Span, Spanned};
use crate::error::{PolicyError, Problem};
use crate::json::{self, Json};
use crate::validate::identity::{Draft, Part};

#[cfg(test)]
mod tests;

const MESSAGE: &str = "The provided policy document does not meet the requirements of the specified policy type.";

/// Parses a document of type `ServiceControl` or `ResourceControl`.
pub(crate) fn parse(text: &str, kind: PolicyType) -> Result<Document, PolicyError> {
    let root = json::parse(text).map_err(Problem::from).map_err(refuse)?;
    let draft = Draft::read(&root).map_err(refuse)?;
    let same_message = |error: PolicyError| PolicyError { message: MESSAGE.to_owned(), ..error };
    draft.check_version().map_err(same_message)?;
    draft.check_legacy().map_err(same_message)?;
    draft.check_statements().map_err(same_message)?;
    let check = if kind == PolicyType::ResourceControl { check_resource_control } else { check_service_control };
    draft.statements.iter().try_for_each(check).map_err(refuse)?;
    draft.into_document(text, |part| part.principal.map(|member| everyone(member.value.span))).map_err(same_message)
}

fn refuse(problem: Problem) -> PolicyError {
    problem.says(MESSAGE)
}

/// The only principal that a resource control policy can name.
fn everyone(span: Span) -> PrincipalClause {
    PrincipalClause { negated: false, span, entries: vec![Spanned { value: PrincipalPattern::Anyone, span }] }
}

fn check_service_control(part: &Part<'_, '_>) -> Result<(), Problem> {
    if let Some(principal) = part.principal {
        let detail = "A service control policy names no principals; match them with a condition on `aws:PrincipalArn`.";
        return Err(Problem::new(principal.key.span, detail));
    }
    match part.resources().find(|entry| is_short(&entry.value) && !entry.value.ends_with('*')) {
        Some(entry) => Err(Problem::new(entry.span, "An ARN that lacks parts must end with `*` here.")),
        None => Ok(()),
    }
}

fn check_resource_control(part: &Part<'_, '_>) -> Result<(), Problem> {
    if part.effect.value != Effect::Deny {
        return Err(Problem::new(part.effect.span, "A resource control policy can only `Deny`."));
    }
    let principal = part.principal.filter(|member| member.key.value == "Principal");
    if !principal.is_some_and(|member| matches!(&member.value.value, Json::String(text) if text == "*")) {
        let span = part.principal.map_or(part.effect.span, |member| member.value.span);
        return Err(Problem::new(span, "A resource control policy's statement has `\"Principal\": \"*\"`."));
    }
    if let Some(list) = part.action.as_ref().filter(|list| list.clause.negated) {
        return Err(Problem::new(list.span, "A resource control policy cannot use `NotAction`."));
    }
    if let Some(entry) = part.actions().find(|entry| entry.value.starts_with('*')) {
        return Err(Problem::new(entry.span, "Name the service: an action is `service:Action` here."));
    }
    match part.resources().find(|entry| is_short(&entry.value)) {
        Some(entry) => Err(Problem::new(entry.span, "Write all six parts of the ARN, or `*`.")),
        None => Ok(()),
    }
}

fn is_short(resource: &str) -> bool {
    resource != "*" && split_pattern(resource).len() < 6
}
