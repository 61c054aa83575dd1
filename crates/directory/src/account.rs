//! An account: the unit of consistency, a value.

use std::collections::BTreeSet;
use std::sync::Arc;

use rpds::HashTrieMapSync;

use crate::record::{self, Change};
use crate::references::{ReferenceKind, Referrers};
use crate::{AWS_MANAGED, AccessKey, AccountSettings, Catalogue, Entity, Group, Policy, Role, Table, User};

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
    users: Table<User>,
    groups: Table<Group>,
    roles: Table<Role>,
    policies: Table<Policy>,
    /// The AWS-managed policies, which all accounts share.
    catalogue: Catalogue,
    /// Derived: who refers to what.
    referrers: Referrers,
    /// Derived: the owners of access keys.
    access_keys: HashTrieMapSync<String, KeyOwner>,
    /// Kind and unique id of what was put or removed since the account was loaded.
    touched: BTreeSet<(&'static str, String)>,
}

impl Account {
    /// An account that holds nothing yet.
    pub fn new(settings: AccountSettings) -> Account {
        let mut account = Account {
            settings: Arc::new(settings.clone()),
            users: Table::default(),
            groups: Table::default(),
            roles: Table::default(),
            policies: Table::default(),
            catalogue: Catalogue::default(),
            referrers: Referrers::default(),
            access_keys: HashTrieMapSync::new_sync(),
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

    /// The users.
    pub fn users(&self) -> &Table<User> {
        &self.users
    }

    /// The groups.
    pub fn groups(&self) -> &Table<Group> {
        &self.groups
    }

    /// The roles.
    pub fn roles(&self) -> &Table<Role> {
        &self.roles
    }

    /// The customer managed policies.
    pub fn policies(&self) -> &Table<Policy> {
        &self.policies
    }

    /// The AWS-managed policies.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The same account with other AWS-managed policies.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Account {
        Account { catalogue, ..self }
    }

    /// The managed policy with this ARN, the account's own or AWS's: path and name must be its own, exactly.
    pub fn policy_by_arn(&self, arn: &str) -> Option<&Arc<Policy>> {
        if arn.starts_with(AWS_MANAGED) {
            return self.catalogue.get(arn);
        }
        let (_, name) = arn.rsplit_once('/')?;
        let policy = self.policies.by_name(name)?;
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

    /// `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`; the path has its leading and trailing `/`.
    pub fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.settings.id)
    }

    /// Whose an access key is.
    pub fn key_owner(&self, access_key_id: &str) -> Option<&KeyOwner> {
        self.access_keys.get(access_key_id)
    }

    /// The unique ids of those who refer to a group (by unique id) or a managed policy (by ARN) in this way.
    pub fn referrers<'a>(&'a self, target: &str, kind: ReferenceKind) -> impl Iterator<Item = &'a str> + use<'a> {
        let ids: Vec<&'a str> = self.referrers.of(target).filter(|(how, _)| *how == kind).map(|(_, id)| id).collect();
        ids.into_iter()
    }

    /// Puts the settings in place of the old ones.
    pub fn put_settings(&mut self, settings: AccountSettings) {
        let old = std::mem::replace(&mut self.settings, Arc::new(settings));
        let new = Arc::clone(&self.settings);
        self.index_keys(&old.root_access_keys, &new.root_access_keys, &KeyOwner::Root);
        self.touched.insert((record::SETTINGS, new.id.clone()));
    }

    /// Puts a user in place of the one with its unique id, or adds it.
    pub fn put_user(&mut self, user: User) {
        let owner = KeyOwner::User(user.id.clone());
        let keys = user.access_keys.clone();
        let id = user.id.clone();
        let references = user.references();
        let old = self.users.put(user);
        let old_keys = old.as_ref().map(|old| old.access_keys.as_slice()).unwrap_or_default();
        self.index_keys(old_keys, &keys, &owner);
        self.index(User::KIND, &id, old.map(|old| old.references()), references);
    }

    /// Puts a group in place of the one with its unique id, or adds it.
    pub fn put_group(&mut self, group: Group) {
        let (id, references) = (group.id.clone(), group.references());
        let old = self.groups.put(group);
        self.index(Group::KIND, &id, old.map(|old| old.references()), references);
    }

    /// Puts a role in place of the one with its unique id, or adds it.
    pub fn put_role(&mut self, role: Role) {
        let (id, references) = (role.id.clone(), role.references());
        let old = self.roles.put(role);
        self.index(Role::KIND, &id, old.map(|old| old.references()), references);
    }

    /// Puts a policy in place of the one with its unique id, or adds it.
    pub fn put_policy(&mut self, policy: Policy) {
        let (id, references) = (policy.id.clone(), policy.references());
        let old = self.policies.put(policy);
        self.index(Policy::KIND, &id, old.map(|old| old.references()), references);
    }

    /// Takes a user out, with its access keys and what it refers to.
    pub fn remove_user(&mut self, id: &str) {
        if let Some(old) = self.users.take(id) {
            self.index_keys(&old.access_keys, &[], &KeyOwner::Root);
            self.index(User::KIND, id, Some(old.references()), Vec::new());
        }
    }

    /// Takes a group out.
    pub fn remove_group(&mut self, id: &str) {
        if let Some(old) = self.groups.take(id) {
            self.index(Group::KIND, id, Some(old.references()), Vec::new());
        }
    }

    /// Takes a role out.
    pub fn remove_role(&mut self, id: &str) {
        if let Some(old) = self.roles.take(id) {
            self.index(Role::KIND, id, Some(old.references()), Vec::new());
        }
    }

    /// Takes a policy out.
    pub fn remove_policy(&mut self, id: &str) {
        if let Some(old) = self.policies.take(id) {
            self.index(Policy::KIND, id, Some(old.references()), Vec::new());
        }
    }

    /// What has to be written so that the store holds this account, given that it held it as loaded.
    pub fn changes(&self) -> Vec<Change> {
        let change = |(kind, id): &(&'static str, String)| match *kind {
            User::KIND => record::change(User::KIND, id, self.users.by_id(id).map(Arc::as_ref)),
            Group::KIND => record::change(Group::KIND, id, self.groups.by_id(id).map(Arc::as_ref)),
            Role::KIND => record::change(Role::KIND, id, self.roles.by_id(id).map(Arc::as_ref)),
            Policy::KIND => record::change(Policy::KIND, id, self.policies.by_id(id).map(Arc::as_ref)),
            _ => record::change(record::SETTINGS, id, Some(self.settings.as_ref())),
        };
        self.touched.iter().map(change).collect()
    }

    /// Begins to count changes anew: what was touched is in the store, or on its way there.
    pub fn forget_changes(&mut self) {
        self.touched.clear();
    }

    fn index(&mut self, kind: &'static str, id: &str, old: Option<Vec<crate::Reference>>, new: Vec<crate::Reference>) {
        let old = old.unwrap_or_default();
        for reference in old.iter().filter(|reference| !new.contains(reference)) {
            self.referrers.remove(reference, id);
        }
        for reference in new.into_iter().filter(|reference| !old.contains(reference)) {
            self.referrers.add(reference, id);
        }
        self.touched.insert((kind, id.to_owned()));
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
