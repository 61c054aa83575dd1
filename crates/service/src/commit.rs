//! How a change becomes durable, and is made again where another one came first.

use doorward_directory::Account;
use doorward_shapes::{Error, common};
use doorward_store::{CommitError, Event, Refusal, Revision};
use jiff::Timestamp;

use crate::Doorward;
use crate::desk::Desk;
use crate::realm::Realm;
use crate::realms::Realms;

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
    /// Makes a change on the newest state and waits until it is durable, in all realms or in none: what `make` gave for
    /// it, and the revision of the caller's account after it.
    ///
    /// `make` gets private copies; it may be called again on newer ones. An error of its own changes nothing.
    pub(crate) async fn commit<T>(
        &self,
        realms: &Realms<'_>,
        now: Timestamp,
        mut make: impl FnMut(&mut Desk) -> Result<(T, Option<Event>), Error>,
    ) -> Result<(T, Revision), Uncommitted<T>> {
        for _ in 0..MAX_ATTEMPTS {
            realms.refresh(self).map_err(Uncommitted::Refused)?;
            let (submitted, pending) = match realms.change(now, &mut make) {
                Ok(change) => change,
                // What it is about may still be on its way to the disk, and true only when it is there.
                // So may be what it could not read, such as the organization that the account has just made.
                Err((error, about)) => match realms.settled(&about).await {
                    true if error.status < 500 || !about.ahead => return Err(Uncommitted::Refused(error)),
                    _ => continue,
                },
            };
            let made = submitted.made;
            let refusal = match submitted.receipt.await {
                Ok(Ok(_)) => {
                    realms.publish(&pending);
                    self.count_commit();
                    return Ok((made, submitted.revision));
                }
                Ok(Err(refusal)) => refusal,
                Err(_) => CommitError::Closed,
            };
            realms.give_up(self, &pending);
            let Some(error) = told(&refusal) else { continue };
            if matches!(refusal, CommitError::Unknown(_)) && realms.may_hold(&pending) {
                return Err(Uncommitted::Unknown(error, made));
            }
            return Err(Uncommitted::Refused(error));
        }
        Err(Uncommitted::Refused(realms.contended()))
    }

    /// Makes a change of an account that is no call's own, such as that a code was used: it has no event, and stays
    /// whatever becomes of the call.
    pub(crate) async fn note<T>(
        &self,
        realm: &Realm,
        now: Timestamp,
        mut make: impl FnMut(&mut Account) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let realms = Realms::account(realm);
        match self.commit(&realms, now, |desk| make(&mut desk.account).map(|made| (made, None))).await {
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
