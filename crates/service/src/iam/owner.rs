//! Whose credentials an operation with an optional `UserName` is about: a user's, or the root user's own.

use doorward_directory::{AccessKey, Account, AccountSettings, SigningCertificate, User};
use doorward_shapes::Error;

use crate::caller::Who;
use crate::cx::Cx;

/// Who has the credentials.
pub(super) enum Owner {
    Root(AccountSettings),
    User(User),
}

impl Owner {
    /// The user named, or the caller: a user, or the root user.
    pub fn of(cx: &Cx<'_>, account: &Account, name: Option<&str>) -> Result<Owner, Error> {
        match (name, &cx.caller.who) {
            (None, Who::Root) => Ok(Owner::Root(account.settings().clone())),
            _ => Ok(Owner::User(User::clone(cx.user(account, name)?))),
        }
    }

    /// The user's name; none for the root user.
    pub fn name(&self) -> Option<String> {
        match self {
            Owner::Root(_) => None,
            Owner::User(user) => Some(user.name.clone()),
        }
    }

    /// The name where the API demands one.
    pub fn user_name(&self) -> String {
        self.name().unwrap_or_else(|| "root".to_owned())
    }

    /// Its access keys, to be changed.
    pub fn access_keys(&mut self) -> &mut Vec<AccessKey> {
        match self {
            Owner::Root(settings) => &mut settings.root_access_keys,
            Owner::User(user) => &mut user.access_keys,
        }
    }

    /// Its signing certificates, to be changed.
    pub fn signing_certificates(&mut self) -> &mut Vec<SigningCertificate> {
        match self {
            Owner::Root(settings) => &mut settings.root_signing_certificates,
            Owner::User(user) => &mut user.signing_certificates,
        }
    }

    /// Puts it in place of what it was.
    pub fn put(self, account: &mut Account) {
        match self {
            Owner::Root(settings) => account.put_settings(settings),
            Owner::User(user) => account.put(user),
        }
    }
}
