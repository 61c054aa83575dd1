//! Form parameters → tree.

use std::collections::BTreeMap;
use std::fmt;

use doorward_shapes::{Error, Kind, List, Map, Member, Operation, Shape, common};
use serde_json::Value;

use crate::form::Params;
use crate::{echo, scalar};

/// Elements of a list and entries of a map, where the model does not allow more.
const MAX_ELEMENTS: usize = 1_000;
/// Names in one parameter: `Tags.member.1.Key` has four.
const MAX_NAMES: usize = 32;

/// Reads the operation's input out of the parameters.
///
/// Every parameter besides `Action` and `Version` must belong to the input (`ValidationError` otherwise), numbers of
/// lists and maps must run from 1 without gaps, and values must be of their type (`MalformedInput` otherwise).
pub fn decode(operation: &Operation, params: &Params) -> Result<Value, Error> {
    let mut root = Node::default();
    for (name, value) in params.iter().filter(|(name, _)| !matches!(*name, "Action" | "Version")) {
        root.insert(name, value)?;
    }
    let members = operation.input.map_or(&[][..], Shape::members);
    structure(members, &root, &Path::Root)
}

/// Parameters that begin with the same names.
#[derive(Default)]
struct Node<'a> {
    value: Option<&'a str>,
    children: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Node<'a> {
    fn insert(&mut self, name: &'a str, value: &'a str) -> Result<(), Error> {
        if name.split('.').count() > MAX_NAMES {
            return Err(unknown(name));
        }
        let leaf = name.split('.').fold(self, |node, name| node.children.entry(name).or_default());
        leaf.value = Some(value);
        Ok(())
    }
}

/// Where a node stands, for error texts.
enum Path<'a> {
    Root,
    Child(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Child(Path::Root, name) => f.write_str(name),
            Path::Child(parent, name) => write!(f, "{parent}.{name}"),
        }
    }
}

fn value(shape: &Shape, node: &Node<'_>, path: &Path<'_>) -> Result<Value, Error> {
    match &shape.kind {
        Kind::Structure(members) | Kind::Union(members) => {
            no_value(shape, node, path)?;
            structure(members, node, path)
        }
        Kind::List(facts) => {
            if empty_collection(shape, node, path)? {
                return Ok(Value::Array(Vec::new()));
            }
            if facts.flattened {
                return list(shape, facts, node, path);
            }
            let name = facts.location_name.unwrap_or("member");
            let elements = only_child(node, name, path)?;
            list(shape, facts, elements, &Path::Child(path, name))
        }
        Kind::Map(facts) => {
            if empty_collection(shape, node, path)? {
                return Ok(Value::Object(serde_json::Map::new()));
            }
            if facts.flattened {
                return map(shape, facts, node, path);
            }
            map(shape, facts, only_child(node, "entry", path)?, &Path::Child(path, "entry"))
        }
        _ => {
            no_children(node, path)?;
            node.value.and_then(|text| scalar::from_text(shape, text)).ok_or_else(|| wrong_type(shape, path))
        }
    }
}

fn structure(members: &[Member], node: &Node<'_>, path: &Path<'_>) -> Result<Value, Error> {
    if let Some(name) = node.children.keys().find(|name| !members.iter().any(|member| member.wire_name() == **name)) {
        return Err(unknown(&Path::Child(path, name).to_string()));
    }
    let mut tree = serde_json::Map::new();
    for member in members {
        if let Some(child) = node.children.get(member.wire_name()) {
            let value = value(member.shape, child, &Path::Child(path, member.wire_name()))?;
            tree.insert(member.name.to_owned(), value);
        }
    }
    Ok(Value::Object(tree))
}

fn list(shape: &Shape, facts: &List, node: &Node<'_>, path: &Path<'_>) -> Result<Value, Error> {
    no_value(shape, node, path)?;
    let elements = numbered(facts.max, node, path, |node, path| value(facts.member, node, path))?;
    Ok(Value::Array(elements))
}

fn map(shape: &Shape, facts: &Map, node: &Node<'_>, path: &Path<'_>) -> Result<Value, Error> {
    no_value(shape, node, path)?;
    let (key_name, value_name) = (facts.key_name.unwrap_or("key"), facts.value_name.unwrap_or("value"));
    let entries = numbered(facts.max, node, path, |node, path| {
        no_value(shape, node, path)?;
        if let Some(name) = node.children.keys().find(|name| ![key_name, value_name].contains(name)) {
            return Err(unknown(&Path::Child(path, name).to_string()));
        }
        let part = |shape: &Shape, name: &str| {
            let path = Path::Child(path, name);
            let node = node.children.get(name);
            node.map_or_else(|| Err(wrong_type(shape, &path)), |node| value(shape, node, &path))
        };
        match part(facts.key, key_name)? {
            Value::String(key) => Ok((key, part(facts.value, value_name)?)),
            _ => Err(wrong_type(facts.key, path)),
        }
    })?;
    let mut tree = serde_json::Map::new();
    for (key, value) in entries {
        if tree.contains_key(&key) {
            return Err(common::malformed_input(format!("The map {} has a key twice.", echo(&path.to_string()))));
        }
        tree.insert(key, value);
    }
    Ok(Value::Object(tree))
}

/// The children 1, 2, … of a node, in this order. What is stored grows with the parameters sent, not with their numbers.
fn numbered<T>(
    max: Option<u32>,
    node: &Node<'_>,
    path: &Path<'_>,
    mut read: impl FnMut(&Node<'_>, &Path<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let count = node.children.len();
    let max = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(0).max(MAX_ELEMENTS);
    if count > max {
        let path = echo(&path.to_string());
        return Err(common::malformed_input(format!("{path} has more than {max} elements.")));
    }
    (1..=count)
        .map(|number| {
            let number = number.to_string();
            let path = Path::Child(path, &number);
            let node = node.children.get(number.as_str());
            read(node.ok_or_else(|| gap(&path))?, &path)
        })
        .collect()
}

/// Whether the node says `X=`, the empty list or map.
fn empty_collection(shape: &Shape, node: &Node<'_>, path: &Path<'_>) -> Result<bool, Error> {
    match node.value {
        None => Ok(false),
        Some("") if node.children.is_empty() => Ok(true),
        Some(_) => Err(wrong_type(shape, path)),
    }
}

fn only_child<'n, 'a>(node: &'n Node<'a>, name: &str, path: &Path<'_>) -> Result<&'n Node<'a>, Error> {
    match node.children.keys().find(|other| **other != name) {
        Some(other) => Err(unknown(&Path::Child(path, other).to_string())),
        None => node.children.get(name).ok_or_else(|| unknown(&path.to_string())),
    }
}

fn no_value(shape: &Shape, node: &Node<'_>, path: &Path<'_>) -> Result<(), Error> {
    if node.value.is_some() { Err(wrong_type(shape, path)) } else { Ok(()) }
}

fn no_children(node: &Node<'_>, path: &Path<'_>) -> Result<(), Error> {
    match node.children.keys().next() {
        Some(name) => Err(unknown(&Path::Child(path, name).to_string())),
        None => Ok(()),
    }
}

fn unknown(name: &str) -> Error {
    common::validation_error(format!("Unknown parameter: {}", echo(name)))
}

fn wrong_type(shape: &Shape, path: &Path<'_>) -> Error {
    let path = echo(&path.to_string());
    common::malformed_input(format!("The value of {path} is not of type {}.", scalar::kind_name(shape)))
}

fn gap(path: &Path<'_>) -> Error {
    let path = echo(&path.to_string());
    common::malformed_input(format!("{path} is missing: elements are numbered from 1 without gaps."))
}
