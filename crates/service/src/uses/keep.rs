//! How uses outlive the process: kept in the store now and then, and completed from the audit events.

use doorward_store::{Event, EventFilter, Order};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::{Known, Use, tracked_since};
use crate::Doorward;
use crate::event::Deliberation;
use crate::node::OpenError;

/// Events are read from somewhat before the time when uses were kept: they are recorded after the use is noted.
const OVERLAP_MS: i64 = 60_000;
/// Most events that are read to complete what was kept. They are the newest ones.
const EVENTS_MAX: usize = 10_000;
const PAGE: usize = 1_000;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// When, in milliseconds since 1970.
    time_ms: i64,
    activity: Activity,
}

/// `additionalEventData`, as far as it matters here.
#[derive(Deserialize)]
struct Additional {
    doorward: Deliberation<'static>,
}

type Record = doorward_audit::Record<Additional>;

fn setting(account_id: &str) -> String {
    format!("uses/{account_id}")
}

impl Doorward {
    /// Keeps in the store what was used since the last time. Blocks; to be called every few minutes. What cannot be kept
    /// is kept the next time.
    pub fn keep_uses(&self) {
        let changed: Vec<String> = {
            let accounts = self.uses().lock();
            accounts.iter().filter(|(_, known)| known.changed).map(|(id, _)| id.clone()).collect()
        };
        for account_id in changed {
            if let Err(error) = self.keep_uses_of(&account_id) {
                tracing::error!(%error, account_id, "the last uses could not be kept");
                self.uses().lock().entry(account_id).or_default().changed = true;
            }
        }
    }

    fn keep_uses_of(&self, account_id: &str) -> Result<(), OpenError> {
        self.load_activity(account_id)?;
        let Some(account) = self.account(account_id)? else { return Ok(()) };
        let now = self.world().now();
        let activity = {
            let mut accounts = self.uses().lock();
            let known = accounts.entry(account_id.to_owned()).or_default();
            known.activity.forget(
                |key| account.key_owner(key).is_some(),
                |id| account.users().by_id(id).is_some() || account.roles().by_id(id).is_some(),
                tracked_since(now),
            );
            known.changed = false;
            known.activity.clone()
        };
        let kept = Kept { time_ms: now.as_millisecond(), activity };
        // Writing plain data as JSON to memory cannot fail.
        let bytes = serde_json::to_vec(&kept).unwrap_or_default();
        Ok(self.store().put_setting(&setting(account_id), &bytes)?)
    }

    /// Makes what was kept of an account, and what its events say since then, part of what is known.
    pub(super) fn load_activity(&self, account_id: &str) -> Result<(), OpenError> {
        if self.uses().lock().get(account_id).is_some_and(|known| known.loaded) {
            return Ok(());
        }
        let stored = self.store().setting(&setting(account_id))?;
        let kept: Option<Kept> = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let since = kept.as_ref().map(|kept| kept.time_ms.saturating_sub(OVERLAP_MS));
        let mut activity = kept.map(|kept| kept.activity).unwrap_or_default();
        let of_account = EventFilter { account: Some(account_id.to_owned()), ..EventFilter::default() };
        self.replay(&mut activity, account_id, EventFilter { from_ms: since, ..of_account })?;
        if account_id != self.operator() {
            // The operator's principals ask about those of all accounts.
            let asked = EventFilter {
                account: Some(self.operator().to_owned()),
                name: Some("Authorize".to_owned()),
                from_ms: since,
                ..EventFilter::default()
            };
            self.replay(&mut activity, account_id, asked)?;
        }
        let mut accounts = self.uses().lock();
        let Known { activity: known, loaded, .. } = accounts.entry(account_id.to_owned()).or_default();
        known.merge(&activity);
        *loaded = true;
        Ok(())
    }

    fn replay(&self, activity: &mut Activity, account_id: &str, filter: EventFilter) -> Result<(), OpenError> {
        let mut filter = EventFilter { order: Order::Newest, limit: PAGE, ..filter };
        let mut events = Vec::new();
        while events.len() < EVENTS_MAX {
            let page = self.store().events(&filter)?;
            events.extend(page.events.into_iter().map(|(_, event)| event));
            let (true, Some(seen)) = (page.more, page.seen) else { break };
            filter.after = Some(seen);
        }
        // Of two uses in one second the later one counts; and what was kept, before what the events say.
        let mut said = Activity::default();
        for event in events.iter().rev() {
            replay_one(&mut said, account_id, event);
        }
        activity.merge(&said);
        Ok(())
    }
}

fn replay_one(activity: &mut Activity, account_id: &str, event: &Event) {
    let Ok(record) = serde_json::from_slice::<Record>(&event.body) else { return };
    let Ok(time) = Timestamp::from_second(event.time_ms.div_euclid(1_000)) else { return };
    // Of a caller who proved nothing it is not known who it was.
    let is_known = record.user_identity.kind != "Unknown";
    if is_known && event.account == account_id {
        let service = record.event_source.split('.').next().unwrap_or_default();
        let long_term = record.user_identity.session_context.is_none();
        activity.note(&Use {
            account_id,
            principal: event.principal.as_deref(),
            access_key_id: event.access_key_id.as_deref().filter(|_| long_term),
            by_credentials: true,
            action: &format!("{service}:{}", event.name),
            region: &record.aws_region,
            time,
        });
    }
    let questions = record.additional_event_data.as_ref().map(|additional| additional.doorward.questions.as_ref());
    for question in questions.unwrap_or_default().iter().filter(|question| question.caller.account_id == account_id) {
        let used = Use::by(&question.caller, &question.action, question.region(&record.aws_region), time);
        activity.note(&used);
    }
}
