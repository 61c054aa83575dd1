//! Why: GetDecision, behind `doorward why`.

use doorward_directory::Account;
use doorward_policy::explain::explain;
use doorward_shapes::Error;
use doorward_shapes::doorward::{self as api, error};
use serde_json::json;

use super::explanation;
use crate::cx::Cx;
use crate::op::Op;
use crate::recorded::Recorded;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read(
        "GetDecision",
        |scope, input: &api::GetDecisionRequest| {
            Ok(vec![scope.arn(format!("arn:aws:doorward::{}:decision/{}", scope.account.id(), input.decision_id))])
        },
        get_decision,
    )]
}

fn get_decision(cx: &Cx<'_>, _: &Account, input: api::GetDecisionRequest) -> Result<api::GetDecisionResponse, Error> {
    let missing = || error::resource_not_found(format!("There is no decision {} on record.", input.decision_id));
    let recorded = Recorded::find(cx, &input.decision_id)?.ok_or_else(missing)?;
    // Another account's decision is none of the caller's business, not even whether it was made.
    super::check_reach(cx, &recorded.account_id).map_err(|_| missing())?;
    let mut questions = Vec::new();
    for question in recorded.deliberation.questions.iter() {
        questions.push(recorded.ask(cx, question, |request, layers, subject| {
            explanation::to_json(question, subject, (request, layers), &explain(request, layers))
        })?);
    }
    let record = recorded.record;
    let explanation = json!({
        "id": input.decision_id,
        "time": record.event_time,
        "eventName": record.event_name,
        "eventSource": record.event_source,
        "requestId": record.request_id,
        "errorCode": record.error_code,
        "errorMessage": record.error_message,
        "questions": questions,
    });
    Ok(api::GetDecisionResponse { id: input.decision_id, explanation })
}
