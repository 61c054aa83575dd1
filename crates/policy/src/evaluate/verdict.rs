//! The conclusion from what all layers say.

use super::gates::{Gate, Gates, Levels};
use super::{Confusion, Decision, Denial, Outcome, StatementRef, Statements};
use crate::asked::Asked;
use crate::matching::principal::Strength;
use crate::request::{Layer, Layers, Principal, Request};

/// Explicit denials first, then what could not be read, then the guardrails, and at last the grants.
///
/// It is one function in the end: what it is made of would hand over results so large that this takes as long as
/// finding them.
#[inline(always)]
pub(crate) fn conclude(request: &Request<'_>, asked: &Asked<'_>, layers: &Layers<'_>, gates: &Gates) -> Decision {
    let resource_layer = layers.resource_layer();
    if let Some(at) = explicit_denial(gates) {
        return Decision { statements: Statements::one(at), ..Decision::deny(Denial::Explicit(at.layer())) };
    }
    if let Some(confusion) = unreadable(gates, resource_layer) {
        return Decision::deny(Denial::NotUnderstood(confusion));
    }
    if let Some(layer) = closed_guardrail(gates) {
        return Decision::deny(Denial::Implicit(layer));
    }
    // The task policy is all that holds such a session down: without one it would be a root user.
    if matches!(request.principal, Principal::AssumedRoot { .. }) && gates.session.is_none() {
        return Decision::deny(Denial::Implicit(Layer::Session));
    }
    let grants = Grants::new(request, gates);
    let granted = match request.principal {
        Principal::Anonymous | Principal::Service(_) | Principal::Federated(_) => grants.outside(),
        _ if is_same_account(asked) => grants.same_account(),
        _ => grants.cross_account(asked.is_same_partition()),
    };
    match granted {
        Ok(statements) => Decision { outcome: Outcome::Allowed, statements },
        Err(missing) => Decision::deny(Denial::Implicit(match missing {
            Missing::Identity => Layer::Identity,
            Missing::Boundary => Layer::Boundary,
            Missing::Session => Layer::Session,
            Missing::Resource => resource_layer,
        })),
    }
}

/// Where several layers deny, AWS names one; which one is not documented. The order is that of [`Layer`].
fn explicit_denial(gates: &Gates) -> Option<StatementRef> {
    let of_levels = |levels: &Option<Levels>| levels.as_ref().and_then(|levels| levels.deny);
    let of_gate = |gate: &Option<Gate>| gate.as_ref().and_then(|gate| gate.deny);
    of_levels(&gates.resource_control)
        .or_else(|| of_levels(&gates.service_control))
        .or_else(|| of_gate(&gates.endpoint))
        .or_else(|| of_gate(&gates.resource))
        .or(gates.identity.deny)
        .or_else(|| of_gate(&gates.boundary))
        .or_else(|| of_gate(&gates.session))
}

fn unreadable(gates: &Gates, resource_layer: Layer) -> Option<Confusion> {
    let confusion = |layer, (level, policy)| Confusion::Policy { layer, level, policy };
    let of_levels = |layer, levels: Option<&Levels>| levels?.unreadable.map(|at| confusion(layer, at));
    let of_gate = |layer, gate: Option<&Gate>| gate?.unreadable.map(|policy| confusion(layer, (0, policy)));
    of_levels(Layer::ResourceControl, gates.resource_control.as_ref())
        .or_else(|| of_levels(Layer::ServiceControl, gates.service_control.as_ref()))
        .or_else(|| of_gate(Layer::Endpoint, gates.endpoint.as_ref()))
        .or_else(|| of_gate(resource_layer, gates.resource.as_ref()))
        .or_else(|| of_gate(Layer::Identity, Some(&gates.identity)))
        .or_else(|| of_gate(Layer::Boundary, gates.boundary.as_ref()))
        .or_else(|| of_gate(Layer::Session, gates.session.as_ref()))
}

/// The first guardrail that does not allow the request.
fn closed_guardrail(gates: &Gates) -> Option<Layer> {
    let closed = |levels: &Option<Levels>| levels.as_ref().is_some_and(|levels| !levels.allows);
    if closed(&gates.resource_control) {
        Some(Layer::ResourceControl)
    } else if closed(&gates.service_control) {
        Some(Layer::ServiceControl)
    } else if gates.endpoint.as_ref().is_some_and(|endpoint| endpoint.allow.is_none()) {
        Some(Layer::Endpoint)
    } else {
        None
    }
}

/// A resource without an owner counts as the caller's own, unless it is of another partition.
fn is_same_account(asked: &Asked<'_>) -> bool {
    asked.is_same_partition() && (asked.owner.is_none() || asked.owner == asked.account)
}

/// The layer whose permission is missing.
enum Missing {
    Identity,
    Boundary,
    Session,
    Resource,
}

