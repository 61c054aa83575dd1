//! Quotas of an account (User Guide, "IAM and AWS STS quotas"): AWS's defaults, and how far the operator may raise those
//! that AWS raises on request.

/// A quota that the operator can set for an account.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// The name, as the errors of the operations that meet it give it.
    pub name: &'static str,
    /// What holds where nothing is set.
    pub default: usize,
    /// The most that can be set.
    pub maximum: usize,
}

impl Quota {
    const fn new(name: &'static str, default: usize, maximum: usize) -> Quota {
        Quota { name, default, maximum }
    }

    /// The quota of this name.
    pub fn named(name: &str) -> Option<&'static Quota> {
        ADJUSTABLE.iter().find(|quota| quota.name == name).copied()
    }
}

/// All that can be set, by name.
pub const ADJUSTABLE: &[&Quota] = &[
    &TRUST_POLICY_SIZE,
    &GROUPS,
    &INSTANCE_PROFILES,
    &OIDC_PROVIDERS,
    &POLICIES,
    &POLICIES_PER_ROLE,
    &POLICIES_PER_USER,
    &ROLES,
    &SERVER_CERTIFICATES,
];

/// Groups in an account.
pub static GROUPS: Quota = Quota::new("GroupsPerAccount", 300, 500);
/// Roles in an account.
pub static ROLES: Quota = Quota::new("RolesPerAccount", 1_000, 5_000);
/// Customer managed policies in an account.
pub static POLICIES: Quota = Quota::new("PoliciesPerAccount", 1_500, 5_000);
/// Instance profiles in an account.
pub static INSTANCE_PROFILES: Quota = Quota::new("InstanceProfilesPerAccount", 1_000, 5_000);
/// Server certificates in an account.
pub static SERVER_CERTIFICATES: Quota = Quota::new("ServerCertificatesPerAccount", 20, 1_000);
/// OpenID Connect identity providers in an account.
pub static OIDC_PROVIDERS: Quota = Quota::new("OpenIdConnectProvidersPerAccount", 100, 700);
/// Managed policies attached to a user.
pub static POLICIES_PER_USER: Quota = Quota::new("PoliciesPerUser", 10, 20);
/// Managed policies attached to a role.
pub static POLICIES_PER_ROLE: Quota = Quota::new("PoliciesPerRole", 10, 25);
/// Managed policies attached to a group.
pub static POLICIES_PER_GROUP: Quota = Quota::new("PoliciesPerGroup", 10, 10);
/// Characters of a role's trust policy, white space not counted.
pub static TRUST_POLICY_SIZE: Quota = Quota::new("ACLSizePerRole", 2_048, 4_096);

/// Users in an account.
pub const USERS: usize = 5_000;
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
/// Hardware tokens whose seeds an account holds. Ours, as AWS does not say.
pub const HARDWARE_MFA_DEVICES: usize = USERS;
/// Challenges to security keys that a user can have open; the oldest are forgotten first. Ours.
pub const SECURITY_KEY_CHALLENGES: usize = 4;
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
/// Delegation requests that an account has made, or that somebody in it has made theirs.
pub const DELEGATION_REQUESTS: usize = 1_000;
/// Role templates of the installation.
pub const ROLE_TEMPLATES: usize = 100;
/// Minor versions of a role template.
pub const ROLE_TEMPLATE_VERSIONS: usize = 10;
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
