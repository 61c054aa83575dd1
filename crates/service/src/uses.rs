//! What was last used, and when: access keys and roles, and by each user and role the services and actions that it tried.
//!
//! Whoever proved who it is has used what it called, whether or not that was allowed (User Guide, "Refine permissions in
//! AWS using last accessed information"). All of it is in memory, and kept in the store now and then; what a process that
//! was killed had not kept yet is found in the audit events.

mod activity;
mod keep;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorward_shapes::{Error, common};
use jiff::{SignedDuration, Timestamp};

pub(crate) use activity::{Activity, LastUse, Moment, PrincipalUses, ServiceUses};

use crate::Doorward;
use crate::caller::{Caller, Who};

/// How long the uses of roles, services and actions are told (API Reference, RoleLastUsed and
/// GenerateServiceLastAccessedDetails: the last 400 days).
const TRACKED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Since when uses are told.
pub(crate) fn tracked_since(now: Timestamp) -> Timestamp {
    now.checked_sub(TRACKED).unwrap_or(Timestamp::MIN)
}

/// One use.
pub(crate) struct Use<'a> {
    /// The account of the principal.
    pub account_id: &'a str,
    /// The unique id of the user or role; none of the root user.
    pub principal: Option<&'a str>,
    /// The long-term key.
    pub access_key_id: Option<&'a str>,
    /// Whether credentials were used. A resource service may only name the principal that it asks about.
    pub by_credentials: bool,
    /// Such as `s3:GetObject`.
    pub action: &'a str,
    /// The region.
    pub region: &'a str,
    /// When, in whole seconds.
    pub time: Timestamp,
}

impl<'a> Use<'a> {
    /// An action of a caller.
    pub fn by(caller: &'a Caller, action: &'a str, region: &'a str, time: Timestamp) -> Use<'a> {
        let long_term = caller.session.is_none() && !matches!(caller.who, Who::Federated(_));
        Use {
            account_id: &caller.account_id,
            principal: caller.who.unique_id(),
            access_key_id: caller.access_key_id.as_deref().filter(|_| long_term),
            by_credentials: caller.access_key_id.is_some(),
            action,
            region,
            time: Timestamp::from_second(time.as_second()).unwrap_or(time),
        }
    }
}

/// The uses by the principals of all accounts.
///
/// Only principals and keys that exist get here, so its size follows the accounts'. Each principal has a bounded number
/// of services and of actions.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<String, Known>>);

/// What is known of an account.
#[derive(Default)]
struct Known {
    activity: Activity,
    /// Whether what the store has of it is part of it.
    loaded: bool,
    /// Whether it has more than the store.
    changed: bool,
}

impl Uses {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, used: &Use<'_>) {
        let mut accounts = self.lock();
        let known = match accounts.get_mut(used.account_id) {
            Some(known) => known,
            None => accounts.entry(used.account_id.to_owned()).or_default(),
        };
        known.activity.note(used);
        known.changed = true;
    }
}

impl Doorward {
    /// Notes a use.
    pub(crate) fn note_use(&self, used: &Use<'_>) {
        if used.principal.is_some() || used.access_key_id.is_some() {
            self.uses().note(used);
        }
    }

    /// The last use of a role.
    pub(crate) fn last_use_of_role(&self, account_id: &str, role_id: &str) -> Result<Option<LastUse>, Error> {
        let since = tracked_since(self.world().now());
        self.with_activity(account_id, |activity| {
            let last = activity.principal(role_id).and_then(|uses| uses.last.clone());
            last.filter(|last| last.time >= since)
        })
    }

    /// The last use of a long-term key.
    pub(crate) fn last_use_of_key(&self, account_id: &str, access_key_id: &str) -> Result<Option<LastUse>, Error> {
        self.with_activity(account_id, |activity| activity.key(access_key_id).cloned())
    }

    /// Looks at all uses by an account's principals, and takes what it needs of them: no use is noted meanwhile.
    pub(crate) fn with_activity<R>(&self, account_id: &str, look: impl FnOnce(&Activity) -> R) -> Result<R, Error> {
        self.load_activity(account_id).map_err(|error| {
            tracing::error!(%error, account_id, "the last uses could not be read");
            common::service_unavailable("The last uses could not be read.")
        })?;
        let accounts = self.uses().lock();
        Ok(look(accounts.get(account_id).map_or(&Activity::default(), |known| &known.activity)))
    }
}
