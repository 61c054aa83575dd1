//! The entities of an account, as values. Each is also the body of its record in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{PolicyText, Reference, ReferenceKind, TrustPolicy};

/// What all entities have.
pub trait Entity: Clone + Serialize + DeserializeOwned {
    /// The kind of its record.
    const KIND: &'static str;

    /// The unique id (`AIDA…`, `AGPA…`, `AROA…`, `ANPA…`), never used twice.
    fn id(&self) -> &str;

    /// The friendly name.
    fn name(&self) -> &str;

    /// What it refers to.
    fn references(&self) -> Vec<Reference>;
}

/// A tag, in the case in which it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value; may be empty.
    pub value: String,
}

/// Tags by key, in the order of their keys.
///
/// Keys of users and roles are unique ignoring case; those of all other resources are told apart by case (User Guide,
/// "Tags for AWS Identity and Access Management resources"). Which of the two is the owner's kind to say: it uses either
/// the plain methods or the `_exact` ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, Tag>);

impl Tags {
    /// The tag with this key, ignoring case.
    pub fn get(&self, key: &str) -> Option<&Tag> {
        self.0.get(&key.to_lowercase())
    }

    /// Sets a tag in place of the one whose key differs at most in case.
    pub fn set(&mut self, tag: Tag) {
        self.0.insert(tag.key.to_lowercase(), tag);
    }

    /// Takes away the tag with this key, ignoring case.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(&key.to_lowercase());
    }

    /// The tag with exactly this key.
    pub fn get_exact(&self, key: &str) -> Option<&Tag> {
        self.0.get(key)
    }

    /// Sets a tag in place of the one with exactly its key.
    pub fn set_exact(&mut self, tag: Tag) {
        self.0.insert(tag.key.clone(), tag);
    }

    /// Takes away the tag with exactly this key.
    pub fn remove_exact(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// The tags whose keys come after `key`, ignoring case.
    pub fn after<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Tag> + use<'a> {
        self.0.range::<str, _>((Bound::Excluded(key.to_lowercase().as_str()), Bound::Unbounded)).map(|(_, tag)| tag)
    }

    /// All tags.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The policies that a user, a group or a role holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, PolicyText>,
    /// ARNs of the attached managed policies, in the order in which they were attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
}

impl Policies {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inline.is_empty() && self.attached.is_empty()
    }

    fn references(&self, kind: ReferenceKind) -> impl Iterator<Item = Reference> {
        self.attached.iter().map(move |arn| Reference { kind, target: arn.clone() })
    }
}

/// `Active` or `Inactive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// Requests signed with it are accepted.
    Active,
    /// They are not.
    Inactive,
}

/// A long-term access key. Its secret is sealed; this value cannot tell it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// The secret, sealed to this key's id.
    pub sealed_secret: String,
}

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
}

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

    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }
}

/// What an account has one of: its name, alias, and the root user's access keys.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// The account id: 12 digits.
    pub id: String,
    /// The account's name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The root user's access keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_access_keys: Vec<AccessKey>,
}
