//! Role templates, which the operator registers for the whole installation: PutRoleTemplateVersion, ListRoleTemplates,
//! UpdateRoleTemplate, DeleteRoleTemplate. AWS's own are AWS's to make.

mod check;

use doorward_directory::{
    Account, ParameterDefinition, ParameterKind, ROLE_TEMPLATES, RoleTemplate, RoleTemplateVersion, Tag, id, quota,
};
use doorward_shapes::Error;
use doorward_shapes::doorward::{self as api, error};

use super::check_reach;
use crate::cx::Cx;
use crate::op::Op;
use crate::role_template::name_in;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "PutRoleTemplateVersion",
            |scope, input: &api::PutRoleTemplateVersionRequest| Ok(targets(scope, &name(input))),
            put_version,
        ),
        Op::read(
            "ListRoleTemplates",
            |scope, _: &api::ListRoleTemplatesRequest| Ok(targets(scope, "*")),
            list_role_templates,
        ),
        Op::write(
            "UpdateRoleTemplate",
            |scope, input: &api::UpdateRoleTemplateRequest| Ok(targets(scope, named(&input.template_arn)?)),
            update_role_template,
        ),
        Op::write(
            "DeleteRoleTemplate",
            |scope, input: &api::DeleteRoleTemplateRequest| Ok(targets(scope, named(&input.template_arn)?)),
            delete_role_template,
        ),
    ]
}

fn targets(scope: &Scope<'_>, name: &str) -> Vec<Target> {
    vec![scope.arn(format!("arn:aws:doorward::{}:role-template/{name}", scope.account.id()))]
}

fn name(input: &api::PutRoleTemplateVersionRequest) -> String {
    format!("{}/{}:{}", input.service_name, input.template_name, input.major_version)
}

fn named(arn: &str) -> Result<&str, Error> {
    let form = || error::validation(format!("A role template's ARN has the form {ROLE_TEMPLATES}SERVICE/NAME:MAJOR."));
    name_in(arn).ok_or_else(form)
}

/// Adds the next minor version of a template, and the template itself with its first one.
fn put_version(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::PutRoleTemplateVersionRequest,
) -> Result<api::PutRoleTemplateVersionResponse, Error> {
    check_reach(cx, cx.doorward.operator())?;
    let old = account.role_templates().by_name(&name(&input)).map(|template| RoleTemplate::clone(template));
    if old.is_none() && account.role_templates().len() >= quota::ROLE_TEMPLATES {
        return Err(error::conflict(format!("There can be {} role templates.", quota::ROLE_TEMPLATES)));
    }
    let mut template = old.unwrap_or_else(|| RoleTemplate {
        id: cx.unique_id(id::ROLE_TEMPLATE),
        name: name(&input),
        description: None,
        enabled: true,
        default_minor_version: 0,
        versions: Vec::new(),
    });
    if template.versions.len() >= quota::ROLE_TEMPLATE_VERSIONS {
        let most = quota::ROLE_TEMPLATE_VERSIONS;
        let text = format!("A role template can have {most} minor versions; the next is another major version.");
        return Err(error::conflict(text));
    }
    let minor_version = template.versions.last().map_or(0, |last| last.minor_version.saturating_add(1));
    if input.set_as_default == Some(true) {
        template.default_minor_version = minor_version;
    }
    template.description = input.description.clone().or(template.description);
    let version = version(cx, minor_version, input);
    check::check(&version).map_err(error::validation)?;
    template.versions.push(version);
    let answer = api::PutRoleTemplateVersionResponse { template_arn: template.arn(), minor_version };
    account.put(template);
    Ok(answer)
}

