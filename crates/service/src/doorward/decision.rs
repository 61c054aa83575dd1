//! Why: GetDecision, behind `doorward why`.

use std::sync::Arc;

use doorward_audit::Record;
use doorward_directory::{Account, Organization};
use doorward_policy::explain::explain;
use doorward_shapes::doorward::{self as api, error};
use doorward_shapes::{Error, common};
use doorward_store::{Event, EventFilter};
use serde_json::{Value, json};

use super::explanation;
use crate::cx::Cx;
use crate::event::Deliberation;
use crate::lookup::{Lookup, Unanswerable};
use crate::op::Op;
use crate::question::Question;
use crate::realm::Snapshot;
use crate::shelf::State;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read(
        "GetDecision",
        |scope, input: &api::GetDecisionRequest| {
            Ok(vec![scope.arn(format!("arn:aws:doorward::{}:decision/{}", scope.account.id(), input.decision_id))])
        },
        get_decision,
    )]
}

/// Explanations are not stored: the event has what was asked and at which revisions, and it is asked again as of then.
fn get_decision(cx: &Cx<'_>, _: &Account, input: api::GetDecisionRequest) -> Result<api::GetDecisionResponse, Error> {
    let missing = || error::resource_not_found(format!("There is no decision {} on record.", input.decision_id));
    let event = find(cx, &input.decision_id)?.ok_or_else(missing)?;
    // Another account's decision is none of the caller's business, not even whether it was made.
    super::check_reach(cx, &event.account).map_err(|_| missing())?;
    let record: Record = serde_json::from_slice(&event.body).map_err(|failed| unreadable(&event, &failed))?;
    let deliberation = record.additional_event_data.as_ref().and_then(|data| data.get("doorward")).cloned();
    let deliberation: Deliberation =
        serde_json::from_value(deliberation.unwrap_or_default()).map_err(|failed| unreadable(&event, &failed))?;
    let mut questions = Vec::new();
    for question in deliberation.questions.iter() {
        questions.push(explained(cx, question, &deliberation)?);
    }
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

fn unreadable(event: &Event, failed: &serde_json::Error) -> Error {
    tracing::error!(error = %failed, event = event.id, "an audit event cannot be read");
    common::internal_failure("The audit event cannot be read.")
}

fn find(cx: &Cx<'_>, decision: &str) -> Result<Option<Event>, Error> {
    let filter = EventFilter { limit: 1, decision: Some(decision.to_owned()), ..EventFilter::default() };
    let page = cx.doorward.store().events(&filter).map_err(|failed| {
        tracing::error!(error = %failed, "the audit events could not be read");
        common::service_unavailable("The audit events could not be read.")
    })?;
    Ok(page.events.into_iter().next().map(|(_, event)| event))
}

fn explained(cx: &Cx<'_>, question: &Question, deliberation: &Deliberation<'_>) -> Result<Value, Error> {
    let answer = question.ask(&Past { cx, deliberation }, |request, layers, subject| {
        explanation::to_json(question, subject, (request, layers), &explain(request, layers))
    });
    answer.map_err(|why| match why {
        Unanswerable::NoPrincipal => {
            common::internal_failure("The principal of the decision cannot be found as of then.")
        }
        Unanswerable::Unreadable => common::service_unavailable("The account could not be read as of then."),
    })
}

/// The states that a decision was made on.
struct Past<'a> {
    cx: &'a Cx<'a>,
    deliberation: &'a Deliberation<'a>,
}

impl Past<'_> {
    fn state<S: State>(&self, id: &str) -> Result<Option<Arc<Snapshot<S>>>, Unanswerable> {
        let Some((_, revision)) = self.deliberation.revisions.iter().find(|(known, _)| known == id) else {
            return Ok(None);
        };
        self.cx.doorward.state_at(id, *revision).map_err(|failed| {
            tracing::error!(error = %failed, id, "an account or organization could not be loaded as of a revision");
            Unanswerable::Unreadable
        })
    }
}

impl Lookup for Past<'_> {
    fn account(&self, id: &str) -> Result<Option<Arc<Snapshot<Account>>>, Unanswerable> {
        self.state(id)
    }

    fn organization(&self, id: &str) -> Result<Option<Arc<Snapshot<Organization>>>, Unanswerable> {
        self.state(id)
    }
}
