//! Policies as templates: `@{name}` in a text stands for a parameter. Where that is a list, the text stands for as many
//! texts as it has values.

use std::collections::BTreeSet;

use doorward_directory::{DelegationParameter, quota};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Bytes of all values of a request: more fits into no policy.
const VALUES_BYTES_MAX: usize = quota::POLICY_SIZE;

/// The policy with its parameters filled in. Each that is given must be used, and each that is used given: what an
/// approver is shown is all that there is.
pub(super) fn filled(template: &str, parameters: &[DelegationParameter]) -> Result<String, &'static str> {
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
    let mut filling = Filling { parameters, used: BTreeSet::new(), bytes: 0 };
    let template: Value = serde_json::from_str(template).map_err(|_| "The template is no policy.")?;
    let filled = filling.value(&template)?;
    if filling.used != names {
        return Err("A parameter is given that the template does not have.");
    }
    Ok(filled.to_string())
}

struct Filling<'a> {
    parameters: &'a [DelegationParameter],
    used: BTreeSet<&'a str>,
    /// What has been filled in so far.
    bytes: usize,
}

impl<'a> Filling<'a> {
    fn value(&mut self, value: &Value) -> Result<Value, &'static str> {
        Ok(match value {
            Value::String(text) => self.text(text)?,
            Value::Array(elements) => {
                let mut out = Vec::new();
                for element in elements {
                    match self.value(element)? {
                        Value::Array(several) => out.extend(several),
                        one => out.push(one),
                    }
                }
                Value::Array(out)
            }
            Value::Object(members) => {
                let mut out = serde_json::Map::new();
                for (name, value) in members {
                    if name.contains("@{") {
                        return Err("The template has a parameter in the place of a name.");
                    }
                    out.insert(name.clone(), self.value(value)?);
                }
                Value::Object(out)
            }
            other => other.clone(),
        })
    }

    /// A text; where it has a parameter that is a list, one text for each of its values.
    fn text(&mut self, text: &str) -> Result<Value, &'static str> {
        let parts = parts(text)?;
        let mut list = None;
        for (_, name) in &parts {
            let Some(name) = name else { continue };
            let parameter = self.parameter(name)?;
            if parameter.is_list && list.replace(parameter).is_some_and(|other| other != parameter) {
                return Err("The template has two lists in one text.");
            }
        }
        match list {
            None => self.with(&parts, None).map(Value::from),
            Some(list) => list.values.iter().map(|value| self.with(&parts, Some(value)).map(Value::from)).collect(),
        }
    }

    /// The parts of a text with the values of its parameters; `of_list` is the one of the list.
    fn with(&mut self, parts: &[(&str, Option<&str>)], of_list: Option<&str>) -> Result<String, &'static str> {
        let mut out = String::new();
        for (before, name) in parts {
            out.push_str(before);
            let Some(name) = name else { continue };
            let parameter = self.parameter(name)?;
            let value = if parameter.is_list { of_list } else { parameter.values.first().map(String::as_str) };
            out.push_str(value.unwrap_or_default());
        }
        self.bytes = self.bytes.saturating_add(out.len());
        match self.bytes > quota::POLICY_SIZE {
            true => Err("The permissions are too long."),
            false => Ok(out),
        }
    }

    fn parameter(&mut self, name: &str) -> Result<&'a DelegationParameter, &'static str> {
        let parameter = self.parameters.iter().find(|parameter| parameter.name == name);
        let parameter = parameter.ok_or("A parameter of the template is not given.")?;
        self.used.insert(&parameter.name);
        Ok(parameter)
    }
}

/// What stands before each parameter, with its name; and what stands after the last.
fn parts(text: &str) -> Result<Vec<(&str, Option<&str>)>, &'static str> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("@{") {
        let (name, after) = after.split_once('}').ok_or("The template has a parameter that does not end.")?;
        out.push((before, Some(name)));
        rest = after;
    }
    out.push((rest, None));
    Ok(out)
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
