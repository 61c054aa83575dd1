//! From a complete request to the one path of every call, and back to bytes.

use crate::answer::Answer;
use crate::backend::Backend;
use crate::request::Collected;
use doorward_service::{Call, Peer};
use doorward_wire::{RequestParts, Routed};
use http::request::Parts;
use uuid::Uuid;

/// A complete request.
pub(crate) struct Received {
    pub(crate) id: Uuid,
    pub(crate) parts: Parts,
    pub(crate) body: Collected,
    pub(crate) peer: Peer,
}

/// Routes and decodes the request, calls the operation and encodes what it says.
pub(crate) async fn call(backend: &dyn Backend, received: Received) -> Answer {
    let Received { id, parts, body, peer } = received;
    let headers: Vec<(&str, &[u8])> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let (method, path, query) = (parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default());
    let (headers, body) = (&*headers, &*body.bytes);
    let request = RequestParts { method, path, query, headers, body };
    let id_text = id.to_string();
    let Routed { service, operation, input } = match doorward_wire::read(doorward_shapes::SERVICES, &request) {
        Ok(routed) => routed,
        Err(error) => return Answer::new(doorward_wire::refuse(&request, &error, &id_text), error.code),
    };
    let http = doorward_sigv4::Request { method, path, query, headers, body };
    let reply = backend.call(Call { request_id: id, service, operation, input, http, peer }).await;
    let encoded = doorward_wire::encode(service, operation, &reply.result, &id_text);
    let mut answer = Answer::new(encoded, reply.result.map_or_else(|error| error.code, |_| "OK".into()));
    answer.called = Some((service.id, operation.name));
    answer.decision = reply.decision;
    answer.revision = reply.revision;
    answer
}
