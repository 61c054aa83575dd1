//! DecodeAuthorizationMessage (STS API Reference).

use doorward_directory::Account;
use doorward_policy::context::Values;
use doorward_policy::document::{Clause, Condition, Effect, Statement};
use doorward_policy::evaluate::Denial;
use doorward_policy::explain::explain;
use doorward_shapes::Error;
use doorward_shapes::sts::{self as api, error};
use serde_json::{Value, json};

use crate::cx::Cx;
use crate::op::Op;
use crate::question::Question;
use crate::recorded::Recorded;
use crate::subject::Subject;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read(
        "DecodeAuthorizationMessage",
        |scope, _: &api::DecodeAuthorizationMessageRequest| Ok(vec![scope.any()]),
        decode_authorization_message,
    )]
}

/// For principals of the account that was refused, of the one that asked, and the operator's. The message holds no more
/// than which decision it is; what was decided, and why, is told as of then.
fn decode_authorization_message(
    cx: &Cx<'_>,
    _: &Account,
    input: api::DecodeAuthorizationMessageRequest,
) -> Result<api::DecodeAuthorizationMessageResponse, Error> {
    let invalid =
        || error::invalid_authorization_message("The authorization message is invalid, or no longer on record.");
    let (decision, account_id) = cx.keyring().decode_message(&input.encoded_message).ok_or_else(invalid)?;
    let recorded = Recorded::find(cx, &decision)?.ok_or_else(invalid)?;
    let own = cx.caller.account_id.as_str();
    if ![account_id.as_str(), &recorded.account_id, cx.doorward.operator()].contains(&own) {
        return Err(invalid());
    }
    let question = recorded.deliberation.questions.last().ok_or_else(invalid)?;
    let decoded = recorded.ask(cx, question, |request, layers, subject| {
        let explanation = explain(request, layers);
        let denial = explanation.decision.denial();
        let denies = |at: &_| layers.find(*at).filter(|(_, statement)| statement.effect == Effect::Deny);
        let matched = explanation.ladder.iter().flat_map(|rung| &rung.matched).map(|report| report.at);
        let statements = matched.filter_map(|at| denies(&at)).map(|(_, statement)| statement_json(statement));
        json!({
            "allowed": denial.is_none(),
            "explicitDeny": matches!(denial, Some(Denial::Explicit(_))),
            "matchedStatements": items(statements),
            "failures": items([]),
            "context": context(question, subject),
        })
    })?;
    Ok(api::DecodeAuthorizationMessageResponse { decoded_message: Some(decoded.to_string()) })
}

fn items(values: impl IntoIterator<Item = Value>) -> Value {
    json!({ "items": values.into_iter().collect::<Vec<_>>() })
}

fn values<'a>(values: impl IntoIterator<Item = &'a str>) -> Value {
    items(values.into_iter().map(|value| json!({ "value": value })))
}

fn clause(clause: &Clause) -> Value {
    values(clause.entries.iter().map(|entry| entry.value.as_str()))
}

fn statement_json(statement: &Statement) -> Value {
    let condition = |condition: &Condition| {
        let wanted = condition.values.iter().map(|value| value.value.as_str());
        json!({ "key": condition.key.value, "values": values(wanted) })
    };
    json!({
        "statementId": statement.sid.as_ref().map_or("", |sid| &sid.value),
        "effect": "DENY",
        "actions": clause(&statement.action),
        "resources": statement.resource.as_ref().map_or_else(|| items([]), clause),
        "conditions": items(statement.conditions.iter().map(condition)),
    })
}

fn context(question: &Question, subject: &Subject<'_>) -> Value {
    let condition = |(key, held): (&str, &Values<'_>)| json!({ "key": key, "values": values(held.iter()) });
    json!({
        "principal": { "id": subject.user_id(), "name": subject.name(), "arn": subject.arn() },
        "action": question.action,
        "resource": question.resource,
        "conditions": items(question.context.iter().map(condition)),
    })
}
