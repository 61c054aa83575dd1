//! Server certificates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};

/// A certificate for TLS servers with its private key (User Guide, "Manage server certificates in IAM"). The key is
/// sealed; this value cannot tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// `ASCA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// When it came.
    pub uploaded: Timestamp,
    /// Until when it is valid.
    pub expiration: Timestamp,
    /// The certificate in PEM, as it came.
    pub body: String,
    /// The certificates of its authorities in PEM, as they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// The private key's PEM text, sealed to the certificate's id.
    pub sealed_key: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Entity for ServerCertificate {
    const KIND: &'static str = "server-certificate";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}
