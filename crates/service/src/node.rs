//! A node: the store, the keyring, and the accounts that are in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use doorward_directory::{Account, AccountSettings, Catalogue, Organization, id};
use doorward_policy::evaluate::{Confusion, Decision, Denial};
use doorward_policy::request::Layers;
use doorward_shapes::{Error, common};
use doorward_store::{Committer, Event, EventLog, Line, Store};
use jiff::Timestamp;

use crate::issuer_keys::IssuerKeys;
use crate::op::Op;
use crate::realm::Realm;
use crate::secrets::{KEY_LENGTH, KeyError, Keyring};
use crate::shelf::{Shelf, State};
use crate::uses::Uses;
use crate::{Egress, RelyingParty, Workers, World};

/// Settings of a node.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--dev`: whoever reaches the own API from this machine without a signature is the operator, and denials end with
    /// the command that explains them.
    pub dev: bool,
    /// Whether decisions for resource services are recorded when they allow, too. Denials always are.
    pub record_allowed: bool,
    /// The AWS-managed policies; none where the installation has no catalogue of them.
    pub catalogue: Catalogue,
    /// What services there are; without it, only those are known that policies name.
    pub services: Services,
    /// How documents of identity providers are fetched; without it none is, and nobody can sign in with them.
    pub egress: Option<Arc<dyn Egress>>,
    /// For which domain security keys are asked, and by which pages; without it there are no such ceremonies.
    pub relying_party: Option<RelyingParty>,
    /// Where passwords are hashed; without it, on the thread that answers the call.
    pub workers: Option<Arc<dyn Workers>>,
}

/// The services that policies can be about, if that is known.
#[derive(Clone, Copy, Default)]
pub struct Services(pub Option<&'static (dyn doorward_policy::catalogue::Catalogue + Send + Sync)>);

impl fmt::Debug for Services {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Services" } else { "Services(none)" })
    }
}

