//! Decisions on record. Explanations are not stored: the event has what was asked and at which revisions, and it is asked
//! again as of then.

use std::sync::Arc;

use doorward_audit::Record;
use doorward_directory::Account;
use doorward_policy::request::{Layers, Request};
use doorward_shapes::{Error, common};
use doorward_store::{Event, EventFilter};

use crate::cx::Cx;
use crate::event::Deliberation;
use crate::question::Question;
use crate::subject::Subject;

/// A decision on record.
pub(crate) struct Recorded {
    /// The account that its event is of.
    pub account_id: String,
    /// The event.
    pub record: Record,
    /// What was asked.
    pub deliberation: Deliberation<'static>,
}

impl Recorded {
    /// The decision of this id, `d-…`, if it is on record.
    pub fn find(cx: &Cx<'_>, decision: &str) -> Result<Option<Recorded>, Error> {
        let filter = EventFilter { limit: 1, decision: Some(decision.to_owned()), ..EventFilter::default() };
        let page = cx.doorward.store().events(&filter).map_err(|failed| {
            tracing::error!(error = %failed, "the audit events could not be read");
            common::service_unavailable("The audit events could not be read.")
        })?;
        page.events.into_iter().next().map(|(_, event)| Recorded::read(event)).transpose()
    }

    fn read(event: Event) -> Result<Recorded, Error> {
        let unreadable = |failed: serde_json::Error| {
            tracing::error!(error = %failed, event = event.id, "an audit event cannot be read");
            common::internal_failure("The audit event cannot be read.")
        };
        let record: Record = serde_json::from_slice(&event.body).map_err(unreadable)?;
        let deliberation = record.additional_event_data.as_ref().and_then(|data| data.get("doorward")).cloned();
        let deliberation = serde_json::from_value(deliberation.unwrap_or_default()).map_err(unreadable)?;
        Ok(Recorded { account_id: event.account, record, deliberation })
    }

    /// Asks one of its questions again, of the accounts as they were.
    pub fn ask<R>(
        &self,
        cx: &Cx<'_>,
        question: &Question,
        answer: impl FnOnce(&Request<'_>, &Layers<'_>, &Subject<'_>) -> R,
    ) -> Result<R, Error> {
        let mut accounts: Vec<Arc<Account>> = Vec::new();
        for account_id in question.accounts() {
            let revision = self.deliberation.revisions.iter().find(|(known, _)| known == account_id).map(|(_, at)| *at);
            let account = revision.map(|revision| cx.doorward.account_at(account_id, revision)).transpose();
            let account = account.map_err(|failed| {
                tracing::error!(error = %failed, account_id, "an account could not be loaded as of a revision");
                common::service_unavailable("The account could not be read as of then.")
            })?;
            accounts.extend(account.flatten());
        }
        let lookup = |id: &str| accounts.iter().find(|account| account.id() == id).cloned();
        let answer = question.ask(lookup, answer);
        answer.map_err(|_| common::internal_failure("The principal of the decision cannot be found as of then."))
    }
}
