//! Managed policies attached to users, groups and roles (IAM API Reference: AttachUserPolicy, AttachGroupPolicy,
//! AttachRolePolicy, DetachUserPolicy, DetachGroupPolicy, DetachRolePolicy, ListAttachedUserPolicies,
//! ListAttachedGroupPolicies, ListAttachedRolePolicies, ListEntitiesForPolicy).

use std::collections::BTreeMap;
use std::ops::Bound;

use doorward_directory::{Account, Entity, Group, ReferenceKind, Role, User};
use doorward_policy::arn::Arn;
use doorward_shapes::Error;
use doorward_shapes::iam as api;

use super::holder::Holder;
use super::policy;
use super::room::check_room;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{Page, PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    [changes(), lists()].into_iter().flatten().collect()
}

fn changes() -> Vec<Op> {
    vec![
        Op::write(
            "AttachUserPolicy",
            |scope, input: &api::AttachUserPolicyRequest| changed::<User>(scope, &input.user_name, &input.policy_arn),
            |_, account, input: api::AttachUserPolicyRequest| {
                attach::<User>(account, &input.user_name, input.policy_arn)
            },
        ),
        Op::write(
            "AttachGroupPolicy",
            |scope, input: &api::AttachGroupPolicyRequest| {
                changed::<Group>(scope, &input.group_name, &input.policy_arn)
            },
            |_, account, input: api::AttachGroupPolicyRequest| {
                attach::<Group>(account, &input.group_name, input.policy_arn)
            },
        ),
        Op::write(
            "AttachRolePolicy",
            |scope, input: &api::AttachRolePolicyRequest| changed::<Role>(scope, &input.role_name, &input.policy_arn),
            |_, account, input: api::AttachRolePolicyRequest| {
                attach::<Role>(account, &input.role_name, input.policy_arn)
            },
        ),
        Op::write(
            "DetachUserPolicy",
            |scope, input: &api::DetachUserPolicyRequest| changed::<User>(scope, &input.user_name, &input.policy_arn),
            |_, account, input: api::DetachUserPolicyRequest| {
                detach::<User>(account, &input.user_name, &input.policy_arn)
            },
        ),
        Op::write(
            "DetachGroupPolicy",
            |scope, input: &api::DetachGroupPolicyRequest| {
                changed::<Group>(scope, &input.group_name, &input.policy_arn)
            },
            |_, account, input: api::DetachGroupPolicyRequest| {
                detach::<Group>(account, &input.group_name, &input.policy_arn)
            },
        ),
        Op::write(
            "DetachRolePolicy",
            |scope, input: &api::DetachRolePolicyRequest| changed::<Role>(scope, &input.role_name, &input.policy_arn),
            |_, account, input: api::DetachRolePolicyRequest| {
                detach::<Role>(account, &input.role_name, &input.policy_arn)
            },
        ),
    ]
}

