//! The entities of an account, as values. Each is also the body of its record in the store.

mod access_report;
mod credential;
mod delegation;
mod deletion_task;
mod group;
mod instance_profile;
mod login_profile;
mod mfa_device;
mod oidc_provider;
mod outbound_federation;
mod password_policy;
mod policy;
mod role;
mod role_template;
mod saml_provider;
mod security_key;
mod server_certificate;
mod user;

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use access_report::AccessReport;
pub use credential::{ServiceSpecificCredential, SigningCertificate, SshPublicKey};
pub use delegation::{Approver, Delegation, DelegationParty, DelegationRequest, DelegationState, TemplateParameter};
pub use deletion_task::DeletionTask;
pub use group::Group;
pub use instance_profile::InstanceProfile;
pub use login_profile::{LoginProfile, PasswordHash};
pub use mfa_device::{MfaAssignment, MfaDevice, MfaHolder};
pub use oidc_provider::OidcProvider;
pub use outbound_federation::{IssuerAlgorithm, IssuerKey, OutboundFederation};
pub use password_policy::PasswordPolicy;
pub use policy::{Policy, PolicyVersion};
pub use role::{Role, SERVICE_LINKED};
pub use role_template::{
    ParameterDefinition, ParameterKind, ROLE_TEMPLATES, RoleTemplate, RoleTemplateVersion, SourceRoleTemplate,
};
pub use saml_provider::{AssertionEncryption, SamlMetadata, SamlPrivateKey, SamlProvider};
pub use security_key::{Ceremony, SecurityKey, SecurityKeyChallenge};
pub use server_certificate::ServerCertificate;
pub use user::User;

use crate::{PolicyText, Reference, ReferenceKind};

/// What all entities have. A new kind is a struct, its `impl Entity` and a row in `kinds.rs`.
pub trait Entity: Clone + Serialize + DeserializeOwned {
    /// The kind of its record.
    const KIND: &'static str;

    /// Whether names that differ only in case are different names.
    const CASE_SENSITIVE: bool = false;

    /// The unique id (`AIDA…`, `AGPA…`, `AROA…`, `ANPA…`, `AIPA…`), never used twice.
    fn id(&self) -> &str;

    /// The name, unique among its kind.
    fn name(&self) -> &str;

    /// What it refers to.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Its access keys.
    fn access_keys(&self) -> &[AccessKey] {
        &[]
    }
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

/// Which tokens the global endpoint of STS gives (API Reference, SetSecurityTokenServicePreferences).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GlobalEndpointTokens {
    /// Version 1: good in the Regions that are enabled by default.
    #[default]
    V1,
    /// Version 2: good in all Regions.
    V2,
}

/// What an account has one of: its name, alias, password policy and outbound federation, and the root user's access keys
/// and certificates.
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
    /// The root user's signing certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_signing_certificates: Vec<SigningCertificate>,
    /// The password policy; none where the default one holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_policy: Option<PasswordPolicy>,
    /// Which tokens the global endpoint of STS gives.
    #[serde(default)]
    pub global_endpoint_tokens: GlobalEndpointTokens,
    /// Outbound web identity federation; none where it was never enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound_federation: Option<OutboundFederation>,
    /// Quotas that the operator has set, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quotas: BTreeMap<String, usize>,
    /// The id of the organization that it is in, `o-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Whether roles may not be made from role templates: the account property `RoleManager/Enabled` is `false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub role_manager_disabled: bool,
}

impl AccountSettings {
    /// The settings of an account that has nothing yet.
    pub fn new(id: String, name: String, created: Timestamp) -> AccountSettings {
        AccountSettings {
            id,
            name,
            created,
            alias: None,
            root_access_keys: Vec::new(),
            root_signing_certificates: Vec::new(),
            password_policy: None,
            global_endpoint_tokens: GlobalEndpointTokens::default(),
            outbound_federation: None,
            quotas: BTreeMap::new(),
            organization: None,
            role_manager_disabled: false,
        }
    }
}
