//! `restJson1`: the operation is a method and a path; input comes from path, query string, headers and a JSON body.

use doorward_shapes::{Error, Kind, Location, Member, Operation, Protocol, Service, Shape, common};
use serde_json::{Map, Value};

use crate::form::{self, percent_decode, query_pairs};
use crate::{RequestParts, echo, json, scalar};

/// The REST operation of a method, path and query string, all as received.
///
/// Of several that fit (`/token` and `/token?aws_iam=t`) it is the one that fixes most of the query string and path.
pub fn route(
    services: &[&'static Service],
    method: &str,
    path: &str,
    query: &str,
) -> Option<(&'static Service, &'static Operation)> {
    let rest = services.iter().filter(|service| service.protocol == Protocol::RestJson);
    let operations = rest.flat_map(|service| service.operations.iter().map(move |operation| (*service, operation)));
    let fits = operations.filter(|(_, operation)| {
        let (template, fixed) = split(operation.uri);
        operation.method == method && labels(template, path).is_some() && has(query, fixed)
    });
    fits.max_by_key(|(_, operation)| {
        let (template, fixed) = split(operation.uri);
        (pieces(fixed).count(), template.split('/').filter(|segment| label(segment).is_none()).count())
    })
}

/// Reads the operation's input out of the request.
pub fn decode(operation: &Operation, request: &RequestParts<'_>) -> Result<Value, Error> {
    let members = operation.input.map_or(&[][..], Shape::members);
    let (template, fixed) = split(operation.uri);
    let labels = labels(template, request.path).ok_or_else(|| common::unknown_operation("The path does not fit."))?;
    let mut tree = body(members, request.body)?;
    let mut put = |member: &Member, value: Value| tree.insert(member.name.to_owned(), value);

    for (name, encoded) in labels {
        let member = find(members, Location::Uri, name).ok_or_else(|| unknown(name))?;
        let text = percent_decode(encoded.as_bytes(), false).ok_or_else(|| wrong_type(member))?;
        put(member, scalar::from_text(member.shape, &text).ok_or_else(|| wrong_type(member))?);
    }
    for (member, value) in query_members(members, fixed, request.query)? {
        put(member, value);
    }
    for member in members.iter().filter(|member| member.location == Location::Header) {
        if let Some(text) = request.header(member.wire_name())? {
            put(member, scalar::from_text(member.shape, text).ok_or_else(|| wrong_type(member))?);
        }
    }
    Ok(Value::Object(tree))
}

/// The body that answers a successful call.
pub fn encode(operation: &Operation, output: &Value) -> Vec<u8> {
    let members = operation.output.map_or(&[][..], Shape::members);
    let body = match payload(members) {
        Some(member) => json::to_json(member.shape, output.get(member.name).unwrap_or(&Value::Null)),
        None => Value::Object(json::to_object(members, output)),
    };
    body.to_string().into_bytes()
}

fn body(members: &[Member], body: &[u8]) -> Result<Map<String, Value>, Error> {
    let json = json::object(body)?;
    let tree = match payload(members) {
        Some(member) if !body.is_empty() => {
            let value = json::from_json(member.shape, Value::Object(json), member.name)?;
            return Ok(Map::from_iter([(member.name.to_owned(), value)]));
        }
        Some(_) => return Ok(Map::new()),
        None => json::structure(members, json)?,
    };
    match tree {
        Value::Object(tree) => Ok(tree),
        _ => Ok(Map::new()),
    }
}

fn query_members<'m>(members: &'m [Member], fixed: &str, query: &str) -> Result<Vec<(&'m Member, Value)>, Error> {
    let mut found: Vec<(&Member, Value)> = Vec::new();
    let fixed = query_pairs(fixed)?;
    let sent = query_pairs(query)?.into_iter();
    for (name, text) in sent.filter(|pair| !fixed.contains(pair) && !form::is_signature(&pair.0)) {
        let member = find(members, Location::Query, &name).ok_or_else(|| unknown(&name))?;
        let earlier = found.iter_mut().find(|(other, _)| other.name == member.name);
        let scalar = |shape| scalar::from_text(shape, &text).ok_or_else(|| wrong_type(member));
        match (&member.shape.kind, earlier) {
            (Kind::List(list), Some((_, Value::Array(elements)))) => elements.push(scalar(list.member)?),
            (Kind::List(list), None) => found.push((member, Value::Array(vec![scalar(list.member)?]))),
            (_, None) => found.push((member, scalar(member.shape)?)),
            (_, Some(_)) => {
                return Err(common::malformed_query_string(format!("The parameter {} occurs twice.", echo(&name))));
            }
        }
    }
    Ok(found)
}

fn find<'m>(members: &'m [Member], location: Location, name: &str) -> Option<&'m Member> {
    members.iter().find(|member| member.location == location && member.wire_name() == name)
}

fn payload(members: &[Member]) -> Option<&Member> {
    members.iter().find(|member| member.location == Location::Payload)
}

/// Path template and fixed query string of a URI.
fn split(uri: &str) -> (&str, &str) {
    uri.split_once('?').unwrap_or((uri, ""))
}

fn pieces(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|piece| !piece.is_empty())
}

fn has(query: &str, fixed: &str) -> bool {
    pieces(fixed).all(|piece| pieces(query).any(|other| other == piece))
}

fn label(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Labels of a path by the template's names, still percent-encoded; nothing if the path does not fit.
fn labels<'a>(template: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut labels = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match label(expected) {
            Some(name) if !segment.is_empty() => labels.push((name, segment)),
            None if segment == expected => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(labels)
}

fn unknown(name: &str) -> Error {
    common::validation_error(format!("Unknown parameter: {}", echo(name)))
}

fn wrong_type(member: &Member) -> Error {
    let kind = scalar::kind_name(member.shape);
    common::serialization_exception(format!("The value of {} is not of type {kind}.", member.name))
}
