//! The keys of identity providers, fetched when they are needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use doorward_federation::{KeySet, configuration_url, keys_url};
use futures_util::lock;
use jiff::Timestamp;

use crate::{Egress, EgressError};

/// How long keys are used, in seconds.
const FRESH_SECONDS: i64 = 3_600;
/// How long after fetching keys a key that is not among them lets them be fetched again, in seconds.
const MISS_SECONDS: i64 = 300;
/// How long after a fetch failed the next one is made, in seconds.
const FAILED_SECONDS: i64 = 30;
/// Providers whose keys are held.
const PROVIDERS_MAX: usize = 1_000;

/// Why a provider's key is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// The provider cannot be reached.
    Unreachable,
    /// Its certificate is not trusted.
    Certificate,
    /// What it publishes cannot be used, or has no such key.
    Unusable,
}

/// An issuer, and the thumbprints by which its server is trusted.
type Provider = (String, Vec<String>);

/// Keys by provider. Accounts with the same thumbprints share them: whoever trusts another certificate may be told other
/// keys.
pub(crate) struct IssuerKeys {
    egress: Option<Arc<dyn Egress>>,
    slots: Mutex<HashMap<Provider, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    fetched: ArcSwapOption<Fetched>,
    /// Whoever fetches holds it, so that others wait for what comes of that instead of fetching too. Those whose keys are
    /// here do not need it.
    last: lock::Mutex<Option<Attempt>>,
}

struct Fetched {
    keys: Arc<KeySet>,
    at: Timestamp,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: Timestamp,
    failed: Option<NoKey>,
}

impl IssuerKeys {
    pub fn new(egress: Option<Arc<dyn Egress>>) -> IssuerKeys {
        IssuerKeys { egress, slots: Mutex::default() }
    }

    /// The issuer's keys, with one of this id.
    pub async fn with(
        &self,
        issuer: &str,
        thumbprints: &[String],
        key_id: &str,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, NoKey> {
        let slot = self.slot(issuer, thumbprints);
        if let Some(keys) = slot.having(key_id, now) {
            return Ok(keys);
        }
        let mut last = slot.last.lock().await;
        if let Some(keys) = slot.having(key_id, now) {
            return Ok(keys);
        }
        if let Some(attempt) = *last {
            let pause = if attempt.failed.is_some() { FAILED_SECONDS } else { MISS_SECONDS };
            if seconds_since(attempt.at, now) < pause {
                return Err(attempt.failed.unwrap_or(NoKey::Unusable));
            }
        }
        // A caller who goes away meanwhile leaves no attempt: were it taken for one that failed, whoever sends tokens and
        // hangs up could keep all others out.
        let fetched = self.fetch(issuer, thumbprints).await;
        *last = Some(Attempt { at: now, failed: fetched.as_ref().err().copied() });
        slot.fetched.store(Some(Arc::new(Fetched { keys: Arc::new(fetched?), at: now })));
        slot.having(key_id, now).ok_or(NoKey::Unusable)
    }

    fn slot(&self, issuer: &str, thumbprints: &[String]) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (issuer.to_owned(), thumbprints.to_vec());
        if slots.len() >= PROVIDERS_MAX && !slots.contains_key(&key) {
            // One whose keys are oldest; those of its calls that go on keep it.
            let age = |slot: &Arc<Slot>| slot.fetched.load().as_ref().map(|fetched| fetched.at);
            let oldest = slots.iter().min_by_key(|(_, slot)| age(slot)).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| slots.remove(&oldest));
        }
        Arc::clone(slots.entry(key).or_default())
    }

    async fn fetch(&self, issuer: &str, thumbprints: &[String]) -> Result<KeySet, NoKey> {
        let egress = self.egress.as_ref().ok_or(NoKey::Unreachable)?;
        let told = |error: EgressError| {
            tracing::warn!(%error, issuer, "the keys of an identity provider could not be fetched");
            match error {
                EgressError::Unreachable(_) => NoKey::Unreachable,
                EgressError::Certificate(_) => NoKey::Certificate,
                EgressError::Refused(_) => NoKey::Unusable,
            }
        };
        let unusable = |error| {
            tracing::warn!(%error, issuer, "an identity provider publishes what cannot be used");
            NoKey::Unusable
        };
        let metadata = egress.get(&configuration_url(issuer), thumbprints).await.map_err(told)?;
        let url = keys_url(&metadata, issuer).map_err(unusable)?;
        let keys = egress.get(&url, thumbprints).await.map_err(told)?;
        KeySet::parse(&keys).map_err(unusable)
    }
}

impl Slot {
    /// The keys, if they are fresh and one of this id is among them.
    fn having(&self, key_id: &str, now: Timestamp) -> Option<Arc<KeySet>> {
        let fetched = self.fetched.load();
        let fetched = fetched.as_ref()?;
        (seconds_since(fetched.at, now) < FRESH_SECONDS && fetched.keys.has(key_id)).then(|| Arc::clone(&fetched.keys))
    }
}

fn seconds_since(past: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(past.as_second())
}

#[cfg(test)]
mod tests;