fn lists() -> Vec<Op> {
    vec![
        Op::read(
            "ListAttachedUserPolicies",
            |scope, input: &api::ListAttachedUserPoliciesRequest| Ok(vec![User::target(scope, &input.user_name)]),
            |cx, account, input: api::ListAttachedUserPoliciesRequest| {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = attached::<User>(cx, account, &input.user_name, prefix, marker, input.max_items)?;
                Ok(api::ListAttachedUserPoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
        Op::read(
            "ListAttachedGroupPolicies",
            |scope, input: &api::ListAttachedGroupPoliciesRequest| Ok(vec![Group::target(scope, &input.group_name)]),
            |cx, account, input: api::ListAttachedGroupPoliciesRequest| {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = attached::<Group>(cx, account, &input.group_name, prefix, marker, input.max_items)?;
                Ok(api::ListAttachedGroupPoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
        Op::read(
            "ListAttachedRolePolicies",
            |scope, input: &api::ListAttachedRolePoliciesRequest| Ok(vec![Role::target(scope, &input.role_name)]),
            |cx, account, input: api::ListAttachedRolePoliciesRequest| {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = attached::<Role>(cx, account, &input.role_name, prefix, marker, input.max_items)?;
                Ok(api::ListAttachedRolePoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
        Op::read(
            "ListEntitiesForPolicy",
            |scope, input: &api::ListEntitiesForPolicyRequest| policy::target(scope, &input.policy_arn),
            list_entities_for_policy,
        ),
    ]
}

/// The resource is the holder; the policy is in `iam:PolicyARN` (Service Authorization Reference, IAM).
fn changed<H: Holder>(scope: &Scope<'_>, name: &str, arn: &str) -> Result<Vec<Target>, Error> {
    policy::check_arn(arn)?;
    Ok(vec![H::changed(scope, name).key("iam:PolicyARN", arn)])
}

/// Attaches a policy of the account. Attaching it again is no error and changes nothing.
pub(super) fn attach<H: Holder>(account: &mut Account, name: &str, arn: String) -> Result<(), Error> {
    let mut holder = H::modifiable(account, name)?;
    policy::check_not_reserved(policy::attachable(account, &arn)?)?;
    let attached = &mut holder.policies_mut().attached;
    if attached.contains(&arn) {
        return Ok(());
    }
    check_room(account, H::ATTACHMENT_QUOTA, attached.len())?;
    attached.push(arn);
    holder.put(account);
    Ok(())
}

fn detach<H: Holder>(account: &mut Account, name: &str, arn: &str) -> Result<(), Error> {
    let mut holder = H::modifiable(account, name)?;
    let attached = &mut holder.policies_mut().attached;
    let before = attached.len();
    attached.retain(|attached| attached != arn);
    if attached.len() == before {
        return Err(policy::not_found(arn));
    }
    holder.put(account);
    Ok(())
}

/// The policies attached to a holder, by name.
fn attached<H: Holder>(
    cx: &Cx<'_>,
    account: &Account,
    name: &str,
    path_prefix: Option<&str>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<api::AttachedPolicy>, Error> {
    let holder = H::find(account, name)?;
    let prefix = path_prefix.unwrap_or("/");
    // By name; a customer's policy may be called as one of AWS's. One of AWS's that this catalogue does not have is
    // still attached, and is told by its ARN.
    let within = |arn: &str| Arn::parse(arn).is_some_and(|arn| arn.path().is_some_and(|path| path.starts_with(prefix)));
    let found = holder.policies().attached.iter().filter(|arn| within(arn));
    let policies: BTreeMap<String, (&str, &str)> = found
        .map(|arn| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            (format!("{}\n{arn}", name.to_ascii_lowercase()), (name, arn.as_str()))
        })
        .collect();
    let request = PageRequest { list: &[holder.id(), prefix], marker, max_items };
    page(
        cx,
        &request,
        |after| policies.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)),
        |(name, _)| name,
        |(_, (name, arn))| api::AttachedPolicy {
            policy_name: Some((*name).to_owned()),
            policy_arn: Some((*arn).to_owned()),
        },
    )
}

/// Ways to use a policy, with the `EntityFilter` and the `PolicyUsageFilter` that each one passes.
const USES: &[(ReferenceKind, api::EntityType, api::PolicyUsageType)] = &[
    (ReferenceKind::GroupAttachment, api::EntityType::Group, api::PolicyUsageType::PermissionsPolicy),
    (ReferenceKind::RoleAttachment, api::EntityType::Role, api::PolicyUsageType::PermissionsPolicy),
    (ReferenceKind::RoleBoundary, api::EntityType::Role, api::PolicyUsageType::PermissionsBoundary),
    (ReferenceKind::UserAttachment, api::EntityType::User, api::PolicyUsageType::PermissionsPolicy),
    (ReferenceKind::UserBoundary, api::EntityType::User, api::PolicyUsageType::PermissionsBoundary),
];

/// Someone who uses a policy.
#[derive(Clone, Copy)]
enum Referrer<'a> {
    Group(&'a Group),
    Role(&'a Role),
    User(&'a User),
}

impl<'a> Referrer<'a> {
    fn find(account: &'a Account, kind: ReferenceKind, id: &str) -> Option<Referrer<'a>> {
        match kind {
            ReferenceKind::GroupAttachment => account.groups().by_id(id).map(|group| Referrer::Group(group)),
            ReferenceKind::RoleAttachment | ReferenceKind::RoleBoundary => {
                account.roles().by_id(id).map(|role| Referrer::Role(role))
            }
            ReferenceKind::UserAttachment | ReferenceKind::UserBoundary => {
                account.users().by_id(id).map(|user| Referrer::User(user))
            }
            _ => None,
        }
    }

    fn path(self) -> &'a str {
        match self {
            Referrer::Group(group) => &group.path,
            Referrer::Role(role) => &role.path,
            Referrer::User(user) => &user.path,
        }
    }

    /// Its place in the list: one order for all kinds, so that one marker serves them all.
    fn place(self) -> String {
        let (kind, name) = match self {
            Referrer::Group(group) => (Group::KIND, &group.name),
            Referrer::Role(role) => (Role::KIND, &role.name),
            Referrer::User(user) => (User::KIND, &user.name),
        };
        format!("{kind}/{}", name.to_ascii_lowercase())
    }
}

fn list_entities_for_policy(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListEntitiesForPolicyRequest,
) -> Result<api::ListEntitiesForPolicyResponse, Error> {
    let policy = policy::attachable(account, &input.policy_arn)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    // `LocalManagedPolicy` and `AWSManagedPolicy` are no kinds of entities that use policies: nothing passes them.
    let entity = input.entity_filter.as_ref().map(|filter| filter.as_str());
    let usage = input.policy_usage_filter.as_ref().map(|filter| filter.as_str());
    let wanted = USES.iter().filter(|(_, of, by)| {
        entity.is_none_or(|entity| entity == of.as_str()) && usage.is_none_or(|usage| usage == by.as_str())
    });
    let found = wanted.flat_map(|(kind, _, _)| {
        let ids = account.referrers(&input.policy_arn, *kind);
        ids.filter_map(|id| Referrer::find(account, *kind, id))
    });
    // One who has it attached and as its boundary is there once.
    let referrers: BTreeMap<String, Referrer<'_>> = found
        .filter(|referrer| referrer.path().starts_with(prefix))
        .map(|referrer| (referrer.place(), referrer))
        .collect();
    let list = [policy.id.as_str(), prefix, entity.unwrap_or_default(), usage.unwrap_or_default()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| referrers.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)),
        |(place, _)| place,
        |(_, referrer)| **referrer,
    )?;
    Ok(entities(page))
}

fn entities(page: Page<Referrer<'_>>) -> api::ListEntitiesForPolicyResponse {
    let (mut groups, mut roles, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for referrer in page.items {
        match referrer {
            Referrer::Group(group) => {
                groups.push(api::PolicyGroup { group_name: Some(group.name.clone()), group_id: Some(group.id.clone()) })
            }
            Referrer::Role(role) => {
                roles.push(api::PolicyRole { role_name: Some(role.name.clone()), role_id: Some(role.id.clone()) });
            }
            Referrer::User(user) => {
                users.push(api::PolicyUser { user_name: Some(user.name.clone()), user_id: Some(user.id.clone()) });
            }
        }
    }
    api::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    }
}
