//! Outbound web identity federation: the account as an OpenID Connect issuer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An account's outbound web identity federation (User Guide, "Federating AWS identities to external services").
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundFederation {
    /// The issuer's URL. It stays what it was when the federation was enabled: others trust it by this name.
    pub issuer: String,
    /// Whether tokens are issued. Those that were are not affected, so the keys are published all the same.
    pub enabled: bool,
    /// The keys, oldest first.
    pub keys: Vec<IssuerKey>,
}

/// The algorithms that tokens are signed with (STS API Reference, GetWebIdentityToken, `SigningAlgorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IssuerAlgorithm {
    /// RSA with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
}

/// A key that signs tokens. The private part is sealed; this value cannot tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerKey {
    /// `OIDCK…`, the `kid` of tokens.
    pub id: String,
    /// What it signs with.
    pub algorithm: IssuerAlgorithm,
    /// When it was made.
    pub created: Timestamp,
    /// The public key: modulus and exponent, or the point's two coordinates, each as base64url without padding.
    pub public: (String, String),
    /// The private key in PKCS #8, sealed to this key's id.
    pub sealed_key: String,
}
