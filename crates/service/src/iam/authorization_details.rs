//! All identities and policies of an account at once (IAM API Reference: GetAccountAuthorizationDetails).

use std::borrow::Cow;

use doorward_directory::{Account, Group, Policies, Policy, Role, User};
use doorward_shapes::Error;
use doorward_shapes::iam as api;

use super::policy::{self, Uses};
use super::{instance_profile, policy_version, role, user};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page_within};
use crate::percent::percent_encoded;

/// About how many bytes of documents a page has at most: with them it ends before `MaxItems`, as AWS's may.
const PAGE_BYTES: usize = 1 << 20;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::read(
        "GetAccountAuthorizationDetails",
        |scope, _: &api::GetAccountAuthorizationDetailsRequest| Ok(vec![scope.any()]),
        get_account_authorization_details,
    )]
}

/// An entry of one of the lists.
#[derive(Clone, Copy)]
enum Entry<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Local(&'a Policy),
    Aws(&'a str, &'a Policy),
}

/// The lists, in the order in which pages go through them.
const LISTS: [api::EntityType; 5] = [
    api::EntityType::User,
    api::EntityType::Group,
    api::EntityType::Role,
    api::EntityType::LocalManagedPolicy,
    api::EntityType::AWSManagedPolicy,
];

fn get_account_authorization_details(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetAccountAuthorizationDetailsRequest,
) -> Result<api::GetAccountAuthorizationDetailsResponse, Error> {
    // No filter lets everything through, and so does one that names nothing.
    let filter = input.filter.unwrap_or_default();
    let wanted = |list: &api::EntityType| filter.is_empty() || filter.contains(list);
    let lists: Vec<&str> = LISTS.iter().filter(|list| wanted(list)).map(|list| list.as_str()).collect();
    let request = PageRequest { list: &lists, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page_within(
        cx,
        &request,
        PAGE_BYTES,
        |entry: &Entry<'_>| entry.bytes(),
        |after| {
            // The place of the last entry that was shown: its list, and what the list is ordered by.
            let (reached, key) = after.split_once('/').unwrap_or_default();
            let key = key.to_owned();
            let left = LISTS.iter().skip_while({
                let reached = reached.to_owned();
                move |list| !reached.is_empty() && list.as_str() != reached
            });
            let reached = reached.to_owned();
            left.filter(|list| wanted(list))
                .flat_map(move |list| entries(account, list, if list.as_str() == reached { &key } else { "" }))
        },
        |entry| Cow::Owned(entry.place()),
        |entry| *entry,
    )?;
    let mut response = api::GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    };
    for entry in page.items {
        match entry {
            Entry::User(user) => response.user_detail_list.get_or_insert_default().push(user_detail(account, user)),
            Entry::Group(group) => {
                response.group_detail_list.get_or_insert_default().push(group_detail(account, group))
            }
            Entry::Role(role) => {
                response.role_detail_list.get_or_insert_default().push(role_detail(cx, account, role)?)
            }
            Entry::Local(policy) | Entry::Aws(_, policy) => {
                response.policies.get_or_insert_default().push(policy_detail(account, policy));
            }
        }
    }
    Ok(response)
}

/// The entries of a list that come after a key. Of AWS's policies those alone are in it that are used.
fn entries<'a>(account: &'a Account, list: &api::EntityType, after: &str) -> Box<dyn Iterator<Item = Entry<'a>> + 'a> {
    match list {
        api::EntityType::User => Box::new(account.users().after(after).map(|user| Entry::User(user))),
        api::EntityType::Group => Box::new(account.groups().after(after).map(|group| Entry::Group(group))),
        api::EntityType::Role => Box::new(account.roles().after(after).map(|role| Entry::Role(role))),
        api::EntityType::LocalManagedPolicy => {
            Box::new(account.policies().after(after).map(|policy| Entry::Local(policy)))
        }
        api::EntityType::AWSManagedPolicy => {
            let used = account.catalogue().after(after).filter(|arn| Uses::of(account, arn).any());
            Box::new(used.filter_map(|arn| Some(Entry::Aws(arn, account.catalogue().get(arn)?))))
        }
    }
}

