//! `Action` and `NotAction` (User Guide, "IAM JSON policy elements: Action").

use std::collections::BTreeMap;

use super::{Finding, Position, position};
use crate::asked::Asked;
use crate::context::folded_hash;
use crate::document::{Clause, Version};
use crate::pattern::{Case, Glob, Meter};
use crate::variables::{Pattern, Syntax};

/// The element, read: its entries by service, so that a long list is not gone through for every request.
#[derive(Clone, Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    /// The first entry that is `*`, or `*:*`, which is read as `*`.
    pub(crate) anything: Option<Position>,
    /// Sorted by the service's hash.
    pub(crate) services: Box<[OfService]>,
}

/// The entries of one service.
#[derive(Clone, Debug)]
pub(crate) struct OfService {
    pub(crate) hash: u64,
    service: Box<str>,
    /// The positions of the entries, in order, and what they say of the action's name, in lower case.
    pub(crate) names: Box<[(Position, Glob)]>,
}

impl Actions {
    /// Reads the element. An entry without a service covers nothing.
    pub(crate) fn new(clause: &Clause) -> Actions {
        let mut anything = None;
        let mut services: BTreeMap<(u64, String), Vec<(Position, Glob)>> = BTreeMap::new();
        for (index, entry) in clause.entries.iter().enumerate() {
            let index = position(index);
            let text = entry.value.to_ascii_lowercase();
            if matches!(text.as_str(), "*" | "*:*") {
                anything = anything.or(Some(index));
            } else if let Some((service, name)) = text.split_once(':')
                && let Pattern::Fixed(parts) = Pattern::read(name, Syntax::Glob, Version::V2008)
            {
                services
                    .entry((folded_hash(service.as_bytes()), service.to_owned()))
                    .or_default()
                    .push((index, Glob::new(&parts)));
            }
        }
        let of_service = |((hash, service), names): ((u64, String), Vec<_>)| OfService {
            hash,
            service: service.into(),
            names: names.into(),
        };
        Actions { negated: clause.negated, anything, services: services.into_iter().map(of_service).collect() }
    }

    /// The service has to be named in full.
    pub(crate) fn cover(&self, asked: &Asked<'_>, meter: &mut Meter) -> Finding {
        let first = self.services.partition_point(|one| one.hash < asked.service_hash);
        let alike = self.services.get(first..).unwrap_or_default().iter();
        // Services of the same hash are next to each other.
        let service = alike
            .take_while(|one| one.hash == asked.service_hash)
            .find(|one| one.service.eq_ignore_ascii_case(asked.service));
        let named = service.and_then(|service| {
            let name = asked.action.as_bytes();
            service.names.iter().find(|(_, glob)| meter.spend(1) && glob.covers(name, Case::Insensitive, meter))
        });
        let entry = match (self.anything, named) {
            (Some(anything), Some((named, _))) => Some(anything.min(*named)),
            (anything, named) => anything.or(named.map(|(entry, _)| *entry)),
        };
        Finding { satisfied: entry.is_some() != self.negated, entry }
    }
}
