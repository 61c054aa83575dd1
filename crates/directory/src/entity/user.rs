//! Users.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessKey, Entity, Policies, ServiceSpecificCredential, SigningCertificate, SshPublicKey, Tags};
use crate::{Reference, ReferenceKind};

/// An IAM user.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// `AIDA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path, `/` or `/…/`.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Its policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub policies: Policies,
    /// ARN of the managed policy that is its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// Unique ids of the groups that it is a member of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Its access keys, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<AccessKey>,
    /// Its public keys for SSH, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh_public_keys: Vec<SshPublicKey>,
    /// Its signing certificates, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signing_certificates: Vec<SigningCertificate>,
    /// Its service-specific credentials, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_specific_credentials: Vec<ServiceSpecificCredential>,
}

impl User {
    /// A user that has nothing yet.
    pub fn new(id: String, name: String, path: String, created: Timestamp) -> User {
        User {
            id,
            name,
            path,
            created,
            tags: Tags::default(),
            policies: Policies::default(),
            boundary: None,
            groups: BTreeSet::new(),
            access_keys: Vec::new(),
            ssh_public_keys: Vec::new(),
            signing_certificates: Vec::new(),
            service_specific_credentials: Vec::new(),
        }
    }
}

impl Entity for User {
    const KIND: &'static str = "user";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn references(&self) -> Vec<Reference> {
        let groups = self.groups.iter().map(|id| Reference { kind: ReferenceKind::Member, target: id.clone() });
        let boundary =
            self.boundary.iter().map(|arn| Reference { kind: ReferenceKind::UserBoundary, target: arn.clone() });
        groups.chain(boundary).chain(self.policies.references(ReferenceKind::UserAttachment)).collect()
    }

    fn access_keys(&self) -> &[AccessKey] {
        &self.access_keys
    }
}
