//! The form of the file: what GetAccountAuthorizationDetails answers, as the AWS CLI prints it.
//!
//! Members that are not known are kept by name, so that the report can say that they were left behind.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::Strict;

/// Members that this version does not know.
pub(crate) type Unknown = BTreeMap<String, Strict>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Details {
    pub user_detail_list: Vec<User>,
    pub group_detail_list: Vec<Group>,
    pub role_detail_list: Vec<Role>,
    pub policies: Vec<Policy>,
    #[serde(default)]
    pub is_truncated: bool,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct User {
    pub user_name: String,
    pub path: String,
    pub arn: String,
    #[serde(default)]
    pub user_policy_list: Vec<Inline>,
    #[serde(default)]
    pub group_list: Vec<String>,
    #[serde(default)]
    pub attached_managed_policies: Vec<Attached>,
    pub permissions_boundary: Option<Boundary>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Group {
    pub group_name: String,
    pub path: String,
    pub arn: String,
    #[serde(default)]
    pub group_policy_list: Vec<Inline>,
    #[serde(default)]
    pub attached_managed_policies: Vec<Attached>,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role {
    pub role_name: String,
    pub path: String,
    pub arn: String,
    pub assume_role_policy_document: Strict,
    #[serde(default)]
    pub instance_profile_list: Vec<InstanceProfile>,
    #[serde(default)]
    pub role_policy_list: Vec<Inline>,
    #[serde(default)]
    pub attached_managed_policies: Vec<Attached>,
    pub permissions_boundary: Option<Boundary>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfile {
    pub instance_profile_name: String,
    pub path: String,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    pub policy_name: String,
    pub path: String,
    pub arn: String,
    pub description: Option<String>,
    pub default_version_id: String,
    pub policy_version_list: Vec<Version>,
    #[serde(flatten)]
    pub unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Version {
    pub version_id: String,
    pub document: Strict,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Inline {
    pub policy_name: String,
    pub policy_document: Strict,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attached {
    pub policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    pub permissions_boundary_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub key: String,
    pub value: String,
}

/// What AWS gives beside that: ids, dates, counts, and what follows from the rest.
const DERIVED: &[&str] = &[
    "UserId",
    "GroupId",
    "RoleId",
    "PolicyId",
    "InstanceProfileId",
    "Arn",
    "CreateDate",
    "UpdateDate",
    "RoleLastUsed",
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "IsAttachable",
    "Roles",
    "Marker",
];

/// The names of members that are neither known nor derived.
pub(crate) fn foreign(unknown: &Unknown) -> Vec<&str> {
    unknown.keys().map(String::as_str).filter(|name| !DERIVED.contains(name)).collect()
}

impl Policy {
    /// Whether it is one of AWS's, which every account has.
    pub(crate) fn is_aws_managed(&self) -> bool {
        self.arn.split(':').nth(4) == Some("aws")
    }
}

impl Details {
    /// The account of the file: that of all ARNs of its users, groups, roles and own policies; none where there are none.
    pub(crate) fn account_id(&self) -> Result<Option<&str>, String> {
        let policies = self.policies.iter().filter(|policy| !policy.is_aws_managed()).map(|policy| &policy.arn);
        let users = self.user_detail_list.iter().map(|user| &user.arn);
        let groups = self.group_detail_list.iter().map(|group| &group.arn);
        let roles = self.role_detail_list.iter().map(|role| &role.arn);
        let mut found = None;
        for arn in users.chain(groups).chain(roles).chain(policies) {
            let id = arn.split(':').nth(4).unwrap_or_default();
            if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("{arn:?} is no ARN of an account's own"));
            }
            match found {
                Some(known) if known != id => return Err(format!("it is of two accounts, {known} and {id}")),
                _ => found = Some(id),
            }
        }
        Ok(found)
    }
}
