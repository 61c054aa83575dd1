//! An account: the unit of consistency, a value.

use std::collections::BTreeSet;
use std::sync::Arc;

use rpds::HashTrieMapSync;

use crate::kinds::{Held, Tables};
use crate::prepared::Prepared;
use crate::quota::Quota;
use crate::record::{self, Change};
use crate::references::{ReferenceKind, Referrers};
use crate::{
    AWS_MANAGED, AccessKey, AccountSettings, Catalogue, Entity, Group, InstanceProfile, MfaDevice, MfaHolder,
    OidcProvider, Policy, Role, SamlProvider, SecurityKey, SecurityKeyChallenge, ServerCertificate, Table, User,
};

/// Whose an access key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// The root user's.
    Root,
    /// A user's, by unique id.
    User(String),
}

/// An account with all that it holds.
#[derive(Clone)]
pub struct Account {
    settings: Arc<AccountSettings>,
    tables: Tables,
    /// The AWS-managed policies, which all accounts share.
    catalogue: Catalogue,
    /// Derived: who refers to what.
    referrers: Referrers,
    /// Derived: the owners of access keys.
    access_keys: HashTrieMapSync<String, KeyOwner>,
    /// Derived: what the engine is asked with, for this state of groups, managed policies and the password policy.
    prepared: Prepared,
    /// Kind and unique id of what was put or removed since the account was loaded.
    touched: BTreeSet<(&'static str, String)>,
}

impl Account {
    /// An account that holds nothing yet.
    pub fn new(settings: AccountSettings) -> Account {
        let mut account = Account {
            settings: Arc::new(settings.clone()),
            tables: Tables::default(),
            catalogue: Catalogue::default(),
            referrers: Referrers::default(),
            access_keys: HashTrieMapSync::new_sync(),
            prepared: Prepared::default(),
            touched: BTreeSet::new(),
        };
        account.put_settings(settings);
        account
    }

    /// The account id: 12 digits.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// The settings.
    pub fn settings(&self) -> &AccountSettings {
        &self.settings
    }

    /// How much of something it may hold: what the operator has set, else the default.
    pub fn quota(&self, quota: &Quota) -> usize {
        self.settings.quotas.get(quota.name).copied().unwrap_or(quota.default)
    }

    /// The entities of one kind.
    pub(crate) fn table<E: Held>(&self) -> &Table<E> {
        E::table(&self.tables)
    }

    /// The AWS-managed policies.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The same account with other AWS-managed policies.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Account {
        Account { catalogue, prepared: Prepared::default(), ..self }
    }

    /// The managed policy with this ARN, the account's own or AWS's: path and name must be its own, exactly.
    pub fn policy_by_arn(&self, arn: &str) -> Option<&Arc<Policy>> {
        if arn.starts_with(AWS_MANAGED) {
            return self.catalogue.get(arn);
        }
        let (_, name) = arn.rsplit_once('/')?;
        let policy = self.policies().by_name(name)?;
        (self.policy_arn(policy) == arn).then_some(policy)
    }

    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
    pub fn user_arn(&self, user: &User) -> String {
        self.arn("user", &user.path, &user.name)
    }

