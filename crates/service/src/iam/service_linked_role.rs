//! Roles that are linked to services (IAM API Reference: CreateServiceLinkedRole, DeleteServiceLinkedRole,
//! GetServiceLinkedRoleDeletionStatus). What else can be done with them is in `role`.

mod services;

use doorward_directory::{Account, DeletionTask, Policies, Role, SERVICE_LINKED, TrustPolicy, id, quota};
use doorward_policy::document::{Document, PolicyType};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};
use services::Service;

use super::role;
use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};
use crate::world::random_u128;

/// Longest name of a role, in characters.
const ROLE_NAME_MAX: usize = 64;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateServiceLinkedRole", new_role, create),
        Op::write(
            "DeleteServiceLinkedRole",
            |scope, input: &api::DeleteServiceLinkedRoleRequest| Ok(vec![scope.role(&input.role_name)]),
            delete,
        ),
        Op::read("GetServiceLinkedRoleDeletionStatus", deleted_role, get_deletion_status),
    ]
}

/// The service of a request, and the path and the name of its role.
fn named(input: &api::CreateServiceLinkedRoleRequest) -> Result<(Service, String, String), Error> {
    let service_name = &input.aws_service_name;
    let unknown = || error::invalid_input(format!("No service-linked role is defined for {service_name}"));
    let service = Service::named(service_name).ok_or_else(unknown)?;
    let suffix = input.custom_suffix.as_deref();
    Ok((service, format!("{SERVICE_LINKED}{service_name}/"), service.role_name(suffix)))
}

fn new_role(scope: &Scope<'_>, input: &api::CreateServiceLinkedRoleRequest) -> Result<Vec<Target>, Error> {
    let (_, path, name) = named(input)?;
    let target = scope.arn(scope.account.arn("role", &path, &name));
    Ok(vec![target.key("iam:AWSServiceName", input.aws_service_name.as_str())])
}

fn create(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateServiceLinkedRoleRequest,
) -> Result<api::CreateServiceLinkedRoleResponse, Error> {
    let (service, path, name) = named(&input)?;
    if input.custom_suffix.is_some() && !service.takes_suffix() {
        return Err(error::invalid_input(format!("Custom suffix is not allowed for {}", input.aws_service_name)));
    }
    if name.len() > ROLE_NAME_MAX {
        let text = format!("The role name {name} is longer than {ROLE_NAME_MAX} characters; use a shorter suffix.");
        return Err(error::invalid_input(text));
    }
    if account.roles().by_name(&name).is_some() {
        let text = format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(error::invalid_input(text));
    }
    role::check_room(account)?;
    // An installation may be without AWS's policies, or have older ones.
    let policy = Some(service.policy_arn()).filter(|arn| account.policy_by_arn(arn).is_some());
    let role = Role {
        id: cx.unique_id(id::ROLE),
        name,
        path,
        created: cx.date(),
        description: input.description,
        max_session_duration: 3_600,
        trust: trust(&input.aws_service_name)?,
        tags: Default::default(),
        policies: Policies { attached: policy.into_iter().collect(), ..Policies::default() },
        boundary: None,
        source_template: None,
    };
    let answer = role::created(cx, account, &role);
    account.put(role);
    Ok(api::CreateServiceLinkedRoleResponse { role: Some(answer) })
}

/// The service alone can assume it.
fn trust(service_name: &str) -> Result<TrustPolicy, Error> {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service_name}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let document = Document::parse(&text, PolicyType::Trust);
    let document = document.map_err(|_| common::internal_failure("the trust policy cannot be read"))?;
    Ok(TrustPolicy::new(document, Default::default()))
}

/// AWS asks the service whether it still needs the role. Here none uses one on its own account, so the role goes at once.
fn delete(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteServiceLinkedRoleRequest,
) -> Result<api::DeleteServiceLinkedRoleResponse, Error> {
    let role = role::role(account, &input.role_name)?;
    let (Some(service_name), id) = (linked_service(&role.path), role.id.clone()) else {
        let text = format!("The role with name {} is not a service-linked role.", role.name);
        return Err(error::no_such_entity(text));
    };
    let uuid = uuid::Builder::from_random_bytes(random_u128(cx.world()).to_le_bytes()).into_uuid();
    let task =
        DeletionTask { id: format!("task{SERVICE_LINKED}{service_name}/{}/{uuid}", role.name), created: cx.date() };
    let answer = api::DeleteServiceLinkedRoleResponse { deletion_task_id: task.id.clone() };
    account.remove::<Role>(&id);
    let tasks = account.deletion_tasks();
    let oldest = tasks.iter().min_by_key(|task| task.created).filter(|_| tasks.len() >= quota::DELETION_TASKS);
    if let Some(oldest) = oldest.map(|task| task.id.clone()) {
        account.remove::<DeletionTask>(&oldest);
    }
    account.put(task);
    Ok(answer)
}

/// The service of a service-linked role's path.
fn linked_service(path: &str) -> Option<&str> {
    path.strip_prefix(SERVICE_LINKED)?.strip_suffix('/')
}

/// The role that a task is about, as the task's id names it.
fn deleted_role(
    scope: &Scope<'_>,
    input: &api::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<Vec<Target>, Error> {
    let parts: Vec<&str> = input.deletion_task_id.split('/').collect();
    match parts.as_slice() {
        ["task", "aws-service-role", service_name, name, _] => {
            Ok(vec![scope.arn(scope.account.arn("role", &format!("{SERVICE_LINKED}{service_name}/"), name))])
        }
        _ => Err(error::invalid_input(
            "The deletion task id must have the form task/aws-service-role/<service-principal-name>/<role-name>/<task-uuid>",
        )),
    }
}

fn get_deletion_status(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<api::GetServiceLinkedRoleDeletionStatusResponse, Error> {
    let task = account.deletion_tasks().by_id(&input.deletion_task_id);
    let missing =
        || error::no_such_entity(format!("The deletion task with id {} cannot be found.", input.deletion_task_id));
    // The role went in the change that made the task.
    task.map(|_| api::GetServiceLinkedRoleDeletionStatusResponse {
        status: api::DeletionTaskStatusType::Succeeded,
        reason: None,
    })
    .ok_or_else(missing)
}
