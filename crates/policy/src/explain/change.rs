//! What would have to change for the decision to be the other one.

use crate::asked::Asked;
use crate::document::{Effect, Version};
use crate::evaluate::gates::{Findings, Gate, Gates, Levels};
use crate::evaluate::{Confusion, Decision, Denial, StatementRef, conclude};
use crate::matching::principal::Strength;
use crate::request::{Layer, Layers, Principal, Request};
use crate::set::Place;

/// A change to the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Taking out a statement.
    Remove(StatementRef),
    /// Adding a statement to a policy of this layer and level that allows the action on the resource; in a resource's
    /// policy or a trust policy, to the principal itself.
    Allow {
        /// The layer.
        layer: Layer,
        /// The level, for organizations' policies; otherwise 0.
        level: usize,
    },
    /// Detaching or mending a policy that cannot be read.
    Mend {
        /// The layer.
        layer: Layer,
        /// The level, for organizations' policies; otherwise 0.
        level: usize,
        /// Its position among the policies there.
        policy: usize,
    },
}

/// The statements of one layer and level that apply, as an explanation has found them.
pub(super) struct Shelf {
    pub(super) layer: Layer,
    pub(super) level: usize,
    pub(super) applied: Vec<Applied>,
}

/// A statement that applies.
#[derive(Clone, Copy)]
pub(super) struct Applied {
    at: StatementRef,
    effect: Effect,
    strength: Strength,
}

impl Applied {
    pub(super) fn new(at: StatementRef, effect: Effect, findings: &Findings) -> Option<Applied> {
        Some(Applied { at, effect, strength: findings.principal.strength.filter(|_| findings.apply())? })
    }

    fn allows(&self) -> bool {
        self.effect == Effect::Allow
    }
}

/// The policies of one question, to be thought of as changed.
pub(super) struct Thought<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) asked: &'a Asked<'a>,
    pub(super) layers: &'a Layers<'a>,
    /// Those layers that take part.
    pub(super) shelves: &'a [Shelf],
}

