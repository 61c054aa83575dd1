//! botocore's protocol vectors: request → parameters, and result → response.
//!
//! They describe a client. A request vector is read by our decoder and must give the client's parameters. A response
//! vector's result is written by our encoder and must mean to a client what the vector's own body means.

#![expect(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at what it does not expect"
)]

mod client;
mod model;

use std::collections::BTreeSet;

use doorward_shapes::{Error, Operation, Service};
use doorward_wire::{RequestParts, decode, encode, read};
use serde_json::Value;

/// What became of one vector.
type Outcome = Result<(), String>;

/// Runs every case of a file. Those in `skips` must fail, so that the table cannot outlive its reasons.
fn run(file: &str, skips: &[(&str, &str)], check: fn(&'static Service, &'static Operation, &Value) -> Outcome) {
    let path = format!("{}/../../../shared/vectors/protocols/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let suites: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut failures = Vec::new();
    let mut unused: BTreeSet<&str> = skips.iter().map(|(id, _)| *id).collect();
    let mut passed = 0;
    for suite in &suites {
        let service = model::service(suite);
        for case in suite["cases"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            let outcome = check(service, &service.operations[0], case);
            let skipped = skips.iter().any(|(skip, _)| *skip == id);
            match outcome {
                Err(_) if skipped => {
                    unused.remove(id);
                }
                Err(reason) => failures.push(format!("{id}: {reason}")),
                Ok(()) => passed += 1,
            }
        }
    }
    assert!(failures.is_empty(), "{} of {file} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(unused.is_empty(), "skipped without need: {unused:?}");
    println!("{file}: {passed} passed, {} skipped", skips.len());
}

/// The request that the vector's client sends must be routed to the operation and give the client's parameters.
fn request(service: &'static Service, operation: &'static Operation, case: &Value) -> Outcome {
    let sent = &case["serialized"];
    let (path, query) = sent["uri"].as_str().unwrap().split_once('?').unwrap_or((sent["uri"].as_str().unwrap(), ""));
    let headers: Vec<(String, &str)> = sent["headers"].as_object().map_or_else(Vec::new, |headers| {
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap())).collect()
    });
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = sent["body"].as_str().unwrap_or_default().as_bytes();
    let request = RequestParts { method: sent["method"].as_str().unwrap(), path, query, headers: &headers, body };

    let routed = read(&[service], &request).map_err(|error| error.to_string())?;
    same("operation", routed.operation.name.into(), operation.name.into())?;
    let input = decode(service, operation, &request).map_err(|error| error.to_string())?;
    same(
        "input",
        input,
        operation.input.map_or(Value::Object(Default::default()), |shape| client::tree(shape, &case["params"])),
    )
}

fn query_response(service: &'static Service, operation: &'static Operation, case: &Value) -> Outcome {
    let body = case["response"]["body"].as_str().unwrap_or_default().as_bytes();
    if let Some(error) = error(case) {
        let code =
            |body: &[u8]| client::Element::parse(body).child("Error").unwrap().child("Code").unwrap().text.clone();
        same("the vector's own code", code(body).into(), error.code.as_ref().into())?;
        let sent = encode(service, operation, &Err(error.clone()), "id");
        same("our status", sent.status.into(), case["response"]["status_code"].clone())?;
        return same("our code", code(&sent.body).into(), error.code.as_ref().into());
    }
    let result = operation.output.map_or(Value::Null, |shape| client::tree(shape, &case["result"]));
    let sent = encode(service, operation, &Ok(result.clone()), "id");
    same(
        "request id",
        client::Element::parse(&sent.body)
            .child("ResponseMetadata")
            .unwrap()
            .child("RequestId")
            .unwrap()
            .text
            .clone()
            .into(),
        "id".into(),
    )?;
    if operation.output.is_some() {
        same("the vector's own body", client::read_xml(operation, body), result.clone())?;
        same("our body", client::read_xml(operation, &sent.body), result)?;
    }
    Ok(())
}

fn json_response(service: &'static Service, operation: &'static Operation, case: &Value) -> Outcome {
    if let Some(error) = error(case) {
        let sent = encode(service, operation, &Err(error.clone()), "id");
        same("our status", sent.status.into(), case["response"]["status_code"].clone())?;
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        same("our code", body["__type"].clone(), error.code.as_ref().into())?;
        same("our message", body["message"].clone(), error.message.into())?;
        let header = sent.headers.iter().find(|(name, _)| *name == "x-amzn-errortype");
        return same("our header", header.unwrap().1.as_str().into(), error.code.as_ref().into());
    }
    let body = case["response"]["body"].as_str().unwrap_or_default().as_bytes();
    let empty = || Value::Object(serde_json::Map::new());
    let result = operation.output.map_or_else(empty, |shape| client::tree(shape, &case["result"]));
    same("the vector's own body", client::read_json(operation, body)?, result.clone())?;
    let sent = encode(service, operation, &Ok(result.clone()), "id");
    same("our body", client::read_json(operation, &sent.body)?, result)
}

fn error(case: &Value) -> Option<Error> {
    case.get("error")?;
    let status = case["response"]["status_code"].as_u64()?.try_into().ok()?;
    let message = case["errorMessage"].as_str().unwrap_or_default();
    Some(Error::new(case["errorCode"].as_str()?.to_owned(), status, message))
}

fn same(what: &str, found: Value, expected: Value) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found}, expected {expected}")) }
}

