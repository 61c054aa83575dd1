//! OpenID Connect identity providers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};

/// An OpenID Connect identity provider (User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// `OIDC…`; no operation tells it.
    pub id: String,
    /// The issuer's URL without `https://`, in the case in which it was given.
    pub url: String,
    /// When it was made.
    pub created: Timestamp,
    /// The audiences whose tokens are accepted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub client_ids: BTreeSet<String>,
    /// SHA-1 hashes of certificates of the issuer's TLS server, in lower case. Only their length of 40 is checked, as on
    /// AWS: what is not hexadecimal matches nothing. Where there are none, the host's trust store alone decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thumbprints: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Entity for OidcProvider {
    const KIND: &'static str = "oidc-provider";
    /// Issuers are compared exactly (OpenID Connect Core 1.0, section 3.1.3.7).
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.url
    }
}
