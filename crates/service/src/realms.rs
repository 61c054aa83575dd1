//! The realms that a call is about, changed together.

use doorward_directory::{Account, Organization};
use doorward_shapes::{Error, common};
use doorward_store::{Commit, CommitError, Event, Line, Revision, Step};
use futures_channel::oneshot::Receiver;
use jiff::Timestamp;

use crate::Doorward;
use crate::desk::{Desk, Touches};
use crate::realm::{Draft, Pending, Realm};
use crate::shelf::State;

/// The caller's account, and the organization that it is in.
pub(crate) struct Realms<'r> {
    pub account: &'r Realm<Account>,
    pub organization: Option<&'r Realm<Organization>>,
    pub touches: Touches,
}

/// States of the realms that a change is about, which may not be durable yet.
#[derive(Default)]
pub(crate) struct Pendings {
    account: Option<Pending<Account>>,
    organization: Option<Pending<Organization>>,
    /// Whether one of them was found on its way to the disk.
    pub ahead: bool,
}

/// A change that was handed to the writer.
pub(crate) struct Submitted<T> {
    pub made: T,
    /// The revision of the caller's account after it.
    pub revision: Revision,
    pub receipt: Receiver<Result<Revision, CommitError>>,
}

impl<'r> Realms<'r> {
    /// An account alone.
    pub fn account(account: &'r Realm<Account>) -> Realms<'r> {
        Realms { account, organization: None, touches: Touches::Account }
    }

    /// Private copies of the durable state.
    pub fn desk(&self) -> Desk {
        self.lay(None, None)
    }

    /// Makes a change on the newest states of the realms that it is about. An error comes with the states that it is
    /// about.
    pub fn change<T>(
        &self,
        now: Timestamp,
        make: impl FnOnce(&mut Desk) -> Result<(T, Option<Event>), Error>,
    ) -> Result<(Submitted<T>, Pendings), (Error, Pendings)> {
        // Always in this order, so that two changes never wait for each other.
        let account = self.touches.account().then(|| self.account.draft());
        let organization = self.organization.filter(|_| self.touches.organization()).map(Realm::draft);
        let ahead =
            account.as_ref().is_some_and(|draft| draft.ahead) || organization.as_ref().is_some_and(|draft| draft.ahead);
        let mut desk = self.lay(account.as_ref(), organization.as_ref());
        match make(&mut desk) {
            Ok((made, event)) => {
                let revision =
                    account.as_ref().map_or_else(|| self.account.snapshot().revision, |draft| draft.revision);
                let receipt = submit(&desk, account.as_ref(), organization.as_ref(), now, event);
                let receipt =
                    receipt.ok_or_else(|| (common::internal_failure("a change of nothing"), Pendings::default()))?;
                let organization = organization.zip(desk.organization).map(|(draft, state)| draft.done(state));
                let account = account.map(|draft| draft.done(desk.account));
                Ok((Submitted { made, revision, receipt }, Pendings { account, organization, ahead }))
            }
            Err(error) => {
                let (account, organization) = (account.map(Draft::undone), organization.map(Draft::undone));
                Err((error, Pendings { account, organization, ahead }))
            }
        }
    }

    /// The states that are being changed, and the durable ones of the others.
    fn lay(&self, account: Option<&Draft<'_, Account>>, organization: Option<&Draft<'_, Organization>>) -> Desk {
        let (account, revision) = self.account.state(account);
        let mut revisions = vec![(account.id().to_owned(), revision)];
        let organization = self.organization.filter(|_| self.touches.organization()).map(|realm| {
            let (state, revision) = realm.state(organization);
            revisions.push((state.id().to_owned(), revision));
            state
        });
        Desk { account, organization, founded: Vec::new(), revisions }
    }

    /// Reads again what could not be read before.
    pub fn refresh(&self, doorward: &Doorward) -> Result<(), Error> {
        let account = self.account.refresh(|| doorward.reload(&self.account.id));
        let organization = self.organization.map_or(Ok(()), |realm| realm.refresh(|| doorward.reload(&realm.id)));
        account.and(organization).map_err(|error| {
            tracing::error!(%error, realm = self.account.id.as_str(), "a realm could not be reloaded");
            common::service_unavailable("The account could not be read.")
        })
    }

    /// Waits until states are durable. False if one was given up.
    pub async fn settled(&self, about: &Pendings) -> bool {
        let account = match &about.account {
            Some(pending) => self.account.settled(pending).await,
            None => true,
        };
        match (&about.organization, self.organization) {
            (Some(pending), Some(realm)) => realm.settled(pending).await && account,
            _ => account,
        }
    }

    /// The change is durable: readers see it from now on.
    pub fn publish(&self, pending: &Pendings) {
        if let Some((realm, pending)) = self.organization.zip(pending.organization.as_ref()) {
            realm.publish(pending);
        }
        if let Some(pending) = &pending.account {
            self.account.publish(pending);
        }
    }

    /// The change is not durable, nor is any that was made upon it.
    pub fn give_up(&self, doorward: &Doorward, pending: &Pendings) {
        let of_organization = self.organization.zip(pending.organization.as_ref());
        let organization = of_organization.map(|(realm, it)| realm.give_up(it, || doorward.reload(&realm.id)));
        let of_account = pending.account.as_ref();
        let account = of_account.map(|it| self.account.give_up(it, || doorward.reload(&self.account.id)));
        for error in [account, organization].into_iter().flatten().filter_map(Result::err) {
            tracing::error!(%error, realm = self.account.id.as_str(), "a realm could not be reloaded");
        }
    }

    /// Whether the store may hold a change all the same, of which it is unknown.
    pub fn may_hold(&self, pending: &Pendings) -> bool {
        let account = pending.account.as_ref().is_some_and(|it| self.account.may_hold(it));
        let organization = self.organization.zip(pending.organization.as_ref());
        account || organization.is_some_and(|(realm, it)| realm.may_hold(it))
    }

    /// Others came first too often.
    pub fn contended(&self) -> Error {
        match self.touches {
            Touches::Account => doorward_shapes::iam::error::concurrent_modification(
                "The request was rejected because multiple requests to change this account were submitted \
                 simultaneously.",
            ),
            Touches::Organization | Touches::Both => doorward_shapes::organizations::error::concurrent_modification(
                "The target of the operation is currently being modified by a different request. Try again later.",
            ),
        }
    }
}

/// Hands a change to the writer: a step of each realm that it is about, and the first of each that it makes. None where
/// there is no such realm.
fn submit(
    desk: &Desk,
    account: Option<&Draft<'_, Account>>,
    organization: Option<&Draft<'_, Organization>>,
    now: Timestamp,
    event: Option<Event>,
) -> Option<Receiver<Result<Revision, CommitError>>> {
    let mut steps: Vec<(Option<&Line>, Step)> = Vec::new();
    if let Some(draft) = account {
        steps.push((Some(draft.line()), step(&desk.account, desk.account.id(), draft.revision - 1)));
    }
    if let Some(state) = &desk.organization {
        let expected = organization.map_or(0, |draft| draft.revision - 1);
        steps.push((organization.map(Draft::line), step(state, state.id(), expected)));
    }
    steps.extend(desk.founded.iter().map(|new| (None, step(new, new.id(), 0))));
    let mut steps = steps.into_iter();
    let (line, first) = steps.next()?;
    let (lines, also): (Vec<_>, Vec<_>) = steps.unzip();
    let lines: Vec<&Line> = lines.into_iter().flatten().collect();
    let commit = Commit {
        realm: first.realm,
        expected: first.expected,
        time_ms: now.as_millisecond(),
        changes: first.changes,
        event,
        also,
    };
    Some(line?.submit_with(&lines, commit))
}

fn step<S: State>(state: &S, id: &str, expected: Revision) -> Step {
    Step { realm: S::realm_id(id), expected, changes: state.stored_changes() }
}
