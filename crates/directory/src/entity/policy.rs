//! Managed policies.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};
use crate::PolicyText;

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The number: version id `v3` is 3.
    pub number: u32,
    /// The document.
    pub document: PolicyText,
    /// When it was made.
    pub created: Timestamp,
}

/// A managed policy: a customer's own, or one of AWS's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// `ANPA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// When the newest version was made (the API's `UpdateDate`).
    pub updated: Timestamp,
    /// The description; cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The versions that exist, oldest first; never empty.
    pub versions: Vec<PolicyVersion>,
    /// The number of the default version: the one in force.
    pub default_version: u32,
    /// The number that the next version gets; numbers are not used again.
    pub next_version: u32,
    /// Whether it is AWS's. No account stores such a one, so no record can claim it.
    #[serde(skip)]
    pub aws_managed: bool,
}

impl Policy {
    /// The version in force.
    pub fn default(&self) -> Option<&PolicyVersion> {
        self.version(self.default_version)
    }

    /// The version with this number.
    pub fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.number == number)
    }
}

impl Entity for Policy {
    const KIND: &'static str = "policy";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}
