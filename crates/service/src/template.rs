//! Texts as templates: `@{name}` stands for a parameter. Where that is a list, the text stands for as many texts as it has
//! values. In a policy, values stand within its strings and nowhere else: they cannot change its structure.

use std::collections::BTreeSet;

use doorward_directory::TemplateParameter;
use serde_json::Value;

/// Templates being filled in with the same parameters.
pub(crate) struct Filling<'a> {
    parameters: &'a [TemplateParameter],
    used: BTreeSet<&'a str>,
    /// What has been filled in so far.
    bytes: usize,
    /// How much that may be.
    bytes_max: usize,
}

impl<'a> Filling<'a> {
    /// With these parameters, into no more than so many bytes of text.
    pub fn new(parameters: &'a [TemplateParameter], bytes_max: usize) -> Filling<'a> {
        Filling { parameters, used: BTreeSet::new(), bytes: 0, bytes_max }
    }

    /// The names of the parameters that were used.
    pub fn used(&self) -> &BTreeSet<&'a str> {
        &self.used
    }

    /// A policy.
    pub fn policy(&mut self, template: &str) -> Result<String, &'static str> {
        let template: Value = serde_json::from_str(template).map_err(|_| "The template is no policy.")?;
        Ok(self.value(&template)?.to_string())
    }

    /// A text that is no list.
    pub fn line(&mut self, text: &str) -> Result<String, &'static str> {
        match self.text(text)? {
            Value::String(text) => Ok(text),
            _ => Err("The template has a list in the place of a text."),
        }
    }

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
        match self.bytes > self.bytes_max {
            true => Err("The permissions are too long."),
            false => Ok(out),
        }
    }

    fn parameter(&mut self, name: &str) -> Result<&'a TemplateParameter, &'static str> {
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