fn version(cx: &Cx<'_>, minor_version: i32, input: api::PutRoleTemplateVersionRequest) -> RoleTemplateVersion {
    let inline = input.inline_policy_templates.unwrap_or_default();
    RoleTemplateVersion {
        id: cx.unique_id(id::ROLE_TEMPLATE_VERSION),
        minor_version,
        enabled: true,
        created: cx.date(),
        updated: cx.date(),
        role_name: input.role_name_pattern,
        role_path: input.role_path_pattern.unwrap_or_else(|| "/".to_owned()),
        role_description: input.role_description_pattern,
        trust: input.assume_role_policy_document_template.to_string(),
        inline: inline.into_iter().map(|policy| (policy.policy_name, policy.policy_document.to_string())).collect(),
        attached: input.managed_policy_arns.unwrap_or_default(),
        boundary: input.permissions_boundary_arn,
        parameters: input.parameters_definition.unwrap_or_default().into_iter().map(definition).collect(),
        tags: input
            .role_tags_template
            .unwrap_or_default()
            .into_iter()
            .map(|tag| Tag { key: tag.key, value: tag.value })
            .collect(),
        max_session_duration: input.max_session_duration.unwrap_or(3_600),
    }
}

fn definition(parameter: api::ParameterDefinition) -> ParameterDefinition {
    ParameterDefinition {
        name: parameter.name,
        kind: match parameter.r#type {
            api::ParameterType::String => ParameterKind::String,
            api::ParameterType::StringList => ParameterKind::StringList,
            api::ParameterType::Number => ParameterKind::Number,
            api::ParameterType::NumberList => ParameterKind::NumberList,
            api::ParameterType::Arn => ParameterKind::Arn,
            api::ParameterType::ArnList => ParameterKind::ArnList,
        },
        description: parameter.description,
        is_required: parameter.is_required.unwrap_or_default(),
        default: parameter.default_value,
    }
}

/// For principals of every account: whoever may call AcquireRole can know what there is.
fn list_role_templates(
    cx: &Cx<'_>,
    _: &Account,
    _: api::ListRoleTemplatesRequest,
) -> Result<api::ListRoleTemplatesResponse, Error> {
    let account = cx.templates()?;
    let role_templates = account.iter().flat_map(|account| account.role_templates().iter());
    Ok(api::ListRoleTemplatesResponse { role_templates: role_templates.map(|template| view(template)).collect() })
}

fn view(template: &RoleTemplate) -> api::RoleTemplate {
    let minor = |version: &RoleTemplateVersion| api::RoleTemplateMinorVersion {
        minor_version: version.minor_version,
        enabled: version.enabled,
    };
    api::RoleTemplate {
        template_arn: template.arn(),
        description: template.description.clone(),
        enabled: template.enabled,
        default_minor_version: template.default_minor_version,
        minor_versions: template.versions.iter().map(minor).collect(),
    }
}

/// Enables or disables a template or one of its versions, or makes a version the default one.
fn update_role_template(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateRoleTemplateRequest,
) -> Result<api::UpdateRoleTemplateResponse, Error> {
    check_reach(cx, cx.doorward.operator())?;
    let arn = &input.template_arn;
    let found = account.role_templates().by_name(named(arn)?);
    let missing = || error::resource_not_found(format!("There is no role template {arn}."));
    let mut template = RoleTemplate::clone(found.ok_or_else(missing)?);
    match input.minor_version {
        Some(minor) => {
            let version = template.versions.iter_mut().find(|version| version.minor_version == minor);
            let version = version.ok_or_else(|| {
                error::resource_not_found(format!("The role template {arn} has no minor version {minor}."))
            })?;
            if let Some(enabled) = input.enabled {
                version.enabled = enabled;
                version.updated = cx.date();
            }
            if input.set_as_default == Some(true) {
                template.default_minor_version = minor;
            }
        }
        None if input.set_as_default == Some(true) => {
            return Err(error::validation("setAsDefault needs the minorVersion that is to be the default one."));
        }
        None => template.enabled = input.enabled.unwrap_or(template.enabled),
    }
    let answer = api::UpdateRoleTemplateResponse { role_template: view(&template) };
    account.put(template);
    Ok(answer)
}

/// Roles that were made from it stay. A template that is not there is no error.
fn delete_role_template(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteRoleTemplateRequest,
) -> Result<api::DeleteRoleTemplateResponse, Error> {
    check_reach(cx, cx.doorward.operator())?;
    let id = account.role_templates().by_name(named(&input.template_arn)?).map(|template| template.id.clone());
    if let Some(id) = id {
        account.remove::<RoleTemplate>(&id);
    }
    Ok(api::DeleteRoleTemplateResponse::default())
}
