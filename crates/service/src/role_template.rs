//! Role templates, of the whole installation: finding them, and filling one in (User Guide, "Overview of role templates").

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_directory::{
    ParameterDefinition, ParameterKind, ROLE_TEMPLATES, RoleTemplate, RoleTemplateVersion, TemplateParameter,
};
use doorward_policy::arn::Arn;
use doorward_shapes::iam::SERVICE;
use doorward_shapes::{Error, check, common};
use serde_json::{Value, json};

use crate::cx::Cx;
use crate::template::Filling;

#[cfg(test)]
mod tests;

/// Values of a parameter, and characters of one (API Reference, AcquireRole and ParameterDefinition).
const VALUES_MAX: usize = 20;
const VALUE_CHARS_MAX: usize = 1_024;
const NUMBER_CHARS_MAX: usize = 32;
/// Bytes of all texts of a role: its policies, and what is no policy.
const ROLE_BYTES_MAX: usize = 32_768;

/// What a role template's ARN says behind its beginning: `SERVICE/NAME:MAJOR`.
pub(crate) fn name_in(arn: &str) -> Option<&str> {
    let name = arn.strip_prefix(ROLE_TEMPLATES)?;
    let (service, rest) = name.split_once('/')?;
    let (own, major) = rest.rsplit_once(':')?;
    let is_number = major.bytes().all(|byte| byte.is_ascii_digit());
    (!service.is_empty() && !own.is_empty() && !major.is_empty() && is_number).then_some(name)
}

/// The template with this ARN, if there is one: as it was when the call first asked for one.
pub(crate) fn find(cx: &Cx<'_>, arn: &str) -> Result<Option<Arc<RoleTemplate>>, Error> {
    let Some(name) = name_in(arn) else { return Ok(None) };
    Ok(cx.templates()?.and_then(|account| account.role_templates().by_name(name).cloned()))
}

/// What a role made from a template is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub name: String,
    pub path: String,
    pub description: Option<String>,
    pub trust: String,
    pub inline: Vec<(String, String)>,
    pub attached: Vec<String>,
    pub boundary: Option<String>,
    pub tags: Vec<(String, String)>,
    pub max_session_duration: i32,
}

impl Filled {
    /// A version with these values for its parameters, in so far as it can be said without an account.
    pub fn of(version: &RoleTemplateVersion, given: &BTreeMap<String, Vec<String>>) -> Result<Filled, String> {
        let parameters = parameters(&version.parameters, given)?;
        let mut filling = Filling::new(&parameters, ROLE_BYTES_MAX);
        let filled = filled(version, &mut filling)?;
        filled.check().map_err(|error| error.message)?;
        Ok(filled)
    }

    /// What the model says of CreateRole, PutRolePolicy and AttachRolePolicy.
    fn check(&self) -> Result<(), Error> {
        let tags: Vec<Value> = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        let mut role = json!({
            "RoleName": self.name, "Path": self.path, "AssumeRolePolicyDocument": self.trust, "Tags": tags,
            "MaxSessionDuration": self.max_session_duration,
        });
        for (member, value) in [("Description", &self.description), ("PermissionsBoundary", &self.boundary)] {
            if let (Some(value), Some(role)) = (value, role.as_object_mut()) {
                role.insert(member.to_owned(), json!(value));
            }
        }
        check_input("CreateRole", &role)?;
        for (name, document) in &self.inline {
            let input = json!({ "RoleName": self.name, "PolicyName": name, "PolicyDocument": document });
            check_input("PutRolePolicy", &input)?;
        }
        for arn in &self.attached {
            check_input("AttachRolePolicy", &json!({ "RoleName": self.name, "PolicyArn": arn }))?;
        }
        Ok(())
    }
}

fn check_input(operation: &str, tree: &Value) -> Result<(), Error> {
    let shape = SERVICE.operation(operation).and_then(|operation| operation.input);
    let shape = shape.ok_or_else(|| common::internal_failure("the model lacks an operation"))?;
    check(&SERVICE, shape, tree)
}

fn filled(version: &RoleTemplateVersion, filling: &mut Filling<'_>) -> Result<Filled, &'static str> {
    let inline = version.inline.iter().map(|(name, document)| Ok((name.clone(), filling.policy(document)?)));
    let inline = inline.collect::<Result<_, &'static str>>()?;
    let tags = version.tags.iter().map(|tag| Ok((filling.line(&tag.key)?, filling.line(&tag.value)?)));
    let tags = tags.collect::<Result<_, &'static str>>()?;
    Ok(Filled {
        name: filling.line(&version.role_name)?,
        path: filling.line(&version.role_path)?,
        description: version.role_description.as_deref().map(|text| filling.line(text)).transpose()?,
        trust: filling.policy(&version.trust)?,
        inline,
        attached: version.attached.clone(),
        boundary: version.boundary.clone(),
        tags,
        max_session_duration: version.max_session_duration,
    })
}

/// The first parameter of a version that none of its texts has.
pub(crate) fn unused<'v>(
    version: &'v RoleTemplateVersion,
    values: &BTreeMap<String, Vec<String>>,
) -> Result<Option<&'v str>, String> {
    let parameters = parameters(&version.parameters, values)?;
    let mut filling = Filling::new(&parameters, ROLE_BYTES_MAX);
    filled(version, &mut filling)?;
    let names = version.parameters.iter().map(|definition| definition.name.as_str());
    Ok(names.into_iter().find(|name| !filling.used().contains(name)))
}

/// The parameters with what is given, else with their defaults.
fn parameters(
    definitions: &[ParameterDefinition],
    given: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<TemplateParameter>, String> {
    let known = |name: &String| definitions.iter().any(|definition| definition.name == *name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        return Err(format!("The role template has no parameter {name}."));
    }
    let with = |definition: &ParameterDefinition| {
        let default = definition.default.iter().filter(|_| !definition.is_required);
        let values = given.get(&definition.name).cloned().unwrap_or_else(|| default.cloned().collect());
        check_values(definition, &values)?;
        Ok(TemplateParameter { name: definition.name.clone(), values, is_list: definition.kind.is_list() })
    };
    definitions.iter().map(with).collect()
}

fn check_values(definition: &ParameterDefinition, values: &[String]) -> Result<(), String> {
    let (name, kind) = (&definition.name, definition.kind);
    if values.is_empty() {
        return Err(format!("The parameter {name} needs a value."));
    }
    if values.len() > VALUES_MAX || (values.len() > 1 && !kind.is_list()) {
        return Err(format!("The parameter {name} has too many values."));
    }
    match values.iter().all(|value| is_value(kind, value)) {
        true => Ok(()),
        false => {
            Err(format!("A value of the parameter {name} is not of type {kind:?}, or has one of * ? $ {{ }} in it."))
        }
    }
}

/// Whether a parameter of this kind may have this value. What means something in a policy, wildcards and variables,
/// would make of a template more than it says; and a text with a colon would make another ARN of one that it stands in.
fn is_value(kind: ParameterKind, value: &str) -> bool {
    let special = |c: char| c.is_control() || matches!(c, '*' | '?' | '$' | '{' | '}');
    if value.is_empty() || value.chars().count() > VALUE_CHARS_MAX || value.contains(special) {
        return false;
    }
    match kind {
        ParameterKind::String | ParameterKind::StringList => !value.contains(':'),
        ParameterKind::Number | ParameterKind::NumberList => is_number(value),
        ParameterKind::Arn | ParameterKind::ArnList => Arn::parse(value).is_some(),
    }
}

/// A decimal number, in digits.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    text.len() <= NUMBER_CHARS_MAX && digits(whole) && digits(fraction)
}
