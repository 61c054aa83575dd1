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
    /// In the order of the entries.
    pub(crate) names: Box<[Name]>,
}

/// What an entry says of the action's name.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    entry: Position,
    pub(crate) glob: Glob,
    /// Of a name without wildcards: so most of those that are not meant need not be compared.
    hash: Option<u64>,
}

impl Name {
    fn new(entry: Position, glob: Glob) -> Name {
        let hash = match &glob {
            Glob::Text(name) => Some(folded_hash(name.as_bytes())),
            _ => None,
        };
        Name { entry, glob, hash }
    }

    fn covers(&self, asked: &Asked<'_>, meter: &mut Meter) -> bool {
        self.hash.is_none_or(|hash| hash == asked.action_hash)
            && self.glob.covers(asked.action.as_bytes(), Case::Insensitive, meter)
    }
}

impl Actions {
    /// Reads the element. An entry without a service covers nothing.
    pub(crate) fn new(clause: &Clause) -> Actions {
        let mut anything = None;
        let mut services: BTreeMap<(u64, String), Vec<Name>> = BTreeMap::new();
        for (index, entry) in clause.entries.iter().enumerate() {
            let index = position(index);
            if matches!(entry.value.as_str(), "*" | "*:*") {
                anything = anything.or(Some(index));
            } else if let Some((service, name)) = entry.value.split_once(':')
                && let Pattern::Fixed(parts) = Pattern::read(name, Syntax::Glob, Version::V2008)
            {
                let service = service.to_ascii_lowercase();
                let names = services.entry((folded_hash(service.as_bytes()), service)).or_default();
                names.push(Name::new(index, Glob::new(&parts)));
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
        let named =
            service.and_then(|service| service.names.iter().find(|name| meter.spend(1) && name.covers(asked, meter)));
        let entry = match (self.anything, named.map(|name| name.entry)) {
            (Some(anything), Some(named)) => Some(anything.min(named)),
            (anything, named) => anything.or(named),
        };
        Finding { satisfied: entry.is_some() != self.negated, entry }
    }
}