impl Thought<'_> {
    /// The statements of which each alone makes the decision what it is: without it, it is the other one.
    pub(super) fn deciding(&self, decision: Decision) -> Vec<StatementRef> {
        let allowed = decision.is_allowed();
        let candidates = self.applied().filter(|applied| applied.allows() == allowed);
        let flips = |at: &StatementRef| self.decide(&[Change::Remove(*at)]).is_allowed() != allowed;
        candidates.map(|applied| applied.at).filter(flips).collect()
    }

    /// As few changes as turn the decision into the other one; none where no change to the policies does. An allowed
    /// request is denied by one more Deny too: what is looked for are statements that could go.
    pub(super) fn smallest(&self, decision: Decision, deciding: &[StatementRef]) -> Vec<Change> {
        match decision.denial() {
            None => match deciding.first() {
                Some(at) => vec![Change::Remove(*at)],
                None => self.smallest_denying(),
            },
            Some(Denial::Explicit(_) | Denial::Implicit(_) | Denial::NotUnderstood(Confusion::Policy { .. })) => {
                self.smallest_allowing()
            }
            // These are not asked about.
            Some(Denial::NotUnderstood(_) | Denial::OverBudget) => Vec::new(),
        }
    }

    /// Every Deny that applies and every policy that cannot be read has to go, every guardrail has to open; then the fewest
    /// further permissions that do.
    fn smallest_allowing(&self) -> Vec<Change> {
        let denies = self.applied().filter(|applied| !applied.allows()).map(|applied| Change::Remove(applied.at));
        let mends = self.shelves.iter().flat_map(|shelf| {
            let policies = self.layers.policies(shelf.layer, shelf.level).iter().enumerate();
            let broken = policies.filter(|(_, attached)| attached.policy.is_none());
            broken.map(|(policy, _)| Change::Mend { layer: shelf.layer, level: shelf.level, policy })
        });
        let closed = self.shelves.iter().filter(|shelf| {
            matches!(shelf.layer, Layer::ResourceControl | Layer::ServiceControl | Layer::Endpoint)
                && !shelf.applied.iter().any(Applied::allows)
        });
        let opened = closed.map(|shelf| Change::Allow { layer: shelf.layer, level: shelf.level });
        let needed: Vec<Change> = denies.chain(mends).chain(opened).collect();
        let resource = self.layers.resource_layer();
        let more =
            [Layer::Identity, Layer::Boundary, Layer::Session, resource].map(|layer| Change::Allow { layer, level: 0 });
        let mut sets: Vec<Vec<Change>> = (0_u8..16)
            .map(|chosen| (0..).zip(more).filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, change)| change).collect())
            .collect();
        sets.sort_by_key(Vec::len);
        let all = sets.into_iter().map(|set| [needed.as_slice(), set.as_slice()].concat());
        all.into_iter().find(|changes| self.decide(changes).is_allowed()).unwrap_or_default()
    }

    /// All Allow statements of a layer that limits or, where two layers grant, of both; in a resource's policy those that
    /// name the principal directly enough.
    fn smallest_denying(&self) -> Vec<Change> {
        let allows = |shelf: &Shelf, least: Strength| -> Vec<Change> {
            let gone = shelf.applied.iter().filter(|applied| applied.allows() && applied.strength >= least);
            gone.map(|applied| Change::Remove(applied.at)).collect()
        };
        let strengths = [Strength::Exact, Strength::Anyone, Strength::User, Strength::Role, Strength::Account];
        let alone: Vec<Vec<Change>> =
            self.shelves.iter().flat_map(|shelf| strengths.map(|least| allows(shelf, least))).collect();
        let is = |layer| self.shelves.iter().find(move |shelf| shelf.layer == layer);
        let of_both = is(Layer::Identity).zip(is(self.layers.resource_layer())).map(|(identity, resource)| {
            strengths.map(|least| [allows(identity, Strength::Account), allows(resource, least)].concat())
        });
        let mut sets: Vec<Vec<Change>> = alone.into_iter().chain(of_both.into_iter().flatten()).collect();
        sets.sort_by_key(Vec::len);
        sets.into_iter().find(|changes| !self.decide(changes).is_allowed()).unwrap_or_default()
    }

    fn applied(&self) -> impl Iterator<Item = &Applied> {
        self.shelves.iter().flat_map(|shelf| &shelf.applied)
    }

    /// The decision with these changes.
    fn decide(&self, changes: &[Change]) -> Decision {
        let mut gates = Gates::default();
        for shelf in self.shelves {
            let mut gate = Gate { unreadable: self.unreadable(shelf, changes), ..Gate::default() };
            for applied in shelf.applied.iter().filter(|applied| !changes.contains(&Change::Remove(applied.at))) {
                gate.add_applied(applied.effect, applied.strength, applied.at);
            }
            put(&mut gates, shelf.layer, shelf.level, gate);
        }
        for change in changes {
            if let Change::Allow { layer, level } = *change {
                self.grant(&mut gates, layer, level);
            }
        }
        conclude(self.request, self.asked, self.layers, &gates)
    }

    fn unreadable(&self, shelf: &Shelf, changes: &[Change]) -> Option<usize> {
        let (layer, level) = (shelf.layer, shelf.level);
        let is_broken = |policy: usize| !changes.contains(&Change::Mend { layer, level, policy });
        let policies = self.layers.policies(layer, level).iter().enumerate();
        policies
            .filter(|(_, attached)| attached.policy.is_none())
            .map(|(policy, _)| policy)
            .find(|&policy| is_broken(policy))
    }

    /// Opens a layer. Where it takes no part there is nothing to open, but for the resource's own policy, which can be
    /// given to it, and the session policies that federated users live by.
    fn grant(&self, gates: &mut Gates, layer: Layer, level: usize) {
        let at = StatementRef::new(layer, level, Place::new(usize::MAX, usize::MAX));
        let takes_part = self.shelves.iter().any(|shelf| (shelf.layer, shelf.level) == (layer, level));
        let may_begin = match layer {
            Layer::Resource | Layer::Trust => true,
            Layer::Session => matches!(self.request.principal, Principal::FederatedUser { .. }),
            _ => false,
        };
        if !takes_part && !may_begin {
            return;
        }
        match layer {
            // All levels are opened or none.
            Layer::ResourceControl => gates.resource_control = gates.resource_control.map(Levels::opened),
            Layer::ServiceControl => gates.service_control = gates.service_control.map(Levels::opened),
            Layer::Endpoint => gates.endpoint.get_or_insert_default().add_applied(Effect::Allow, Strength::Exact, at),
            Layer::Resource | Layer::Trust => {
                gates.resource.get_or_insert_default().add_applied(Effect::Allow, Strength::Exact, at);
            }
            Layer::Identity => gates.identity.add_applied(Effect::Allow, Strength::Exact, at),
            Layer::Boundary => gates.boundary.get_or_insert_default().add_applied(Effect::Allow, Strength::Exact, at),
            Layer::Session => gates.session.get_or_insert_default().add_applied(Effect::Allow, Strength::Exact, at),
        }
    }
}

