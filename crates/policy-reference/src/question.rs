//! What is asked: a plain value that can be written as JSON, and read back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// May this principal perform this action on this resource, with these policies?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// `service:Name`.
    pub action: String,
    /// What is touched.
    pub resource: Resource,
    /// Condition keys and what they hold. The same key in two cases with different values is ambiguous.
    pub context: Vec<(String, Values)>,
    /// The policies that have a say.
    pub policies: Policies,
}

/// What one condition key holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key.
    Many(Vec<String>),
}

/// The resource of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its ARN, or `*` for an action without one.
    pub arn: String,
    /// The account that owns it; where none is given, the one in the ARN.
    pub account: Option<String>,
    /// Whether only its own policy can let an account in, as with roles and KMS keys.
    pub requires_own_grant: bool,
}

/// Who asks (User Guide, "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// An account's root user.
    Root {
        /// `arn:P:iam::A:root`.
        arn: String,
    },
    /// A user.
    User(User),
    /// A session of GetFederationToken.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/name`.
        arn: String,
        /// The user that asked for it; none when the root user did.
        user: Option<User>,
    },
    /// A session of a role.
    RoleSession(RoleSession),
    /// A session of AssumeRoot.
    AssumedRoot {
        /// `arn:P:iam::A:root`.
        arn: String,
    },
    /// A service in its own name.
    Service(String),
    /// An identity provider, in AssumeRoleWithSAML and AssumeRoleWithWebIdentity.
    Federated(String),
    /// Nobody: an unsigned request.
    Anonymous,
}

/// A user as a principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The ARN, path included.
    pub arn: String,
    /// `AIDA…`.
    pub id: String,
}

/// A role session as a principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSession {
    /// `arn:P:sts::A:assumed-role/name/session`.
    pub arn: String,
    /// The role's ARN, path included.
    pub role_arn: String,
    /// `AROA…`.
    pub role_id: String,
    /// Whether it is a service-linked role.
    pub service_linked: bool,
}

/// All policies that have a say. A principal has only those that its kind can have: root users have no identity
/// policies, service-linked roles no boundary, users no session policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    /// Identity-based policies, those of groups included.
    pub identity: Vec<Value>,
    /// The permissions boundary.
    pub boundary: Option<Vec<Value>>,
    /// Session policies, or the task policy of AssumeRoot.
    pub session: Option<Vec<Value>>,
    /// The resource's own policy.
    pub resource: Option<Value>,
    /// Whether that is a role's trust policy.
    pub is_trust: bool,
    /// Service control policies of the principal's account, from the root down; none outside an organization.
    pub service_control: Option<Vec<Vec<Value>>>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Option<Vec<Vec<Value>>>,
    /// The policy of the VPC endpoint that the call came through.
    pub endpoint: Option<Value>,
}

impl Principal {
    /// The ARN of the caller itself.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Principal::Root { arn } | Principal::AssumedRoot { arn } | Principal::FederatedUser { arn, .. } => {
                Some(arn)
            }
            Principal::User(user) => Some(&user.arn),
            Principal::RoleSession(session) => Some(&session.arn),
            Principal::Service(_) | Principal::Federated(_) | Principal::Anonymous => None,
        }
    }

    /// The caller's account.
    pub fn account(&self) -> Option<&str> {
        self.arn().and_then(|arn| arn.split(':').nth(4))
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self, Principal::Root { .. } | Principal::AssumedRoot { .. })
    }

    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self, Principal::RoleSession(session) if session.service_linked)
    }
}

impl Resource {
    /// The account that owns it, as given or as its ARN says.
    pub(crate) fn owner(&self) -> Option<&str> {
        let in_arn =
            || self.arn.split(':').nth(4).filter(|id| id.len() == 12 && id.chars().all(|c| c.is_ascii_digit()));
        self.account.as_deref().or_else(in_arn)
    }
}
