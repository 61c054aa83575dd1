//! Roles (IAM API Reference: CreateRole, GetRole, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole,
//! ListRoles, TagRole, UntagRole, ListRoleTags).

use std::sync::Arc;

use doorward_directory::{Account, Role, SERVICE_LINKED, id, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::{boundary, instance_profile, tag, trust};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::percent::percent_encoded;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateRole", new_role, create_role),
        Op::read("GetRole", |scope, input: &api::GetRoleRequest| Ok(vec![bounded(scope, &input.role_name)]), get_role),
        Op::write(
            "UpdateRole",
            |scope, input: &api::UpdateRoleRequest| Ok(vec![bounded(scope, &input.role_name)]),
            update_role,
        ),
        Op::write(
            "UpdateRoleDescription",
            |scope, input: &api::UpdateRoleDescriptionRequest| Ok(vec![bounded(scope, &input.role_name)]),
            update_role_description,
        ),
        Op::write(
            "UpdateAssumeRolePolicy",
            |scope, input: &api::UpdateAssumeRolePolicyRequest| Ok(vec![bounded(scope, &input.role_name)]),
            update_assume_role_policy,
        ),
        Op::write(
            "DeleteRole",
            |scope, input: &api::DeleteRoleRequest| Ok(vec![bounded(scope, &input.role_name)]),
            delete_role,
        ),
        Op::read("ListRoles", listed, list_roles),
        Op::write("TagRole", tagged, tag_role),
        Op::write("UntagRole", untagged, untag_role),
        Op::read(
            "ListRoleTags",
            |scope, input: &api::ListRoleTagsRequest| Ok(vec![scope.role(&input.role_name)]),
            list_role_tags,
        ),
    ]
}

/// A role by name.
pub(super) fn role<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<Role>, Error> {
    let missing = || error::no_such_entity(format!("The role with name {name} cannot be found."));
    account.roles().by_name(name).ok_or_else(missing)
}

/// A role by name, to be changed: not one of those that belong to a service (User Guide, "Service-linked roles").
pub(super) fn modifiable(account: &Account, name: &str) -> Result<Role, Error> {
    let role = role(account, name)?;
    if is_reserved(&role.path) {
        let text = format!(
            "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
            role.name
        );
        return Err(error::unmodifiable_entity(text));
    }
    Ok(Role::clone(role))
}

/// A role by name, to be changed in what is the account's own even where the role is linked to a service: its description
/// and its tags (User Guide, "Create a service-linked role"; API Reference, TagRole).
fn annotated(account: &Account, name: &str) -> Result<Role, Error> {
    match role(account, name)? {
        linked if linked.is_service_linked() => Ok(Role::clone(linked)),
        other => modifiable(account, &other.name),
    }
}

fn is_reserved(path: &str) -> bool {
    path.starts_with(SERVICE_LINKED) || path.starts_with("/aws-reserved/")
}

/// A role with the boundary that it has now as `iam:PermissionsBoundary` (User Guide, "IAM and AWS STS condition
/// context keys").
fn bounded(scope: &Scope<'_>, name: &str) -> Target {
    scope.role(name).key_if("iam:PermissionsBoundary", scope.boundary_of_role(name))
}

fn new_role(scope: &Scope<'_>, input: &api::CreateRoleRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("role", path, &input.role_name))
        .key_if("iam:PermissionsBoundary", input.permissions_boundary.clone())
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagRole"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListRolesRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.arn(scope.account.arn("role", input.path_prefix.as_deref().unwrap_or("/"), ""))])
}

fn tagged(scope: &Scope<'_>, input: &api::TagRoleRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.role(&input.role_name).request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagRoleRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.role(&input.role_name).keys("aws:TagKeys", input.tag_keys.clone())])
}

pub(super) fn create_role(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateRoleRequest,
) -> Result<api::CreateRoleResponse, Error> {
    let path = input.path.unwrap_or_else(|| "/".to_owned());
    if is_reserved(&path) {
        let text = format!("The path {path} is reserved for roles that services make for themselves.");
        return Err(error::invalid_input(text));
    }
    let tags = tag::checked(input.tags)?;
    let trust = trust::checked(cx, account, &input.assume_role_policy_document)?;
    let boundary = boundary::checked(account, input.permissions_boundary)?;
    if account.roles().by_name(&input.role_name).is_some() {
        return Err(error::entity_already_exists(format!("Role with name {} already exists.", input.role_name)));
    }
    check_room(account)?;
    let role = Role {
        id: cx.unique_id(id::ROLE),
        name: input.role_name,
        path,
        created: cx.date(),
        description: input.description,
        max_session_duration: input.max_session_duration.unwrap_or(3_600),
        trust,
        tags,
        policies: Default::default(),
        boundary,
        source_template: None,
    };
    let answer = created(cx, account, &role);
    account.put(role);
    Ok(api::CreateRoleResponse { role: answer })
}

/// Refuses another role where there are as many as there can be.
pub(super) fn check_room(account: &Account) -> Result<(), Error> {
    super::room::check_room(account, &quota::ROLES, account.roles().len())
}

