//! SAML identity providers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};

/// Whether assertions must come encrypted (API Reference, CreateSAMLProvider, `AssertionEncryptionMode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionEncryption {
    /// They may.
    #[default]
    Allowed,
    /// They must.
    Required,
}

/// A private key with which encrypted assertions are read. It is sealed; this value cannot tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlPrivateKey {
    /// `SAMLK…`.
    pub id: String,
    /// When it was added.
    pub created: Timestamp,
    /// The key's PEM text, sealed to this key's id.
    pub sealed_key: String,
}

/// What a metadata document says: all that verifying an assertion needs of it, so that it is parsed once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlMetadata {
    /// The document, as it was given.
    pub document: String,
    /// The identity provider's `entityID`, which its assertions name as their issuer.
    pub entity_id: String,
    /// The X.509 certificates that may sign, DER in base 64; never empty. Those that the document has for encryption
    /// alone are not among them.
    pub signing_certificates: Vec<String>,
    /// Until when the document is valid.
    pub valid_until: Timestamp,
}

/// A SAML 2.0 identity provider (User Guide, "Create a SAML identity provider in IAM").
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// `SAMLP…`, the API's `SAMLProviderUUID`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its metadata.
    pub metadata: SamlMetadata,
    /// Whether its assertions must come encrypted.
    #[serde(default)]
    pub assertion_encryption: AssertionEncryption,
    /// Its private keys, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_keys: Vec<SamlPrivateKey>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Entity for SamlProvider {
    const KIND: &'static str = "saml-provider";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}
