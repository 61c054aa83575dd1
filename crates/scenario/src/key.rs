//! Security keys in software, for scenarios.

use std::collections::BTreeMap;

use doorward_federation::webauthn::authenticator::Authenticator;
use serde_json::Value;

use crate::file::KeyUse;
use crate::runner::Saved;

/// The domain whose pages ask for security keys.
pub const RP_ID: &str = "iam.example";
/// The page.
pub const ORIGIN: &str = "https://iam.example";

/// The keys of a scenario, by name.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, Authenticator>);

impl Keys {
    /// What a key answers.
    pub(crate) fn answer(&mut self, asked: &KeyUse, saved: &Saved) -> Result<Value, String> {
        let key = self.0.entry(asked.key.clone()).or_insert_with(|| Authenticator::new(ORIGIN));
        key.origin = asked.origin.clone().unwrap_or_else(|| ORIGIN.to_owned());
        key.verified = asked.verified.unwrap_or(true);
        key.counter = asked.counter.unwrap_or(key.counter);
        key.attestation = asked.attestation.clone().unwrap_or_else(|| "none".to_owned());
        key.forged = asked.forged;
        let options = |name: &String| saved.get(name).ok_or(format!("nothing is saved as {name}"));
        match (&asked.create, &asked.get) {
            (Some(name), None) => Ok(key.create(options(name)?)),
            (None, Some(name)) => Ok(key.get(options(name)?)),
            _ => Err("a key is asked either to create or to get".to_owned()),
        }
    }
}
