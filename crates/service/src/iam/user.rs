//! Users (IAM API Reference: CreateUser, GetUser, UpdateUser, DeleteUser, ListUsers, TagUser, UntagUser, ListUserTags).

use std::sync::Arc;

use doorward_directory::{Account, ReferenceKind, SecurityKeyChallenge, User, id, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::{boundary, tag};
use crate::caller::Who;
use crate::cx::{self, Cx};
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateUser", new_user, create_user),
        Op::read("GetUser", |scope, input: &api::GetUserRequest| Ok(vec![optional(scope, &input.user_name)]), get_user),
        Op::write("UpdateUser", renamed, update_user),
        Op::write(
            "DeleteUser",
            |scope, input: &api::DeleteUserRequest| Ok(vec![scope.user(&input.user_name)]),
            delete_user,
        ),
        Op::read("ListUsers", listed, list_users),
        Op::write("TagUser", tagged, tag_user),
        Op::write("UntagUser", untagged, untag_user),
        Op::read(
            "ListUserTags",
            |scope, input: &api::ListUserTagsRequest| Ok(vec![scope.user(&input.user_name)]),
            list_user_tags,
        ),
    ]
}

/// The user of an optional `UserName`: without one, the caller.
pub(super) fn optional(scope: &Scope<'_>, name: &Option<String>) -> Target {
    match (name, &scope.cx.caller.who) {
        (Some(name), _) => scope.user(name),
        (None, Who::User { id }) => match scope.account.users().by_id(id) {
            Some(user) => scope.user(&user.name),
            None => scope.arn(scope.account.arn("user", "/", "")),
        },
        (None, Who::Root) => scope.arn(format!("arn:aws:iam::{}:root", scope.account.id())),
        (None, _) => scope.any(),
    }
}

fn new_user(scope: &Scope<'_>, input: &api::CreateUserRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("user", path, &input.user_name))
        .key_if("iam:PermissionsBoundary", input.permissions_boundary.clone())
        .request_tags(input.tags.as_deref().map(tag::pairs));
    // "To create with tags, permission for both" (User Guide, "Tags for IAM resources").
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagUser"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

/// A rename or move needs permission on the old and on the new ARN (API Reference, UpdateUser).
fn renamed(scope: &Scope<'_>, input: &api::UpdateUserRequest) -> Result<Vec<Target>, Error> {
    let old = scope.account.users().by_name(&input.user_name);
    let path = input.new_path.as_deref().or(old.map(|user| user.path.as_str())).unwrap_or("/");
    let name = input.new_user_name.as_deref().unwrap_or(&input.user_name);
    let new = scope.arn(scope.account.arn("user", path, name));
    let moves = input.new_path.is_some() || input.new_user_name.is_some();
    Ok(std::iter::once(scope.user(&input.user_name)).chain(moves.then_some(new)).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListUsersRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.arn(scope.account.arn("user", input.path_prefix.as_deref().unwrap_or("/"), ""))])
}

fn tagged(scope: &Scope<'_>, input: &api::TagUserRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.user(&input.user_name).request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagUserRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.user(&input.user_name).keys("aws:TagKeys", input.tag_keys.clone())])
}

fn create_user(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateUserRequest,
) -> Result<api::CreateUserResponse, Error> {
    let tags = tag::checked(input.tags)?;
    let boundary = boundary::checked(account, input.permissions_boundary)?;
    free_name(account, &input.user_name)?;
    if account.users().len() >= quota::USERS {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for UsersPerAccount: {}", quota::USERS)));
    }
    let path = input.path.unwrap_or_else(|| "/".to_owned());
    let user = User { tags, boundary, ..User::new(cx.unique_id(id::USER), input.user_name, path, cx.date()) };
    let answer = detailed(account, &user);
    account.put(user);
    Ok(api::CreateUserResponse { user: Some(answer) })
}

fn get_user(cx: &Cx<'_>, account: &Account, input: api::GetUserRequest) -> Result<api::GetUserResponse, Error> {
    if input.user_name.is_none() && matches!(cx.caller.who, Who::Root) {
        return Ok(api::GetUserResponse { user: root(account) });
    }
    let user = cx.user(account, input.user_name.as_deref())?;
    Ok(api::GetUserResponse { user: detailed(account, user) })
}

