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

/// A user name and password, or an API key, for one service alone (User Guide, "Service-specific credentials for IAM
/// users"). The secret is known by its digest; nothing can tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSpecificCredential {
    /// `ACCA…`.
    pub id: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops being good, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The service, such as `codecommit.amazonaws.com`.
    pub service: String,
    /// The user name for the service, or the public part of the API key; unique in the account for its service.
    pub alias: String,
    /// SHA-256 of the password or API key, in lower hex. Those are random and long: a digest gives no way to them.
    pub digest: String,
}
