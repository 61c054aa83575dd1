//! Delegation requests as both accounts see them (User Guide, "IAM temporary delegation").

use std::sync::Arc;

use doorward_directory::{Account, Delegation, DelegationRequest, DelegationState};
use doorward_shapes::Error;
use doorward_shapes::iam::error;
use jiff::Timestamp;

use crate::cx::Cx;

/// A request.
pub(crate) enum Found {
    /// That nobody has made theirs.
    Unassigned(Arc<DelegationRequest>),
    /// With what became of it.
    Assigned(Arc<Delegation>),
}

impl Found {
    /// The request, as it was asked.
    pub fn request(&self) -> &DelegationRequest {
        match self {
            Found::Unassigned(request) => request,
            Found::Assigned(delegation) => &delegation.request,
        }
    }

    /// How far it has come; none before somebody makes it theirs.
    pub fn state(&self) -> Option<DelegationState> {
        match self {
            Found::Unassigned(_) => None,
            Found::Assigned(delegation) => Some(delegation.state),
        }
    }

    /// When it ends by itself.
    pub fn expires(&self) -> Timestamp {
        match self {
            Found::Unassigned(request) => request.expires(),
            Found::Assigned(delegation) => delegation.expires(),
        }
    }

    /// Whether it has ended by itself.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires() <= now
    }
}

/// The request of this id, if the account has made it or is asked by it. To others there is none.
pub(crate) fn find(cx: &Cx<'_>, account: &Account, id: &str) -> Result<Found, Error> {
    let missing = || error::no_such_entity(format!("The delegation request with id {id} cannot be found."));
    if let Some(delegation) = account.delegations().by_id(id) {
        return Ok(Found::Assigned(Arc::clone(delegation)));
    }
    let requestor = DelegationRequest::requestor_in(id).ok_or_else(missing)?;
    if requestor != account.id() {
        let requestor = cx.account(requestor)?.ok_or_else(missing)?;
        let request = requestor.delegation_requests().by_id(id);
        let request = request.filter(|request| request.owner_account_id == account.id()).ok_or_else(missing)?;
        return Ok(Found::Unassigned(Arc::clone(request)));
    }
    let request = account.delegation_requests().by_id(id).ok_or_else(missing)?;
    let owner = cx.account(&request.owner_account_id)?;
    let delegation = owner.as_ref().and_then(|owner| owner.delegations().by_id(id));
    Ok(match delegation {
        Some(delegation) => Found::Assigned(Arc::clone(delegation)),
        None => Found::Unassigned(Arc::clone(request)),
    })
}
