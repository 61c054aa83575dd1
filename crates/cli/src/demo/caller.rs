//! Signed calls without a network.

use std::sync::Arc;

use doorward_service::{Call, Doorward, Peer};
use doorward_shapes::Service;
use doorward_sigv4::{PathStyle, Request, Scope, sign};
use jiff::Timestamp;
use serde_json::Value;

use crate::client::REGION;
use crate::failure::{Failure, Result};
use crate::secret::AccessKey;

const HOST: &str = "localhost";

/// Somebody who calls.
#[derive(Clone)]
pub(super) struct Caller {
    doorward: Arc<Doorward>,
    key: AccessKey,
}

impl Caller {
    pub(super) fn new(doorward: &Arc<Doorward>, key: AccessKey) -> Self {
        Self { doorward: Arc::clone(doorward), key }
    }

    /// The same with another key.
    pub(super) fn with_key(&self, key: AccessKey) -> Self {
        Self { doorward: Arc::clone(&self.doorward), key }
    }

    /// Calls an operation and gives its output.
    pub(super) async fn call(&self, service: &'static Service, name: &'static str, input: Value) -> Result<Value> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(format!("the demo account could not be made: {name}: {error}"))
        };
        let operation = service.operation(name).ok_or_else(|| failed(&"there is no such operation"))?;
        let body = input.to_string();
        let mut headers = vec![("host", HOST.to_owned())];
        let unsigned = [("host", HOST.as_bytes())];
        let request = |headers| Request { method: "POST", path: "/", query: "", headers, body: body.as_bytes() };
        let scope = Scope {
            region: REGION,
            service: service.signing_name,
            time: Timestamp::now(),
            style: PathStyle::Normalised,
        };
        let signature = sign(&request(&unsigned), &self.key.credentials(), &scope);
        headers.extend(signature.map_err(|error| failed(&error.message()))?);
        let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let call = Call {
            request_id: uuid::Uuid::new_v4(),
            service,
            operation,
            input: Ok(input),
            http: request(&headers),
            peer: Peer { host: HOST.to_owned(), ..Peer::default() },
        };
        self.doorward.call(call).await.result.map_err(|error| failed(&error.message))
    }
}
