//! Decisions on record. Explanations are not stored: the event has what was asked and at which revisions, and it is asked
//! again as of then.

use std::sync::Arc;

use doorward_audit::Record;
use doorward_directory::{Account, Organization};
use doorward_policy::request::{Layers, Request};
use doorward_shapes::{Error, common};
use doorward_store::{Event, EventFilter};

use crate::cx::Cx;
use crate::event::Deliberation;
use crate::lookup::{Lookup, Unanswerable};
use crate::question::Question;
use crate::realm::Snapshot;
use crate::shelf::State;
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

    /// Asks one of its questions again, of the accounts and organizations as they were.
    pub fn ask<R>(
        &self,
        cx: &Cx<'_>,
        question: &Question,
        answer: impl FnOnce(&Request<'_>, &Layers<'_>, &Subject<'_>) -> R,
    ) -> Result<R, Error> {
        question.ask(&Past { cx, deliberation: &self.deliberation }, answer).map_err(|why| match why {
            Unanswerable::NoPrincipal => {
                common::internal_failure("The principal of the decision cannot be found as of then.")
            }
            Unanswerable::Unreadable => common::service_unavailable("The account could not be read as of then."),
        })
    }
}

/// The states that a decision was made on.
struct Past<'a> {
    cx: &'a Cx<'a>,
    deliberation: &'a Deliberation<'static>,
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
