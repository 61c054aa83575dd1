//! The entities of an organization, as values.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Entity, PolicyText, Reference, ReferenceKind, Tags};

/// What an organization's features are (Organizations API Reference, CreateOrganization).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeatureSet {
    /// All features.
    #[serde(rename = "ALL")]
    All,
    /// One bill, and no policies.
    #[serde(rename = "CONSOLIDATED_BILLING")]
    ConsolidatedBilling,
}

impl FeatureSet {
    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            FeatureSet::All => "ALL",
            FeatureSet::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        }
    }
}

/// What an organization has one of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrganizationSettings {
    /// `o-…`.
    pub id: String,
    /// The id of the management account.
    pub management_account: String,
    /// The management account's email address.
    pub management_email: String,
    /// When it was made.
    pub created: Timestamp,
    /// What its features are.
    pub features: FeatureSet,
    /// When it was deleted: nothing else is left of it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
}

/// A type of policies that set the most that accounts can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ControlKind {
    /// For an account's principals.
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    Service,
    /// For an account's resources.
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    Resource,
}

/// A root: the uppermost place of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    /// `r-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Which types of policies are enabled.
    #[serde(default)]
    pub enabled: Vec<ControlKind>,
    /// The ids of the attached policies, in the order in which they were attached.
    #[serde(default)]
    pub policies: Vec<String>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An organizational unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// `ou-…`.
    pub id: String,
    /// The id of the root or unit that it is in.
    pub parent: String,
    /// The name, unique in its parent.
    pub name: String,
    /// The ids of the attached policies, in the order in which they were attached.
    #[serde(default)]
    pub policies: Vec<String>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An account as a member of its organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The account id.
    pub id: String,
    /// The id of the root or unit that it is in.
    pub parent: String,
    /// The name.
    pub name: String,
    /// The email address.
    pub email: String,
    /// When it became a member.
    pub joined: Timestamp,
    /// Whether the organization made it. If not, it was invited, or is the management account.
    pub created: bool,
    /// The ids of the attached policies, in the order in which they were attached.
    #[serde(default)]
    pub policies: Vec<String>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A policy of the organization's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrganizationPolicy {
    /// `p-…`.
    pub id: String,
    /// The name, unique among the policies of its type.
    pub name: String,
    /// The type.
    pub kind: ControlKind,
    /// The description.
    pub description: String,
    /// The content.
    pub document: PolicyText,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
    /// Whether it is AWS's: there in every organization, and never changed.
    #[serde(skip)]
    pub aws_managed: bool,
}

/// The creation of an account, as DescribeCreateAccountStatus tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountCreation {
    /// `car-…`.
    pub id: String,
    /// The account's name.
    pub name: String,
    /// When it was asked for, and done.
    pub requested: Timestamp,
    /// The new account; none where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

fn attachments(policies: &[String]) -> impl Iterator<Item = Reference> {
    policies.iter().map(|id| Reference { kind: ReferenceKind::OrganizationAttachment, target: id.clone() })
}

/// Names are unique at most within a parent or type: tables are in the order of the ids.
macro_rules! entity {
    ($entity:ident, $kind:literal, $references:expr) => {
        impl Entity for $entity {
            const KIND: &'static str = $kind;
            const CASE_SENSITIVE: bool = true;

            fn id(&self) -> &str {
                &self.id
            }

            #[allow(clippy::misnamed_getters, reason = "the name that tables are ordered by")]
            fn name(&self) -> &str {
                &self.id
            }

            fn references(&self) -> Vec<Reference> {
                let references: fn(&$entity) -> Vec<Reference> = $references;
                references(self)
            }
        }
    };
}

entity!(Root, "root", |root| attachments(&root.policies).collect());
entity!(OrganizationalUnit, "unit", |unit| {
    let parent = Reference { kind: ReferenceKind::ParentOfUnit, target: unit.parent.clone() };
    attachments(&unit.policies).chain([parent]).collect()
});
entity!(Member, "member", |member| {
    let parent = Reference { kind: ReferenceKind::ParentOfAccount, target: member.parent.clone() };
    attachments(&member.policies).chain([parent]).collect()
});
entity!(OrganizationPolicy, "policy", |_| Vec::new());
entity!(AccountCreation, "account-creation", |_| Vec::new());