/// The root user as GetUser shows it to itself.
pub(super) fn root(account: &Account) -> api::User {
    let settings = account.settings();
    api::User {
        path: "/".to_owned(),
        user_name: settings.alias.clone().unwrap_or_else(|| settings.name.clone()),
        user_id: settings.id.clone(),
        arn: format!("arn:aws:iam::{}:root", settings.id),
        create_date: settings.created,
        ..Default::default()
    }
}

fn update_user(_: &Cx<'_>, account: &mut Account, input: api::UpdateUserRequest) -> Result<(), Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    if let Some(name) = input.new_user_name {
        if !name.eq_ignore_ascii_case(&user.name) {
            free_name(account, &name)?;
        }
        user.name = name;
    }
    if let Some(path) = input.new_path {
        user.path = path;
    }
    account.put(user);
    Ok(())
}

fn delete_user(_: &Cx<'_>, account: &mut Account, input: api::DeleteUserRequest) -> Result<(), Error> {
    let user = Arc::clone(cx::user(account, &input.user_name)?);
    if !user.policies.attached.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !user.policies.inline.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete policies first."));
    }
    if account.login_profiles().by_id(&user.id).is_some() {
        return Err(error::delete_conflict("Cannot delete entity, must delete login profile first."));
    }
    if account.referrers(&user.id, ReferenceKind::MfaDevice).next().is_some() {
        return Err(error::delete_conflict("Cannot delete entity, must delete MFA device first."));
    }
    if !user.access_keys.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    if !user.signing_certificates.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete signing certificates first."));
    }
    if !user.ssh_public_keys.is_empty() || !user.service_specific_credentials.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must remove referenced objects first."));
    }
    if !user.groups.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    let open: Vec<String> =
        account.security_key_challenges_of(&user.id).map(|challenge| challenge.id.clone()).collect();
    for id in open {
        account.remove::<SecurityKeyChallenge>(&id);
    }
    account.remove::<User>(&user.id);
    Ok(())
}

fn list_users(cx: &Cx<'_>, account: &Account, input: api::ListUsersRequest) -> Result<api::ListUsersResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let request = PageRequest { list: &[prefix], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.users().after(after).filter(|user| user.path.starts_with(prefix)),
        |user| &user.name,
        |user| summary(account, user),
    )?;
    Ok(api::ListUsersResponse { users: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

fn tag_user(_: &Cx<'_>, account: &mut Account, input: api::TagUserRequest) -> Result<(), Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    tag::add(&mut user.tags, input.tags)?;
    account.put(user);
    Ok(())
}

fn untag_user(_: &Cx<'_>, account: &mut Account, input: api::UntagUserRequest) -> Result<(), Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    tag::remove(&mut user.tags, &input.tag_keys);
    account.put(user);
    Ok(())
}

fn list_user_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListUserTagsRequest,
) -> Result<api::ListUserTagsResponse, Error> {
    let user = cx::user(account, &input.user_name)?;
    let request = PageRequest { list: &[&user.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(cx, &request, |after| user.tags.after(after), |tag| &tag.key, |tag| tag::api(tag))?;
    Ok(api::ListUserTagsResponse { tags: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

fn free_name(account: &Account, name: &str) -> Result<(), Error> {
    match account.users().by_name(name) {
        Some(_) => Err(error::entity_already_exists(format!("User with name {name} already exists."))),
        None => Ok(()),
    }
}

/// A user as lists show it: without boundary and tags (API Reference, ListUsers).
pub(super) fn summary(account: &Account, user: &User) -> api::User {
    api::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: account.user_arn(user),
        create_date: user.created,
        ..Default::default()
    }
}

pub(super) fn detailed(account: &Account, user: &User) -> api::User {
    api::User {
        permissions_boundary: user.boundary.as_deref().map(boundary::api),
        tags: tag::list(&user.tags),
        ..summary(account, user)
    }
}
