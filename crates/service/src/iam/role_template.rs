//! Roles from templates (IAM API Reference: GetRoleTemplateVersion, AcquireRole; User Guide, "Overview of role templates",
//! "Manage access to role manager").

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_directory::{
    Account, ParameterDefinition, ParameterKind, ROLE_TEMPLATES, Role, RoleTemplate, RoleTemplateVersion,
    SourceRoleTemplate,
};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::{attachment, inline, role};
use crate::cx::Cx;
use crate::op::Op;
use crate::percent::percent_encoded;
use crate::role_template::{Filled, find, name_in};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read(
            "GetRoleTemplateVersion",
            |scope, input: &api::GetRoleTemplateVersionRequest| Ok(vec![template(scope, &input.template_arn)?]),
            get_version,
        ),
        Op::write("AcquireRole", acquired, acquire_role),
    ]
}

fn template(scope: &Scope<'_>, arn: &str) -> Result<Target, Error> {
    match name_in(arn) {
        Some(_) => Ok(scope.arn(arn)),
        None => Err(error::invalid_input(format!(
            "The ARN of a role template has the form {ROLE_TEMPLATES}SERVICE/NAME:MAJOR, not {arn}."
        ))),
    }
}

/// A template and one of its versions; the default one for those who name none.
fn version(cx: &Cx<'_>, arn: &str, minor: Option<i32>) -> Result<(Arc<RoleTemplate>, RoleTemplateVersion), Error> {
    let missing = || error::no_such_entity(format!("The role template {arn} cannot be found."));
    let template = find(cx, arn)?.ok_or_else(missing)?;
    let no_version = || {
        let minor = minor.unwrap_or(template.default_minor_version);
        error::no_such_entity(format!("The minor version {minor} of the role template {arn} cannot be found."))
    };
    let version = template.version(minor).cloned().ok_or_else(no_version)?;
    Ok((template, version))
}

fn get_version(
    cx: &Cx<'_>,
    _: &Account,
    input: api::GetRoleTemplateVersionRequest,
) -> Result<api::GetRoleTemplateVersionResponse, Error> {
    let (template, version) = version(cx, &input.template_arn, input.minor_version)?;
    Ok(api::GetRoleTemplateVersionResponse { role_template_version: view(&template, version) })
}

fn view(template: &RoleTemplate, version: RoleTemplateVersion) -> api::RoleTemplateVersion {
    // `SERVICE/NAME:MAJOR`, as it was put.
    let (name, major) = template.name.rsplit_once(':').unwrap_or((&template.name, ""));
    let inline = version.inline.iter().map(|(name, document)| api::InlinePolicy {
        policy_name: name.clone(),
        policy_document: percent_encoded(document),
    });
    let tags = version.tags.into_iter().map(|tag| api::TagTemplate { key: tag.key, value: tag.value });
    api::RoleTemplateVersion {
        template_arn: Some(template.arn()),
        template_name: name.split_once('/').map(|(_, name)| name.to_owned()),
        template_version_id: Some(version.id),
        description: template.description.clone(),
        major_version: major.parse().ok(),
        default_minor_version: Some(template.default_minor_version),
        enabled: Some(template.enabled),
        minor_version: Some(version.minor_version),
        role_name_pattern: Some(version.role_name),
        role_path_pattern: Some(version.role_path),
        role_description_pattern: version.role_description,
        assume_role_policy_document_template: Some(percent_encoded(&version.trust)),
        inline_policy_templates: Some(inline.collect()),
        managed_policy_arns: Some(version.attached),
        permission_boundary_arn: version.boundary,
        parameters_definition: Some(version.parameters.into_iter().map(parameter).collect()),
        role_tags_template: Some(tags.collect()),
        max_session_duration: Some(version.max_session_duration),
        version_enabled: Some(version.enabled),
        create_timestamp: Some(version.created),
        update_timestamp: Some(version.updated),
        ..Default::default()
    }
}

fn parameter(definition: ParameterDefinition) -> api::ParameterDefinition {
    api::ParameterDefinition {
        name: definition.name,
        r#type: match definition.kind {
            ParameterKind::String => api::ParameterTypeType::String,
            ParameterKind::StringList => api::ParameterTypeType::StringList,
            ParameterKind::Number => api::ParameterTypeType::Number,
            ParameterKind::NumberList => api::ParameterTypeType::NumberList,
            ParameterKind::Arn => api::ParameterTypeType::Arn,
            ParameterKind::ArnList => api::ParameterTypeType::ArnList,
        },
        description: definition.description,
        is_required: Some(definition.is_required),
        default_value: definition.default,
        ..Default::default()
    }
}

/// The minor version that a call is about, and the role that it makes of it. It depends on nothing that can change while
/// the call lasts, so what is authorized is what is made.
fn plan(cx: &Cx<'_>, input: &api::AcquireRoleRequest) -> Result<(i32, Filled), Error> {
    let arn = &input.template_arn;
    let (template, version) = version(cx, arn, input.template_minor_version)?;
    if !template.enabled || !version.enabled {
        return Err(error::role_template_disabled(format!("The role template {arn} is disabled.")));
    }
    let values = input.replacement_values.clone().unwrap_or_default();
    let values: BTreeMap<_, _> = values.into_iter().map(|(name, entry)| (name, entry.values)).collect();
    let filled = Filled::of(&version, &values).map_err(error::invalid_input)?;
    Ok((version.minor_version, filled))
}

