//! What a report says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use doorward_directory::Account;
use doorward_policy::policy::Policy;
use doorward_shapes::Error;
use doorward_shapes::iam as api;
use jiff::Timestamp;

use super::super::granted::{candidates, grants};
use super::super::identity::{Identity, Principal};
use crate::Services;
use crate::cx::Cx;
use crate::uses::{Moment, PrincipalUses, ServiceUses, tracked_since};

/// The services that policies grant, and the uses by those who have the policies.
pub(super) struct Report<'a> {
    policies: Vec<Arc<Policy>>,
    principals: Vec<(Principal<'a>, Arc<PrincipalUses>)>,
    /// By namespace, the places of those who have used the service.
    users: HashMap<String, Vec<usize>>,
    services: Services,
    /// What was used before it is not told.
    since: Timestamp,
}

impl<'a> Report<'a> {
    pub fn new(cx: &Cx<'_>, account: &'a Account, about: Identity<'a>) -> Result<Report<'a>, Error> {
        let policies = about.held(account).into_iter().filter_map(|held| held.policy).collect();
        let principals = about.principals(account);
        let principals: Vec<_> = cx.doorward.with_activity(account.id(), |activity| {
            let uses = |id: &str| activity.principal(id).cloned().unwrap_or_default();
            let with_uses = |principal: Principal<'a>| {
                let uses = uses(principal.id);
                (principal, uses)
            };
            principals.into_iter().map(with_uses).collect()
        })?;
        let since = tracked_since(cx.now);
        let mut users: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, (_, uses)) in principals.iter().enumerate() {
            for (namespace, _) in uses.services.iter().filter(|(_, uses)| uses.last.time >= since) {
                users.entry(namespace.clone()).or_default().push(place);
            }
        }
        Ok(Report { policies, principals, users, services: cx.doorward.services(), since })
    }

    fn grants(&self, namespace: &str) -> bool {
        self.policies.iter().any(|policy| grants(policy, namespace, self.services))
    }

    /// The namespaces of all services that are granted, in order. One that is in no catalogue is told where a policy
    /// names it, or where it was used.
    pub fn services(&self) -> BTreeSet<String> {
        let all = candidates(self.policies.iter().map(AsRef::as_ref), self.services);
        let all = all.into_iter().chain(self.users.keys().cloned());
        all.filter(|namespace| self.grants(namespace)).collect()
    }

    /// The uses of a service, each with who used it.
    fn uses(&self, namespace: &str) -> impl Iterator<Item = (&Principal<'a>, &ServiceUses)> {
        let users = self.users.get(namespace).into_iter().flatten().filter_map(|place| self.principals.get(*place));
        users.filter_map(move |(principal, uses)| Some((principal, uses.services.get(namespace)?)))
    }

    /// When a service was last used, by whom, and by how many.
    pub fn service(&self, namespace: &str, with_actions: bool) -> api::ServiceLastAccessed {
        let last = self.uses(namespace).max_by_key(|(_, uses)| uses.last.time);
        let known = self.services.0.and_then(|services| services.service(namespace));
        let name = known.map(|service| service.name.as_str()).filter(|name| !name.is_empty());
        api::ServiceLastAccessed {
            service_name: name.unwrap_or(namespace).to_owned(),
            service_namespace: namespace.to_owned(),
            last_authenticated: last.map(|(_, uses)| uses.last.time),
            last_authenticated_entity: last.map(|(principal, _)| principal.arn.clone()),
            last_authenticated_region: last.map(|(_, uses)| uses.last.region.clone()),
            total_authenticated_entities: i32::try_from(self.uses(namespace).count()).ok(),
            tracked_actions_last_accessed: with_actions
                .then(|| self.actions(namespace))
                .filter(|uses| !uses.is_empty()),
        }
    }

    /// The last use of each action of a service that was used, by name; what differs only in case is one action.
    fn actions(&self, namespace: &str) -> Vec<api::TrackedActionLastAccessed> {
        let service = self.services.0.and_then(|services| services.service(namespace));
        let mut last: BTreeMap<String, (&str, &Principal<'_>, &Moment)> = BTreeMap::new();
        for (principal, uses) in self.uses(namespace) {
            for (name, moment) in uses.actions.iter().filter(|(_, moment)| moment.time >= self.since) {
                let known = service.and_then(|service| service.action(name));
                let name = known.map_or(name.as_str(), |action| action.name.as_str());
                let latest = last.entry(name.to_ascii_lowercase()).or_insert((name, principal, moment));
                if latest.2.time < moment.time {
                    *latest = (name, principal, moment);
                }
            }
        }
        let told = |(name, principal, moment): (&str, &Principal<'_>, &Moment)| api::TrackedActionLastAccessed {
            action_name: Some(name.to_owned()),
            last_accessed_entity: Some(principal.arn.clone()),
            last_accessed_time: Some(moment.time),
            last_accessed_region: Some(moment.region.clone()),
        };
        last.into_values().map(told).collect()
    }

    /// Those who could have used a service: who did so last first, then those who did not; of equals by unique id. By a text
    /// that has this order.
    pub fn entities(&self, namespace: &str) -> BTreeMap<String, api::EntityDetails> {
        if !self.grants(namespace) {
            return BTreeMap::new();
        }
        let place = |(principal, uses): &(Principal<'_>, Arc<PrincipalUses>)| {
            let last = uses.services.get(namespace).map(|uses| uses.last.time).filter(|time| *time >= self.since);
            let since = last.map_or(i64::MAX, |time| i64::MAX - time.as_second().max(0));
            let entity_info = api::EntityInfo {
                arn: principal.arn.clone(),
                name: principal.name.to_owned(),
                r#type: principal.kind,
                id: principal.id.to_owned(),
                path: Some(principal.path.to_owned()),
            };
            (format!("{since:020}/{}", principal.id), api::EntityDetails { entity_info, last_authenticated: last })
        };
        self.principals.iter().map(place).collect()
    }
}
