//! Instance profiles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};
use crate::{Reference, ReferenceKind};

/// An instance profile: what passes a role to an EC2 instance (User Guide, "Use instance profiles").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// `AIPA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// The unique id of its role. It can have one (User Guide, "IAM and AWS STS quotas").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Entity for InstanceProfile {
    const KIND: &'static str = "instance-profile";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn references(&self) -> Vec<Reference> {
        let role = self.role.iter();
        role.map(|id| Reference { kind: ReferenceKind::InstanceProfileRole, target: id.clone() }).collect()
    }
}
