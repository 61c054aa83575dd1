//! Encoded authorization messages: sealed, so that whoever was refused cannot read why without permission.

use crate::World;
use crate::secrets::{Keyring, Purpose};

impl Keyring {
    /// The encoded message of a decision about a principal of an account, which may be none.
    pub(crate) fn encoded_message(&self, world: &dyn World, decision: &str, account_id: &str) -> Option<String> {
        self.seal_text(Purpose::AuthorizationMessages, world, "", format!("{decision} {account_id}").as_bytes())
    }

    /// The id of the decision, and the principal's account.
    pub(crate) fn decode_message(&self, message: &str) -> Option<(String, String)> {
        let plain = self.open_text(Purpose::AuthorizationMessages, "", message)?;
        let (decision, account_id) = std::str::from_utf8(&plain).ok()?.split_once(' ')?;
        Some((decision.to_owned(), account_id.to_owned()))
    }
}