impl Entry<'_> {
    fn place(&self) -> String {
        let (list, key) = match self {
            Entry::User(user) => (api::EntityType::User, user.name.as_str()),
            Entry::Group(group) => (api::EntityType::Group, group.name.as_str()),
            Entry::Role(role) => (api::EntityType::Role, role.name.as_str()),
            Entry::Local(policy) => (api::EntityType::LocalManagedPolicy, policy.name.as_str()),
            Entry::Aws(arn, _) => (api::EntityType::AWSManagedPolicy, *arn),
        };
        format!("{}/{key}", list.as_str())
    }

    /// How much text its documents are.
    fn bytes(&self) -> usize {
        let inline = |policies: &Policies| policies.inline.values().map(|policy| policy.text().len()).sum::<usize>();
        match self {
            Entry::User(user) => inline(&user.policies),
            Entry::Group(group) => inline(&group.policies),
            Entry::Role(role) => inline(&role.policies) + role.trust.text().len(),
            Entry::Local(policy) | Entry::Aws(_, policy) => {
                policy.versions.iter().map(|version| version.document.text().len()).sum()
            }
        }
    }
}

/// Inline policies by name.
fn inline(policies: &Policies) -> Option<Vec<api::PolicyDetail>> {
    let detail = |(name, document): (&String, &doorward_directory::PolicyText)| api::PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(percent_encoded(document.text())),
    };
    Some(policies.inline.iter().map(detail).collect())
}

/// Attached policies, in the order in which they were attached.
fn attached(policies: &Policies) -> Option<Vec<api::AttachedPolicy>> {
    let detail = |arn: &String| api::AttachedPolicy {
        policy_name: arn.rsplit('/').next().map(str::to_owned),
        policy_arn: Some(arn.clone()),
    };
    Some(policies.attached.iter().map(detail).collect())
}

fn user_detail(account: &Account, user: &User) -> api::UserDetail {
    let shown = user::detailed(account, user);
    let mut groups: Vec<String> =
        user.groups.iter().filter_map(|id| account.groups().by_id(id)).map(|group| group.name.clone()).collect();
    groups.sort_by_key(|name| name.to_ascii_lowercase());
    api::UserDetail {
        path: Some(shown.path),
        user_name: Some(shown.user_name),
        user_id: Some(shown.user_id),
        arn: Some(shown.arn),
        create_date: Some(shown.create_date),
        user_policy_list: inline(&user.policies),
        group_list: Some(groups),
        attached_managed_policies: attached(&user.policies),
        permissions_boundary: shown.permissions_boundary,
        tags: Some(shown.tags.unwrap_or_default()),
    }
}

fn group_detail(account: &Account, group: &Group) -> api::GroupDetail {
    api::GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(account.group_arn(group)),
        create_date: Some(group.created),
        group_policy_list: inline(&group.policies),
        attached_managed_policies: attached(&group.policies),
    }
}

fn role_detail(cx: &Cx<'_>, account: &Account, role: &Role) -> Result<api::RoleDetail, Error> {
    let shown = role::detailed(cx, account, role)?;
    Ok(api::RoleDetail {
        path: Some(shown.path),
        role_name: Some(shown.role_name),
        role_id: Some(shown.role_id),
        arn: Some(shown.arn),
        create_date: Some(shown.create_date),
        assume_role_policy_document: shown.assume_role_policy_document,
        instance_profile_list: Some(instance_profile::of_role(cx, account, &role.id)),
        role_policy_list: inline(&role.policies),
        attached_managed_policies: attached(&role.policies),
        permissions_boundary: shown.permissions_boundary,
        tags: Some(shown.tags.unwrap_or_default()),
        role_last_used: shown.role_last_used,
    })
}

fn policy_detail(account: &Account, policy: &Policy) -> api::ManagedPolicyDetail {
    let shown = policy::summary(account, policy);
    api::ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: policy.description.clone(),
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(policy_version::detailed(policy)),
    }
}
