//! How a change becomes durable, and is made again where another one came first.

use doorward_directory::Account;
use doorward_shapes::{Error, common};
use doorward_store::{Commit, CommitError, Event, Line, Refusal, Revision};
use futures_channel::oneshot::Receiver;
use jiff::Timestamp;

use crate::Doorward;
use crate::realm::{Realm, stored_changes};

/// How often a change is made again when another one came first.
const MAX_ATTEMPTS: u32 = 8;

/// A change that was not committed.
pub(crate) enum Uncommitted<T> {
    /// Nothing has changed.
    Refused(Error),
    /// It may be durable all the same; with what was made of it.
    Unknown(Error, T),
}

impl Doorward {
    /// Makes a change on the newest state and waits until it is durable: what `make` gave for it, and its revision.
    ///
    /// `make` gets a private copy of the account and the revision that the change will have; it may be called again on a
    /// newer state. An error of its own changes nothing.
    pub(crate) async fn commit<T>(
        &self,
        realm: &Realm,
        now: Timestamp,
        mut make: impl FnMut(&mut Account, Revision) -> Result<(T, Option<Event>), Error>,
    ) -> Result<(T, Revision), Uncommitted<T>> {
        for _ in 0..MAX_ATTEMPTS {
            if let Err(error) = realm.refresh(|| self.reload(&realm.id)) {
                tracing::error!(%error, realm = realm.id.as_str(), "an account could not be reloaded");
                let error = common::service_unavailable("The account could not be read.");
                return Err(Uncommitted::Refused(error));
            }
            let change = realm.change(|account, revision, line| {
                let (made, event) = make(account, revision)?;
                let receipt = submit(line, realm, account, revision, now, event);
                Ok::<_, Error>((made, revision, receipt))
            });
            let ((made, revision, receipt), pending) = match change {
                Ok(change) => change,
                // What it is about may still be on its way to the disk, and true only when it is there.
                Err((error, about)) => match realm.settled(&about).await {
                    true => return Err(Uncommitted::Refused(error)),
                    false => continue,
                },
            };
            let refusal = match receipt.await {
                Ok(Ok(_)) => {
                    realm.publish(&pending);
                    self.count_commit();
                    return Ok((made, revision));
                }
                Ok(Err(refusal)) => refusal,
                Err(_) => CommitError::Closed,
            };
            if let Err(error) = realm.give_up(&pending, || self.reload(&realm.id)) {
                tracing::error!(%error, realm = realm.id.as_str(), "an account could not be reloaded");
            }
            let Some(error) = told(&refusal) else { continue };
            let unknown = matches!(refusal, CommitError::Unknown(_));
            if unknown && (realm.is_stale() || realm.snapshot().revision >= revision) {
                return Err(Uncommitted::Unknown(error, made));
            }
            return Err(Uncommitted::Refused(error));
        }
        Err(Uncommitted::Refused(doorward_shapes::iam::error::concurrent_modification(
            "The request was rejected because multiple requests to change this account were submitted simultaneously.",
        )))
    }

    /// Makes a change that is no call's own, such as that a code was used: it has no event, and stays whatever becomes
    /// of the call.
    pub(crate) async fn note<T>(
        &self,
        realm: &Realm,
        now: Timestamp,
        mut make: impl FnMut(&mut Account) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.commit(realm, now, |account, _| make(account).map(|made| (made, None))).await {
            Ok((made, _)) => Ok(made),
            Err(Uncommitted::Refused(error) | Uncommitted::Unknown(error, _)) => Err(error),
        }
    }
}

/// What the caller is told of a change that was not committed; none when it is to be made again.
fn told(refusal: &CommitError) -> Option<Error> {
    match refusal {
        CommitError::Refused(Refusal::Conflict) => None,
        CommitError::Overloaded => Some(common::service_unavailable("Too many changes are waiting. Try again.")),
        CommitError::Closed => Some(common::service_unavailable("The service is stopping.")),
        CommitError::Refused(_) | CommitError::Unknown(_) => {
            tracing::error!(error = %refusal, "a change could not be committed");
            Some(common::service_unavailable("The change could not be made durable."))
        }
    }
}

fn submit(
    line: &Line,
    realm: &Realm,
    account: &Account,
    revision: Revision,
    now: Timestamp,
    event: Option<Event>,
) -> Receiver<Result<u64, CommitError>> {
    line.submit(Commit {
        realm: realm.id.clone(),
        expected: revision - 1,
        time_ms: now.as_millisecond(),
        changes: stored_changes(account),
        event,
    })
}
