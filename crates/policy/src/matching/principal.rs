//! Which principals a statement names, and how directly (User Guide, "AWS JSON policy elements: Principal" and
//! "AWS JSON policy elements: NotPrincipal").

use std::cmp::Reverse;

use super::{Position, position};
use crate::document::{Effect, PrincipalClause, PrincipalPattern};
use crate::pattern::Meter;
use crate::request::Principal;

/// How directly a principal is named, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// By its account.
    Account,
    /// By its role.
    Role,
    /// By the user that the federated session was made for.
    User,
    /// By `*`.
    Anyone,
    /// By itself.
    Exact,
}

/// What became of a statement's principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// How directly the statement names the principal; none when it does not apply to it.
    pub(crate) strength: Option<Strength>,
    /// The entry that decided.
    pub(crate) entry: Option<Position>,
}

impl Named {
    pub(crate) const NOT: Named = Named { strength: None, entry: None };
    /// For statements of policies that name no principals: whoever they are attached to.
    pub(crate) const SELF: Named = Named { strength: Some(Strength::Exact), entry: None };
}

/// Whether, and how directly, the clause makes a statement apply to the principal. `bounded` says that the principal
/// has a permissions boundary.
pub(crate) fn named(
    clause: &PrincipalClause,
    principal: &Principal,
    effect: Effect,
    bounded: bool,
    meter: &mut Meter,
) -> Named {
    if !meter.spend_on(1 + clause.entries.len()) {
        return Named::NOT;
    }
    if !clause.negated {
        return strongest(clause, principal);
    }
    let applies = match effect {
        Effect::Deny => bounded || !is_exempt(clause, principal),
        Effect::Allow => !chain(principal).iter().any(|&link| lists(clause, principal, link)),
    };
    Named { strength: applies.then_some(Strength::Anyone), entry: None }
}

fn strongest(clause: &PrincipalClause, principal: &Principal) -> Named {
    let strengths = clause.entries.iter().map(|entry| strength(&entry.value, principal));
    match strengths
        .enumerate()
        .filter_map(|(index, strength)| Some((strength?, index)))
        .max_by_key(|&(strength, index)| (strength, Reverse(index)))
    {
        Some((strength, index)) => Named { strength: Some(strength), entry: Some(position(index)) },
        None => Named::NOT,
    }
}

/// Whether a Deny with `NotPrincipal` spares the principal: the guide asks for account, role and session (or account
/// and user) to be listed. Whether the account alone would do is disputed; here it does not.
fn is_exempt(clause: &PrincipalClause, principal: &Principal) -> bool {
    chain(principal).iter().all(|&link| lists(clause, principal, link))
}

fn lists(clause: &PrincipalClause, principal: &Principal, link: Strength) -> bool {
    let strengths = clause.entries.iter().filter_map(|entry| strength(&entry.value, principal));
    strengths.into_iter().any(|strength| strength == link || strength == Strength::Anyone)
}

/// Everything that a principal can be named by, other than `*`, as the strength of being so named.
fn chain(principal: &Principal) -> &'static [Strength] {
    match principal {
        Principal::User(_) | Principal::FederatedUser { user: None, .. } => &[Strength::Account, Strength::Exact],
        Principal::FederatedUser { user: Some(_), .. } => &[Strength::Account, Strength::User, Strength::Exact],
        Principal::RoleSession(_) => &[Strength::Account, Strength::Role, Strength::Exact],
        Principal::Root { .. } | Principal::AssumedRoot { .. } | Principal::Service(_) | Principal::Federated(_) => {
            &[Strength::Exact]
        }
        // Nobody's link is one that only `*` lists, so that no Deny is ever vacuously without effect.
        Principal::Anonymous => &[Strength::Anyone],
    }
}

/// How directly one entry names the principal.
fn strength(pattern: &PrincipalPattern, principal: &Principal) -> Option<Strength> {
    use Principal as P;
    use PrincipalPattern as Pattern;
    let (matched, strength) = match (pattern, principal) {
        (Pattern::Anyone, _) => (true, Strength::Anyone),
        (Pattern::Account(account), P::Root { .. } | P::AssumedRoot { .. }) => {
            (principal.account() == Some(account), Strength::Exact)
        }
        (Pattern::Account(account), _) => (principal.account() == Some(account), Strength::Account),
        (Pattern::User(arn), P::User(user)) => (*arn == *user.arn, Strength::Exact),
        (Pattern::UniqueId(id), P::User(user)) => (*id == user.unique_id, Strength::Exact),
        (Pattern::User(arn), P::FederatedUser { user: Some(user), .. }) => (*arn == *user.arn, Strength::User),
        (Pattern::UniqueId(id), P::FederatedUser { user: Some(user), .. }) => (*id == user.unique_id, Strength::User),
        (Pattern::FederatedUser(arn), P::FederatedUser { arn: own, .. }) => (*arn == **own, Strength::Exact),
        (Pattern::Role(arn), P::RoleSession(session)) => (*arn == session.role_arn, Strength::Role),
        (Pattern::UniqueId(id), P::RoleSession(session)) => (*id == session.role_unique_id, Strength::Role),
        (Pattern::RoleSession(arn), P::RoleSession(session)) => (*arn == *session.arn, Strength::Exact),
        (Pattern::Service(name), P::Service(own)) => (name == own, Strength::Exact),
        (Pattern::Federated(provider), P::Federated(own)) => (provider == own, Strength::Exact),
        _ => return None,
    };
    matched.then_some(strength)
}
