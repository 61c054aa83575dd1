//! The decision (User Guide, "Policy evaluation logic").
//!
//! [`decide`] and [`explain`](crate::explain::explain) are the same algorithm: `gates` asks every layer of policies
//! whether it denies or allows, `verdict` draws the conclusion, and a recorder listens. For a decision it records
//! nothing and evaluation stops as soon as nothing can change any more; for an explanation it goes on.

pub(crate) mod gates;
mod verdict;

pub(crate) use verdict::conclude;

use crate::asked::Asked;
pub use crate::pattern::STEP_BUDGET;
use crate::request::{Layer, Layers, Principal, Request};
use crate::set::Place;
use gates::{Gates, Recorder, Run, Silent};

/// Decides. Never fails: what cannot be understood is denied, and the decision says so.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    evaluate(request, layers, &mut Silent, STEP_BUDGET)
}

/// The one algorithm.
pub(crate) fn evaluate<R: Recorder>(
    request: &Request<'_>,
    layers: &Layers<'_>,
    recorder: &mut R,
    budget: u64,
) -> Decision {
    if needs_no_permission(request) {
        return Decision { outcome: Outcome::Allowed, statements: Statements::default() };
    }
    let (mut asked, mut gates) = (Asked::default(), Gates::default());
    if let Err(confusion) = asked.read(request) {
        return Decision::deny(Denial::NotUnderstood(confusion));
    }
    Run::new(request, &asked, layers, recorder, budget).ask_all(&mut gates);
    if gates.over_budget {
        return Decision::deny(Denial::OverBudget);
    }
    verdict::conclude(request, &asked, layers, &gates)
}

/// Operations that policies cannot take away: GetCallerIdentity from anyone with credentials, GetSessionToken from
/// users. That only long-term credentials may call GetSessionToken is not a question of policies.
fn needs_no_permission(request: &Request<'_>) -> bool {
    let is = |action: &str| request.action.eq_ignore_ascii_case(action);
    match request.principal {
        Principal::Anonymous | Principal::Federated(_) => false,
        Principal::User(_) | Principal::Root { .. } if is("sts:GetSessionToken") => true,
        _ => is("sts:GetCallerIdentity"),
    }
}

/// A decision and the statements that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Allowed, or why not.
    pub outcome: Outcome,
    /// For an explicit denial the first Deny statement of the named layer. For an allowed request the first Allow
    /// statement of each layer that it owes its permission to; of the guardrails (organizations' policies, VPC endpoint
    /// policy) an explanation tells. None for other denials, and for root users, who need no statement.
    pub statements: Statements,
}

impl Decision {
    pub(crate) fn deny(denial: Denial) -> Self {
        Decision { outcome: Outcome::Denied(denial), statements: Statements::default() }
    }

    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// Why the request is not allowed.
    pub fn denial(&self) -> Option<Denial> {
        match self.outcome {
            Outcome::Allowed => None,
            Outcome::Denied(denial) => Some(denial),
        }
    }
}

/// Allowed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The request is allowed.
    Allowed,
    /// The request is denied.
    Denied(Denial),
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A Deny statement of this layer applies. Where several layers deny, the first in the order of [`Layer`] is named.
    Explicit(Layer),
    /// No statement of this layer allows it.
    Implicit(Layer),
    /// Something could not be understood.
    NotUnderstood(Confusion),
    /// Matching took more than [`STEP_BUDGET`] steps.
    OverBudget,
}

/// What could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confusion {
    /// The action is not of the form `service:Name`.
    Action,
    /// The resource is neither an ARN nor `*`.
    Resource,
    /// The principal's ARN holds no account.
    Principal,
    /// A policy could not be read.
    Policy {
        /// The layer that it is in.
        layer: Layer,
        /// The level, for organizations' policies.
        level: usize,
        /// Its position among the policies there.
        policy: usize,
    },
}

/// A statement of the policies that a decision was made with; [`Layers::find`] finds it. Small, as decisions hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatementRef {
    layer: Layer,
    level: u16,
    place: Place,
}

impl StatementRef {
    pub(crate) fn new(layer: Layer, level: usize, place: Place) -> StatementRef {
        // An organization has far fewer levels; with more, the last ones would share a name.
        StatementRef { layer, level: u16::try_from(level).unwrap_or(u16::MAX), place }
    }

    /// The layer.
    pub fn layer(self) -> Layer {
        self.layer
    }

    /// For organizations' policies the level, the root being 0; otherwise 0.
    pub fn level(self) -> usize {
        self.level.into()
    }

    /// The position of the policy in its layer and level.
    pub fn policy(self) -> usize {
        self.place.policy()
    }

    /// The position of the statement in the policy.
    pub fn statement(self) -> usize {
        self.place.statement()
    }

    pub(crate) fn place(self) -> Place {
        self.place
    }
}

/// Up to four statements, one for each kind of policy that permission can come from; a list that needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    held: [Option<StatementRef>; 4],
}

impl Statements {
    pub(crate) fn of(held: [Option<StatementRef>; 4]) -> Self {
        Statements { held }
    }

    pub(crate) fn one(at: StatementRef) -> Self {
        Statements { held: [Some(at), None, None, None] }
    }

    /// The statements, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = StatementRef> {
        self.held.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests;
