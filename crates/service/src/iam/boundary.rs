//! Permissions boundaries of users and roles (IAM API Reference: PutUserPermissionsBoundary,
//! DeleteUserPermissionsBoundary, PutRolePermissionsBoundary, DeleteRolePermissionsBoundary).

use doorward_directory::{Account, Role, User};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};

use super::policy;
use super::role::modifiable;
use crate::cx::{self, Cx};
use crate::op::Op;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("PutUserPermissionsBoundary", put_on_user, put_user_permissions_boundary),
        Op::write("DeleteUserPermissionsBoundary", delete_from_user, delete_user_permissions_boundary),
        Op::write("PutRolePermissionsBoundary", put_on_role, put_role_permissions_boundary),
        Op::write("DeleteRolePermissionsBoundary", delete_from_role, delete_role_permissions_boundary),
    ]
}

/// The boundary of a request: a managed policy that exists.
pub(super) fn checked(account: &Account, arn: Option<String>) -> Result<Option<String>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    if policy::check_arn(&arn).is_err() {
        let text = format!("Value ({arn}) for parameter PermissionsBoundary is invalid.");
        return Err(common::validation_error(text));
    }
    match account.policy_by_arn(&arn) {
        Some(policy) => policy::check_not_reserved(policy).map(|()| Some(arn)),
        None => Err(error::no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable."))),
    }
}

/// A boundary as the API gives it.
pub(super) fn api(arn: &str) -> api::AttachedPermissionsBoundary {
    api::AttachedPermissionsBoundary {
        permissions_boundary_type: Some(api::PermissionsBoundaryAttachmentType::Policy),
        permissions_boundary_arn: Some(arn.to_owned()),
    }
}

// `iam:PermissionsBoundary` is the boundary in the request for Put, and the one there is for Delete (User Guide, "IAM
// and AWS STS condition context keys").

fn put_on_user(scope: &Scope<'_>, input: &api::PutUserPermissionsBoundaryRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.user(&input.user_name).key("iam:PermissionsBoundary", input.permissions_boundary.clone())])
}

fn put_on_role(scope: &Scope<'_>, input: &api::PutRolePermissionsBoundaryRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.role(&input.role_name).key("iam:PermissionsBoundary", input.permissions_boundary.clone())])
}

fn delete_from_user(
    scope: &Scope<'_>,
    input: &api::DeleteUserPermissionsBoundaryRequest,
) -> Result<Vec<Target>, Error> {
    let boundary = scope.boundary_of_user(&input.user_name);
    Ok(vec![scope.user(&input.user_name).key_if("iam:PermissionsBoundary", boundary)])
}

fn delete_from_role(
    scope: &Scope<'_>,
    input: &api::DeleteRolePermissionsBoundaryRequest,
) -> Result<Vec<Target>, Error> {
    let boundary = scope.boundary_of_role(&input.role_name);
    Ok(vec![scope.role(&input.role_name).key_if("iam:PermissionsBoundary", boundary)])
}

fn put_user_permissions_boundary(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::PutUserPermissionsBoundaryRequest,
) -> Result<(), Error> {
    let user = User::clone(cx::user(account, &input.user_name)?);
    let boundary = checked(account, Some(input.permissions_boundary))?;
    account.put(User { boundary, ..user });
    Ok(())
}

fn put_role_permissions_boundary(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::PutRolePermissionsBoundaryRequest,
) -> Result<(), Error> {
    let role = modifiable(account, &input.role_name)?;
    let boundary = checked(account, Some(input.permissions_boundary))?;
    account.put(Role { boundary, ..role });
    Ok(())
}

fn delete_user_permissions_boundary(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteUserPermissionsBoundaryRequest,
) -> Result<(), Error> {
    let user = User::clone(cx::user(account, &input.user_name)?);
    if user.boundary.is_none() {
        return Err(none_set("user", &user.name));
    }
    account.put(User { boundary: None, ..user });
    Ok(())
}

fn delete_role_permissions_boundary(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteRolePermissionsBoundaryRequest,
) -> Result<(), Error> {
    let role = modifiable(account, &input.role_name)?;
    if role.boundary.is_none() {
        return Err(none_set("role", &role.name));
    }
    account.put(Role { boundary: None, ..role });
    Ok(())
}

fn none_set(kind: &str, name: &str) -> Error {
    error::no_such_entity(format!("The {kind} with name {name} does not have a permissions boundary."))
}
