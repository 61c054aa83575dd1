//! Who can hold policies: users, groups and roles, alike for attached and inline policies.

use std::sync::Arc;

use doorward_directory::quota::{self, Quota};
use doorward_directory::{Account, Entity, Group, Policies, Role, User};
use doorward_shapes::Error;

use super::{group, role};
use crate::cx;
use crate::target::{Scope, Target};

/// A user, a group or a role as the holder of policies. [`Entity::KIND`] is what messages call it.
pub(super) trait Holder: Entity + 'static {
    /// The quota on attached managed policies.
    const ATTACHMENT_QUOTA: &'static Quota;
    /// Characters that all its inline policies may have together.
    const INLINE_SIZE: usize;

    /// The holder of this name.
    fn find<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<Self>, Error>;

    /// The holder of this name, to be changed.
    fn modifiable(account: &Account, name: &str) -> Result<Self, Error> {
        Self::find(account, name).map(|holder| Self::clone(holder))
    }

    /// The holder of this name as a target.
    fn target(scope: &Scope<'_>, name: &str) -> Target;

    /// The same for a change of its policies, with `iam:PermissionsBoundary` as it is now where it can have one (User
    /// Guide, "IAM and AWS STS condition context keys").
    fn changed(scope: &Scope<'_>, name: &str) -> Target;

    /// Its policies.
    fn policies(&self) -> &Policies;

    /// Its policies, to be changed.
    fn policies_mut(&mut self) -> &mut Policies;

    /// Puts it in place of what it was.
    fn put(self, account: &mut Account);
}

impl Holder for User {
    const ATTACHMENT_QUOTA: &'static Quota = &quota::POLICIES_PER_USER;
    const INLINE_SIZE: usize = quota::USER_POLICY_SIZE;

    fn find<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<User>, Error> {
        cx::user(account, name)
    }

    fn target(scope: &Scope<'_>, name: &str) -> Target {
        scope.user(name)
    }

    fn changed(scope: &Scope<'_>, name: &str) -> Target {
        scope.user(name).key_if("iam:PermissionsBoundary", scope.boundary_of_user(name))
    }

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }

    fn put(self, account: &mut Account) {
        account.put(self);
    }
}

impl Holder for Group {
    const ATTACHMENT_QUOTA: &'static Quota = &quota::POLICIES_PER_GROUP;
    const INLINE_SIZE: usize = quota::GROUP_POLICY_SIZE;

    fn find<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<Group>, Error> {
        group::group(account, name)
    }

    fn target(scope: &Scope<'_>, name: &str) -> Target {
        scope.group(name)
    }

    fn changed(scope: &Scope<'_>, name: &str) -> Target {
        scope.group(name)
    }

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }

    fn put(self, account: &mut Account) {
        account.put(self);
    }
}

impl Holder for Role {
    const ATTACHMENT_QUOTA: &'static Quota = &quota::POLICIES_PER_ROLE;
    const INLINE_SIZE: usize = quota::ROLE_POLICY_SIZE;

    fn find<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<Role>, Error> {
        role::role(account, name)
    }

    fn modifiable(account: &Account, name: &str) -> Result<Role, Error> {
        role::modifiable(account, name)
    }

    fn target(scope: &Scope<'_>, name: &str) -> Target {
        scope.role(name)
    }

    fn changed(scope: &Scope<'_>, name: &str) -> Target {
        scope.role(name).key_if("iam:PermissionsBoundary", scope.boundary_of_role(name))
    }

    fn policies(&self) -> &Policies {
        &self.policies
    }

    fn policies_mut(&mut self) -> &mut Policies {
        &mut self.policies
    }

    fn put(self, account: &mut Account) {
        account.put(self);
    }
}

#[cfg(test)]
mod tests {
    use doorward_directory::{AccountSettings, TrustPolicy};
    use doorward_policy::document::{Document, PolicyType};

    use super::*;

    fn check(path: &str, expect: Option<(&str, &str)>) {
        let created = "2026-11-25T12:00:00Z".parse().unwrap();
        let settings = AccountSettings::new("111122223333".to_owned(), "test".to_owned(), created);
        let mut account = Account::new(settings);
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}"#;
        let trust = Document::parse(trust, PolicyType::Trust).unwrap();
        account.put(Role {
            id: "AROAEXAMPLE".to_owned(),
            name: "app".to_owned(),
            path: path.to_owned(),
            created,
            description: None,
            max_session_duration: 3_600,
            trust: TrustPolicy::new(trust, Default::default()),
            tags: Default::default(),
            policies: Default::default(),
            boundary: None,
            source_template: None,
        });
        assert!(<Role as Holder>::find(&account, "app").is_ok());
        let error = <Role as Holder>::modifiable(&account, "app").err();
        assert_eq!(error.as_ref().map(|error| (error.code.as_ref(), error.message.as_str())), expect, "{path}");
    }

    #[test]
    fn policies_of_a_services_own_roles_cannot_be_changed() {
        let text = "Cannot perform the operation on the protected role 'app' - this role is only modifiable by AWS";
        check("/aws-service-role/example.amazonaws.com/", Some(("UnmodifiableEntity", text)));
        check("/aws-reserved/sso.amazonaws.com/", Some(("UnmodifiableEntity", text)));
        check("/", None);
        check("/team/aws-reserved/", None);
    }
}
