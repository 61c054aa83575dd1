//! A client: encodes and signs as the SDKs do.

use doorward_service::{Call, Peer};
use doorward_shapes::{Error, Protocol, SERVICES};
use doorward_sigv4::{self as sigv4, PathStyle, Scope};
use doorward_wire::{RequestParts, Routed};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Installation;

/// Keys that sign.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The token of temporary ones.
    pub session_token: Option<String>,
}

/// How a request is signed.
#[derive(Clone, Copy, Default)]
pub struct Signing<'a> {
    /// With what; unsigned without.
    pub credentials: Option<&'a Credentials>,
    /// Seconds by which the client's clock is off.
    pub skew: i64,
    /// The service of the credential scope; the right one, if not given.
    pub service: Option<&'a str>,
}

/// What was answered.
pub struct Answer {
    /// The output or the error.
    pub result: Result<Value, Error>,
    /// The decision's id.
    pub decision: Option<String>,
}

const HOST: &str = "iam.example.org";

impl Installation {
    /// Makes a call.
    ///
    /// # Errors
    /// A text, when the scenario asks for what cannot be sent.
    pub fn call(
        &self,
        signing: Signing<'_>,
        service: &str,
        operation: &str,
        input: &Map<String, Value>,
    ) -> Result<Answer, String> {
        let model = SERVICES.iter().find(|known| known.id == service).ok_or(format!("no service {service}"))?;
        let op = model.operation(operation).ok_or(format!("no operation {service}:{operation}"))?;
        let (path, query, body, content_type) = match model.protocol {
            Protocol::Query => {
                let mut form = format!("Action={operation}&Version={}", model.api_version);
                for (name, value) in input {
                    flatten(name, value, &mut form)?;
                }
                ("/".to_owned(), String::new(), form, "application/x-www-form-urlencoded; charset=utf-8")
            }
            Protocol::RestJson | Protocol::Json11 => rest(op.method, op.uri, input),
        };
        let mut headers = vec![
            ("host".to_owned(), HOST.to_owned()),
            ("content-type".to_owned(), content_type.to_owned()),
            ("user-agent".to_owned(), "scenario/1".to_owned()),
        ];
        if let Some(credentials) = signing.credentials {
            let unsigned = view(&headers);
            let request = sigv4::Request {
                method: op.method,
                path: &path,
                query: &query,
                headers: &unsigned,
                body: body.as_bytes(),
            };
            let time =
                self.now().checked_add(jiff::SignedDuration::from_secs(signing.skew)).map_err(|e| e.to_string())?;
            let credentials = sigv4::Credentials {
                access_key_id: &credentials.access_key_id,
                secret_access_key: &credentials.secret_access_key,
                session_token: credentials.session_token.as_deref(),
            };
            let service = signing.service.unwrap_or(model.signing_name);
            let scope = Scope { region: "us-east-1", service, time, style: PathStyle::Normalised };
            let added = sigv4::sign(&request, &credentials, &scope).map_err(|error| error.message().to_owned())?;
            headers.extend(added.into_iter().map(|(name, value)| (name.to_lowercase(), value)));
        }
        self.send(op.method, &path, &query, &headers, body.as_bytes())
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// None; a request that cannot be read is answered with its error.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let headers = view(headers);
        let parts = RequestParts { method, path, query, headers: &headers, body };
        let Routed { service, operation, input } = match doorward_wire::read(SERVICES, &parts) {
            Ok(routed) => routed,
            Err(error) => return Ok(Answer { result: Err(error), decision: None }),
        };
        let http = sigv4::Request { method, path, query, headers: &headers, body };
        let peer = Peer {
            source_ip: Some(std::net::IpAddr::from([192, 0, 2, 7])),
            secure_transport: true,
            tls: None,
            host: HOST.to_owned(),
        };
        let call = Call { request_id: Uuid::new_v4(), service, operation, input, http, peer };
        let reply = futures_executor::block_on(self.doorward.call(call));
        Ok(Answer { result: reply.result, decision: reply.decision })
    }
}

fn view(headers: &[(String, String)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// awsQuery: `X.member.N` for lists, `X.Y` for structures.
fn flatten(name: &str, value: &Value, form: &mut String) -> Result<(), String> {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                flatten(&format!("{name}.{member}"), value, form)?;
            }
        }
        Value::Array(elements) if elements.is_empty() => form.push_str(&format!("&{name}=")),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(&format!("{name}.member.{}", index + 1), element, form)?;
            }
        }
        Value::String(text) => form.push_str(&format!("&{name}={}", encoded(text))),
        Value::Number(number) => form.push_str(&format!("&{name}={number}")),
        Value::Bool(truth) => form.push_str(&format!("&{name}={truth}")),
        Value::Null => return Err(format!("{name} is null")),
    }
    Ok(())
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The own API: labels into the path, the rest into the query string of a GET or the body.
fn rest(method: &str, uri: &str, input: &Map<String, Value>) -> (String, String, String, &'static str) {
    let mut path = uri.to_owned();
    let mut rest = Map::new();
    for (name, value) in input {
        let label = format!("{{{name}}}");
        match value.as_str() {
            Some(text) if path.contains(&label) => path = path.replace(&label, &encoded(text)),
            _ => {
                rest.insert(name.clone(), value.clone());
            }
        }
    }
    if method == "GET" {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs: Vec<String> = rest.iter().map(|(name, value)| format!("{name}={}", encoded(&text(value)))).collect();
        return (path, pairs.join("&"), String::new(), "application/json");
    }
    (path, String::new(), Value::Object(rest).to_string(), "application/json")
}
