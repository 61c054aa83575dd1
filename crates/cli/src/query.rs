//! Calls of AWS's query protocol: parameters in a form, XML in the answer.

use http::Method;
use serde_json::Value;

use crate::client::{ApiError, Ask, Client, encode};
use crate::failure::Failure;
use crate::xml;

/// The version of a service's API.
fn version(service: &str) -> &'static str {
    if service == "sts" { "2011-06-15" } else { "2010-05-08" }
}

impl Client {
    /// Calls an operation with these parameters; its answer as JSON.
    pub(crate) async fn query(
        &self,
        service: &'static str,
        action: &str,
        parameters: &[(String, String)],
    ) -> std::result::Result<Value, ApiError> {
        let mut body = format!("Action={}&Version={}", encode(action), version(service));
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        let body = Some(("application/x-www-form-urlencoded; charset=utf-8", body));
        let (status, bytes) = self.send(&Ask { method: Method::POST, path: "/", query: "", body, service }).await?;
        let answer = std::str::from_utf8(&bytes).ok().and_then(xml::to_json);
        if (200..300).contains(&status) {
            return answer.ok_or_else(|| Failure::new("the server's answer cannot be read").into());
        }
        let told = |name: &str| answer.as_ref()?.pointer(&format!("/Error/{name}"))?.as_str().map(str::to_owned);
        Err(ApiError::Refused {
            status,
            code: told("Code").unwrap_or_else(|| format!("HTTP {status}")),
            message: told("Message").unwrap_or_else(|| "the server says no more".to_owned()),
        })
    }
}
