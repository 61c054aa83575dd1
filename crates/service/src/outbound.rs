//! Outbound web identity federation: accounts as OpenID Connect issuers, which vouch for their principals to others (User
//! Guide, "Federating AWS identities to external services").
//!
//! An issuer is `PUBLIC-URL/issuers/ACCOUNT`. What others need to verify its tokens is published under it, to anybody.

mod document;
mod keys;
mod token;

use doorward_directory::{Account, AccountSettings, IssuerKey, OutboundFederation, id};
use doorward_shapes::{Error, common};
use jiff::Timestamp;

use crate::Doorward;
use crate::cx::Cx;
use crate::realm::Realm;

pub(crate) use keys::is_renewal_due;
pub(crate) use token::{Claims, signed};

/// How the paths of issuers begin.
const ISSUERS: &str = "/issuers/";

impl Doorward {
    /// The issuer that an account is.
    pub(crate) fn issuer_of(&self, account_id: &str) -> Option<String> {
        self.public_url().map(|url| format!("{url}{ISSUERS}{account_id}"))
    }

    /// Whether an account here is, or was, this issuer.
    pub(crate) fn is_own_issuer(&self, issuer: &str) -> bool {
        let named = issuer.rsplit_once(ISSUERS).map(|(_, account_id)| account_id);
        let account = named.and_then(|account_id| self.account(account_id).ok().flatten());
        account.is_some_and(|account| federation(&account).is_some_and(|own| own.issuer == issuer))
    }

    /// What an issuer publishes at this path: the JSON of its metadata or of its keys. Anybody may ask.
    pub fn published(&self, path: &str) -> Option<String> {
        let (account_id, document) = path.strip_prefix(ISSUERS)?.split_once('/')?;
        if !id::is_account_id(account_id) {
            return None;
        }
        let account = self.account(account_id).ok().flatten()?;
        let federation = federation(&account)?;
        match document {
            ".well-known/openid-configuration" => Some(document::metadata(&federation.issuer)),
            ".well-known/jwks.json" => Some(document::key_set(&federation.keys, self.world().now())),
            _ => None,
        }
    }

    /// Makes a key of each algorithm.
    pub(crate) async fn make_issuer_keys(&self, now: Timestamp) -> Result<Vec<IssuerKey>, Error> {
        let made = self.compute(keys::generate).await?;
        let sealed = made.iter().map(|key| key.sealed(self.keyring(), self.world(), now)).collect::<Option<_>>();
        sealed.ok_or_else(|| common::internal_failure("a key could not be sealed"))
    }

    /// Has the account's keys followed by new ones, unless that has been done meanwhile.
    pub(crate) async fn renew_issuer_keys(&self, cx: &Cx<'_>, realm: &Realm) -> Result<(), Error> {
        let made = self.make_issuer_keys(cx.date()).await?;
        self.note(realm, cx.now, |account| {
            let Some(federation) = federation(account).filter(|own| is_renewal_due(&own.keys, cx.now)) else {
                return Ok(());
            };
            let keys = keys::published(&federation.keys, cx.now).cloned().chain(made.iter().cloned()).collect();
            let federation = OutboundFederation { keys, ..federation.clone() };
            account
                .put_settings(AccountSettings { outbound_federation: Some(federation), ..account.settings().clone() });
            Ok(())
        })
        .await
    }
}

fn federation(account: &Account) -> Option<&OutboundFederation> {
    account.settings().outbound_federation.as_ref()
}

#[cfg(test)]
mod tests;
