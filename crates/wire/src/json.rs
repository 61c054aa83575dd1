//! JSON bodies: read strictly, and laid out by shape. `awsJson1_1` is nothing more; `restJson1` builds on it.

use std::fmt;

use doorward_shapes::{Error, Kind, Location, Member, Operation, Shape, TimestampFormat, common};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{echo, scalar};

/// Levels of arrays and objects in one body.
const MAX_DEPTH: usize = 20;

/// Reads the operation's input out of a JSON 1.1 body. An empty body is an empty object.
pub(crate) fn decode(operation: &Operation, body: &[u8]) -> Result<Value, Error> {
    structure(operation.input.map_or(&[], Shape::members), object(body)?)
}

/// The JSON 1.1 body that answers a successful call.
pub(crate) fn encode(operation: &Operation, output: &Value) -> Vec<u8> {
    let members = operation.output.map_or(&[][..], Shape::members);
    Value::Object(to_object(members, output)).to_string().into_bytes()
}

/// The body that reports an error.
pub(crate) fn error(error: &Error) -> Vec<u8> {
    let mut body = Map::from_iter([
        ("__type".to_owned(), error.code.as_ref().into()),
        ("message".to_owned(), error.message.as_str().into()),
    ]);
    if let Some(reason) = error.reason {
        body.insert("Reason".to_owned(), reason.into());
    }
    Value::Object(body).to_string().into_bytes()
}

/// Common errors whose code or status is another in the JSON protocols than in the query protocol.
const NAMES: &[(&str, &str, u16)] = &[
    ("AccessDenied", "AccessDeniedException", 403),
    ("ExpiredToken", "ExpiredTokenException", 403),
    ("IncompleteSignature", "IncompleteSignatureException", 400),
    ("InternalFailure", "InternalServerException", 500),
    ("InvalidClientTokenId", "UnrecognizedClientException", 403),
    ("MalformedInput", "SerializationException", 400),
    ("MalformedQueryString", "SerializationException", 400),
    ("MissingAuthenticationToken", "MissingAuthenticationTokenException", 403),
    ("ServiceUnavailable", "ServiceUnavailableException", 503),
    ("SignatureDoesNotMatch", "InvalidSignatureException", 403),
    ("Throttling", "ThrottlingException", 429),
    ("ValidationError", "ValidationException", 400),
];

/// The error as the JSON protocols name it.
pub(crate) fn named(error: &Error) -> Error {
    match NAMES.iter().find(|(code, ..)| *code == error.code) {
        Some((_, code, status)) => Error::new(*code, *status, error.message.clone()),
        None => error.clone(),
    }
}

/// A body that is an object, or nothing.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match parse(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(common::serialization_exception("The body must be a JSON object.")),
    }
}

/// JSON without duplicate keys and not too deep.
fn parse(body: &[u8]) -> Result<Value, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| common::serialization_exception(format!("The body is not valid JSON: {error}")))
}

/// Members of a structure out of a JSON object; `null` means absent. What the structure does not know is an error.
pub(crate) fn structure(members: &[Member], mut json: Map<String, Value>) -> Result<Value, Error> {
    let mut tree = Map::new();
    for member in members.iter().filter(|member| member.location == Location::Body) {
        match json.swap_remove(member.wire_name()) {
            None | Some(Value::Null) => {}
            Some(json) => {
                tree.insert(member.name.to_owned(), from_json(member.shape, json, member.name)?);
            }
        }
    }
    match json.keys().next() {
        None => Ok(Value::Object(tree)),
        Some(name) => Err(common::serialization_exception(format!("Unknown member: {}", echo(name)))),
    }
}

/// `name` is that of the nearest member, for error texts.
pub(crate) fn from_json(shape: &Shape, json: Value, name: &'static str) -> Result<Value, Error> {
    let wrong_type = || {
        let kind = scalar::kind_name(shape);
        common::serialization_exception(format!("The value of {name} is not of type {kind}."))
    };
    let value = match (&shape.kind, json) {
        (Kind::Structure(members) | Kind::Union(members), Value::Object(json)) => return structure(members, json),
        (Kind::List(list), Value::Array(elements)) => {
            return elements.into_iter().map(|element| from_json(list.member, element, name)).collect();
        }
        (Kind::Map(map), Value::Object(entries)) => {
            let entries = entries.into_iter().map(|(key, json)| Ok((key, from_json(map.value, json, name)?)));
            return entries.collect::<Result<Map<_, _>, _>>().map(Value::Object);
        }
        (Kind::Document, json) => Some(json),
        (Kind::Timestamp(_), Value::Number(seconds)) => {
            scalar::from_epoch(&seconds).map(|time| time.to_string().into())
        }
        (Kind::Timestamp(Some(_)) | Kind::String { .. } | Kind::Blob { .. }, Value::String(text)) => {
            scalar::from_text(shape, &text)
        }
        (Kind::Integer(_), Value::Number(number)) => {
            whole(&number).and_then(|n| i32::try_from(n).ok()).map(Value::from)
        }
        (Kind::Long(_), Value::Number(number)) => whole(&number).map(Value::from),
        (Kind::Float | Kind::Double, Value::Number(number)) => Some(Value::Number(number)),
        (Kind::Float | Kind::Double, Value::String(text)) if matches!(&*text, "NaN" | "Infinity" | "-Infinity") => {
            Some(Value::String(text))
        }
        (Kind::Boolean, Value::Bool(value)) => Some(value.into()),
        _ => None,
    };
    value.ok_or_else(wrong_type)
}

fn whole(number: &Number) -> Option<i64> {
    number.as_i64()
}

/// The JSON object of a structure's body members. What the structure does not know is left out.
pub(crate) fn to_object(members: &[Member], tree: &Value) -> Map<String, Value> {
    let body = members.iter().filter(|member| member.location == Location::Body);
    body.filter_map(|member| match tree.get(member.name) {
        None | Some(Value::Null) => None,
        Some(tree) => Some((member.wire_name().to_owned(), to_json(member.shape, tree))),
    })
    .collect()
}

/// The JSON of a value.
pub(crate) fn to_json(shape: &Shape, tree: &Value) -> Value {
    match (&shape.kind, tree) {
        (Kind::Structure(members) | Kind::Union(members), tree) => Value::Object(to_object(members, tree)),
        (Kind::List(list), Value::Array(elements)) => {
            elements.iter().map(|element| to_json(list.member, element)).collect()
        }
        (Kind::Map(map), Value::Object(entries)) => {
            entries.iter().map(|(key, value)| (key.clone(), to_json(map.value, value))).collect()
        }
        (Kind::Timestamp(None | Some(TimestampFormat::UnixTimestamp)), Value::String(text)) => {
            text.parse().map_or(Value::Null, |time| Value::Number(scalar::epoch(time)))
        }
        (Kind::Timestamp(Some(_)), tree) => {
            scalar::to_text(shape, tree, TimestampFormat::Iso8601).map_or(Value::Null, Value::String)
        }
        (_, tree) => tree.clone(),
    }
}

/// Builds a value, refusing a key that an object has already and what is too deep.
struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Strict {
    fn inner<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH { Ok(self.depth + 1) } else { Err(E::custom("nested too deeply")) }
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(Strict { depth })? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key occurs twice"));
            }
            let value = entries.next_value_seed(Strict { depth })?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
