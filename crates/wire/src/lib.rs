//! AWS protocols: bytes to neutral tree and back, driven by the model.
//!
//! [`read`] routes a request and decodes its input, [`encode`] lays out the answer. The tree between them is described
//! in `doorward-shapes`. Nothing here checks the model's constraints or signatures.

#![forbid(unsafe_code)]

mod form;
mod json;
pub mod query;
pub mod rest_json;
mod route;
mod scalar;
mod xml;

use doorward_shapes::{Error, Operation, Protocol, Service, common};
use serde_json::Value;

pub use form::{Params, parse_form};
pub use route::{Routed, read};

/// A request as it was received. The caller has capped its size and undone chunking, nothing else.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Raw path.
    pub path: &'a str,
    /// Raw query string without `?`.
    pub query: &'a str,
    /// Headers with lower-case names.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Body.
    pub body: &'a [u8],
}

impl<'a> RequestParts<'a> {
    /// Text of a header; letter case of `name` does not count. Sent twice or not ASCII text is an error.
    fn header(&self, name: &str) -> Result<Option<&'a str>, Error> {
        let mut values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let Some((_, value)) = values.next() else { return Ok(None) };
        let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii() && values.next().is_none());
        text.map(Some).ok_or_else(|| common::malformed_input(format!("The header {name} is malformed.")))
    }
}

/// A response ready to be sent.
pub struct Encoded {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers: the request id, and the type of an error in JSON protocols.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// The tree of the operation's input.
pub fn decode(service: &Service, operation: &Operation, request: &RequestParts<'_>) -> Result<Value, Error> {
    match service.protocol {
        Protocol::Query => query::decode(operation, &Params::of_request(request.query, request.body)?),
        Protocol::Json11 => json::decode(operation, request.body),
        Protocol::RestJson => rest_json::decode(operation, request),
    }
}

/// The response to a call that was routed.
pub fn encode(service: &Service, operation: &Operation, result: &Result<Value, Error>, request_id: &str) -> Encoded {
    match (result, service.protocol) {
        (Err(error), _) => encode_error(service.protocol, Some(service), error, request_id),
        (Ok(output), protocol) => Encoded {
            status: operation.status,
            content_type: content_type(protocol),
            headers: vec![("x-amzn-requestid", request_id.to_owned())],
            body: match protocol {
                Protocol::Query => query::encode(service, operation, output, request_id),
                Protocol::Json11 => json::encode(operation, output),
                Protocol::RestJson => rest_json::encode(operation, output),
            },
        },
    }
}

/// The response to a request that could not be routed, in the form its sender most likely understands.
pub fn refuse(request: &RequestParts<'_>, error: &Error, request_id: &str) -> Encoded {
    encode_error(route::likely_protocol(request), None, error, request_id)
}

fn encode_error(protocol: Protocol, service: Option<&Service>, error: &Error, request_id: &str) -> Encoded {
    let content_type = content_type(protocol);
    let mut headers = vec![("x-amzn-requestid", request_id.to_owned())];
    match protocol {
        Protocol::Query => {
            Encoded { status: error.status, content_type, headers, body: query::error(service, error, request_id) }
        }
        Protocol::Json11 | Protocol::RestJson => {
            let error = json::named(error);
            headers.push(("x-amzn-errortype", error.code.to_string()));
            Encoded { status: error.status, content_type, headers, body: json::error(&error) }
        }
    }
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Query => "text/xml",
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::RestJson => "application/json",
    }
}

/// What an error text repeats of what a client sent.
fn echo(text: &str) -> String {
    text.chars().take(200).collect()
}
