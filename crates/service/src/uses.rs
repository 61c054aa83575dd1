//! When access keys were last used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The last use of an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastUse {
    /// When, in whole seconds.
    pub time: Timestamp,
    /// The service's namespace, such as `iam`.
    pub service: String,
    /// The region that the request was signed for.
    pub region: String,
}

/// The last uses since this node was started; earlier ones are found in the audit events.
///
/// Only keys that exist get here, at most two for each user, so its size follows the accounts'.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<String, LastUse>>);

impl Uses {
    pub fn note(&self, access_key_id: &str, last_use: LastUse) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(access_key_id) {
            Some(known) => *known = last_use,
            None => {
                uses.insert(access_key_id.to_owned(), last_use);
            }
        }
    }

    pub fn get(&self, access_key_id: &str) -> Option<LastUse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }
}
