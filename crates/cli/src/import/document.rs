//! JSON that may hold no key twice, and moving a policy document from one account to another.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value without duplicate keys: of two, one would be lost without a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Strict(pub Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            out.push(element);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if out.contains_key(&key) {
                return Err(de::Error::custom(format!("the key {key:?} is there twice")));
            }
            let Strict(value) = members.next_value()?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

/// A policy document of the file as JSON: the AWS CLI writes it as an object, the API as a text that is URL-encoded.
pub(crate) fn read(document: &Value) -> Result<Value, String> {
    let Value::String(text) = document else { return Ok(document.clone()) };
    let text = if text.trim_start().starts_with('{') { text.clone() } else { percent_decoded(text)? };
    serde_json::from_str(&text).map(|Strict(value)| value).map_err(|error| format!("it is no JSON: {error}"))
}

fn percent_decoded(text: &str) -> Result<String, String> {
    let (mut out, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next()).zip(digit(rest.next())).map(|(high, low)| high * 16 + low);
        out.push(value.and_then(|value| u8::try_from(value).ok()).ok_or("it is not URL-encoded")?);
    }
    String::from_utf8(out).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// Moves everything in a document that names the account `from`: ARNs that have its id in their fifth part, and texts
/// that are its id. Other texts with the id in them, such as names of buckets, are names and stay.
pub(crate) fn moved(document: &mut Value, from: &str, to: &str) -> bool {
    match document {
        Value::String(text) => {
            let moved = moved_text(text, from, to);
            let changed = moved != *text;
            *text = moved;
            changed
        }
        Value::Array(elements) => elements.iter_mut().filter_map(|it| moved(it, from, to).then_some(())).count() > 0,
        Value::Object(members) => members.values_mut().filter_map(|it| moved(it, from, to).then_some(())).count() > 0,
        _ => false,
    }
}

/// The same for one text.
pub(crate) fn moved_text(text: &str, from: &str, to: &str) -> String {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        [id] if *id == from => to.to_owned(),
        ["arn", partition, service, region, account, resource] if *account == from => {
            format!("arn:{partition}:{service}:{region}:{to}:{resource}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_move_with_their_account() {
        let check = |text: &str, expected: &str| assert_eq!(moved_text(text, "111122223333", "444455556666"), expected);
        check("111122223333", "444455556666");
        check("arn:aws:iam::111122223333:role/a:b", "arn:aws:iam::444455556666:role/a:b");
        check("arn:aws:s3:::logs-111122223333", "arn:aws:s3:::logs-111122223333");
        check("arn:aws:iam::999999999999:role/111122223333", "arn:aws:iam::999999999999:role/111122223333");
        check("logs-111122223333", "logs-111122223333");
        let mut document = json!({"Statement": [{"Principal": {"AWS": ["111122223333", "*"]}, "Resource": "*"}]});
        assert!(moved(&mut document, "111122223333", "444455556666"));
        assert_eq!(document, json!({"Statement": [{"Principal": {"AWS": ["444455556666", "*"]}, "Resource": "*"}]}));
        assert!(!moved(&mut document, "111122223333", "444455556666"));
    }

    #[test]
    fn documents_are_read_as_objects_and_as_texts() {
        let object = json!({"Version": "2012-10-17", "Statement": []});
        assert_eq!(read(&object), Ok(object.clone()));
        assert_eq!(read(&Value::from(object.to_string())), Ok(object.clone()));
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(read(&Value::from(encoded)), Ok(object));
        for bad in ["%7", "%zz", "%ff", "", "{", r#"{"a":1,"a":2}"#] {
            assert!(read(&Value::from(bad)).is_err(), "{bad}");
        }
    }
}
