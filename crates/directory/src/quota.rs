//! Quotas of an account (User Guide, "IAM and AWS STS quotas"): AWS's defaults.

/// Users in an account.
pub const USERS: usize = 5_000;
/// Groups in an account.
pub const GROUPS: usize = 300;
/// Roles in an account.
pub const ROLES: usize = 1_000;
/// Customer managed policies in an account.
pub const POLICIES: usize = 1_500;
/// Instance profiles in an account.
pub const INSTANCE_PROFILES: usize = 1_000;
/// Managed policies attached to a user, a group or a role.
pub const ATTACHED_POLICIES: usize = 10;
/// Versions of a managed policy.
pub const POLICY_VERSIONS: usize = 5;
/// Versions in use in all managed policies of an account.
pub const POLICY_VERSIONS_IN_USE: usize = 10_000;
/// Groups that a user is a member of.
pub const GROUPS_PER_USER: usize = 10;
/// Access keys of a user, or of the root user.
pub const ACCESS_KEYS: usize = 2;
/// Public keys for SSH of a user.
pub const SSH_PUBLIC_KEYS: usize = 5;
/// Signing certificates of a user, or of the root user.
pub const SIGNING_CERTIFICATES: usize = 2;
/// Server certificates in an account.
pub const SERVER_CERTIFICATES: usize = 20;
/// Service-specific credentials of a user for one service.
pub const SERVICE_SPECIFIC_CREDENTIALS: usize = 2;
/// Deletions of service-linked roles that an account remembers; the oldest are forgotten first.
pub const DELETION_TASKS: usize = 100;
/// Reports of last accesses that an account remembers; the oldest are forgotten first.
pub const ACCESS_REPORTS: usize = 5_000;
/// MFA devices of a user, or of the root user.
pub const MFA_DEVICES: usize = 8;
/// Virtual MFA devices in an account: as many as users.
pub const VIRTUAL_MFA_DEVICES: usize = USERS;
/// OpenID Connect identity providers in an account.
pub const OIDC_PROVIDERS: usize = 100;
/// Client ids of an OpenID Connect identity provider.
pub const CLIENT_IDS: usize = 100;
/// Thumbprints of an OpenID Connect identity provider.
pub const THUMBPRINTS: usize = 5;
/// SAML identity providers in an account.
pub const SAML_PROVIDERS: usize = 100;
/// Keys in the metadata of a SAML identity provider.
pub const SAML_KEYS: usize = 10;
/// Private keys of a SAML identity provider (API Reference, GetSAMLProvider, `PrivateKeyList`).
pub const SAML_PRIVATE_KEYS: usize = 2;
/// Tags of a resource.
pub const TAGS: usize = 50;
/// Characters of a managed policy, white space not counted.
pub const POLICY_SIZE: usize = 6_144;
/// Characters of all inline policies of a user, white space not counted.
pub const USER_POLICY_SIZE: usize = 2_048;
/// Characters of all inline policies of a group, white space not counted.
pub const GROUP_POLICY_SIZE: usize = 5_120;
/// Characters of all inline policies of a role, white space not counted.
pub const ROLE_POLICY_SIZE: usize = 10_240;
/// Characters of a role's trust policy, white space not counted.
pub const TRUST_POLICY_SIZE: usize = 2_048;