/// A new role as the answer shows it, which tells less than GetRole's: AWS leaves these out here.
pub(super) fn created(cx: &Cx<'_>, account: &Account, role: &Role) -> api::Role {
    api::Role { description: None, max_session_duration: None, ..described(cx, account, role) }
}

fn get_role(cx: &Cx<'_>, account: &Account, input: api::GetRoleRequest) -> Result<api::GetRoleResponse, Error> {
    let role = role(account, &input.role_name)?;
    Ok(api::GetRoleResponse { role: detailed(cx, account, role)? })
}

fn update_role(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateRoleRequest,
) -> Result<api::UpdateRoleResponse, Error> {
    let role = match input.max_session_duration {
        Some(_) => modifiable(account, &input.role_name)?,
        None => annotated(account, &input.role_name)?,
    };
    account.put(Role {
        description: input.description.or(role.description),
        max_session_duration: input.max_session_duration.unwrap_or(role.max_session_duration),
        ..role
    });
    Ok(api::UpdateRoleResponse::default())
}

fn update_role_description(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateRoleDescriptionRequest,
) -> Result<api::UpdateRoleDescriptionResponse, Error> {
    let role = Role { description: Some(input.description), ..annotated(account, &input.role_name)? };
    let answer = detailed(cx, account, &role)?;
    account.put(role);
    Ok(api::UpdateRoleDescriptionResponse { role: Some(answer) })
}

fn update_assume_role_policy(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateAssumeRolePolicyRequest,
) -> Result<(), Error> {
    let role = modifiable(account, &input.role_name)?;
    let trust = trust::checked(cx, account, &input.policy_document)?;
    account.put(Role { trust, ..role });
    Ok(())
}

fn delete_role(_: &Cx<'_>, account: &mut Account, input: api::DeleteRoleRequest) -> Result<(), Error> {
    let role = modifiable(account, &input.role_name)?;
    instance_profile::check_in_none(account, &role.id)?;
    if !role.policies.attached.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.policies.inline.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete policies first."));
    }
    account.remove::<Role>(&role.id);
    Ok(())
}

fn list_roles(cx: &Cx<'_>, account: &Account, input: api::ListRolesRequest) -> Result<api::ListRolesResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let request = PageRequest { list: &[prefix], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.roles().after(after).filter(|role| role.path.starts_with(prefix)),
        |role| &role.name,
        |role| summary(cx, account, role),
    )?;
    Ok(api::ListRolesResponse { roles: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

fn tag_role(_: &Cx<'_>, account: &mut Account, input: api::TagRoleRequest) -> Result<(), Error> {
    let mut role = annotated(account, &input.role_name)?;
    tag::add(&mut role.tags, input.tags)?;
    account.put(role);
    Ok(())
}

fn untag_role(_: &Cx<'_>, account: &mut Account, input: api::UntagRoleRequest) -> Result<(), Error> {
    let mut role = annotated(account, &input.role_name)?;
    tag::remove(&mut role.tags, &input.tag_keys);
    account.put(role);
    Ok(())
}

fn list_role_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListRoleTagsRequest,
) -> Result<api::ListRoleTagsResponse, Error> {
    let role = role(account, &input.role_name)?;
    let request = PageRequest { list: &[&role.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(cx, &request, |after| role.tags.after(after), |tag| &tag.key, |tag| tag::api(tag))?;
    Ok(api::ListRoleTagsResponse { tags: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}

/// A role as an instance profile shows it: with nothing that it is not known by (API Reference, GetInstanceProfile).
pub(super) fn embedded(cx: &Cx<'_>, account: &Account, role: &Role) -> api::Role {
    api::Role { description: None, max_session_duration: None, ..summary(cx, account, role) }
}

/// A role as lists show it: without boundary and tags (API Reference, ListRoles).
fn summary(cx: &Cx<'_>, account: &Account, role: &Role) -> api::Role {
    let document = role.trust.display(|id| trust::current_arn(cx, account, id));
    api::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: account.role_arn(role),
        create_date: role.created,
        assume_role_policy_document: Some(percent_encoded(&document)),
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        source_role_template: role.source_template.as_ref().map(|source| api::SourceRoleTemplate {
            template_arn: source.arn.clone(),
            template_minor_version: source.minor_version,
        }),
        ..Default::default()
    }
}

/// Empty for a role that was not used (API Reference, RoleLastUsed).
fn last_used(cx: &Cx<'_>, account: &Account, role: &Role) -> Result<api::RoleLastUsed, Error> {
    let last_use = cx.doorward.last_use_of_role(account.id(), &role.id)?;
    Ok(api::RoleLastUsed {
        last_used_date: last_use.as_ref().map(|last_use| last_use.time),
        region: last_use.map(|last_use| last_use.region),
    })
}

/// A role with all that it has, and when it was last used.
pub(super) fn detailed(cx: &Cx<'_>, account: &Account, role: &Role) -> Result<api::Role, Error> {
    Ok(api::Role { role_last_used: Some(last_used(cx, account, role)?), ..described(cx, account, role) })
}

fn described(cx: &Cx<'_>, account: &Account, role: &Role) -> api::Role {
    api::Role {
        permissions_boundary: role.boundary.as_deref().map(boundary::api),
        tags: tag::list(&role.tags),
        ..summary(cx, account, role)
    }
}
