//! A model's facts, read once into what both generators need.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::names;
use crate::run::Result;

pub struct Model {
    pub id: String,
    pub event_source: String,
    pub metadata: Map<String, Value>,
    pub operations: BTreeMap<String, Value>,
    /// Shapes that some operation reaches, exceptions left out.
    pub shapes: BTreeMap<String, Value>,
    /// Exceptions that some operation declares.
    pub errors: BTreeMap<String, Failure>,
    /// Patterns, each once.
    pub patterns: BTreeSet<String>,
}

pub struct Failure {
    pub code: String,
    pub status: u64,
}

impl Model {
    pub fn parse(id: &str, event_source: &str, facts: &str) -> Result<Self> {
        let mut facts: Map<String, Value> = serde_json::from_str(facts).map_err(|error| format!("{id}: {error}"))?;
        let mut section = |name: &str| match facts.remove(name) {
            Some(Value::Object(section)) => Ok(section),
            _ => Err(format!("{id}: no {name}")),
        };
        let metadata = section("metadata")?;
        let operations: BTreeMap<String, Value> = section("operations")?.into_iter().collect();
        let all = section("shapes")?;
        let mut reached = BTreeSet::new();
        let mut errors = BTreeMap::new();
        for operation in operations.values() {
            for part in ["input", "output"] {
                if let Some(name) = operation.get(part).and_then(shape_of) {
                    reach(&all, name, &mut reached)?;
                }
            }
            for name in operation.get("errors").and_then(Value::as_array).into_iter().flatten().filter_map(shape_of) {
                errors.insert(name.to_owned(), failure(&all, name)?);
            }
        }
        let shapes: BTreeMap<String, Value> = all.into_iter().filter(|(name, _)| reached.contains(name)).collect();
        let patterns = shapes.values().filter_map(|shape| text(shape, "pattern")).map(str::to_owned).collect();
        let (id, event_source) = (id.to_owned(), event_source.to_owned());
        let model = Self { id, event_source, metadata, operations, shapes, errors, patterns };
        model.check_names()?;
        Ok(model)
    }

    pub fn shape(&self, name: &str) -> Result<&Value> {
        self.shapes.get(name).ok_or_else(|| format!("{}: no shape {name}", self.id))
    }

    /// Two names of AWS must not become one of ours.
    fn check_names(&self) -> Result {
        for rename in [names::constant, names::type_name] {
            let mut seen = BTreeMap::new();
            for name in self.shapes.keys() {
                if let Some(other) = seen.insert(rename(name), name) {
                    return Err(format!("{}: {name} and {other} get the same name", self.id));
                }
            }
        }
        Ok(())
    }
}

fn reach(all: &Map<String, Value>, name: &str, reached: &mut BTreeSet<String>) -> Result {
    if !reached.insert(name.to_owned()) {
        return Ok(());
    }
    let shape = all.get(name).ok_or_else(|| format!("no shape {name}"))?;
    let members = shape.get("members").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let parts = ["member", "key", "value"].into_iter().filter_map(|part| shape.get(part));
    members.chain(parts).filter_map(shape_of).try_for_each(|name| reach(all, name, reached))
}

fn failure(all: &Map<String, Value>, name: &str) -> Result<Failure> {
    let shape = all.get(name).ok_or_else(|| format!("no shape {name}"))?;
    let error = shape.get("error");
    let code = error.and_then(|error| text(error, "code")).unwrap_or(name).to_owned();
    let status = error.and_then(|error| error.get("httpStatusCode")).and_then(Value::as_u64);
    Ok(Failure { code, status: status.unwrap_or(if flag(shape, "fault") { 500 } else { 400 }) })
}

/// The shape that a reference names.
pub fn shape_of(reference: &Value) -> Option<&str> {
    text(reference, "shape")
}

pub fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

pub fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Members of a structure in the model's order: name, reference, whether it is required.
pub fn members(shape: &Value) -> impl Iterator<Item = (&String, &Value, bool)> {
    let required: Vec<&str> =
        shape.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let members = shape.get("members").and_then(Value::as_object).into_iter().flatten();
    members.map(move |(name, member)| (name, member, required.contains(&name.as_str())))
}
