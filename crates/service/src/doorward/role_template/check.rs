//! Whether a version of a role template can make roles: it is filled in with examples, and its policies are read.

use std::collections::{BTreeMap, BTreeSet};

use doorward_directory::{ParameterDefinition, ParameterKind, RoleTemplateVersion};
use doorward_policy::arn::{Arn, is_account_id};
use doorward_policy::document::{Document, PolicyType};

use crate::role_template::{Filled, unused};

/// Bytes of a policy as a template.
const POLICY_BYTES_MAX: usize = 20_480;

/// Texts that stand for parameters without a default, one after the other until all policies can be read: what is good in
/// one place, such as a number for an account, is not in another.
const TEXTS: &[&str] = &["111122223333", "ec2.amazonaws.com", "example"];
const NUMBER: &str = "1";
const ARN: &str = "arn:aws:iam::111122223333:role/example";

pub(super) fn check(version: &RoleTemplateVersion) -> Result<(), String> {
    let names: BTreeSet<&str> = version.parameters.iter().map(|definition| definition.name.as_str()).collect();
    if names.len() != version.parameters.len() {
        return Err("A parameter is defined twice.".to_owned());
    }
    if let Some(definition) = version.parameters.iter().find(|one| !one.is_required && one.default.is_none()) {
        return Err(format!("The parameter {} is neither required nor has a default.", definition.name));
    }
    let too_long = |text: &String| text.len() > POLICY_BYTES_MAX;
    if too_long(&version.trust) || version.inline.values().any(too_long) {
        return Err(format!("A policy is longer than {POLICY_BYTES_MAX} bytes."));
    }
    let arns: BTreeSet<&String> = version.attached.iter().collect();
    if arns.len() != version.attached.len() {
        return Err("A managed policy is named twice.".to_owned());
    }
    if let Some(arn) = arns.into_iter().chain(&version.boundary).find(|arn| !is_policy(arn)) {
        return Err(format!("{arn} is not the ARN of a managed policy."));
    }
    let mut refused = String::new();
    for text in TEXTS {
        match check_with(version, &examples(version, text)) {
            Ok(()) => return Ok(()),
            Err(why) => refused = why,
        }
    }
    Err(refused)
}

fn is_policy(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        let is_owner = arn.account == "aws" || is_account_id(arn.account);
        arn.service == "iam" && is_owner && arn.resource_type() == "policy" && !arn.resource.contains("@{")
    })
}

fn examples(version: &RoleTemplateVersion, text: &str) -> BTreeMap<String, Vec<String>> {
    let example = |definition: &ParameterDefinition| match (&definition.default, definition.kind) {
        (Some(default), _) => default.clone(),
        (None, ParameterKind::String | ParameterKind::StringList) => text.to_owned(),
        (None, ParameterKind::Number | ParameterKind::NumberList) => NUMBER.to_owned(),
        (None, ParameterKind::Arn | ParameterKind::ArnList) => ARN.to_owned(),
    };
    version.parameters.iter().map(|definition| (definition.name.clone(), vec![example(definition)])).collect()
}

fn check_with(version: &RoleTemplateVersion, examples: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    if let Some(name) = unused(version, examples)? {
        return Err(format!("The parameter {name} is used nowhere."));
    }
    let filled = Filled::of(version, examples)?;
    let readable = |what: &str, text: &str, kind| {
        Document::parse(text, kind).map(|_| ()).map_err(|refused| format!("{what}: {}", refused.message))
    };
    readable("The trust policy", &filled.trust, PolicyType::Trust)?;
    for (name, document) in &filled.inline {
        readable(&format!("The inline policy {name}"), document, PolicyType::Inline)?;
    }
    Ok(())
}
