//! What an operation may know and use beside its account and its input.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use doorward_directory::{Account, User, id};
use doorward_shapes::{Error, common};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::Doorward;
use crate::World;
use crate::call::Call;
use crate::caller::{Caller, Who};
use crate::errand::Errands;
use crate::evidence::Evidence;
use crate::lookup::Seen;
use crate::question::Question;
use crate::secrets::{Keyring, SecretText};
use crate::uses::Use;
use crate::world::random_u128;

/// The circumstances of one call.
pub(crate) struct Cx<'a> {
    pub doorward: &'a Doorward,
    pub call: &'a Call<'a>,
    pub caller: &'a Caller,
    /// What proved who that is, where it was no signature.
    pub evidence: Option<&'a Evidence>,
    /// The region that the request was signed for.
    pub region: &'a str,
    pub now: Timestamp,
    /// What the operation itself asked the engine, where deciding is what it does.
    pub question: Mutex<Option<Question>>,
    /// What must be done before it can go on.
    pub errands: Errands,
    /// What its decisions are made on, beside what it works on.
    pub seen: Seen,
    /// The account that has the role templates, once it was asked for.
    pub templates: OnceLock<Option<Arc<Account>>>,
}

impl<'a> Cx<'a> {
    /// The keyring.
    pub fn keyring(&self) -> &'a Keyring {
        self.doorward.keyring()
    }

    /// The clock and the randomness.
    pub fn world(&self) -> &'a dyn World {
        self.doorward.world()
    }

    /// The id of this call's decision: the first 48 bits of its request id, which are random.
    pub fn decision_id(&self) -> String {
        self.call.decision_id()
    }

    /// The encoded authorization message of this call's decision, about a principal of an account.
    pub fn encoded_message(&self, account_id: &str) -> Option<String> {
        self.keyring().encoded_message(self.world(), &self.decision_id(), account_id)
    }

    /// The action that the call is of.
    pub fn action(&self) -> String {
        format!("{}:{}", self.call.service.id, self.call.operation.name)
    }

    /// Notes that the caller has used an action.
    pub fn note_use(&self, action: &str) {
        self.doorward.note_use(&Use::by(self.caller, action, self.region, self.now));
    }

    /// Leaves what the operation asked for its event.
    pub fn asked(&self, question: Question) {
        *self.question.lock().unwrap_or_else(PoisonError::into_inner) = Some(question);
    }

    /// Whole seconds, as IAM keeps its dates.
    pub fn date(&self) -> Timestamp {
        Timestamp::from_second(self.now.as_second()).unwrap_or(self.now)
    }

    /// A new unique id (`AIDA…`, …).
    pub fn unique_id(&self, prefix: &str) -> String {
        id::unique_id(prefix, random_u128(self.world()))
    }

    /// A new access key id of an account.
    pub fn access_key_id(&self, prefix: &str, account_id: &str) -> Result<String, Error> {
        let random = u64::try_from(random_u128(self.world()) >> 64).unwrap_or_default();
        id::access_key_id(prefix, account_id, random).ok_or_else(|| common::internal_failure("no access key id"))
    }

    /// A new secret access key: 40 characters of base 64, 30 random bytes.
    pub fn secret_access_key(&self) -> SecretText {
        self.random_text::<30>()
    }

    /// A new password for a service: 44 characters of base 64, 32 random bytes.
    pub fn service_password(&self) -> SecretText {
        self.random_text::<32>()
    }

    /// So many random bytes in base 64.
    fn random_text<const BYTES: usize>(&self) -> SecretText {
        let mut bytes = Zeroizing::new([0; BYTES]);
        self.world().fill(bytes.as_mut_slice());
        SecretText(Zeroizing::new(data_encoding::BASE64.encode(bytes.as_slice())))
    }

    /// Another account, if it exists here.
    pub fn account(&self, account_id: &str) -> Result<Option<Arc<Account>>, Error> {
        self.doorward.account(account_id).map_err(|error| {
            tracing::error!(%error, account_id, "an account could not be loaded");
            common::service_unavailable("The account could not be read.")
        })
    }

    /// The account that has the role templates, the operator's, as it was when the call first asked for it: what is made
    /// is what was authorized.
    pub fn templates(&self) -> Result<Option<Arc<Account>>, Error> {
        if let Some(known) = self.templates.get() {
            return Ok(known.clone());
        }
        let account = self.account(self.doorward.operator())?;
        Ok(self.templates.get_or_init(|| account).clone())
    }

    /// What seals a marker: the caller's account, the operation, and what its list is filtered by. Length-prefixed, so
    /// that no two lists share a name.
    pub fn list_name(&self, filter: &[&str]) -> String {
        let parts = [self.caller.account_id.as_str(), self.call.service.id, self.call.operation.name];
        parts.iter().chain(filter).map(|part| format!("{}:{part}", part.len())).collect()
    }

    /// The user that an operation with an optional `UserName` is about: the one named, or the caller.
    pub fn user<'u>(&self, account: &'u Account, name: Option<&str>) -> Result<&'u Arc<User>, Error> {
        match (name, &self.caller.who) {
            (Some(name), _) => user(account, name),
            (None, Who::User { id }) => account.users().by_id(id).ok_or_else(caller_is_gone),
            (None, _) => Err(common::validation_error("Must specify userName when calling with non-User credentials")),
        }
    }
}

/// A user by name.
pub(crate) fn user<'u>(account: &'u Account, name: &str) -> Result<&'u Arc<User>, Error> {
    let missing = || doorward_shapes::iam::error::no_such_entity(format!("The user with name {name} cannot be found."));
    account.users().by_name(name).ok_or_else(missing)
}

/// The credentials were good and their principal is no more.
pub(crate) fn caller_is_gone() -> Error {
    common::invalid_client_token_id("The security token included in the request is invalid")
}
