//! Requests and responses of the real services, as clients and attackers send and see them.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod errors;
mod properties;
mod query;
mod rest_json;

use doorward_shapes::{Error, SERVICES};
use doorward_wire::{RequestParts, Routed, read};
use serde_json::Value;

const IAM: &str = "Version=2010-05-08&Action=";
const STS: &str = "Version=2011-06-15&Action=";

fn send(method: &str, uri: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Routed, Error> {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    read(SERVICES, &RequestParts { method, path, query, headers: &headers, body })
}

/// The input of a form posted to a query service, or the error's text.
fn form(body: &str) -> Result<Value, String> {
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let routed = send("POST", "/", &headers, body.as_bytes()).map_err(|error| error.to_string())?;
    routed.input.map_err(|error| error.to_string())
}

/// The input of a REST request, or the error's text.
fn rest(method: &str, uri: &str, body: &str) -> Result<Value, String> {
    let routed = send(method, uri, &[], body.as_bytes()).map_err(|error| error.to_string())?;
    routed.input.map_err(|error| error.to_string())
}
