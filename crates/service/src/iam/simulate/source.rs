//! Users, groups and roles by ARN, and the policies that they hold.

use std::sync::Arc;

use doorward_directory::{Account, Group, PrincipalPolicies, Role, Tags, User};
use doorward_policy::arn::{Arn, is_account_id, is_partition};
use doorward_policy::request::{Attached, PolicySet, Source as From};
use doorward_shapes::Error;
use doorward_shapes::iam::error;

/// The ARN of a user, group or role, taken apart. Whether there is one is another question.
#[derive(Clone, Copy)]
pub(super) struct EntityArn<'a> {
    pub account: &'a str,
    /// `user`, `group` or `role`.
    pub kind: &'a str,
    pub name: &'a str,
}

impl<'a> EntityArn<'a> {
    /// None where the text is not the ARN of a user, group or role.
    pub fn parse(text: &'a str) -> Option<EntityArn<'a>> {
        let arn = Arn::parse(text)?;
        let (kind, name) = (arn.resource_type(), arn.name().filter(|name| !name.is_empty())?);
        let is_entity = is_partition(arn.partition) && arn.service == "iam" && arn.region.is_empty();
        let is_entity = is_entity && is_account_id(arn.account) && matches!(kind, "user" | "group" | "role");
        is_entity.then_some(EntityArn { account: arn.account, kind, name })
    }
}

/// A user, group or role whose policies are simulated.
pub(super) enum Source<'a> {
    User(&'a Arc<User>),
    Group(&'a Arc<Group>),
    Role(&'a Arc<Role>),
}

/// The policies of a simulation that are attached to somebody.
#[derive(Default)]
pub(super) struct Held {
    /// The ARN of the one that holds them.
    pub arn: Option<String>,
    pub identity: Vec<Attached>,
    pub boundary: Option<PolicySet>,
}

/// The user, group or role with this ARN.
pub(super) fn find<'a>(account: &'a Account, arn: &str) -> Result<Source<'a>, Error> {
    let entity = EntityArn::parse(arn).ok_or_else(|| {
        error::invalid_input(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."))
    })?;
    if entity.account != account.id() {
        return Err(error::invalid_input(format!(
            "Invalid Policy Source Arn: caller's account {} does not have access to policies in account {}",
            account.id(),
            entity.account
        )));
    }
    let found = match entity.kind {
        "user" => account.users().by_name(entity.name).map(Source::User),
        "group" => account.groups().by_name(entity.name).map(Source::Group),
        _ => account.roles().by_name(entity.name).map(Source::Role),
    };
    found
        .filter(|source| source.arn(account) == arn)
        .ok_or_else(|| error::no_such_entity(format!("The {} with name {} cannot be found.", entity.kind, entity.name)))
}

impl<'a> Source<'a> {
    fn arn(&self, account: &Account) -> String {
        match self {
            Source::User(user) => account.user_arn(user),
            Source::Group(group) => account.group_arn(group),
            Source::Role(role) => account.role_arn(role),
        }
    }

    /// Its tags. Groups have none.
    pub fn tags(&self) -> Option<&'a Tags> {
        match self {
            Source::User(user) => Some(&user.tags),
            Source::Group(_) => None,
            Source::Role(role) => Some(&role.tags),
        }
    }

    /// The policies that hold for it: those that decide on its calls.
    pub fn held(&self, account: &Account) -> Held {
        let (identity, boundary) = match self {
            Source::Group(group) => (account.policies_of_group(group).policies().to_vec(), None),
            Source::User(user) => held(&account.policies_of_user(user)),
            Source::Role(role) => held(&account.policies_of_role(role)),
        };
        Held { arn: Some(self.arn(account)), identity, boundary }
    }

    /// Whether a policy that holds for it was put or attached by somebody, and does not follow from a setting of the
    /// account.
    pub fn is_attached(&self, account: &Account, attached: &Attached) -> bool {
        match (self, &attached.source) {
            (Source::User(user), From::Inline { name, owner }) if **owner == *account.user_arn(user) => {
                user.policies.inline.contains_key(&**name)
            }
            _ => true,
        }
    }
}

fn held(policies: &PrincipalPolicies) -> (Vec<Attached>, Option<PolicySet>) {
    (policies.identity.policies().to_vec(), policies.boundary.clone())
}
