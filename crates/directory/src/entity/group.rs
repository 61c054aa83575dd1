//! User groups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Policies};
use crate::{Reference, ReferenceKind};

/// An IAM user group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// `AGPA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub policies: Policies,
}

impl Entity for Group {
    const KIND: &'static str = "group";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn references(&self) -> Vec<Reference> {
        self.policies.references(ReferenceKind::GroupAttachment).collect()
    }
}
