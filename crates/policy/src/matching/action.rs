//! `Action` and `NotAction` (User Guide, "IAM JSON policy elements: Action").

use std::collections::BTreeMap;

use super::Finding;
use crate::asked::Asked;
use crate::document::{Clause, Version};
use crate::pattern::{Case, Glob, Meter};
use crate::variables::{Pattern, Syntax};

/// The element, read: its entries by service, so that a long list is not gone through for every request.
#[derive(Clone, Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    /// The first entry that is `*`, or `*:*`, which is read as `*`.
    pub(crate) anything: Option<usize>,
    /// Sorted by service.
    pub(crate) services: Box<[OfService]>,
}

/// The entries of one service.
#[derive(Clone, Debug)]
pub(crate) struct OfService {
    /// In lower case.
    pub(crate) service: Box<str>,
    /// The positions of the entries, in order, and what they say of the action's name, in lower case.
    pub(crate) names: Box<[(usize, Glob)]>,
}

impl Actions {
    /// Reads the element. An entry without a service covers nothing.
    pub(crate) fn new(clause: &Clause) -> Actions {
        let mut anything = None;
        let mut services: BTreeMap<String, Vec<(usize, Glob)>> = BTreeMap::new();
        for (index, entry) in clause.entries.iter().enumerate() {
            let text = entry.value.to_ascii_lowercase();
            if matches!(text.as_str(), "*" | "*:*") {
                anything = anything.or(Some(index));
            } else if let Some((service, name)) = text.split_once(':')
                && let Pattern::Fixed(parts) = Pattern::read(name, Syntax::Glob, Version::V2008)
            {
                services.entry(service.to_owned()).or_default().push((index, Glob::new(&parts)));
            }
        }
        let of_service =
            |(service, names): (String, Vec<_>)| OfService { service: service.into(), names: names.into() };
        Actions { negated: clause.negated, anything, services: services.into_iter().map(of_service).collect() }
    }

    /// The service has to be named in full.
    pub(crate) fn cover(&self, asked: &Asked<'_>, meter: &mut Meter) -> Finding {
        let service = match &*self.services {
            [] => None,
            [one] => (*one.service.as_bytes() == *asked.service()).then_some(one),
            many => {
                let found = many.binary_search_by(|one| one.service.as_bytes().cmp(asked.service()));
                found.ok().and_then(|at| many.get(at))
            }
        };
        let named = service.and_then(|service| {
            let name = asked.action_name();
            service.names.iter().find(|(_, glob)| meter.spend(1) && glob.covers(name, Case::Sensitive, meter))
        });
        let entry = match (self.anything, named) {
            (Some(anything), Some((named, _))) => Some(anything.min(*named)),
            (anything, named) => anything.or(named.map(|(entry, _)| *entry)),
        };
        Finding { satisfied: entry.is_some() != self.negated, entry }
    }
}
