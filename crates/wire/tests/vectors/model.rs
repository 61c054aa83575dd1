//! A vector's own small model as `'static` tables. Memory of a test is never given back.

use doorward_shapes::{
    Bounds, Kind, List, Location, Map, Member, Operation, Protocol, Service, Shape, TimestampFormat,
};
use serde_json::Value;

/// How often a shape may contain itself: recursive shapes are unrolled, and no vector nests deeper.
const MAX_REPEATS: usize = 4;

pub fn service(suite: &Value) -> &'static Service {
    let metadata = &suite["metadata"];
    // All cases of a suite are of one operation.
    let operations = vec![operation(suite, &suite["cases"][0])];
    Box::leak(Box::new(Service {
        id: "vectors",
        service_id: "Vectors",
        api_version: leak(metadata, "apiVersion").unwrap(),
        protocol: match metadata["protocol"].as_str().unwrap() {
            "query" => Protocol::Query,
            "json" => Protocol::Json11,
            "rest-json" => Protocol::RestJson,
            other => panic!("{other}"),
        },
        endpoint_prefix: "vectors",
        signing_name: "vectors",
        target_prefix: leak(metadata, "targetPrefix"),
        xml_namespace: Some("https://example.com/"),
        event_source: "vectors",
        operations: operations.leak(),
    }))
}

fn operation(suite: &Value, case: &Value) -> Operation {
    let given = &case["given"];
    let part = |part: &str| given[part].get("shape").map(|_| shape(suite, &given[part], &[]));
    Operation {
        name: leak(given, "name").unwrap(),
        method: leak(&given["http"], "method").unwrap(),
        uri: leak(&given["http"], "requestUri").unwrap(),
        status: given["http"].get("responseCode").and_then(Value::as_u64).unwrap_or(200).try_into().unwrap(),
        input: part("input"),
        output: part("output"),
        // The models do not say it, but every response with an output has the wrapper.
        result_wrapper: part("output").map(|_| &*format!("{}Result", given["name"].as_str().unwrap()).leak()),
        errors: &[],
        anonymous: false,
        pagination: None,
    }
}

/// The shape that a reference names; facts of the reference override those of the shape.
fn shape(suite: &Value, reference: &Value, outer: &[&str]) -> &'static Shape {
    let mut facts = suite["shapes"][reference["shape"].as_str().unwrap()].clone();
    for key in ["flattened", "timestampFormat"] {
        if let Some(fact) = reference.get(key) {
            facts[key] = fact.clone();
        }
    }
    let name = reference["shape"].as_str().unwrap();
    let path = [outer, &[name]].concat();
    let inner = |part: &str| shape(suite, &facts[part], &path);
    let flattened = facts["flattened"] == true;
    let (min, max) = (None, None);
    let kind = match facts["type"].as_str().unwrap() {
        "structure" if facts["document"] == true => Kind::Document,
        "structure" if facts["union"] == true => Kind::Union(members(suite, &facts, &path)),
        "structure" => Kind::Structure(members(suite, &facts, &path)),
        "list" => Kind::List(List {
            member: inner("member"),
            location_name: leak(&facts["member"], "locationName"),
            flattened,
            min,
            max,
        }),
        "map" => Kind::Map(Map {
            key: inner("key"),
            value: inner("value"),
            key_name: leak(&facts["key"], "locationName"),
            value_name: leak(&facts["value"], "locationName"),
            flattened,
            min,
            max,
        }),
        "string" => Kind::String { min, max, pattern: None, values: &[] },
        "integer" => Kind::Integer(Bounds { min: None, max: None }),
        "long" => Kind::Long(Bounds { min: None, max: None }),
        "float" => Kind::Float,
        "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "blob" => Kind::Blob { min, max },
        "timestamp" => Kind::Timestamp(facts.get("timestampFormat").map(|format| match format.as_str().unwrap() {
            "iso8601" => TimestampFormat::Iso8601,
            "unixTimestamp" => TimestampFormat::UnixTimestamp,
            "rfc822" => TimestampFormat::Rfc822,
            other => panic!("{other}"),
        })),
        other => panic!("{other}"),
    };
    Box::leak(Box::new(Shape { name: leak(reference, "shape").unwrap(), sensitive: false, kind }))
}

fn members(suite: &Value, facts: &Value, outer: &[&str]) -> &'static [Member] {
    let repeats = |name: &str| outer.iter().filter(|other| **other == name).count();
    let members = facts["members"].as_object().unwrap().iter();
    let members = members.filter(|(_, reference)| repeats(reference["shape"].as_str().unwrap()) < MAX_REPEATS);
    let members = members.map(|(name, reference)| Member {
        location_name: leak(reference, "locationName"),
        location: match reference.get("location").and_then(Value::as_str) {
            None if facts["payload"] == name.as_str() => Location::Payload,
            Some("uri") => Location::Uri,
            Some("querystring") => Location::Query,
            Some("header") => Location::Header,
            // Other locations occur in no model that is served; their vectors are skipped.
            None | Some(_) => Location::Body,
        },
        ..Member::optional(name.clone().leak(), shape(suite, reference, outer))
    });
    members.collect::<Vec<_>>().leak()
}

fn leak(value: &Value, key: &str) -> Option<&'static str> {
    value.get(key).and_then(Value::as_str).map(|text| &*text.to_owned().leak())
}
