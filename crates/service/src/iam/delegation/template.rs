//! The policies of delegation requests, which are templates.

use std::collections::BTreeSet;

use doorward_directory::{TemplateParameter, quota};
use serde_json::Value;

use crate::template::Filling;

#[cfg(test)]
mod tests;

/// Bytes of all values of a request: more fits into no policy.
const VALUES_BYTES_MAX: usize = quota::POLICY_SIZE;

/// The policy with its parameters filled in. Each that is given must be used, and each that is used given: what an
/// approver is shown is all that there is.
pub(super) fn filled(template: &str, parameters: &[TemplateParameter]) -> Result<String, &'static str> {
    let names: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    if names.len() != parameters.len() {
        return Err("A parameter is given twice.");
    }
    if parameters.iter().any(|parameter| !parameter.is_list && parameter.values.len() != 1) {
        return Err("A parameter of type string must have one value.");
    }
    let bytes = parameters.iter().flat_map(|parameter| &parameter.values).map(String::len);
    if bytes.fold(0, usize::saturating_add) > VALUES_BYTES_MAX {
        return Err("The values of the parameters are too long.");
    }
    let mut filling = Filling::new(parameters, quota::POLICY_SIZE);
    let filled = filling.policy(template)?;
    if *filling.used() != names {
        return Err("A parameter is given that the template does not have.");
    }
    Ok(filled)
}

/// The permissions boundaries that a policy demands of the roles that it lets make.
pub(super) fn boundaries(policy: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Ok(policy) = serde_json::from_str(policy) {
        collect(&policy, false, &mut out);
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn collect(value: &Value, is_boundary: bool, out: &mut Vec<String>) {
    match value {
        Value::String(text) if is_boundary => out.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, is_boundary, out)),
        Value::Object(members) => {
            for (name, value) in members {
                collect(value, name.eq_ignore_ascii_case("iam:PermissionsBoundary"), out);
            }
        }
        _ => {}
    }
}