    /// `arn:aws:iam::ACCOUNT:group/PATH/NAME`.
    pub fn group_arn(&self, group: &Group) -> String {
        self.arn("group", &group.path, &group.name)
    }

    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
    pub fn role_arn(&self, role: &Role) -> String {
        self.arn("role", &role.path, &role.name)
    }

    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`; the account of AWS-managed policies is `aws`.
    pub fn policy_arn(&self, policy: &Policy) -> String {
        match policy.aws_managed {
            true => format!("arn:aws:iam::aws:policy{}{}", policy.path, policy.name),
            false => self.arn("policy", &policy.path, &policy.name),
        }
    }

    /// `arn:aws:iam::ACCOUNT:instance-profile/PATH/NAME`.
    pub fn instance_profile_arn(&self, profile: &InstanceProfile) -> String {
        self.arn("instance-profile", &profile.path, &profile.name)
    }

    /// `arn:aws:iam::ACCOUNT:oidc-provider/URL`, the URL without its scheme.
    pub fn oidc_provider_arn(&self, provider: &OidcProvider) -> String {
        self.arn("oidc-provider", "/", &provider.url)
    }

    /// The OpenID Connect provider with this ARN, exactly.
    pub fn oidc_provider_by_arn(&self, arn: &str) -> Option<&Arc<OidcProvider>> {
        self.oidc_providers().by_name(arn.strip_prefix(&self.arn("oidc-provider", "/", ""))?)
    }

    /// `arn:aws:iam::ACCOUNT:saml-provider/NAME`.
    pub fn saml_provider_arn(&self, provider: &SamlProvider) -> String {
        self.arn("saml-provider", "/", &provider.name)
    }

    /// The SAML provider with this ARN, exactly.
    pub fn saml_provider_by_arn(&self, arn: &str) -> Option<&Arc<SamlProvider>> {
        let provider = self.saml_providers().by_name(arn.rsplit_once('/')?.1)?;
        (self.saml_provider_arn(provider) == arn).then_some(provider)
    }

    /// `arn:aws:iam::ACCOUNT:server-certificate/PATH/NAME`.
    pub fn server_certificate_arn(&self, certificate: &ServerCertificate) -> String {
        self.arn("server-certificate", &certificate.path, &certificate.name)
    }

    /// The serial number of a device: `arn:aws:iam::ACCOUNT:mfa/PATH/NAME` of a virtual one, of a hardware token its own.
    pub fn mfa_serial_number(&self, device: &MfaDevice) -> String {
        match device.is_hardware() {
            true => device.path_and_name.clone(),
            false => self.arn("mfa", "", &device.path_and_name),
        }
    }

    /// The device with this serial number, exactly.
    pub fn mfa_device(&self, serial_number: &str) -> Option<&Arc<MfaDevice>> {
        let name = match serial_number.strip_prefix(&self.arn("mfa", "", "")) {
            Some(path_and_name) => path_and_name,
            None => Some(serial_number).filter(|serial_number| !serial_number.starts_with('/'))?,
        };
        let device = self.mfa_devices().by_name(name)?;
        (self.mfa_serial_number(device) == serial_number).then_some(device)
    }

    /// `arn:aws:iam::ACCOUNT:u2f/user/NAME/ID`, a security key's serial number; none where its user is no more.
    pub fn security_key_serial_number(&self, key: &SecurityKey) -> Option<String> {
        let user = self.users().by_id(&key.user_id)?;
        Some(self.arn("u2f/user", "/", &format!("{}/{}", user.name, key.id)))
    }

    /// The security key with this serial number, exactly.
    pub fn security_key(&self, serial_number: &str) -> Option<&Arc<SecurityKey>> {
        let (_, id) = serial_number.rsplit_once('/')?;
        let key = self.security_keys().by_id(id)?;
        (self.security_key_serial_number(key)? == serial_number).then_some(key)
    }

    /// The security keys of a user, by unique id.
    pub fn security_keys_of<'a>(&'a self, user_id: &str) -> impl Iterator<Item = &'a Arc<SecurityKey>> + use<'a> {
        self.referrers(user_id, ReferenceKind::MfaDevice).filter_map(|id| self.security_keys().by_id(id))
    }

    /// The challenges to a user's security keys that are not answered yet, by unique id.
    pub fn security_key_challenges_of<'a>(
        &'a self,
        user_id: &str,
    ) -> impl Iterator<Item = &'a Arc<SecurityKeyChallenge>> + use<'a> {
        self.referrers(user_id, ReferenceKind::Challenge).filter_map(|id| self.security_key_challenges().by_id(id))
    }

    /// The MFA devices that are assigned to somebody.
    pub fn mfa_devices_of<'a>(&'a self, holder: &MfaHolder) -> impl Iterator<Item = &'a Arc<MfaDevice>> + use<'a> {
        self.referrers(holder.key(), ReferenceKind::MfaDevice).filter_map(|id| self.mfa_devices().by_id(id))
    }

    /// `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`; the path has its leading and trailing `/`.
    pub fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.settings.id)
    }

    /// Whose an access key is.
    pub fn key_owner(&self, access_key_id: &str) -> Option<&KeyOwner> {
        self.access_keys.get(access_key_id)
    }

    /// The unique ids of those who refer to a group, role or user (by unique id), the root user (by `root`) or a managed
    /// policy (by ARN) in this way.
    pub fn referrers<'a>(&'a self, target: &str, kind: ReferenceKind) -> impl Iterator<Item = &'a str> + use<'a> {
        let ids: Vec<&'a str> = self.referrers.of(target).filter(|(how, _)| *how == kind).map(|(_, id)| id).collect();
        ids.into_iter()
    }

    pub(crate) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Puts the settings in place of the old ones.
    pub fn put_settings(&mut self, settings: AccountSettings) {
        let old = std::mem::replace(&mut self.settings, Arc::new(settings));
        let new = Arc::clone(&self.settings);
        self.index_keys(&old.root_access_keys, &new.root_access_keys, &KeyOwner::Root);
        // It may grant something to every user.
        if old.password_policy != new.password_policy {
            self.prepared = Prepared::default();
        }
        self.touched.insert((record::SETTINGS, new.id.clone()));
    }

    /// Puts an entity in place of the one of its kind with its unique id, or adds it.
    pub fn put<E: Held>(&mut self, entity: E) {
        let new = Arc::new(entity);
        let old = E::table_mut(&mut self.tables).put(Arc::clone(&new));
        self.index(new.id(), old.as_deref(), Some(new.as_ref()));
    }

    /// Takes an entity out, by its unique id, with its access keys and what it refers to.
    pub fn remove<E: Held>(&mut self, id: &str) {
        if let Some(old) = E::table_mut(&mut self.tables).take(id) {
            self.index(id, Some(old.as_ref()), None);
        }
    }

    /// What has to be written so that the store holds this account, given that it held it as loaded.
    pub fn changes(&self) -> Vec<Change> {
        let settings = |id: &str| record::change(record::SETTINGS, id, Some(self.settings.as_ref()));
        let change = |(kind, id): &(&'static str, String)| self.tables.change(kind, id).unwrap_or_else(|| settings(id));
        self.touched.iter().map(change).collect()
    }

    /// Begins to count changes anew: what was touched is in the store, or on its way there.
    pub fn forget_changes(&mut self) {
        self.touched.clear();
    }

    /// Brings what is derived in line with an entity that was put or taken out.
    fn index<E: Entity>(&mut self, id: &str, old: Option<&E>, new: Option<&E>) {
        let keys = |entity: Option<&E>| entity.map(|entity| entity.access_keys().to_vec()).unwrap_or_default();
        self.index_keys(&keys(old), &keys(new), &KeyOwner::User(id.to_owned()));
        self.referrers.replace(id, old, new);
        if [Group::KIND, Policy::KIND].contains(&E::KIND) {
            self.prepared = Prepared::default();
        }
        self.touched.insert((E::KIND, id.to_owned()));
    }

    fn index_keys(&mut self, old: &[AccessKey], new: &[AccessKey], owner: &KeyOwner) {
        for key in old {
            self.access_keys.remove_mut(&key.id);
        }
        for key in new {
            self.access_keys.insert_mut(key.id.clone(), owner.clone());
        }
    }
}
