//! What a call touches: the pairs of action and resource that must all be allowed, and what conditions can test.

use std::sync::Arc;

use doorward_directory::{Account, Group, InstanceProfile, Organization, Policy, Role, Tags, User};
use doorward_policy::context::{Context, Values};

use crate::cx::Cx;

/// One pair of action and resource.
#[derive(Clone)]
pub(crate) struct Target {
    /// The action, such as `iam:CreateUser`.
    pub action: String,
    /// The resource's ARN, or `*` for an action without resources.
    pub arn: String,
    /// How a denial names the resource: `user alice` where it exists or is named, else its ARN.
    pub display: String,
    /// The account that owns the resource.
    pub account_id: String,
    /// Condition keys of this pair.
    pub keys: Vec<(String, Values<'static>)>,
    /// Account and unique id of the role whose trust policy must grant the action too.
    pub trust: Option<(String, String)>,
    /// The resource's own policy.
    pub policy: Option<String>,
}

impl Target {
    /// Owned by another account than the caller's.
    pub fn owned_by(self, account_id: String) -> Target {
        Target { account_id, ..self }
    }

    /// With the trust policy of a role, by account and unique id, that must grant the action too.
    pub fn trusted_by(self, role: (String, String)) -> Target {
        Target { trust: Some(role), ..self }
    }

    /// With a policy of the resource's own.
    pub fn with_policy(self, policy: Option<String>) -> Target {
        Target { policy, ..self }
    }

    /// With a condition key that has one value.
    pub fn key(mut self, name: &str, value: impl Into<String>) -> Target {
        self.keys.push((name.to_owned(), value.into().into()));
        self
    }

    /// With a condition key, if there is a value.
    pub fn key_if(self, name: &str, value: Option<impl Into<String>>) -> Target {
        match value {
            Some(value) => self.key(name, value),
            None => self,
        }
    }

    /// With a condition key that has many values.
    pub fn keys(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Target {
        self.keys.push((name.to_owned(), Values::Many(values.into_iter().collect())));
        self
    }

    /// With all keys of a context.
    pub fn context(mut self, context: &Context<'static>) -> Target {
        self.keys.extend(context.iter().map(|(key, values)| (key.to_owned(), values.clone())));
        self
    }

    /// With `aws:RequestTag/…` and `aws:TagKeys` of the tags in the request; nothing when it has no tags parameter.
    pub fn request_tags<'t>(self, tags: Option<impl IntoIterator<Item = (&'t str, &'t str)>>) -> Target {
        let Some(tags) = tags else { return self };
        let tags: Vec<(&str, &str)> = tags.into_iter().collect();
        let names = tags.iter().map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>();
        let with = |target: Target, (key, value): &(&str, &str)| target.key(&format!("aws:RequestTag/{key}"), *value);
        tags.iter().fold(self, with).keys("aws:TagKeys", names)
    }

    /// With `aws:ResourceTag/…`, and `iam:ResourceTag/…` where the resource is a user or a role.
    pub fn resource_tags(self, tags: &Tags, iam: bool) -> Target {
        tags.iter().fold(self, |target, tag| {
            let target = target.key(&format!("aws:ResourceTag/{}", tag.key), tag.value.clone());
            if iam { target.key(&format!("iam:ResourceTag/{}", tag.key), tag.value.clone()) } else { target }
        })
    }

    /// The same resource under another action, such as the `iam:TagUser` that CreateUser needs for its tags.
    pub fn also(&self, action: &str) -> Target {
        Target { action: action.to_owned(), ..self.clone() }
    }
}

/// Where targets are named: the call and the caller's account as it is.
pub(crate) struct Scope<'a> {
    pub cx: &'a Cx<'a>,
    pub account: &'a Account,
    /// The organization that it is in, for operations that are about that.
    pub organization: Option<&'a Organization>,
    pub action: String,
}

impl Scope<'_> {
    /// The resource with this ARN in the caller's account.
    pub fn arn(&self, arn: impl Into<String>) -> Target {
        let arn = arn.into();
        Target {
            action: self.action.clone(),
            display: arn.clone(),
            arn,
            account_id: self.account.id().to_owned(),
            keys: Vec::new(),
            trust: None,
            policy: None,
        }
    }

    /// No resource in particular.
    pub fn any(&self) -> Target {
        self.arn("*")
    }

    /// The user of this name; where there is none, what its ARN would be without a path.
    pub fn user(&self, name: &str) -> Target {
        let found = self.account.users().by_name(name);
        let target = self.arn(match found {
            Some(user) => self.account.user_arn(user),
            None => self.account.arn("user", "/", name),
        });
        self.named("user", name, target, found.map(|user: &Arc<User>| (&user.tags, true)))
    }

    /// The group of this name. Groups have no tags.
    pub fn group(&self, name: &str) -> Target {
        let found: Option<&Arc<Group>> = self.account.groups().by_name(name);
        let target = self.arn(match found {
            Some(group) => self.account.group_arn(group),
            None => self.account.arn("group", "/", name),
        });
        self.named("group", name, target, None)
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Target {
        let found: Option<&Arc<Role>> = self.account.roles().by_name(name);
        let target = self.arn(match found {
            Some(role) => self.account.role_arn(role),
            None => self.account.arn("role", "/", name),
        });
        self.named("role", name, target, found.map(|role| (&role.tags, true)))
    }

    /// The instance profile of this name.
    pub fn instance_profile(&self, name: &str) -> Target {
        let found: Option<&Arc<InstanceProfile>> = self.account.instance_profiles().by_name(name);
        let target = self.arn(match found {
            Some(profile) => self.account.instance_profile_arn(profile),
            None => self.account.arn("instance-profile", "/", name),
        });
        self.named("instance profile", name, target, found.map(|profile| (&profile.tags, false)))
    }

    /// The managed policy with this ARN.
    pub fn policy(&self, arn: &str) -> Target {
        let found: Option<&Arc<Policy>> = self.account.policy_by_arn(arn);
        self.named("policy", arn, self.arn(arn), found.map(|policy| (&policy.tags, false)))
    }

    /// `iam:PermissionsBoundary` as it is now: the boundary of the user or role that is the target.
    pub fn boundary_of_user(&self, name: &str) -> Option<String> {
        self.account.users().by_name(name).and_then(|user| user.boundary.clone())
    }

    /// `iam:PermissionsBoundary` of the role that is the target.
    pub fn boundary_of_role(&self, name: &str) -> Option<String> {
        self.account.roles().by_name(name).and_then(|role| role.boundary.clone())
    }

    fn named(&self, kind: &str, name: &str, target: Target, tags: Option<(&Tags, bool)>) -> Target {
        let target = Target { display: format!("{kind} {name}"), ..target };
        match tags {
            Some((tags, iam)) => target.resource_tags(tags, iam),
            None => target,
        }
    }
}
