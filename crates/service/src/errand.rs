//! What a call needs done before it can go on.
//!
//! An operation is a plain function on a private copy of the account: it cannot wait for a hash, and what it changes is
//! gone when it refuses. So where it needs such a thing, it says so and ends. The thing is done, and the function runs
//! again, on the newest state, and finds what came of it. It was authorized by then, so nothing is done for those who may
//! not call; but for the caller's own one-time codes, which authorization itself asks about.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorward_directory::quota::Quota;
use doorward_directory::{
    Account, AccountSettings, Ceremony, IssuerKey, LoginProfile, MfaDevice, MfaHolder, SecurityKeyChallenge,
};
use doorward_federation::webauthn::Refused;
use doorward_shapes::{Error, Sensitive, common};
use futures_channel::oneshot;
use serde_json::Value;

use crate::Doorward;
use crate::cx::Cx;
use crate::mfa::{self, Spent};
use crate::password::{Hashed, Recipe, Salt};
use crate::realm::Realm;
use crate::security_key;
use crate::workers::{Overloaded, Work};

/// Most errands of one call: a password is compared with at most 25 others.
const MAX_ERRANDS: u32 = 32;

/// One thing to be done.
enum Errand {
    /// Hash a password.
    Hash { password: Sensitive, recipe: Recipe },
    /// Count a guess at a user's password, before anybody looks whether it is right.
    Guess { user_id: String },
    /// Use a one-time code of the caller.
    Code { serial_number: String, code: Sensitive },
    /// Take a challenge for a registration back.
    Challenge { id: String, user_id: String },
    /// Take the caller's challenge back, with the answer of a security key to it.
    Presence { id: String, response: Value },
    /// Work something out that takes long.
    Work(Box<dyn FnOnce() -> Outcome + Send>),
    /// Make keys for an issuer.
    IssuerKeys,
    /// Have the keys of the account's issuer followed by new ones.
    Renewal,
    /// Set a quota of an account that need not be the caller's.
    Quota { account_id: String, quota: &'static Quota, value: usize },
}

/// What was worked out: of which type, the operation knows.
type Outcome = Arc<dyn Any + Send + Sync>;

/// The errands of one call, and what came of them.
#[derive(Default)]
pub(crate) struct Errands(Mutex<State>);

#[derive(Default)]
struct State {
    wanted: Option<Errand>,
    count: u32,
    salt: Option<Salt>,
    hashes: Vec<(Sensitive, Recipe, Hashed)>,
    guessed: bool,
    second_factor: bool,
    challenge: Option<SecurityKeyChallenge>,
    /// The serial number of the security key that has proved the caller's presence.
    security_key: Option<String>,
    outcome: Option<Outcome>,
    issuer_keys: Option<Vec<IssuerKey>>,
    renewed: bool,
    quota_set: bool,
}

impl Errands {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The errand that is asked for.
    fn next(&self) -> Result<Option<Errand>, Error> {
        let mut state = self.state();
        let Some(errand) = state.wanted.take() else { return Ok(None) };
        state.count += 1;
        match state.count <= MAX_ERRANDS {
            true => Ok(Some(errand)),
            false => Err(common::internal_failure("the call needs too much done")),
        }
    }

    /// Asks for an errand. The error is told to nobody: the function will run again.
    fn want(&self, errand: Errand) -> Error {
        self.state().wanted = Some(errand);
        common::internal_failure("an errand was not run")
    }
}

impl Cx<'_> {
    /// The salt for a new password: the same whenever the operation runs again.
    pub fn salt(&self) -> Salt {
        *self.errands.state().salt.get_or_insert_with(|| {
            let mut salt = Salt::default();
            self.world().fill(&mut salt);
            salt
        })
    }

    /// A password's hash.
    pub fn hash(&self, password: &Sensitive, recipe: &Recipe) -> Result<Hashed, Error> {
        let is_it = |known: &Sensitive, how: &Recipe| known.expose() == password.expose() && how == recipe;
        let state = self.errands.state();
        let known = state.hashes.iter().find(|(known, how, _)| is_it(known, how)).map(|(_, _, hashed)| hashed.clone());
        drop(state);
        known.ok_or_else(|| self.errands.want(Errand::Hash { password: password.clone(), recipe: *recipe }))
    }

    /// New keys for an issuer: the same whenever the operation runs again.
    pub fn issuer_keys(&self) -> Result<Vec<IssuerKey>, Error> {
        let made = self.errands.state().issuer_keys.clone();
        made.ok_or_else(|| self.errands.want(Errand::IssuerKeys))
    }

