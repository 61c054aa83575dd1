//! Tree → XML.

use doorward_shapes::{Kind, List, Map, Member, Operation, Service, Shape, TimestampFormat};
use serde_json::Value;

use crate::scalar;
use crate::xml::Writer;

/// The document that answers a successful call. `output` is the tree of the operation's output; what the model does
/// not know is not written.
pub fn encode(service: &Service, operation: &Operation, output: &Value, request_id: &str) -> Vec<u8> {
    let mut xml = Writer::new();
    xml.root(&format!("{}Response", operation.name), service.xml_namespace, |xml| {
        let members = operation.output.map_or(&[][..], Shape::members);
        match operation.result_wrapper {
            Some(wrapper) => xml.element(wrapper, |xml| structure(xml, members, output)),
            None => structure(xml, members, output),
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    xml.finish()
}

fn structure(xml: &mut Writer, members: &[Member], tree: &Value) {
    for member in members {
        match tree.get(member.name) {
            None | Some(Value::Null) => {}
            Some(tree) => value(xml, member.wire_name(), member.shape, tree),
        }
    }
}

fn value(xml: &mut Writer, name: &str, shape: &Shape, tree: &Value) {
    match (&shape.kind, tree) {
        (Kind::Structure(members) | Kind::Union(members), tree) => {
            xml.element(name, |xml| structure(xml, members, tree));
        }
        (Kind::List(facts), Value::Array(elements)) => list(xml, name, facts, elements),
        (Kind::Map(facts), Value::Object(entries)) => map(xml, name, facts, entries),
        _ => {
            if let Some(text) = scalar::to_text(shape, tree, TimestampFormat::Iso8601) {
                xml.text(name, &text);
            }
        }
    }
}

fn list(xml: &mut Writer, name: &str, facts: &List, elements: &[Value]) {
    if facts.flattened {
        elements.iter().for_each(|element| value(xml, name, facts.member, element));
    } else {
        let member = facts.location_name.unwrap_or("member");
        xml.element(name, |xml| elements.iter().for_each(|element| value(xml, member, facts.member, element)));
    }
}

fn map(xml: &mut Writer, name: &str, facts: &Map, entries: &serde_json::Map<String, Value>) {
    let write = |xml: &mut Writer, name: &str| {
        for (key, entry) in entries {
            xml.element(name, |xml| {
                xml.text(facts.key_name.unwrap_or("key"), key);
                value(xml, facts.value_name.unwrap_or("value"), facts.value, entry);
            });
        }
    };
    if facts.flattened { write(xml, name) } else { xml.element(name, |xml| write(xml, "entry")) }
}
