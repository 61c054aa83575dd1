//! The uses by an account's principals, as a value.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Use;

/// Most services of one principal, and most actions of one of them. With one more, the one that was used longest ago goes.
const SERVICES_MAX: usize = 512;
const ACTIONS_MAX: usize = 512;
/// Most actions of all principals of an account. With so many, others are noted no more: somebody makes them up.
const ACTIONS_OF_ACCOUNT_MAX: usize = 1_000_000;
/// Longest action that is noted, in bytes. Those of AWS have at most 64.
const ACTION_BYTES_MAX: usize = 128;

/// The last use of an access key or of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastUse {
    /// When, in whole seconds.
    pub time: Timestamp,
    /// The service's namespace, such as `iam`.
    pub service: String,
    /// The region that the request was signed for.
    pub region: String,
}

/// When and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// When, in whole seconds.
    pub time: Timestamp,
    /// The region.
    pub region: String,
}

/// The uses of a service by one principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceUses {
    /// The last one.
    pub last: Moment,
    /// The last one of each action, by its name without the service's namespace.
    pub actions: BTreeMap<String, Moment>,
}

/// The uses by one principal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PrincipalUses {
    /// The last one with credentials of its own.
    pub last: Option<LastUse>,
    /// By the service's namespace, in lower case.
    pub services: BTreeMap<String, ServiceUses>,
}

/// The uses by an account's principals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    keys: HashMap<String, LastUse>,
    /// Shared with those who look at them, and copied when they are noted while somebody does.
    principals: HashMap<String, Arc<PrincipalUses>>,
    /// How many actions there are; more, where some went to make room.
    #[serde(skip)]
    actions: usize,
}

impl Activity {
    /// The last use of a long-term key.
    pub fn key(&self, access_key_id: &str) -> Option<&LastUse> {
        self.keys.get(access_key_id)
    }

    /// The uses by a user or role, by unique id.
    pub fn principal(&self, id: &str) -> Option<&Arc<PrincipalUses>> {
        self.principals.get(id)
    }

    /// Notes a use, in whatever order uses come.
    pub fn note(&mut self, used: &Use<'_>) {
        let Some((service, action)) = used.action.split_once(':') else { return };
        if action.is_empty() || action.contains(['*', '?']) || used.action.len() > ACTION_BYTES_MAX {
            return;
        }
        if let Some(key) = used.access_key_id {
            match self.keys.get_mut(key) {
                Some(known) => known.renew(used, service),
                None => drop(self.keys.insert(key.to_owned(), LastUse::of(used, service))),
            }
        }
        let Some(id) = used.principal else { return };
        let principal = match self.principals.get_mut(id) {
            Some(known) => Arc::make_mut(known),
            None => Arc::make_mut(self.principals.entry(id.to_owned()).or_default()),
        };
        if used.by_credentials {
            match &mut principal.last {
                Some(known) => known.renew(used, service),
                last => *last = Some(LastUse::of(used, service)),
            }
        }
        self.actions += usize::from(principal.note(used, service, action, self.actions < ACTIONS_OF_ACCOUNT_MAX));
    }

    fn count(&mut self) {
        let services = self.principals.values().flat_map(|principal| principal.services.values());
        self.actions = services.map(|service| service.actions.len()).sum();
    }

    /// All that another one knows, too.
    pub fn merge(&mut self, other: &Activity) {
        for (key, last) in &other.keys {
            newer(self.keys.entry(key.clone()).or_insert_with(|| last.clone()), last, |last| last.time);
        }
        for (id, uses) in &other.principals {
            Arc::make_mut(self.principals.entry(id.clone()).or_default()).merge(uses);
        }
        self.count();
    }

    /// Forgets keys and principals that are not to stay, and services and actions that were last used before a time.
    pub fn forget(&mut self, stays_key: impl Fn(&str) -> bool, stays: impl Fn(&str) -> bool, before: Timestamp) {
        self.keys.retain(|key, _| stays_key(key));
        self.principals.retain(|id, _| stays(id));
        let is_old = |principal: &PrincipalUses| {
            let actions = principal.services.values().flat_map(|service| service.actions.values());
            actions.into_iter().any(|moment| moment.time < before)
        };
        for principal in self.principals.values_mut().filter(|principal| is_old(principal)) {
            let principal = Arc::make_mut(principal);
            principal.services.retain(|_, service| service.last.time >= before);
            for service in principal.services.values_mut() {
                service.actions.retain(|_, moment| moment.time >= before);
            }
        }
        self.count();
    }
}

fn newer<T: Clone>(known: &mut T, other: &T, time: impl Fn(&T) -> Timestamp) {
    if time(known) < time(other) {
        *known = other.clone();
    }
}

impl LastUse {
    fn of(used: &Use<'_>, service: &str) -> LastUse {
        LastUse { time: used.time, service: service.to_owned(), region: used.region.to_owned() }
    }

    fn renew(&mut self, used: &Use<'_>, service: &str) {
        if self.time <= used.time {
            self.time = used.time;
            set(&mut self.service, service);
            set(&mut self.region, used.region);
        }
    }
}

impl Moment {
    fn of(used: &Use<'_>) -> Moment {
        Moment { time: used.time, region: used.region.to_owned() }
    }

    fn renew(&mut self, used: &Use<'_>) {
        if self.time <= used.time {
            self.time = used.time;
            set(&mut self.region, used.region);
        }
    }
}

/// Mostly it is the same as before.
fn set(text: &mut String, new: &str) {
    if text != new {
        new.clone_into(text);
    }
}

impl PrincipalUses {
    /// Notes a use; whether its action is a new one. New ones are noted only where there is room.
    fn note(&mut self, used: &Use<'_>, service: &str, action: &str, has_room: bool) -> bool {
        // Policies do not tell services apart by case. Nearly all callers write them in lower case.
        let lower = service.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| service.to_ascii_lowercase());
        let service = lower.as_deref().unwrap_or(service);
        if !self.services.contains_key(service) && has_room {
            make_room(&mut self.services, SERVICES_MAX, |service| service.last.time);
            let uses = ServiceUses { last: Moment::of(used), actions: BTreeMap::new() };
            self.services.insert(service.to_owned(), uses);
        }
        let Some(service) = self.services.get_mut(service) else { return false };
        service.last.renew(used);
        match service.actions.get_mut(action) {
            Some(known) => known.renew(used),
            None if has_room => {
                make_room(&mut service.actions, ACTIONS_MAX, |moment| moment.time);
                service.actions.insert(action.to_owned(), Moment::of(used));
                return true;
            }
            None => {}
        }
        false
    }

    fn merge(&mut self, other: &PrincipalUses) {
        if let Some(last) = &other.last {
            newer(self.last.get_or_insert_with(|| last.clone()), last, |last| last.time);
        }
        for (name, theirs) in &other.services {
            let own = self.services.entry(name.clone()).or_insert_with(|| theirs.clone());
            newer(&mut own.last, &theirs.last, |last| last.time);
            for (action, moment) in &theirs.actions {
                newer(own.actions.entry(action.clone()).or_insert_with(|| moment.clone()), moment, |last| last.time);
            }
        }
    }
}

fn make_room<V>(map: &mut BTreeMap<String, V>, max: usize, time: impl Fn(&V) -> Timestamp) {
    if map.len() >= max
        && let Some(oldest) = map.iter().min_by_key(|(_, value)| time(value)).map(|(name, _)| name.clone())
    {
        map.remove(&oldest);
    }
}
