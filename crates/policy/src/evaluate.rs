//! The decision (User Guide, "Policy evaluation logic").
//!
//! [`decide`] and [`explain`](crate::explain::explain) are the same algorithm: `gates` asks every layer of policies
//! whether it denies or allows, `verdict` draws the conclusion, and a recorder listens. For a decision it records
//! nothing and evaluation stops as soon as nothing can change any more; for an explanation it goes on.

pub(crate) mod gates;
mod verdict;

use crate::asked::Asked;
pub use crate::pattern::STEP_BUDGET;
use crate::request::{Layer, Layers, Principal, Request};
use gates::{Recorder, Run, Silent};

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
        return Decision::allow([]);
    }
    let asked = match Asked::read(request) {
        Ok(asked) => asked,
        Err(confusion) => return Decision::deny(Denial::NotUnderstood(confusion)),
    };
    let gates = Run::new(request, &asked, layers, recorder, budget).all();
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
    pub(crate) fn allow(statements: impl IntoIterator<Item = StatementRef>) -> Self {
        Decision { outcome: Outcome::Allowed, statements: statements.into_iter().collect() }
    }

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

/// A statement of the policies that a decision was made with; [`Layers::find`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementRef {
    /// The layer.
    pub layer: Layer,
    /// For organizations' policies the level, the root being 0; otherwise 0.
    pub level: usize,
    /// The position of the policy in its layer and level.
    pub policy: usize,
    /// The position of the statement in the policy.
    pub statement: usize,
}

impl StatementRef {
    /// Of two statements of one layer and level: whether this is the earlier one.
    pub(crate) fn stands_before(self, other: StatementRef) -> bool {
        (self.policy, self.statement) < (other.policy, other.statement)
    }
}

/// Up to four statements, one for each kind of policy that permission can come from; a list that needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    held: [Option<StatementRef>; 4],
}

impl Statements {
    /// The statements, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = StatementRef> {
        self.held.iter().copied().flatten()
    }
}

impl FromIterator<StatementRef> for Statements {
    fn from_iter<I: IntoIterator<Item = StatementRef>>(statements: I) -> Self {
        let mut held = [None; 4];
        for (place, statement) in held.iter_mut().zip(statements) {
            *place = Some(statement);
        }
        Statements { held }
    }
}

#[cfg(test)]
mod tests;