    /// Has the keys of the account's issuer followed by new ones. Those that there are go on to sign, so it is tried once
    /// and the call does not depend on it.
    pub fn renew_issuer_keys(&self) -> Result<(), Error> {
        if self.errands.state().renewed {
            return Ok(());
        }
        Err(self.errands.want(Errand::Renewal))
    }

    /// The right to one guess at a user's password. It counts as a wrong one until the password is put in again.
    pub fn guess_password(&self, user_id: &str) -> Result<(), Error> {
        if self.errands.state().guessed {
            return Ok(());
        }
        Err(self.errands.want(Errand::Guess { user_id: user_id.to_owned() }))
    }

    /// Sets a quota of an account.
    pub fn set_quota(&self, account_id: &str, quota: &'static Quota, value: usize) -> Result<(), Error> {
        if self.errands.state().quota_set {
            return Ok(());
        }
        Err(self.errands.want(Errand::Quota { account_id: account_id.to_owned(), quota, value }))
    }

    /// Whether a one-time code came with the call, and was right.
    pub fn gave_code(&self) -> bool {
        self.errands.state().second_factor
    }

    /// Takes the challenge of a registration. Whatever becomes of the call, nobody gets it again.
    pub fn take_challenge(&self, id: &str, user_id: &str) -> Result<SecurityKeyChallenge, Error> {
        let taken = self.errands.state().challenge.clone();
        let want = || self.errands.want(Errand::Challenge { id: id.to_owned(), user_id: user_id.to_owned() });
        taken.filter(|taken| taken.user_id == user_id).ok_or_else(want)
    }

    /// Has a security key of the caller's prove that they are there; its serial number. The challenge is used, whatever
    /// becomes of the call.
    pub fn prove_presence(&self, id: &str, response: &Value) -> Result<String, Error> {
        let proven = self.errands.state().security_key.clone();
        proven.ok_or_else(|| self.errands.want(Errand::Presence { id: id.to_owned(), response: response.clone() }))
    }

    /// What was worked out for this call, once it was.
    pub fn worked_out<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.errands.state().outcome.clone()?.downcast().ok()
    }

    /// Has something worked out that takes long, away from where calls are answered. [`Self::worked_out`] has it when the
    /// operation runs again.
    pub fn work_out<T: Send + Sync + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Error {
        self.errands.want(Errand::Work(Box::new(move || -> Outcome { Arc::new(work()) })))
    }

    /// Uses a one-time code of a device that is the caller's. Whatever becomes of the call, the code is used.
    pub fn spend_code(&self, account: &Account, serial_number: &str, code: &Sensitive) -> Result<(), Error> {
        let holder = mfa::holder(&self.caller.who).ok_or_else(not_associated)?;
        device(account, &holder, serial_number)?;
        if self.gave_code() {
            return Ok(());
        }
        Err(self.errands.want(Errand::Code { serial_number: serial_number.to_owned(), code: code.clone() }))
    }
}

impl Doorward {
    /// Runs the errand that the operation asks for: whether there was one. If so, the operation is to run again.
    pub(crate) async fn run_errand(&self, cx: &Cx<'_>, realm: &Realm) -> Result<bool, Error> {
        let Some(errand) = cx.errands.next()? else { return Ok(false) };
        // In a place of its own: nearly no call has one, and all calls would be larger for it.
        Box::pin(self.run_one(cx, realm, errand)).await.map(|()| true)
    }

    async fn run_one(&self, cx: &Cx<'_>, realm: &Realm, errand: Errand) -> Result<(), Error> {
        match errand {
            Errand::Hash { password, recipe } => {
                let secret = password.clone();
                let hashed = self.compute(move || recipe.hash(secret.expose())).await?;
                cx.errands.state().hashes.push((password, recipe, hashed));
            }
            Errand::Guess { user_id } => {
                self.count_guess(cx, realm, &user_id).await?;
                cx.errands.state().guessed = true;
            }
            Errand::Code { serial_number, code } => {
                self.use_code(cx, realm, &serial_number, code.expose()).await?;
                cx.errands.state().second_factor = true;
            }
            Errand::Challenge { id, user_id } => {
                let taken = self.note(realm, cx.now, |account| {
                    security_key::take(account, &id, &user_id, Ceremony::Registration, cx.now)
                });
                let taken = taken.await?;
                cx.errands.state().challenge = Some(taken);
            }
            Errand::Presence { id, response } => {
                let serial_number = self.prove_presence(cx, realm, &id, &response).await?;
                cx.errands.state().security_key = Some(serial_number);
            }
            Errand::Work(work) => {
                let outcome = self.compute(move || Some(work())).await?;
                cx.errands.state().outcome = Some(outcome);
            }
            Errand::IssuerKeys => {
                let made = self.make_issuer_keys(cx.date()).await?;
                cx.errands.state().issuer_keys = Some(made);
            }
            Errand::Renewal => {
                if let Err(error) = self.renew_issuer_keys(cx, realm).await {
                    tracing::warn!(code = %error.code, account_id = cx.caller.account_id, "an issuer's keys were not renewed");
                }
                cx.errands.state().renewed = true;
            }
            Errand::Quota { account_id, quota, value } => {
                self.put_quota(cx, &account_id, quota, value).await?;
                cx.errands.state().quota_set = true;
            }
        }
        Ok(())
    }

