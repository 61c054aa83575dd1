//! Roles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Policies, SourceRoleTemplate, Tags};
use crate::{Reference, ReferenceKind, TrustPolicy};

/// An IAM role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    /// `AROA…`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The longest session in seconds: 3,600 to 43,200.
    pub max_session_duration: i32,
    /// Who may assume it.
    pub trust: TrustPolicy,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Its policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub policies: Policies,
    /// ARN of the managed policy that is its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// The role template that it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_template: Option<SourceRoleTemplate>,
}

/// How the paths of service-linked roles begin; the service's name follows (User Guide, "Service-linked roles").
pub const SERVICE_LINKED: &str = "/aws-service-role/";

impl Role {
    /// Whether it is linked to a service, which alone decides what it may do and how long it lives.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with(SERVICE_LINKED)
    }
}

impl Entity for Role {
    const KIND: &'static str = "role";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn references(&self) -> Vec<Reference> {
        let boundary =
            self.boundary.iter().map(|arn| Reference { kind: ReferenceKind::RoleBoundary, target: arn.clone() });
        boundary.chain(self.policies.references(ReferenceKind::RoleAttachment)).collect()
    }
}
