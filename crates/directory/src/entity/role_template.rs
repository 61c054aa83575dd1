//! Role templates, of the whole installation: the operator's account holds them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tag};

/// What the ARNs of role templates begin with; `SERVICE/NAME:MAJOR` follows (Service Authorization Reference, IAM).
pub const ROLE_TEMPLATES: &str = "arn:aws:iam::aws:role-template/";

/// A role template with the versions of one major version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleTemplate {
    /// `ARTM…`.
    pub id: String,
    /// `SERVICE/NAME:MAJOR`, as in its ARN.
    pub name: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether roles are made from it.
    pub enabled: bool,
    /// The version of those who name none.
    pub default_minor_version: i32,
    /// The versions, in order. What one says never changes.
    pub versions: Vec<RoleTemplateVersion>,
}

/// A version of a role template: what the roles are that are made from it. `@{name}` in its texts stands for a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleTemplateVersion {
    /// `ARTV…`.
    pub id: String,
    /// The minor version, from 0.
    pub minor_version: i32,
    /// Whether roles are made from this version.
    pub enabled: bool,
    /// When it was put.
    pub created: Timestamp,
    /// When it was last enabled or disabled.
    pub updated: Timestamp,
    /// Name of the roles.
    pub role_name: String,
    /// Their path.
    pub role_path: String,
    /// Their description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_description: Option<String>,
    /// Their trust policy.
    pub trust: String,
    /// Their inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, String>,
    /// ARNs of the managed policies that are attached to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
    /// ARN of the managed policy that is their permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// The parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterDefinition>,
    /// Their tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Their longest session in seconds.
    pub max_session_duration: i32,
}

/// A parameter of a role template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterDefinition {
    /// The name.
    pub name: String,
    /// What its values are.
    pub kind: ParameterKind,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it must be given even where there is a default.
    #[serde(default)]
    pub is_required: bool,
    /// Its value where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// What the values of a parameter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// A text.
    String,
    /// Texts.
    StringList,
    /// A number.
    Number,
    /// Numbers.
    NumberList,
    /// An ARN.
    Arn,
    /// ARNs.
    ArnList,
}

/// Where a role was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRoleTemplate {
    /// ARN of the template.
    pub arn: String,
    /// The minor version.
    pub minor_version: i32,
}

impl RoleTemplate {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{ROLE_TEMPLATES}{}", self.name)
    }

    /// A version; without a number the default one.
    pub fn version(&self, minor_version: Option<i32>) -> Option<&RoleTemplateVersion> {
        let wanted = minor_version.unwrap_or(self.default_minor_version);
        self.versions.iter().find(|version| version.minor_version == wanted)
    }
}

impl ParameterKind {
    /// Whether it has more than one value.
    pub fn is_list(self) -> bool {
        matches!(self, ParameterKind::StringList | ParameterKind::NumberList | ParameterKind::ArnList)
    }
}

impl Entity for RoleTemplate {
    const KIND: &'static str = "role-template";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}
