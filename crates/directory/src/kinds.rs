//! The kinds of entities that an account and an organization hold: one row for each.

use std::sync::Arc;

use crate::record::{self, Change, LoadError, Record};
use crate::{
    AccessReport, Account, AccountCreation, Delegation, DelegationRequest, DeletionTask, Entity, Group,
    InstanceProfile, LoginProfile, Member, MfaDevice, OidcProvider, Organization, OrganizationPolicy,
    OrganizationalUnit, Policy, Role, RoleTemplate, Root, SamlProvider, SecurityKey, SecurityKeyChallenge,
    ServerCertificate, Table, User,
};

/// An entity that a realm holds a table of, among its tables `T`.
pub trait Held<T = Tables>: Entity {
    /// The table of its kind.
    fn table(tables: &T) -> &Table<Self>;

    /// The same, to be changed.
    fn table_mut(tables: &mut T) -> &mut Table<Self>;
}

macro_rules! kinds {
    ($realm:ident, $tables:ident; $($(#[$doc:meta])* $table:ident: $entity:ident,)*) => {
        /// A table for each kind.
        #[derive(Clone, Default)]
        pub struct $tables {
            $($table: Table<$entity>,)*
        }

        impl $tables {
            /// The change that makes the record of an entity what the entity is now; none for a kind that is not held.
            pub(crate) fn change(&self, kind: &'static str, id: &str) -> Option<Change> {
                match kind {
                    $($entity::KIND => Some(record::change(kind, id, self.$table.by_id(id).map(Arc::as_ref))),)*
                    _ => None,
                }
            }
        }

        $(impl Held<$tables> for $entity {
            fn table(tables: &$tables) -> &Table<Self> {
                &tables.$table
            }

            fn table_mut(tables: &mut $tables) -> &mut Table<Self> {
                &mut tables.$table
            }
        })*

        impl $realm {
            $($(#[$doc])* pub fn $table(&self) -> &Table<$entity> {
                self.table()
            })*

            /// Puts the entity of a record.
            pub(crate) fn put_record(&mut self, record: &Record<'_>) -> Result<(), LoadError> {
                match record.kind {
                    $($entity::KIND => self.put::<$entity>(record::read(record)?),)*
                    _ => return Err(record::unreadable(record, "unknown kind; was it written by a newer version?")),
                }
                Ok(())
            }
        }
    };
}

kinds! { Account, Tables;
    /// The users.
    users: User,
    /// The groups.
    groups: Group,
    /// The roles.
    roles: Role,
    /// The customer managed policies.
    policies: Policy,
    /// The instance profiles.
    instance_profiles: InstanceProfile,
    /// The OpenID Connect identity providers.
    oidc_providers: OidcProvider,
    /// The SAML identity providers.
    saml_providers: SamlProvider,
    /// The deletions of service-linked roles.
    deletion_tasks: DeletionTask,
    /// The reports of last accesses that were asked for.
    access_reports: AccessReport,
    /// The server certificates.
    server_certificates: ServerCertificate,
    /// The login profiles. Their unique ids are their users'.
    login_profiles: LoginProfile,
    /// The virtual MFA devices and the hardware tokens.
    mfa_devices: MfaDevice,
    /// The security keys.
    security_keys: SecurityKey,
    /// The challenges to security keys that are not answered yet.
    security_key_challenges: SecurityKeyChallenge,
    /// The delegation requests that the account has made. Their names are its workflow ids.
    delegation_requests: DelegationRequest,
    /// The role templates of the installation, which the operator's account has.
    role_templates: RoleTemplate,
    /// The delegation requests that somebody of the account has made theirs.
    delegations: Delegation,
}

kinds! { Organization, OrganizationTables;
    /// The root: always one.
    roots: Root,
    /// The organizational units.
    units: OrganizationalUnit,
    /// The accounts, the management account among them.
    members: Member,
    /// The policies that are the organization's own.
    policies: OrganizationPolicy,
    /// The creations of accounts.
    account_creations: AccountCreation,
}
