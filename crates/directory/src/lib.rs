//! The IAM domain as values: accounts with their users, groups, roles, policies, identity providers, passwords and MFA
//! devices, and organizations of accounts with their units and policies.
//!
//! An [`Account`] is a value, and so is an [`Organization`], with structural sharing: cloning it is cheap, and a clone that is changed leaves the
//! original as it was. It knows what was touched since it was loaded ([`Account::changes`]), so that a commit writes
//! just that. Principals are referred to by unique id, never by name.

#![forbid(unsafe_code)]

mod account;
mod catalogue;
mod document;
mod entity;
mod guesses;
pub mod id;
mod kinds;
mod organization;
mod prepared;
pub mod quota;
mod record;
mod references;
mod table;

pub use account::{Account, KeyOwner};
pub use catalogue::{AWS_MANAGED, Catalogue, CatalogueError, ManagedPolicy};
pub use document::{PolicyText, TrustPolicy};
pub use entity::{
    AccessKey, AccessReport, AccountSettings, Approver, AssertionEncryption, Ceremony, Delegation, DelegationParty,
    DelegationRequest, DelegationState, DeletionTask, Entity, GlobalEndpointTokens, Group, InstanceProfile,
    IssuerAlgorithm, IssuerKey, KeyStatus, LoginProfile, MfaAssignment, MfaDevice, MfaHolder, OidcProvider,
    OutboundFederation, PasswordHash, PasswordPolicy, Policies, Policy, PolicyVersion, Role, SERVICE_LINKED,
    SamlMetadata, SamlPrivateKey, SamlProvider, SecurityKey, SecurityKeyChallenge, ServerCertificate,
    ServiceSpecificCredential, SigningCertificate, SshPublicKey, Tag, Tags, TemplateParameter, User,
};
pub use entity::{
    ParameterDefinition, ParameterKind, ROLE_TEMPLATES, RoleTemplate, RoleTemplateVersion, SourceRoleTemplate,
};
pub use guesses::Guesses;
pub use kinds::{Held, OrganizationTables, Tables};
pub use organization::{
    AccountCreation, ControlKind, Controls, FULL_ACCESS, FeatureSet, Member, Node, NodeKind, Organization,
    OrganizationPolicy, OrganizationSettings, OrganizationalUnit, RESOURCE_FULL_ACCESS, Root,
};
pub use prepared::PrincipalPolicies;
pub use record::{Change, LoadError, Record};
pub use references::{Reference, ReferenceKind};
pub use table::Table;
