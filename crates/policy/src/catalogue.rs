//! What services there are and what their policies can say: actions, resource types, condition keys (the Service
//! Authorization Reference's terms). Only the vocabulary is here; the facts come from whoever calls.

use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// A source of facts about services. Prefixes are asked for and given in lower case.
pub trait Catalogue {
    /// The prefixes of all services, as in `s3:GetObject`.
    fn prefixes(&self) -> Vec<&str>;

    /// The service of a prefix.
    fn service(&self, prefix: &str) -> Option<&Service>;

    /// The services whose condition keys begin with `vendor:`; mostly the service of that prefix alone.
    fn services_with_keys(&self, vendor: &str) -> Vec<&Service>;

    /// The services whose resources have `service` in the third part of their ARNs.
    fn services_with_arns(&self, service: &str) -> Vec<&Service>;

    /// The condition keys that requests to any service can have.
    fn global_keys(&self) -> &[ConditionKey];
}

/// A service, by its prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The prefix of its actions, in lower case.
    pub prefix: String,
    /// What people call it, such as `Amazon S3`; empty where that is not known.
    pub name: String,
    /// Whether resource control policies apply to it.
    pub resource_control: bool,
    /// The actions, sorted by name without regard to case.
    pub actions: Vec<Action>,
    /// The resource types.
    pub resource_types: Vec<ResourceType>,
    /// The condition keys that its actions and resource types refer to, global ones among them.
    pub condition_keys: Vec<ConditionKey>,
}

/// An action, such as `GetObject`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The name without the service's prefix.
    pub name: String,
    /// What the action does to the resource.
    pub access_level: AccessLevel,
    /// The resource types that a statement can name for it; none where only `*` will do.
    pub resource_types: Vec<ActionResource>,
    /// Indexes of the service's condition keys that requests for it have, whatever the resource.
    pub condition_keys: Vec<usize>,
}

/// A resource type of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResource {
    /// Index of the service's resource type.
    pub resource_type: usize,
    /// Whether every request for the action has such a resource.
    pub required: bool,
    /// Indexes of condition keys that come with this resource.
    pub condition_keys: Vec<usize>,
}

/// Access levels (Service Authorization Reference, "The actions table").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLevel {
    /// Lists resources without their contents.
    List,
    /// Reads contents.
    Read,
    /// Creates, changes, deletes.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
    /// Changes nothing but tags.
    Tagging,
}

/// A type of resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Its name, such as `bucket`.
    pub name: String,
    /// The form of its ARNs, such as `arn:${Partition}:s3:::${BucketName}`.
    pub arn: String,
    /// Indexes of the service's condition keys that requests about it have.
    pub condition_keys: Vec<usize>,
}

/// A condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// The name; a part in `${…}` stands for any text: `aws:RequestTag/${TagKey}`.
    pub name: String,
    /// The type of its value.
    pub value_type: ValueType,
    /// Whether a request can have several values of it.
    pub multivalued: bool,
}

/// The types of condition keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Tested with `String…` operators.
    String,
    /// With `Arn…` operators; `StringEquals` does too.
    Arn,
    /// With `Bool`.
    Bool,
    /// With `Numeric…` operators.
    Numeric,
    /// With `Date…` operators.
    Date,
    /// With `IpAddress` and `NotIpAddress`.
    IpAddress,
}

impl Service {
    /// The action of a name, without regard to case.
    pub fn action(&self, name: &str) -> Option<&Action> {
        let order = |action: &Action| {
            let folded = action.name.bytes().map(|b| b.to_ascii_lowercase());
            folded.cmp(name.bytes().map(|b| b.to_ascii_lowercase()))
        };
        self.actions.binary_search_by(order).ok().and_then(|at| self.actions.get(at))
    }

    /// The condition keys that requests for an action can have, those of its resources included.
    pub fn keys_of<'s>(&'s self, action: &'s Action) -> impl Iterator<Item = &'s ConditionKey> {
        let of_resources = action.resource_types.iter().flat_map(|used| {
            let kind = self.resource_types.get(used.resource_type);
            used.condition_keys.iter().chain(kind.into_iter().flat_map(|kind| &kind.condition_keys))
        });
        action.condition_keys.iter().chain(of_resources).filter_map(|at| self.condition_keys.get(*at))
    }

    /// The resource types of an action.
    pub fn resources_of<'s>(&'s self, action: &'s Action) -> impl Iterator<Item = &'s ResourceType> {
        action.resource_types.iter().filter_map(|used| self.resource_types.get(used.resource_type))
    }
}

impl ConditionKey {
    /// Whether a key as written in a policy is this one. Names are not case-sensitive, and what `${…}` stands for
    /// cannot be empty.
    pub fn is(&self, key: &str) -> bool {
        let Some((before, rest)) = self.name.split_once("${") else { return self.name.eq_ignore_ascii_case(key) };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let middle = key.len().checked_sub(before.len() + after.len());
        middle.is_some_and(|middle| middle > 0)
            && key.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before))
            && key.get(key.len() - after.len()..).is_some_and(|end| end.eq_ignore_ascii_case(after))
    }

    /// What stands before `${…}`, or the whole name.
    pub fn stem(&self) -> &str {
        self.name.split_once("${").map_or(&self.name, |(stem, _)| stem)
    }
}

impl ResourceType {
    /// The third part of its ARNs.
    pub fn arn_service(&self) -> &str {
        self.arn.split(':').nth(2).unwrap_or_default()
    }
}

/// A catalogue with more services laid over another. A service of the overlay hides the other's of the same prefix.
pub struct Overlay<'a> {
    base: &'a dyn Catalogue,
    services: BTreeMap<String, Service>,
}

impl<'a> Overlay<'a> {
    /// Lays services over a catalogue. Prefixes are taken in lower case and actions sorted.
    pub fn new(base: &'a dyn Catalogue, services: impl IntoIterator<Item = Service>) -> Overlay<'a> {
        let prepare = |mut service: Service| {
            service.prefix.make_ascii_lowercase();
            service.actions.sort_by_cached_key(|action| action.name.to_ascii_lowercase());
            (service.prefix.clone(), service)
        };
        Overlay { base, services: services.into_iter().map(prepare).collect() }
    }

    fn with<'s>(&'s self, below: Vec<&'s Service>, has: impl Fn(&Service) -> bool) -> Vec<&'s Service> {
        let shown = below.into_iter().filter(|service| !self.services.contains_key(&service.prefix));
        shown.chain(self.services.values().filter(|service| has(service))).collect()
    }
}

impl Catalogue for Overlay<'_> {
    fn prefixes(&self) -> Vec<&str> {
        let below = self.base.prefixes().into_iter().filter(|prefix| !self.services.contains_key(*prefix));
        below.chain(self.services.keys().map(String::as_str)).collect()
    }

    fn service(&self, prefix: &str) -> Option<&Service> {
        self.services.get(prefix).or_else(|| self.base.service(prefix))
    }

    fn services_with_keys(&self, vendor: &str) -> Vec<&Service> {
        let is_of =
            |key: &ConditionKey| key.name.split_once(':').is_some_and(|(of, _)| of.eq_ignore_ascii_case(vendor));
        self.with(self.base.services_with_keys(vendor), |service| service.condition_keys.iter().any(is_of))
    }

    fn services_with_arns(&self, service: &str) -> Vec<&Service> {
        let is_of = |kind: &ResourceType| kind.arn_service() == service;
        self.with(self.base.services_with_arns(service), |service| service.resource_types.iter().any(is_of))
    }

    fn global_keys(&self) -> &[ConditionKey] {
        self.base.global_keys()
    }
}
