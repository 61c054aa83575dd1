//! Users, groups, roles and managed policies by ARN, for the operations that take any of them: which policies hold for
//! them, and who they are or stand for.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_directory::{Account, Entity, Group, Policies, Policy, ReferenceKind, Role, User};
use doorward_policy::arn::Arn;
use doorward_policy::document::PolicyType;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::target::{Scope, Target};

/// One of them.
#[derive(Clone, Copy)]
pub(super) enum Identity<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a Policy),
}

/// A policy that somebody holds.
pub(super) struct Held {
    pub name: String,
    /// None of an inline policy.
    pub arn: Option<String>,
    pub owner: (api::PolicyOwnerEntityType, String),
    /// None where it cannot be found or read.
    pub policy: Option<Arc<doorward_policy::policy::Policy>>,
}

/// A user or a role.
pub(super) struct Principal<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub path: &'a str,
    pub arn: String,
    pub kind: api::PolicyOwnerEntityType,
}

/// The one with this ARN as a target.
pub(super) fn target(scope: &Scope<'_>, arn: &str) -> Vec<Target> {
    let target = match Identity::find(scope.account, arn) {
        Ok(Identity::User(user)) => scope.user(&user.name),
        Ok(Identity::Group(group)) => scope.group(&group.name),
        Ok(Identity::Role(role)) => scope.role(&role.name),
        Ok(Identity::Policy(_)) => scope.policy(arn),
        Err(_) => scope.arn(arn),
    };
    vec![target]
}

impl<'a> Identity<'a> {
    /// The one with this ARN, exactly.
    ///
    /// # Errors
    /// InvalidInput for what is no ARN of one, NoSuchEntity where there is none.
    pub fn find(account: &'a Account, arn: &str) -> Result<Identity<'a>, Error> {
        let invalid = || error::invalid_input(format!("ARN {arn} is not valid."));
        let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "iam").ok_or_else(invalid)?;
        let name = arn.rsplit('/').next().unwrap_or_default();
        let found = match parsed.resource_type() {
            "user" => {
                let user = account.users().by_name(name).filter(|user| account.user_arn(user) == arn);
                user.map(|user| Identity::User(user))
            }
            "group" => {
                let group = account.groups().by_name(name).filter(|group| account.group_arn(group) == arn);
                group.map(|group| Identity::Group(group))
            }
            "role" => {
                let role = account.roles().by_name(name).filter(|role| account.role_arn(role) == arn);
                role.map(|role| Identity::Role(role))
            }
            "policy" => account.policy_by_arn(arn).map(|policy| Identity::Policy(policy)),
            _ => return Err(invalid()),
        };
        found.ok_or_else(|| error::no_such_entity(format!("ARN {arn} was not found.")))
    }

    /// The one that a report is about: a unique id, or a policy's ARN.
    pub fn of_report(account: &'a Account, about: &str) -> Option<Identity<'a>> {
        if about.starts_with("arn:") {
            return account.policy_by_arn(about).map(|policy| Identity::Policy(policy));
        }
        let user = account.users().by_id(about).map(|user| Identity::User(user));
        let group = || account.groups().by_id(about).map(|group| Identity::Group(group));
        let role = || account.roles().by_id(about).map(|role| Identity::Role(role));
        user.or_else(group).or_else(role)
    }

    /// What a report names it by: names and paths may change, but for those of policies, whose ids AWS's have not.
    pub fn report_name(self, account: &Account) -> String {
        match self {
            Identity::User(user) => user.id.clone(),
            Identity::Group(group) => group.id.clone(),
            Identity::Role(role) => role.id.clone(),
            Identity::Policy(policy) => account.policy_arn(policy),
        }
    }

    /// The permissions policies: a user's and its groups', a group's or a role's own, a managed policy itself. Each
    /// managed one is there once.
    pub fn held(self, account: &'a Account) -> Vec<Held> {
        let mut held = Vec::new();
        match self {
            Identity::User(user) => {
                add(&mut held, account, &user.policies, api::PolicyOwnerEntityType::User, &user.name);
                for group in user.groups.iter().filter_map(|id| account.groups().by_id(id)) {
                    add(&mut held, account, &group.policies, api::PolicyOwnerEntityType::Group, &group.name);
                }
            }
            Identity::Group(group) => {
                add(&mut held, account, &group.policies, api::PolicyOwnerEntityType::Group, &group.name);
            }
            Identity::Role(role) => {
                add(&mut held, account, &role.policies, api::PolicyOwnerEntityType::Role, &role.name);
            }
            Identity::Policy(policy) => {
                let itself = Policies { attached: vec![account.policy_arn(policy)], ..Policies::default() };
                add(&mut held, account, &itself, api::PolicyOwnerEntityType::Role, "");
            }
        }
        held
    }

    /// The users and roles that it is or stands for: a group's members; those that a policy is attached to, and the
    /// members of the groups that it is attached to. By unique id.
    pub fn principals(self, account: &'a Account) -> Vec<Principal<'a>> {
        let mut found = BTreeMap::new();
        let mut add_user = |id: &str| {
            if let Some(user) = account.users().by_id(id) {
                found.insert(user.id.as_str(), of_user(account, user));
            }
        };
        match self {
            Identity::User(user) => add_user(&user.id),
            Identity::Group(group) => account.referrers(&group.id, ReferenceKind::Member).for_each(add_user),
            Identity::Role(role) => return vec![of_role(account, role)],
            Identity::Policy(policy) => {
                let arn = account.policy_arn(policy);
                account.referrers(&arn, ReferenceKind::UserAttachment).for_each(&mut add_user);
                for group in account.referrers(&arn, ReferenceKind::GroupAttachment) {
                    account.referrers(group, ReferenceKind::Member).for_each(&mut add_user);
                }
                let roles = account.referrers(&arn, ReferenceKind::RoleAttachment);
                for role in roles.filter_map(|id| account.roles().by_id(id)) {
                    found.insert(role.id.as_str(), of_role(account, role));
                }
            }
        }
        found.into_values().collect()
    }
}

fn add(held: &mut Vec<Held>, account: &Account, policies: &Policies, kind: api::PolicyOwnerEntityType, name: &str) {
    let owner = (kind, name.to_owned());
    for (name, document) in &policies.inline {
        let policy = document.policy(PolicyType::Inline).cloned();
        held.push(Held { name: name.clone(), arn: None, owner: owner.clone(), policy });
    }
    for arn in &policies.attached {
        if held.iter().any(|known| known.arn.as_ref() == Some(arn)) {
            continue;
        }
        let version = account.policy_by_arn(arn).and_then(|policy| policy.default());
        let policy = version.and_then(|version| version.document.policy(PolicyType::Managed)).cloned();
        let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
        held.push(Held { name, arn: Some(arn.clone()), owner: owner.clone(), policy });
    }
}

fn of_user<'a>(account: &Account, user: &'a User) -> Principal<'a> {
    let kind = api::PolicyOwnerEntityType::User;
    Principal { id: user.id(), name: &user.name, path: &user.path, arn: account.user_arn(user), kind }
}

fn of_role<'a>(account: &Account, role: &'a Role) -> Principal<'a> {
    let kind = api::PolicyOwnerEntityType::Role;
    Principal { id: role.id(), name: &role.name, path: &role.path, arn: account.role_arn(role), kind }
}
