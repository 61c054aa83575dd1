//! Sessions: what temporary credentials carry, frozen when they were issued.

use doorward_directory::{PolicyText, Tags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Federation;

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SessionOf {
    /// The root user's, by GetSessionToken.
    Root,
    /// A user's, by GetSessionToken; holds the user's unique id.
    User(String),
    /// A role's, by AssumeRole.
    Role {
        /// The role's unique id.
        id: String,
        /// The role session name.
        session_name: String,
    },
    /// A federated user's, by GetFederationToken.
    FederatedUser {
        /// The name that the caller gave.
        name: String,
        /// The unique id of the user who asked for it, whose policies it is within; none: the root user did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
}

/// A session policy (User Guide, "Session policies").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum SessionPolicy {
    /// The one passed as text.
    Inline(PolicyText),
    /// A managed policy of the session's account, at the version in force when the session was made. Versions never
    /// change; once this one is deleted the session is denied everything, for it may have held a Deny.
    Managed { arn: String, version: u32 },
    /// The permissions of a delegation request, by its id: the session acts for the account that asked. It has no other
    /// session policy.
    Delegated(String),
}

/// The facts of a session. Sealed into its token, and, as they are no secret, part of its audit events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The temporary access key id, `ASIA…`.
    pub access_key_id: String,
    /// The account of the user or role.
    pub account_id: String,
    /// Whose it is.
    pub of: SessionOf,
    /// When it was issued (`aws:TokenIssueTime`).
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Session policies, at most one inline and ten managed. Empty: not restricted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<SessionPolicy>,
    /// Session tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Keys of the tags that go on to sessions made with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_tag_keys: Vec<String>,
    /// The source identity, which can never change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// What it keeps of the evidence of an identity provider that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federation: Option<Federation>,
    /// Whether its token is good in the Regions that are enabled by default, and in no others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_regions_only: bool,
    /// When a one-time code was given for it (`aws:MultiFactorAuthAge` counts from then).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Timestamp>,
}

/// The Regions that are enabled in every account (Account Management Reference Guide, "Specify which AWS Regions your
/// account can use"). AWS adds no more to them.
const DEFAULT_REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl Session {
    /// A session that is restricted in nothing and says nothing more.
    pub fn new(
        access_key_id: String,
        account_id: &str,
        of: SessionOf,
        issued: Timestamp,
        expires: Timestamp,
    ) -> Session {
        Session {
            access_key_id,
            account_id: account_id.to_owned(),
            of,
            issued,
            expires,
            policies: Vec::new(),
            tags: Tags::default(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            federation: None,
            default_regions_only: false,
            mfa: None,
        }
    }

    /// The delegation request that it acts on.
    pub fn delegation(&self) -> Option<&str> {
        self.policies.iter().find_map(|policy| match policy {
            SessionPolicy::Delegated(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// Whether its token is good in this Region.
    pub fn is_good_in(&self, region: &str) -> bool {
        !self.default_regions_only || DEFAULT_REGIONS.contains(&region)
    }

    /// `aws:MultiFactorAuthAge`: seconds since a one-time code was given for it; none where none was.
    pub fn mfa_age(&self, now: Timestamp) -> Option<String> {
        self.mfa.map(|given| now.as_second().saturating_sub(given.as_second()).max(0).to_string())
    }
}
