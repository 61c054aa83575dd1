//! What a client does: from botocore's values to the tree, and from a response body to the tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use doorward_shapes::{Kind, Location, Member, Operation, Shape};
use jiff::Timestamp;
use quick_xml::events::Event;
use serde_json::{Map, Number, Value};

/// botocore's value of a shape as the tree: blobs are plain text there, timestamps are seconds since 1970.
pub fn tree(shape: &Shape, value: &Value) -> Value {
    match (&shape.kind, value) {
        (Kind::Structure(members) | Kind::Union(members), Value::Object(values)) => {
            // Members that the vector's own model does not know stay as they are, so that they fail the comparison.
            let value = |name: &String, value| match members.iter().find(|member| member.name == name) {
                Some(member) => tree(member.shape, value),
                None => value.clone(),
            };
            let values = values.iter().filter(|(_, value)| !value.is_null());
            values.map(|(name, inner)| (name.clone(), value(name, inner))).collect()
        }
        (Kind::List(list), Value::Array(values)) => values.iter().map(|value| tree(list.member, value)).collect(),
        (Kind::Map(map), Value::Object(values)) => {
            values.iter().map(|(key, value)| (key.clone(), tree(map.value, value))).collect()
        }
        (Kind::Blob { .. }, Value::String(text)) => BASE64.encode(text).into(),
        (Kind::Timestamp(_), Value::Number(seconds)) => seconds_since_1970(seconds).to_string().into(),
        (Kind::Float | Kind::Double, Value::Number(number)) => number.as_f64().into(),
        (_, value) => value.clone(),
    }
}

/// The tree that a response body means to a JSON client. No body is an empty object.
pub fn read_json(operation: &Operation, body: &[u8]) -> Result<Value, String> {
    let Some(output) = operation.output else { return Ok(Value::Object(Map::new())) };
    let body = if body.is_empty() { b"{}" } else { body };
    let json: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(match output.members().iter().find(|member| member.location == Location::Payload) {
        Some(member) => Map::from_iter([(member.name.to_owned(), from_json(member.shape, &json))]).into(),
        None => from_json(output, &json),
    })
}

fn from_json(shape: &Shape, json: &Value) -> Value {
    match (&shape.kind, json) {
        (Kind::Structure(members) | Kind::Union(members), Value::Object(json)) => {
            let known = members.iter().filter_map(|member| Some((member, json.get(member.wire_name())?)));
            let set = known.filter(|(_, json)| !json.is_null());
            set.map(|(member, json)| (member.name.to_owned(), from_json(member.shape, json))).collect()
        }
        (Kind::List(list), Value::Array(json)) => json.iter().map(|json| from_json(list.member, json)).collect(),
        (Kind::Map(map), Value::Object(json)) => {
            let set = json.iter().filter(|(_, json)| !json.is_null());
            set.map(|(key, json)| (key.clone(), from_json(map.value, json))).collect()
        }
        (Kind::Timestamp(_) | Kind::Float | Kind::Double, Value::Number(number)) => scalar(shape, &number.to_string()),
        (Kind::Timestamp(_), Value::String(text)) => scalar(shape, text),
        (_, json) => json.clone(),
    }
}

/// The tree that a response body means to a query client. No body is an empty result.
pub fn read_xml(operation: &Operation, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Object(Map::new());
    }
    let root = Element::parse(body);
    let result = operation.result_wrapper.map_or(Some(&root), |wrapper| root.child(wrapper));
    structure(operation.output.map_or(&[], Shape::members), result.expect("the result's element"))
}

fn structure(members: &[Member], element: &Element) -> Value {
    let mut tree = Map::new();
    for member in members {
        let found: Vec<&Element> = element.children.iter().filter(|child| child.name == member.wire_name()).collect();
        if let Some(first) = found.first() {
            tree.insert(member.name.to_owned(), read(member.shape, first, &found));
        }
    }
    Value::Object(tree)
}

/// `repeated` are all elements of the same name, which matter to flattened collections.
fn read(shape: &Shape, element: &Element, repeated: &[&Element]) -> Value {
    match &shape.kind {
        Kind::Structure(members) | Kind::Union(members) => structure(members, element),
        Kind::List(list) if list.flattened => repeated.iter().map(|child| read(list.member, child, &[])).collect(),
        Kind::List(list) => {
            let name = list.location_name.unwrap_or("member");
            element
                .children
                .iter()
                .inspect(|child| assert_eq!(child.name, name))
                .map(|child| read(list.member, child, &[]))
                .collect()
        }
        Kind::Map(map) => {
            let entries: Vec<&Element> =
                if map.flattened { repeated.to_vec() } else { element.children.iter().collect() };
            let part = |entry: &Element, name| entry.child(name).unwrap().clone();
            let key = |entry: &Element| part(entry, map.key_name.unwrap_or("key")).text;
            let value = |entry| read(map.value, &part(entry, map.value_name.unwrap_or("value")), &[]);
            entries.into_iter().map(|entry| (key(entry), value(entry))).collect()
        }
        _ => scalar(shape, &element.text),
    }
}

fn scalar(shape: &Shape, text: &str) -> Value {
    match &shape.kind {
        Kind::Integer(_) | Kind::Long(_) => text.parse::<i64>().unwrap().into(),
        Kind::Float | Kind::Double => match text {
            "NaN" | "Infinity" | "-Infinity" => text.into(),
            _ => text.parse::<f64>().unwrap().into(),
        },
        Kind::Boolean => (text == "true").into(),
        Kind::Timestamp(_) => match text.parse::<Number>() {
            Ok(seconds) => seconds_since_1970(&seconds).to_string().into(),
            Err(_) if text.ends_with("GMT") => {
                jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).unwrap().to_string().into()
            }
            Err(_) => text.parse::<Timestamp>().unwrap().to_string().into(),
        },
        _ => text.into(),
    }
}

pub fn seconds_since_1970(seconds: &Number) -> Timestamp {
    Timestamp::from_millisecond((seconds.as_f64().unwrap() * 1000.0).round() as i64).unwrap()
}

/// An XML element. Namespaces and attributes are of no account to query clients.
#[derive(Clone, Default)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn parse(document: &[u8]) -> Element {
        let mut reader = quick_xml::Reader::from_reader(document);
        let mut open = vec![Element::default()];
        let named = |name: &str| Element { name: name.to_owned(), ..Element::default() };
        loop {
            let text = match reader.read_event().unwrap() {
                Event::Start(start) => {
                    open.push(named(start.local_name().as_ref()));
                    continue;
                }
                Event::Empty(empty) => {
                    open.last_mut().unwrap().children.push(named(empty.local_name().as_ref()));
                    continue;
                }
                Event::End(_) => {
                    let mut closed = open.pop().unwrap();
                    if !closed.children.is_empty() {
                        assert_eq!(closed.text.trim(), "", "text between elements");
                        closed.text.clear();
                    }
                    open.last_mut().unwrap().children.push(closed);
                    continue;
                }
                Event::Text(text) => text.xml10_content().into_owned(),
                Event::CData(text) => text.xml10_content().into_owned(),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference).unwrap().to_owned(),
                },
                Event::Eof => break,
                _ => continue,
            };
            open.last_mut().unwrap().text += &text;
        }
        open.pop().unwrap().children.pop().expect("a root element")
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
}