fn put(gates: &mut Gates, layer: Layer, level: usize, gate: Gate) {
    match layer {
        Layer::ResourceControl => gates.resource_control.get_or_insert_with(Levels::none_yet).add(level, &gate),
        Layer::ServiceControl => gates.service_control.get_or_insert_with(Levels::none_yet).add(level, &gate),
        Layer::Endpoint => gates.endpoint = Some(gate),
        Layer::Resource | Layer::Trust => gates.resource = Some(gate),
        Layer::Identity => gates.identity = gate,
        Layer::Boundary => gates.boundary = Some(gate),
        Layer::Session => gates.session = Some(gate),
    }
}

impl Change {
    /// For an addition: a statement that would do, in the policy that is there or in a new one.
    pub fn statement(&self, request: &Request<'_>, layers: &Layers<'_>) -> Option<String> {
        let Change::Allow { layer, level } = self else { return None };
        // Only resources, roles and endpoints have but one policy, which it would have to be added to.
        let own = layers.policies(*layer, *level).first().filter(|_| layer.has_principals());
        let version = own.and_then(|attached| Some(attached.policy.as_ref()?.document().version));
        let mut statement = serde_json::Map::new();
        let mut set = |name: &str, value: serde_json::Value| statement.insert(name.to_owned(), value);
        set("Effect", "Allow".into());
        if layer.has_principals() {
            set(
                "Principal",
                match request.principal {
                    Principal::Service(name) => serde_json::json!({ "Service": name }),
                    Principal::Federated(provider) => serde_json::json!({ "Federated": provider }),
                    other => serde_json::json!({ "AWS": other.arn().map_or("*", |arn| arn) }),
                },
            );
        }
        set("Action", request.action.into());
        if *layer != Layer::Trust {
            set("Resource", exactly(request.resource.arn, version.unwrap_or(Version::V2012)).into());
        }
        Some(serde_json::Value::Object(statement).to_string())
    }
}

/// The resource as a pattern that covers it and, where wildcards can be written out, it alone: they cannot in the prefix,
/// partition and service.
fn exactly(arn: &str, version: Version) -> String {
    if arn == "*" || version == Version::V2008 {
        return arn.to_owned();
    }
    let mut pattern = String::with_capacity(arn.len());
    let mut colons = 0;
    for character in arn.chars() {
        colons += u32::from(character == ':');
        match character {
            '*' | '?' | '$' if colons > 2 => pattern.extend(["${", character.encode_utf8(&mut [0; 4]), "}"]),
            other => pattern.push(other),
        }
    }
    pattern
}
