//! What a call needs done before it can go on.
//!
//! An operation is a plain function on a private copy of the account: it cannot wait for a hash, and what it changes is
//! gone when it refuses. So where it needs such a thing, it says so and ends. The thing is done, and the function runs
//! again, on the newest state, and finds what came of it. It was authorized by then, so nothing is done for those who may
//! not call; but for the caller's own one-time codes, which authorization itself asks about.

use std::sync::{Mutex, MutexGuard, PoisonError};

use doorward_directory::quota::Quota;
use doorward_directory::{Account, AccountSettings, LoginProfile, MfaDevice, MfaHolder};
use doorward_shapes::{Error, Sensitive, common};
use futures_channel::oneshot;

use crate::Doorward;
use crate::cx::Cx;
use crate::mfa::{self, Spent};
use crate::password::{Hashed, Recipe, Salt};
use crate::realm::Realm;
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
    /// Set a quota of an account that need not be the caller's.
    Quota { account_id: String, quota: &'static Quota, value: usize },
}

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
                let hashed = self.hash(password.clone(), recipe).await?;
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
            Errand::Quota { account_id, quota, value } => {
                self.put_quota(cx, &account_id, quota, value).await?;
                cx.errands.state().quota_set = true;
            }
        }
        Ok(())
    }

    async fn hash(&self, password: Sensitive, recipe: Recipe) -> Result<Hashed, Error> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Whoever asked may be gone.
            let _ = sender.send(recipe.hash(password.expose()));
        });
        match self.workers() {
            Some(workers) => workers.take(work).map_err(|Overloaded| common::throttling("Rate exceeded"))?,
            None => work(),
        }
        let hash = receiver.await.ok().flatten();
        hash.ok_or_else(|| common::internal_failure("a password could not be hashed"))
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
    let found = account.mfa_device_by_arn(serial_number).filter(|device| device.is_of(holder));
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