/// Why a node cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The store failed.
    Store(doorward_store::Error),
    /// The keyring does not open.
    Key(KeyError),
    /// The store holds no installation: `doorward init` makes one.
    NotInitialized,
    /// The store holds an installation already.
    AlreadyInitialized,
    /// The account id is not one.
    InvalidAccountId(String),
    /// An account of this id exists.
    AccountExists(String),
    /// An account cannot be read.
    Account(doorward_directory::LoadError),
    /// A key or secret could not be made.
    Seal,
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Store(error) => error.fmt(out),
            OpenError::Key(error) => error.fmt(out),
            OpenError::NotInitialized => out.write_str("there is no installation here: run `doorward init` first"),
            OpenError::AlreadyInitialized => out.write_str(
                "there is an installation here already: start it with `doorward serve`, or choose another directory",
            ),
            OpenError::InvalidAccountId(text) => write!(out, "{text:?} is not an account id: it must be 12 digits"),
            OpenError::AccountExists(id) => write!(out, "the account {id} exists already"),
            OpenError::Account(error) => error.fmt(out),
            OpenError::Seal => out.write_str("a secret could not be sealed"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<doorward_store::Error> for OpenError {
    fn from(error: doorward_store::Error) -> OpenError {
        OpenError::Store(error)
    }
}

/// An account that was made, with the root user's key. The secret is shown once and cannot be had again.
pub struct NewAccount {
    /// The account id.
    pub account_id: String,
    /// The root user's access key id.
    pub access_key_id: String,
    /// The secret access key. Handed out once; nothing else tells it.
    pub secret_access_key: zeroize::Zeroizing<String>,
}

/// The setting that holds the sealed keyring.
const KEYRING: &str = "keyring";
/// The setting that names the operator's account: the first one, whose principals may use the own API.
const OPERATOR: &str = "operator-account";

/// A running installation.
pub struct Doorward {
    store: Arc<dyn Store>,
    committer: Committer,
    log: EventLog,
    keyring: Keyring,
    world: Box<dyn World>,
    options: Options,
    operator: String,
    pub(crate) accounts: Shelf<Account>,
    pub(crate) organizations: Shelf<Organization>,
    ops: HashMap<(&'static str, &'static str), Op>,
    uses: Uses,
    issuer_keys: IssuerKeys,
    commits: AtomicU64,
    unreadable: AtomicU64,
    /// Which account last asked for an alias: it may not show in its durable state yet.
    alias_claims: Mutex<HashMap<String, String>>,
    /// Where clients reach it, once that is known.
    public_url: OnceLock<String>,
}

impl Doorward {
    /// Makes an installation in an empty store: the keyring, and the first account with a root access key.
    ///
    /// # Errors
    /// The store has one already or fails, or the account id is not one.
    pub fn initialize(
        store: &Arc<dyn Store>,
        world: &dyn World,
        kek: &[u8; KEY_LENGTH],
        account_id: Option<&str>,
        account_name: &str,
    ) -> Result<NewAccount, OpenError> {
        if store.setting(KEYRING)?.is_some() {
            return Err(OpenError::AlreadyInitialized);
        }
        let keyring = Keyring::generate(world);
        let settings = settings(world, account_id, account_name)?;
        // The keyring comes last: with it the installation is complete.
        let account = crate::doorward::account::found(&**store, &keyring, world, settings, |_| None)?;
        store.put_setting(OPERATOR, account.account_id.as_bytes())?;
        store.put_setting(KEYRING, &keyring.sealed(kek, world).map_err(OpenError::Key)?)?;
        Ok(account)
    }

    /// Opens an installation. `log` is the node's own event log.
    ///
    /// # Errors
    /// There is none, the store fails, or the key-encryption key is another one.
    pub fn open(
        store: Arc<dyn Store>,
        log: EventLog,
        world: Box<dyn World>,
        kek: &[u8; KEY_LENGTH],
        options: Options,
    ) -> Result<Doorward, OpenError> {
        let sealed = store.setting(KEYRING)?.ok_or(OpenError::NotInitialized)?;
        let mut keyring = Keyring::open(kek, &sealed).map_err(OpenError::Key)?;
        if keyring.complete(&*world) {
            store.put_setting(KEYRING, &keyring.sealed(kek, &*world).map_err(OpenError::Key)?)?;
        }
        let operator = store.setting(OPERATOR)?.and_then(|text| String::from_utf8(text).ok());
        let services = [
            ("iam", crate::iam::ops()),
            ("organizations", crate::organizations::ops()),
            ("sts", crate::sts::ops()),
            ("doorward", crate::doorward::ops()),
        ];
        let rows =
            services.into_iter().flat_map(|(service, ops)| ops.into_iter().map(move |op| ((service, op.name), op)));
        Ok(Doorward {
            issuer_keys: IssuerKeys::new(options.egress.clone()),
            committer: Committer::start(Arc::clone(&store)),
            store,
            log,
            keyring,
            world,
            options,
            operator: operator.ok_or(OpenError::NotInitialized)?,
            accounts: Shelf::default(),
            organizations: Shelf::default(),
            ops: rows.collect(),
            uses: Uses::default(),
            commits: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
            alias_claims: Mutex::default(),
            public_url: OnceLock::new(),
        })
    }

    /// For which domain security keys are asked.
    pub(crate) fn relying_party(&self) -> Option<&RelyingParty> {
        self.options.relying_party.as_ref()
    }

    /// Whether the store answers.
    pub fn is_ready(&self) -> bool {
        self.store.setting(OPERATOR).is_ok_and(|setting| setting.is_some())
    }

    /// How many changes have become durable since the start.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many decisions were denials because a policy could not be read: each one a reason to look.
    pub fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// Raises the alarm where a decision is owed to a policy that cannot be read: damaged in the store, or written by
    /// another version. It denies to whom it is attached, and to nobody else.
    pub(crate) fn heed(&self, principal: &str, decision: Decision, layers: &Layers<'_>) {
        if let Some(Denial::NotUnderstood(Confusion::Policy { layer, level, policy })) = decision.denial() {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            let source = layers.policies(layer, level).get(policy).map(|attached| &attached.source);
            let named = source.and_then(|source| source.name()).unwrap_or_default();
            let attached_to = source.and_then(|source| source.attached_to()).unwrap_or_default();
            tracing::error!(principal, policy = named, attached_to, "a policy cannot be read: everything is denied");
        }
    }

    pub(crate) fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Finishes what was begun: every change that was submitted, every event that was recorded, and every use that was
    /// noted, is durable after.
    pub fn close(&self) {
        self.keep_uses();
        self.committer.close();
        self.log.close();
    }

    /// The operations that are implemented, as service and operation names.
    pub fn implemented(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.ops.keys().copied()
    }

    /// What services there are.
    pub(crate) fn services(&self) -> Services {
        self.options.services
    }

    pub(crate) fn uses(&self) -> &Uses {
        &self.uses
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    pub(crate) fn world(&self) -> &dyn World {
        &*self.world
    }

    /// Says where clients reach this installation, such as `https://iam.example.com`: issuers are named after it. Only
    /// the first time counts.
    pub fn reached_at(&self, url: &str) {
        self.public_url.get_or_init(|| url.to_owned());
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public_url.get().map(String::as_str)
    }

    /// The keys of identity providers.
    pub(crate) fn issuer_keys(&self) -> &IssuerKeys {
        &self.issuer_keys
    }

    /// Where work is done that takes long, if there is such a place.
    pub(crate) fn workers(&self) -> Option<&dyn Workers> {
        self.options.workers.as_deref()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(crate) fn op(&self, service: &'static str, name: &'static str) -> Option<&Op> {
        self.ops.get(&(service, name))
    }

    pub(crate) fn records_allowed(&self) -> bool {
        self.options.record_allowed
    }

    /// The account whose principals may use the own API.
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// The operator's account, if unsigned calls of this machine are its root user's.
    pub(crate) fn loopback_operator(&self) -> Option<&str> {
        self.options.dev.then_some(self.operator.as_str())
    }

    /// An error with the command that explains it, in `--dev`.
    pub(crate) fn hinted(&self, mut error: Error, decision: &str) -> Error {
        if self.options.dev && error.code.starts_with("AccessDenied") && !decision.is_empty() {
            error.message.push_str(&format!("  [doorward why {decision}]"));
        }
        error
    }

    /// An account as it is now; none where there is none.
    pub(crate) fn account(&self, account_id: &str) -> Result<Option<Arc<Account>>, OpenError> {
        Ok(self.realm(account_id)?.map(|realm| Arc::new(realm.snapshot().state.clone())))
    }

    /// The ids of all accounts.
    pub(crate) fn account_ids(&self) -> Result<Vec<String>, OpenError> {
        let realms = self.store.realms()?;
        Ok(realms
            .iter()
            .filter_map(|(realm, _)| realm.as_str().strip_prefix(Account::PREFIX))
            .map(str::to_owned)
            .collect())
    }

    /// Claims an alias for an account, within a change of it. False if another account has it, or may be getting it at
    /// this moment.
    pub(crate) fn claim_alias(&self, alias: &str, account_id: &str) -> Result<bool, Error> {
        let unavailable = |error: OpenError| {
            tracing::error!(%error, "the accounts could not be read");
            common::service_unavailable("The accounts could not be read.")
        };
        let has = |account: &Account| account.settings().alias.as_deref() == Some(alias);
        let mut claims = self.alias_claims.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = claims.get(alias).filter(|other| *other != account_id)
            && self.realm(other).map_err(unavailable)?.is_some_and(|realm| realm.may_be(has))
        {
            return Ok(false);
        }
        for id in self.account_ids().map_err(unavailable)?.iter().filter(|id| *id != account_id) {
            if self.account(id).map_err(unavailable)?.is_some_and(|account| has(&account)) {
                return Ok(false);
            }
        }
        // An account has one alias, so one claim.
        claims.retain(|_, owner| owner != account_id);
        claims.insert(alias.to_owned(), account_id.to_owned());
        Ok(true)
    }

    /// The realm of an account, loaded on first use.
    pub(crate) fn realm(&self, account_id: &str) -> Result<Option<Arc<Realm>>, OpenError> {
        self.realm_of(account_id)
    }

    /// A new line to commit on.
    pub(crate) fn line(&self) -> Line {
        self.committer.line()
    }

    /// The AWS-managed policies.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.options.catalogue
    }

    /// Records an event that comes with no change.
    pub(crate) fn record(&self, event: Event) {
        if let Err(error) = self.log.append(&event) {
            tracing::error!(%error, "an audit event could not be recorded");
        }
    }

    pub(crate) fn record_if_any(&self, event: Option<Event>) {
        if let Some(event) = event {
            self.record(event);
        }
    }

    /// Records an event and waits until it is durable.
    pub(crate) async fn record_durably(&self, event: Event) -> Result<(), Error> {
        match self.log.append_durable(&event).await {
            Ok(Ok(())) => Ok(()),
            _ => {
                tracing::error!("an audit event could not be made durable");
                Err(common::service_unavailable("The audit event could not be made durable."))
            }
        }
    }
}

/// The settings of a new account: with this id, or a random one.
pub(crate) fn settings(world: &dyn World, account_id: Option<&str>, name: &str) -> Result<AccountSettings, OpenError> {
    let account_id = match account_id {
        Some(text) if id::is_account_id(text) => text.to_owned(),
        Some(text) => return Err(OpenError::InvalidAccountId(text.to_owned())),
        None => format!("{:012}", crate::world::random_u128(world) % 900_000_000_000 + 100_000_000_000),
    };
    let created = Timestamp::from_second(world.now().as_second()).unwrap_or_default();
    Ok(AccountSettings::new(account_id, name.to_owned(), created))
}