const BLOB_OR_TEXT_PAYLOAD: &str = "no served model has a payload that is not an object";
const COMPRESSED: &str = "compressed bodies are refused";
const CLIENT_INVENTS: &str = "the client makes the token, so the request has what the parameters lack";
const EMPTY_IS_ABSENT: &str = "the client does not send what is empty, so it cannot be told from what is absent";
const GREEDY_LABEL: &str = "no served model has a label over several segments";
const HEADER_LIST: &str = "no served model has a list, map or JSON text in headers";
const PATH_PREFIX: &str = "services are at the root of their endpoint";
const QUERY_MAP: &str = "no served model has a map of the whole query string";
const RESPONSE_HEADER: &str = "no served model has an output member outside the body";

#[test]
fn query_requests() {
    let skips = [
        ("QueryEmptyQueryMaps", EMPTY_IS_ABSENT),
        ("QueryHostWithPath", PATH_PREFIX),
        ("QueryProtocolIdempotencyTokenAutoFill", CLIENT_INVENTS),
        ("SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery", COMPRESSED),
        ("SDKAppliedContentEncoding_awsQuery", COMPRESSED),
    ];
    run("input/query", &skips, request);
}

#[test]
fn query_responses() {
    run("output/query", &[], query_response);
}

#[test]
fn json_requests() {
    let skips = [
        ("AwsJson11HostWithPath", PATH_PREFIX),
        ("SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1", COMPRESSED),
        ("SDKAppliedContentEncoding_awsJson1_1", COMPRESSED),
    ];
    run("input/json", &skips, request);
}

#[test]
fn json_responses() {
    run("output/json", &[], json_response);
}

#[test]
fn rest_json_requests() {
    let skips = [
        ("DocumentTypeAsPayloadInputString", BLOB_OR_TEXT_PAYLOAD),
        ("MediaTypeHeaderInputBase64", HEADER_LIST),
        ("RestJsonAllQueryStringTypes", QUERY_MAP),
        ("RestJsonEnumPayloadRequest", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonHostWithPath", PATH_PREFIX),
        ("RestJsonHttpPayloadTraitsWithBlob", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonHttpPrefixEmptyHeaders", HEADER_LIST),
        ("RestJsonHttpPrefixHeadersAreNotPresent", HEADER_LIST),
        ("RestJsonHttpPrefixHeadersArePresent", HEADER_LIST),
        ("RestJsonHttpRequestWithGreedyLabelInPath", GREEDY_LABEL),
        ("RestJsonHttpWithEmptyStructurePayload", EMPTY_IS_ABSENT),
        ("RestJsonHttpWithHeadersButNoPayload", EMPTY_IS_ABSENT),
        ("RestJsonInputAndOutputWithBooleanHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithEnumHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithIntEnumHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithNumericHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithQuotedStringHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithStringHeaders", HEADER_LIST),
        ("RestJsonInputAndOutputWithTimestampHeaders", HEADER_LIST),
        ("RestJsonNullAndEmptyHeaders", HEADER_LIST),
        ("RestJsonOmitsEmptyListQueryValues", EMPTY_IS_ABSENT),
        ("RestJsonQueryIdempotencyTokenAutoFill", CLIENT_INVENTS),
        ("RestJsonQueryParamsStringListMap", QUERY_MAP),
        ("RestJsonQueryPrecedence", QUERY_MAP),
        ("RestJsonQueryStringEscaping", QUERY_MAP),
        ("RestJsonQueryStringMap", QUERY_MAP),
        ("RestJsonStringPayloadRequest", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonSupportsInfinityFloatQueryValues", QUERY_MAP),
        ("RestJsonSupportsNaNFloatQueryValues", QUERY_MAP),
        ("RestJsonSupportsNegativeInfinityFloatQueryValues", QUERY_MAP),
        ("RestJsonTestPayloadBlob", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonZeroAndFalseQueryValues", QUERY_MAP),
        ("SDKAppendedGzipAfterProvidedEncoding_restJson1", COMPRESSED),
        ("SDKAppliedContentEncoding_restJson1", COMPRESSED),
    ];
    run("input/rest-json", &skips, request);
}

#[test]
fn rest_json_responses() {
    let skips = [
        ("HttpPrefixHeadersResponse", RESPONSE_HEADER),
        ("MediaTypeHeaderOutputBase64", RESPONSE_HEADER),
        ("RestJsonEnumPayloadResponse", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonGreetingWithErrors", RESPONSE_HEADER),
        ("RestJsonGreetingWithErrorsNoPayload", RESPONSE_HEADER),
        ("RestJsonHttpPayloadTraitsWithBlob", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonHttpPayloadTraitsWithNoBlobBody", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonHttpPayloadWithUnsetUnion", EMPTY_IS_ABSENT),
        ("RestJsonHttpPrefixHeadersArePresent", RESPONSE_HEADER),
        ("RestJsonHttpResponseCode", RESPONSE_HEADER),
        ("RestJsonHttpResponseCodeWithNoPayload", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithBooleanHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithEnumHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithIntEnumHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithNumericHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithQuotedStringHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithStringHeaders", RESPONSE_HEADER),
        ("RestJsonInputAndOutputWithTimestampHeaders", RESPONSE_HEADER),
        ("RestJsonSimpleScalarProperties", RESPONSE_HEADER),
        ("RestJsonStringPayloadResponse", BLOB_OR_TEXT_PAYLOAD),
        ("RestJsonSupportsInfinityFloatHeaderOutputs", RESPONSE_HEADER),
        ("RestJsonSupportsNaNFloatHeaderOutputs", RESPONSE_HEADER),
        ("RestJsonSupportsNegativeInfinityFloatHeaderOutputs", RESPONSE_HEADER),
        ("RestJsonTimestampFormatHeaders", RESPONSE_HEADER),
    ];
    run("output/rest-json", &skips, json_response);
}