/// What the layers grant and limit.
struct Grants {
    /// Root users need no identity-based policy and have no boundary; the session policy of AssumeRoot only denies.
    is_root: bool,
    /// The role trust policy or key policy alone decides whether the account's policies count.
    requires_own_grant: bool,
    /// How the resource's policy names the principal, if it allows the request.
    resource: Option<(Strength, StatementRef)>,
    /// Whether identity-based policies allow the request, and by which statement unless a root user's rights do.
    identity: Option<Option<StatementRef>>,
    boundary: Limit,
    session: Limit,
}

/// Whether a limit lets the request pass, and by which statement where there is such a limit.
#[derive(Clone, Copy)]
enum Limit {
    None,
    Passed(StatementRef),
    Closed,
}

impl Limit {
    fn of(gate: Option<&Gate>) -> Limit {
        match gate.map(|gate| gate.allow) {
            None => Limit::None,
            Some(Some((_, at))) => Limit::Passed(at),
            Some(None) => Limit::Closed,
        }
    }

    #[inline(always)]
    fn statement(self, missing: Missing) -> Result<Option<StatementRef>, Missing> {
        match self {
            Limit::None => Ok(None),
            Limit::Passed(at) => Ok(Some(at)),
            Limit::Closed => Err(missing),
        }
    }
}

impl Grants {
    fn new(request: &Request<'_>, gates: &Gates) -> Self {
        let principal = request.principal;
        let session = match (principal, gates.session.as_ref()) {
            // A federated user without a session policy has no permissions at all.
            (Principal::FederatedUser { .. }, None) => Limit::Closed,
            (_, session) => Limit::of(session),
        };
        let identity = match principal {
            // The root user who asked for the session has full access.
            Principal::FederatedUser { user: None, .. } => Some(None),
            _ => gates.identity.allow.map(|(_, at)| Some(at)),
        };
        Grants {
            is_root: matches!(principal, Principal::Root { .. } | Principal::AssumedRoot { .. }),
            requires_own_grant: request.resource.requires_own_grant,
            resource: gates.resource.as_ref().and_then(|gate| gate.allow),
            identity,
            boundary: Limit::of(gates.boundary.as_ref()),
            session,
        }
    }

    /// For callers without identity-based policies: services, identity providers, anonymous callers.
    fn outside(&self) -> Result<Statements, Missing> {
        match self.resource {
            Some((strength, at)) if is_direct(strength) => Ok(Statements::one(at)),
            _ => Err(Missing::Resource),
        }
    }

    #[inline(always)]
    fn same_account(&self) -> Result<Statements, Missing> {
        match self.resource {
            resource if self.is_root => match resource {
                Some((_, at)) => Ok(Statements::one(at)),
                None if self.requires_own_grant => Err(Missing::Resource),
                None => Ok(Statements::default()),
            },
            Some((strength, at)) if is_direct(strength) => Ok(Statements::one(at)),
            // The role, or the user behind a federated session, is named: in place of an identity-based policy, but
            // within the limits.
            Some((Strength::Role | Strength::User, at)) => self.within_limits([Some(at), None]),
            Some((_, at)) if self.requires_own_grant => {
                self.within_limits([self.identity.ok_or(Missing::Identity)?, Some(at)])
            }
            resource => {
                let decision = self.within_limits([self.identity.ok_or(Missing::Identity)?, None])?;
                if self.requires_own_grant && resource.is_none() { Err(Missing::Resource) } else { Ok(decision) }
            }
        }
    }

    /// Both sides have to allow it, and none of the short cuts within an account exist.
    fn cross_account(&self, same_partition: bool) -> Result<Statements, Missing> {
        let trusting = self.resource.map(|(_, at)| at).filter(|_| same_partition);
        if self.is_root {
            return trusting.map(Statements::one).ok_or(Missing::Resource);
        }
        let trusted = self.identity.ok_or(Missing::Identity)?;
        let decision = self.within_limits([trusted, trusting])?;
        trusting.map(|_| decision).ok_or(Missing::Resource)
    }

    /// Permission by the given statements, unless boundary or session policies do not allow it.
    #[inline(always)]
    fn within_limits(&self, grants: [Option<StatementRef>; 2]) -> Result<Statements, Missing> {
        let boundary = self.boundary.statement(Missing::Boundary)?;
        let session = self.session.statement(Missing::Session)?;
        let [first, second] = grants;
        Ok(Statements::of([first, second, boundary, session]))
    }
}

/// Whether so named a principal has the permission by the resource's policy alone: then identity-based policies,
/// boundary and session policies need not allow it too. The guide says so of session ARNs also where the session
/// policy does not allow the request.
fn is_direct(strength: Strength) -> bool {
    matches!(strength, Strength::Exact | Strength::Anyone)
}
