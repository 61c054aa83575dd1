//! Callers without credentials of ours: what an identity provider says of them.

use std::pin::Pin;

use doorward_policy::context::Context;
use doorward_shapes::sts as api;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Doorward;
use crate::authenticate::Refused;
use crate::question::stored_context;

/// What verified evidence says.
pub(crate) struct Evidence {
    /// The account whose provider vouches.
    pub account_id: String,
    /// Whom it is about.
    pub who: FederatedUser,
    /// Condition keys of the call.
    pub keys: Context<'static>,
    /// What sessions that are made with it keep.
    pub lasting: Federation,
    /// Session tags, if it brings any.
    pub tags: Option<Vec<api::Tag>>,
    /// Keys of those that go on.
    pub transitive_tag_keys: Option<Vec<String>>,
    /// The source identity, if it sets one.
    pub source_identity: Option<String>,
}

/// Somebody whom an identity provider knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FederatedUser {
    /// The provider's ARN.
    pub provider: String,
    /// The provider, the audience and the subject, in one, as CloudTrail gives them.
    pub principal_id: String,
    /// The subject.
    pub name: String,
    /// The audience.
    pub audience: String,
    /// The issuer's URL.
    pub issuer: String,
}

/// What a session keeps of the evidence that it was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Federation {
    /// The provider's ARN (`aws:FederatedProvider`).
    pub provider: String,
    /// Condition keys of every later call.
    #[serde(with = "stored_context")]
    pub keys: Context<'static>,
}

/// The future of evidence.
pub(crate) type Verifying<'a> = Pin<Box<dyn Future<Output = Result<Evidence, Refused>> + Send + 'a>>;

/// How an operation finds its evidence in its input, which the model has been checked for, and verifies it.
pub(crate) type Verify = for<'a> fn(&'a Doorward, &'a Value, Timestamp) -> Verifying<'a>;
