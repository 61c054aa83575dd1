//! Groups and memberships (IAM API Reference: CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups,
//! AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser).

use std::sync::Arc;

use doorward_directory::{Account, Group, ReferenceKind, User, id, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::room::check_room;
use super::user;
use crate::cx::{self, Cx};
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateGroup", new_group, create_group),
        Op::read("GetGroup", |scope, input: &api::GetGroupRequest| Ok(vec![scope.group(&input.group_name)]), get_group),
        Op::write("UpdateGroup", renamed, update_group),
        Op::write(
            "DeleteGroup",
            |scope, input: &api::DeleteGroupRequest| Ok(vec![scope.group(&input.group_name)]),
            delete_group,
        ),
        Op::read("ListGroups", listed, list_groups),
        // The group alone is authorized, not the user (Service Authorization Reference, IAM).
        Op::write(
            "AddUserToGroup",
            |scope, input: &api::AddUserToGroupRequest| Ok(vec![scope.group(&input.group_name)]),
            add_user,
        ),
        Op::write(
            "RemoveUserFromGroup",
            |scope, input: &api::RemoveUserFromGroupRequest| Ok(vec![scope.group(&input.group_name)]),
            remove_user,
        ),
        Op::read(
            "ListGroupsForUser",
            |scope, input: &api::ListGroupsForUserRequest| Ok(vec![scope.user(&input.user_name)]),
            list_groups_for_user,
        ),
    ]
}

/// A group by name.
pub(super) fn group<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<Group>, Error> {
    let missing = || error::no_such_entity(format!("The group with name {name} cannot be found."));
    account.groups().by_name(name).ok_or_else(missing)
}

fn new_group(scope: &Scope<'_>, input: &api::CreateGroupRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.arn(scope.account.arn("group", input.path.as_deref().unwrap_or("/"), &input.group_name))])
}

/// A rename or move needs permission on the old and on the new ARN (API Reference, UpdateGroup).
fn renamed(scope: &Scope<'_>, input: &api::UpdateGroupRequest) -> Result<Vec<Target>, Error> {
    let old = scope.account.groups().by_name(&input.group_name);
    let path = input.new_path.as_deref().or(old.map(|group| group.path.as_str())).unwrap_or("/");
    let name = input.new_group_name.as_deref().unwrap_or(&input.group_name);
    let new = scope.arn(scope.account.arn("group", path, name));
    let moves = input.new_path.is_some() || input.new_group_name.is_some();
    Ok(std::iter::once(scope.group(&input.group_name)).chain(moves.then_some(new)).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListGroupsRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.arn(scope.account.arn("group", input.path_prefix.as_deref().unwrap_or("/"), ""))])
}

fn create_group(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateGroupRequest,
) -> Result<api::CreateGroupResponse, Error> {
    free_name(account, &input.group_name)?;
    check_room(account, &quota::GROUPS, account.groups().len())?;
    let group = Group {
        id: cx.unique_id(id::GROUP),
        name: input.group_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        created: cx.date(),
        policies: Default::default(),
    };
    let answer = summary(account, &group);
    account.put(group);
    Ok(api::CreateGroupResponse { group: answer })
}

fn get_group(cx: &Cx<'_>, account: &Account, input: api::GetGroupRequest) -> Result<api::GetGroupResponse, Error> {
    let group = group(account, &input.group_name)?;
    let ids = account.referrers(&group.id, ReferenceKind::Member);
    let mut members: Vec<&Arc<User>> = ids.filter_map(|id| account.users().by_id(id)).collect();
    members.sort_by_key(|user| user.name.to_ascii_lowercase());
    let request = PageRequest { list: &[&group.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_ascii_lowercase();
            members.into_iter().filter(move |user| user.name.to_ascii_lowercase() > after)
        },
        |user| &user.name,
        |user| user::summary(account, user),
    )?;
    Ok(api::GetGroupResponse {
        group: summary(account, group),
        users: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn update_group(_: &Cx<'_>, account: &mut Account, input: api::UpdateGroupRequest) -> Result<(), Error> {
    let mut group = Group::clone(group(account, &input.group_name)?);
    if let Some(name) = input.new_group_name {
        if !name.eq_ignore_ascii_case(&group.name) {
            free_name(account, &name)?;
        }
        group.name = name;
    }
    if let Some(path) = input.new_path {
        group.path = path;
    }
    account.put(group);
    Ok(())
}

fn delete_group(_: &Cx<'_>, account: &mut Account, input: api::DeleteGroupRequest) -> Result<(), Error> {
    let group = Arc::clone(group(account, &input.group_name)?);
    if account.referrers(&group.id, ReferenceKind::Member).next().is_some() {
        return Err(error::delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    if !group.policies.attached.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !group.policies.inline.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete policies first."));
    }
    account.remove::<Group>(&group.id);
    Ok(())
}

fn list_groups(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListGroupsRequest,
) -> Result<api::ListGroupsResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let request = PageRequest { list: &[prefix], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.groups().after(after).filter(|group| group.path.starts_with(prefix)),
        |group| &group.name,
        |group| summary(account, group),
    )?;
    Ok(api::ListGroupsResponse { groups: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

fn add_user(_: &Cx<'_>, account: &mut Account, input: api::AddUserToGroupRequest) -> Result<(), Error> {
    let group_id = group(account, &input.group_name)?.id.clone();
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    // Adding a member again is no error and changes nothing.
    user.groups.insert(group_id);
    if user.groups.len() > quota::GROUPS_PER_USER {
        return Err(error::limit_exceeded(format!(
            "Cannot exceed quota for GroupsPerUser: {}",
            quota::GROUPS_PER_USER
        )));
    }
    account.put(user);
    Ok(())
}

fn remove_user(_: &Cx<'_>, account: &mut Account, input: api::RemoveUserFromGroupRequest) -> Result<(), Error> {
    let group_id = group(account, &input.group_name)?.id.clone();
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    user.groups.remove(&group_id);
    account.put(user);
    Ok(())
}

fn list_groups_for_user(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListGroupsForUserRequest,
) -> Result<api::ListGroupsForUserResponse, Error> {
    let user = cx::user(account, &input.user_name)?;
    let mut groups: Vec<&Arc<Group>> = user.groups.iter().filter_map(|id| account.groups().by_id(id)).collect();
    groups.sort_by_key(|group| group.name.to_ascii_lowercase());
    let request = PageRequest { list: &[&user.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_ascii_lowercase();
            groups.into_iter().filter(move |group| group.name.to_ascii_lowercase() > after)
        },
        |group| &group.name,
        |group| summary(account, group),
    )?;
    Ok(api::ListGroupsForUserResponse {
        groups: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn free_name(account: &Account, name: &str) -> Result<(), Error> {
    match account.groups().by_name(name) {
        Some(_) => Err(error::entity_already_exists(format!("Group with name {name} already exists."))),
        None => Ok(()),
    }
}

fn summary(account: &Account, group: &Group) -> api::Group {
    api::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: account.group_arn(group),
        create_date: group.created,
    }
}
