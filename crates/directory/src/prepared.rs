//! The policies that hold for a user or a role, made ready for the engine once for many decisions.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use doorward_policy::document::PolicyType;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, PolicySet, Source};

use crate::{Account, Group, Policies, Role, User};

/// What `AllowUsersToChangePassword` of a password policy grants to every user (User Guide, "Permit IAM users to change
/// their own passwords").
static OWN_PASSWORD: LazyLock<Option<Arc<Policy>>> = LazyLock::new(|| {
    let own = r#""arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}""#;
    let change = format!(r#"{{"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": [{own}]}}"#);
    let read = r#"{"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}"#;
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{change}, {read}]}}"#);
    Policy::parse(&text, PolicyType::Inline).ok().map(Arc::new)
});

/// The policies that hold for a user or a role.
#[derive(Debug)]
pub struct PrincipalPolicies {
    /// The identity-based policies: its own inline and attached ones, then those of its groups.
    pub identity: PolicySet,
    /// The permissions boundary.
    pub boundary: Option<PolicySet>,
}

/// What has been prepared for one state of an account's groups, managed policies and password policy, by unique id. Accounts
/// that differ in other things share it; with a change of those an account begins a new one, so that what was prepared before can
/// never be taken for what holds after it.
#[derive(Clone, Default)]
pub(crate) struct Prepared(Arc<Mutex<HashMap<String, Entry>>>);

/// So many principals are kept ready at most; with more, all are prepared anew.
const MOST: usize = 4096;

struct Entry {
    holder: Holder,
    policies: Arc<PrincipalPolicies>,
}

/// For whom: the very value, as one with other policies has the same unique id.
#[derive(Clone)]
enum Holder {
    User(Arc<User>),
    Role(Arc<Role>),
}

impl Holder {
    fn id(&self) -> &str {
        match self {
            Holder::User(user) => &user.id,
            Holder::Role(role) => &role.id,
        }
    }

    fn is(&self, other: &Holder) -> bool {
        match (self, other) {
            (Holder::User(one), Holder::User(other)) => Arc::ptr_eq(one, other),
            (Holder::Role(one), Holder::Role(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Account {
    /// The policies that hold for one of the account's users.
    pub fn policies_of_user(&self, user: &Arc<User>) -> Arc<PrincipalPolicies> {
        self.prepared().get(Holder::User(Arc::clone(user)), || {
            let mut attached = Vec::new();
            let arn = self.user_arn(user).into();
            self.attach(&mut attached, &user.policies, &arn);
            for group in user.groups.iter().filter_map(|id| self.groups().by_id(id)) {
                self.attach(&mut attached, &group.policies, &self.group_arn(group).into());
            }
            attached.extend(self.own_password(&arn));
            self.prepare(attached, user.boundary.as_deref(), &arn)
        })
    }

    /// The policies that hold for the sessions of one of the account's roles.
    pub fn policies_of_role(&self, role: &Arc<Role>) -> Arc<PrincipalPolicies> {
        self.prepared().get(Holder::Role(Arc::clone(role)), || {
            let mut attached = Vec::new();
            let arn = self.role_arn(role).into();
            self.attach(&mut attached, &role.policies, &arn);
            self.prepare(attached, role.boundary.as_deref(), &arn)
        })
    }

    /// The policies of one of the account's groups, which hold for its members.
    pub fn policies_of_group(&self, group: &Group) -> PolicySet {
        let mut attached = Vec::new();
        self.attach(&mut attached, &group.policies, &self.group_arn(group).into());
        attached.into_iter().collect()
    }

    /// A managed policy as attached, in this version or the default one. One that cannot be found or read denies: it may
    /// hold a Deny.
    pub fn attached_policy(&self, arn: &str, version: Option<u32>, attached_to: &Arc<str>) -> Attached {
        let policy = self.policy_by_arn(arn);
        let version = policy.and_then(|policy| match version {
            Some(version) => policy.version(version),
            None => policy.default(),
        });
        let policy = version.and_then(|version| version.document.policy(PolicyType::Managed));
        Attached {
            source: Source::Managed { arn: arn.into(), attached_to: Arc::clone(attached_to) },
            policy: policy.cloned(),
        }
    }

    /// What the account's password policy grants to every user.
    fn own_password(&self, arn: &Arc<str>) -> Option<Attached> {
        let allows = self.settings().password_policy.as_ref()?.allow_users_to_change_password;
        allows.then(|| Attached {
            source: Source::Inline { name: "AllowUsersToChangePassword".into(), owner: Arc::clone(arn) },
            policy: OWN_PASSWORD.clone(),
        })
    }

    fn attach(&self, out: &mut Vec<Attached>, policies: &Policies, owner: &Arc<str>) {
        out.extend(policies.inline.iter().map(|(name, text)| Attached {
            source: Source::Inline { name: name.as_str().into(), owner: Arc::clone(owner) },
            policy: text.policy(PolicyType::Inline).cloned(),
        }));
        out.extend(policies.attached.iter().map(|arn| self.attached_policy(arn, None, owner)));
    }

    fn prepare(&self, identity: Vec<Attached>, boundary: Option<&str>, arn: &Arc<str>) -> PrincipalPolicies {
        let boundary = boundary.map(|boundary| PolicySet::new(vec![self.attached_policy(boundary, None, arn)]));
        PrincipalPolicies { identity: PolicySet::new(identity), boundary }
    }
}

impl Prepared {
    fn get(&self, holder: Holder, prepare: impl FnOnce() -> PrincipalPolicies) -> Arc<PrincipalPolicies> {
        if let Some(entry) = self.entries().get(holder.id()).filter(|entry| entry.holder.is(&holder)) {
            return Arc::clone(&entry.policies);
        }
        let policies = Arc::new(prepare());
        let mut entries = self.entries();
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(holder.id().to_owned(), Entry { holder, policies: Arc::clone(&policies) });
        policies
    }

    /// What a thread that panicked left is whole: entries are only ever put in place at once.
    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