/// There is no action of this name: what is asked is what the caller would need to do the same without a template, with
/// `iam:RoleTemplateARN`; and reading the template, since the role tells what is in it (User Guide, "Manage access to role
/// manager"; Service Authorization Reference, IAM).
fn acquired(scope: &Scope<'_>, input: &api::AcquireRoleRequest) -> Result<Vec<Target>, Error> {
    let arn = &input.template_arn;
    let mut targets = vec![Target { action: "iam:GetRoleTemplateVersion".to_owned(), ..template(scope, arn)? }];
    // Where there is no role to be made, the call fails in the same way once it runs.
    if let Ok((_, filled)) = plan(scope.cx, input) {
        match scope.account.roles().by_name(&filled.name) {
            Some(role) => targets.push(scope.role(&role.name).also("iam:GetRole")),
            None => targets.extend(made(scope, &filled)),
        }
    }
    Ok(targets.into_iter().map(|target| target.key("iam:RoleTemplateARN", arn.as_str())).collect())
}

/// CreateRole and what follows it, with the tags and the boundary that the role then has.
fn made(scope: &Scope<'_>, filled: &Filled) -> Vec<Target> {
    let arn = scope.account.arn("role", &filled.path, &filled.name);
    let role = scope.arn(arn).key_if("iam:PermissionsBoundary", filled.boundary.as_deref());
    let tags = filled.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let created = role.also("iam:CreateRole").request_tags((!filled.tags.is_empty()).then_some(tags));
    let mut targets = vec![created.clone()];
    if !filled.tags.is_empty() {
        targets.push(created.also("iam:TagRole"));
    }
    let tag = |(key, value): &(String, String)| doorward_directory::Tag { key: key.clone(), value: value.clone() };
    let mut owned = doorward_directory::Tags::default();
    filled.tags.iter().for_each(|pair| owned.set(tag(pair)));
    let role = role.resource_tags(&owned, true);
    targets.extend(filled.boundary.iter().map(|_| role.also("iam:PutRolePermissionsBoundary")));
    targets.extend(filled.inline.first().map(|_| role.also("iam:PutRolePolicy")));
    targets
        .extend(filled.attached.iter().map(|arn| role.also("iam:AttachRolePolicy").key("iam:PolicyARN", arn.as_str())));
    targets
}

fn acquire_role(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::AcquireRoleRequest,
) -> Result<api::AcquireRoleResponse, Error> {
    if account.settings().role_manager_disabled {
        let text = "Role manager is disabled for the account: its property RoleManager/Enabled is false.";
        return Err(error::role_template_disabled(text));
    }
    let (minor_version, filled) = plan(cx, &input)?;
    let source = SourceRoleTemplate { arn: input.template_arn, minor_version };
    let role = match account.roles().by_name(&filled.name).map(Arc::clone) {
        None => make(cx, account, filled, source)?,
        Some(existing) => again(cx, account, &existing, filled, source)?,
    };
    Ok(api::AcquireRoleResponse { role: role::created(cx, account, &role) })
}

fn make(cx: &Cx<'_>, account: &mut Account, filled: Filled, source: SourceRoleTemplate) -> Result<Role, Error> {
    let Filled { name, path, description, trust, inline, attached, boundary, tags, max_session_duration } = filled;
    let request = api::CreateRoleRequest {
        role_name: name.clone(),
        path: Some(path),
        assume_role_policy_document: trust,
        description,
        max_session_duration: Some(max_session_duration),
        permissions_boundary: boundary,
        tags: Some(tags.into_iter().map(|(key, value)| api::Tag { key, value }).collect()),
    };
    role::create_role(cx, account, request)?;
    for (policy_name, document) in inline {
        inline::put::<Role>(account, &name, policy_name, &document)?;
    }
    for arn in attached {
        attachment::attach::<Role>(account, &name, arn)?;
    }
    let role = Role { source_template: Some(source), ..role::modifiable(account, &name)? };
    account.put(role.clone());
    Ok(role)
}

/// A role of that name that there is already: it is what is asked for, if it was made from this template and is still what
/// the template makes.
fn again(
    cx: &Cx<'_>,
    account: &Account,
    existing: &Role,
    filled: Filled,
    source: SourceRoleTemplate,
) -> Result<Role, Error> {
    let name = &existing.name;
    let is_of_it = existing.source_template.as_ref().is_some_and(|of| of.arn == source.arn) && *name == filled.name;
    if !is_of_it {
        let text = format!("Role with name {name} already exists and was not created from the role template.");
        return Err(error::name_conflict(text));
    }
    let mut without = account.clone();
    without.remove::<Role>(&existing.id);
    let made = make(cx, &mut without, filled, source)?;
    match is_same(existing, &made) {
        true => Ok(existing.clone()),
        false => Err(error::role_modified(format!("Role with name {name} is no longer what the role template makes."))),
    }
}

fn is_same(one: &Role, other: &Role) -> bool {
    let sorted = |role: &Role| {
        let mut attached = role.policies.attached.clone();
        attached.sort_unstable();
        attached
    };
    one.path == other.path
        && one.description == other.description
        && one.max_session_duration == other.max_session_duration
        && one.trust.text() == other.trust.text()
        && one.trust.bound() == other.trust.bound()
        && one.tags == other.tags
        && one.boundary == other.boundary
        && one.policies.inline == other.policies.inline
        && sorted(one) == sorted(other)
}
