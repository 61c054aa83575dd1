//! Which operation a request asks for.

use doorward_shapes::{Error, Operation, Protocol, Service, common};
use serde_json::Value;

use crate::{Params, RequestParts, decode, echo, query, rest_json};

/// What a request asks for.
pub struct Routed {
    /// The service.
    pub service: &'static Service,
    /// Its operation.
    pub operation: &'static Operation,
    /// Tree of the input, not yet checked against the model's constraints.
    pub input: Result<Value, Error>,
}

/// Routes a request and reads its input: by `X-Amz-Target`, by `Action` and `Version`, or by path, each only where the
/// others are absent.
pub fn read(services: &[&'static Service], request: &RequestParts<'_>) -> Result<Routed, Error> {
    if request.header("content-encoding")?.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(common::malformed_input("Request bodies must not be compressed."));
    }
    match likely_protocol(request) {
        Protocol::Query => read_query(services, request),
        Protocol::Json11 => {
            let (service, operation) = target(services, request)?;
            Ok(Routed { service, operation, input: decode(service, operation, request) })
        }
        Protocol::RestJson => {
            let found = rest_json::route(services, request.method, request.path, request.query);
            let (service, operation) =
                found.ok_or_else(|| common::unknown_operation("No operation has this method and path."))?;
            Ok(Routed { service, operation, input: decode(service, operation, request) })
        }
    }
}

/// The protocol by the looks of a request.
pub(crate) fn likely_protocol(request: &RequestParts<'_>) -> Protocol {
    if request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-target")) {
        Protocol::Json11
    } else if request.path == "/" {
        Protocol::Query
    } else {
        Protocol::RestJson
    }
}

fn read_query(services: &[&'static Service], request: &RequestParts<'_>) -> Result<Routed, Error> {
    if !matches!(request.method, "GET" | "POST") {
        return Err(common::invalid_action("Query requests are sent by GET or POST."));
    }
    let form = "application/x-www-form-urlencoded";
    let content_type = request.header("content-type")?.unwrap_or(form);
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !request.body.is_empty() && !media_type.eq_ignore_ascii_case(form) {
        return Err(common::malformed_input(format!("The content type of a query request is {form}.")));
    }
    let params = Params::of_request(request.query, request.body)?;
    let action = params.get("Action").filter(|action| !action.is_empty());
    let action =
        action.ok_or_else(|| common::missing_action("The request is missing an action or a required parameter."))?;
    let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    let mut versions = services.iter().filter(|service| service.protocol == Protocol::Query);
    let found = versions
        .find(|service| service.api_version == version)
        .and_then(|service| Some((*service, service.operation(action)?)));
    let (service, operation) = found.ok_or_else(|| {
        let (action, version) = (echo(action), echo(version));
        common::invalid_action(format!("Could not find operation {action} for version {version}"))
    })?;
    Ok(Routed { service, operation, input: query::decode(operation, &params) })
}

fn target(
    services: &[&'static Service],
    request: &RequestParts<'_>,
) -> Result<(&'static Service, &'static Operation), Error> {
    let target = request.header("x-amz-target")?.unwrap_or_default();
    let (prefix, name) = target.rsplit_once('.').unwrap_or_default();
    let service = services.iter().find(|service| service.target_prefix == Some(prefix));
    let found = service.and_then(|service| Some((*service, service.operation(name)?)));
    found
        .filter(|_| request.method == "POST" && request.path == "/" && request.query.is_empty())
        .ok_or_else(|| common::unknown_operation("No operation has this target."))
}
