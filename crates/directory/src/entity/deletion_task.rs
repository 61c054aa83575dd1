//! Deletions of service-linked roles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entity;

/// A service-linked role was deleted: whoever asked for it can look it up (API Reference, DeleteServiceLinkedRole). The
/// role goes in the same change in which this comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionTask {
    /// `task/aws-service-role/SERVICE/ROLE/UUID`.
    pub id: String,
    /// When the role was deleted.
    pub created: Timestamp,
}

impl Entity for DeletionTask {
    const KIND: &'static str = "deletion-task";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.id
    }
}
