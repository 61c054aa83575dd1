//! The accounts and organizations that a decision is made on.

use std::sync::{Arc, Mutex, PoisonError};

use doorward_directory::{Account, Organization};
use doorward_policy::context::Context;
use doorward_shapes::{Error, common};
use doorward_store::Revision;

use crate::OpenError;
use crate::caller::{Caller, Who};
use crate::cx::{Cx, caller_is_gone};
use crate::desk::Desk;
use crate::realm::Snapshot;

/// Why a question has no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unanswerable {
    /// The principal is no more.
    NoPrincipal,
    /// An account or organization that has a say cannot be read.
    Unreadable,
}

impl From<Unanswerable> for Error {
    fn from(why: Unanswerable) -> Error {
        match why {
            Unanswerable::NoPrincipal => caller_is_gone(),
            Unanswerable::Unreadable => common::service_unavailable("The account could not be read."),
        }
    }
}

/// Where a question finds the states that it is asked of.
pub(crate) trait Lookup {
    /// An account; none where there is no such here.
    fn account(&self, id: &str) -> Result<Option<Arc<Snapshot<Account>>>, Unanswerable>;

    /// An organization; none where there is no such here.
    fn organization(&self, id: &str) -> Result<Option<Arc<Snapshot<Organization>>>, Unanswerable>;

    /// The id of the organization that an account is in.
    fn organization_id(&self, account_id: &str) -> Result<Option<String>, Unanswerable> {
        Ok(self.account(account_id)?.and_then(|account| account.state.settings().organization.clone()))
    }

    /// The organization that an account is in. One that is said to be in an organization which is not to be found is
    /// held down by nobody knows what.
    fn organization_of(&self, account_id: &str) -> Result<Option<Arc<Snapshot<Organization>>>, Unanswerable> {
        let Some(id) = self.organization_id(account_id)? else { return Ok(None) };
        let organization = self.organization(&id)?.ok_or(Unanswerable::Unreadable)?;
        Ok(Some(organization).filter(|organization| organization.state.has(account_id)))
    }
}

/// The keys that say in which organization principal and resource are, and where in it (User Guide, "AWS global condition
/// context keys").
pub(crate) fn describe_organizations(
    lookup: &impl Lookup,
    caller: &Caller,
    resource_account: Option<&str>,
    context: &mut Context<'static>,
) -> Result<(), Unanswerable> {
    // Who is only vouched for is in none.
    let is_member = !matches!(caller.who, Who::Federated(_) | Who::Service { .. } | Who::Anonymous);
    let principal = is_member.then_some(caller.account_id.as_str());
    for (account_id, owner) in [(principal, "Principal"), (resource_account, "Resource")] {
        let Some(account_id) = account_id else { continue };
        let Some(organization) = lookup.organization_of(account_id)? else { continue };
        context.insert(format!("aws:{owner}OrgID"), organization.state.id().to_owned());
        if let Some(path) = organization.state.path_of_account(account_id) {
            context.insert(format!("aws:{owner}OrgPaths"), vec![path]);
        }
    }
    Ok(())
}

/// What the questions of a call have seen: each state is looked up once, so that all of them are asked of the same, and
/// its revision is known.
#[derive(Default)]
pub(crate) struct Seen(Mutex<States>);

#[derive(Default)]
struct States {
    accounts: Vec<Arc<Snapshot<Account>>>,
    organizations: Vec<Arc<Snapshot<Organization>>>,
}

impl Seen {
    /// Begins anew.
    pub fn forget(&self) {
        *self.states() = States::default();
    }

    /// The ids and revisions of all.
    pub fn revisions(&self) -> Vec<(String, Revision)> {
        let states = self.states();
        let accounts = states.accounts.iter().map(|seen| (seen.state.id().to_owned(), seen.revision));
        let organizations = states.organizations.iter().map(|seen| (seen.state.id().to_owned(), seen.revision));
        accounts.chain(organizations).collect()
    }

    fn states(&self) -> std::sync::MutexGuard<'_, States> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The states of now: those on the desk of a call, and the durable ones of all others.
pub(crate) struct Now<'a> {
    pub cx: &'a Cx<'a>,
    pub desk: Option<&'a Desk>,
}

impl Now<'_> {
    fn on_desk<S>(&self, id: &str, state: S) -> Option<Arc<Snapshot<S>>> {
        let revision = self.desk?.revisions.iter().find(|(known, _)| known == id).map_or(0, |(_, at)| *at);
        Some(Arc::new(Snapshot { state, revision }))
    }
}

fn unreadable(error: &OpenError, id: &str) -> Unanswerable {
    tracing::error!(%error, id, "an account or organization could not be loaded");
    Unanswerable::Unreadable
}

impl Lookup for Now<'_> {
    /// Most questions are about the caller's account alone, which need not be copied to see this.
    fn organization_id(&self, account_id: &str) -> Result<Option<String>, Unanswerable> {
        match self.desk.filter(|desk| desk.account.id() == account_id) {
            Some(desk) => Ok(desk.account.settings().organization.clone()),
            None => Ok(self.account(account_id)?.and_then(|account| account.state.settings().organization.clone())),
        }
    }

    fn account(&self, id: &str) -> Result<Option<Arc<Snapshot<Account>>>, Unanswerable> {
        if let Some(account) = self.desk.map(|desk| &desk.account).filter(|account| account.id() == id) {
            return Ok(self.on_desk(id, account.clone()));
        }
        let mut states = self.cx.seen.states();
        if let Some(seen) = states.accounts.iter().find(|seen| seen.state.id() == id) {
            return Ok(Some(Arc::clone(seen)));
        }
        let realm = self.cx.doorward.realm_of::<Account>(id).map_err(|error| unreadable(&error, id))?;
        Ok(realm.map(|realm| {
            let snapshot = realm.snapshot();
            states.accounts.push(Arc::clone(&snapshot));
            snapshot
        }))
    }

    fn organization(&self, id: &str) -> Result<Option<Arc<Snapshot<Organization>>>, Unanswerable> {
        if let Some(own) = self.desk.and_then(|desk| desk.organization.as_ref()).filter(|own| own.id() == id) {
            return Ok(self.on_desk(id, own.clone()));
        }
        let mut states = self.cx.seen.states();
        if let Some(seen) = states.organizations.iter().find(|seen| seen.state.id() == id) {
            return Ok(Some(Arc::clone(seen)));
        }
        let realm = self.cx.doorward.realm_of::<Organization>(id).map_err(|error| unreadable(&error, id))?;
        Ok(realm.map(|realm| {
            let snapshot = realm.snapshot();
            states.organizations.push(Arc::clone(&snapshot));
            snapshot
        }))
    }
}
