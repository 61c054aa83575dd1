//! What users have beside access keys and policies: public keys, certificates and passwords for single services.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::KeyStatus;

/// A public key of a user for SSH, as CodeCommit takes it (API Reference, UploadSSHPublicKey).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshPublicKey {
    /// `APKA…`.
    pub id: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it came.
    pub uploaded: Timestamp,
    /// The key in the form of RFC 4253, section 6.6, in base 64: what stands after `ssh-rsa`.
    pub blob: String,
    /// What stood after it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// An X.509 certificate of a user or of the root user, for signing (API Reference, UploadSigningCertificate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningCertificate {
    /// 24 characters, with no prefix.
    pub id: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it came.
    pub uploaded: Timestamp,
    /// The certificate in PEM, as it came.
    pub body: String,
    /// SHA-256 of what its issuer has signed, in lower hex, by which it is told from others.
    pub digest: String,
}