    /// Computes what takes long, where there is a place for it.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Whoever asked may be gone.
            let _ = sender.send(what());
        });
        match self.workers() {
            Some(workers) => workers.take(work).map_err(|Overloaded| common::throttling("Rate exceeded"))?,
            None => work(),
        }
        let computed = receiver.await.ok().flatten();
        computed.ok_or_else(|| common::internal_failure("a hash or a key could not be made"))
    }

    async fn count_guess(&self, cx: &Cx<'_>, realm: &Realm, user_id: &str) -> Result<(), Error> {
        self.note(realm, cx.now, |account| {
            let Some(profile) = account.login_profiles().by_id(user_id) else { return Ok(()) };
            if profile.guesses.bars_password(cx.now) {
                return Err(common::throttling("Rate exceeded"));
            }
            let mut profile = LoginProfile::clone(profile);
            profile.guesses.count(cx.now);
            account.put(profile);
            Ok(())
        })
        .await
    }

    async fn prove_presence(&self, cx: &Cx<'_>, realm: &Realm, id: &str, response: &Value) -> Result<String, Error> {
        let party = security_key::relying_party(cx)?;
        let user_id = cx.caller.who.unique_id().unwrap_or_default();
        let proven =
            self.note(realm, cx.now, |account| security_key::prove(party, account, user_id, (id, response), cx.now));
        proven.await?.map_err(|refused| {
            if refused == Refused::Counter {
                tracing::warn!(
                    user_id,
                    "the signature counter of a security key has not grown: it may have been copied"
                );
            }
            doorward_shapes::doorward::error::access_denied(format!("MultiFactorAuthentication failed: {refused}"))
        })
    }

    async fn put_quota(&self, cx: &Cx<'_>, account_id: &str, quota: &Quota, value: usize) -> Result<(), Error> {
        let realm = self.realm(account_id).map_err(|error| {
            tracing::error!(%error, account_id, "an account could not be loaded");
            common::service_unavailable("The account could not be read.")
        })?;
        let Some(realm) = realm else { return Ok(()) };
        self.note(&realm, cx.now, |account| {
            let mut settings = AccountSettings::clone(account.settings());
            match value == quota.default {
                true => settings.quotas.remove(quota.name),
                false => settings.quotas.insert(quota.name.to_owned(), value),
            };
            account.put_settings(settings);
            Ok(())
        })
        .await
    }

    async fn use_code(&self, cx: &Cx<'_>, realm: &Realm, serial_number: &str, code: &str) -> Result<(), Error> {
        let holder = mfa::holder(&cx.caller.who).ok_or_else(not_associated)?;
        let spent = self.note(realm, cx.now, |account| {
            if mfa::is_barred(account, &holder, cx.now) {
                return Err(invalid_code());
            }
            let mut device = device(account, &holder, serial_number)?;
            let spent = mfa::spend(cx.keyring(), &mut device, code, cx.now).ok_or_else(invalid_code)?;
            if spent == Spent::Used {
                return Err(invalid_code());
            }
            account.put(device);
            Ok(spent)
        });
        match spent.await? {
            Spent::Right => Ok(()),
            Spent::Used | Spent::Wrong => Err(invalid_code()),
        }
    }
}

fn device(account: &Account, holder: &MfaHolder, serial_number: &str) -> Result<MfaDevice, Error> {
    let found = account.mfa_device(serial_number).filter(|device| device.is_of(holder));
    found.map(|device| MfaDevice::clone(device)).ok_or_else(not_associated)
}

fn not_associated() -> Error {
    common::access_denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid \
         and associated with this user.",
    )
}

fn invalid_code() -> Error {
    common::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}
