//! A client: encodes and signs as the SDKs do.

use doorward_service::{Call, Peer};
use doorward_shapes::{Error, Kind, Protocol, SERVICES, Shape};
use doorward_sigv4::{self as sigv4, PathStyle, Scope};
use doorward_wire::{RequestParts, Routed};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Installation;

/// Keys that sign.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// `AKIA…` or `ASIA…`.
    #[serde(alias = "RootAccessKeyId")]
    pub access_key_id: String,
    /// The secret.
    #[serde(alias = "RootSecretAccessKey")]
    pub secret_access_key: String,
    /// The token of temporary ones.
    pub session_token: Option<String>,
}

impl Credentials {
    /// As the signer takes them.
    pub fn signing(&self) -> sigv4::Credentials<'_> {
        sigv4::Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: &self.secret_access_key,
            session_token: self.session_token.as_deref(),
        }
    }
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

/// An HTTP request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The raw path.
    pub path: String,
    /// The raw query string.
    pub query: String,
    /// Lower-case names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The request of a call, not signed.
    ///
    /// # Errors
    /// A text, when the call is of no model or has an input that cannot be sent.
    pub fn new(service: &str, operation: &str, input: &Map<String, Value>) -> Result<Request, String> {
        let model = SERVICES.iter().find(|known| known.id == service).ok_or(format!("no service {service}"))?;
        let op = model.operation(operation).ok_or(format!("no operation {service}:{operation}"))?;
        let (path, query, body, content_type) = match model.protocol {
            Protocol::Query => {
                let mut form = format!("Action={operation}&Version={}", model.api_version);
                for (name, value) in input {
                    let shape = op.input.and_then(|shape| shape.member(name)).map(|member| member.shape);
                    flatten(name, shape, value, &mut form)?;
                }
                ("/".to_owned(), String::new(), form, "application/x-www-form-urlencoded; charset=utf-8")
            }
            Protocol::RestJson => rest(op.method, op.uri, input),
            Protocol::Json11 => {
                let body = Value::Object(input.clone()).to_string();
                ("/".to_owned(), String::new(), body, "application/x-amz-json-1.1")
            }
        };
        let headers = [("host", HOST), ("content-type", content_type), ("user-agent", "scenario/1")];
        let target = model.target_prefix.map(|prefix| ("x-amz-target".to_owned(), format!("{prefix}.{operation}")));
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(target);
        let headers = headers.collect();
        Ok(Request { method: op.method.to_owned(), path, query, headers, body })
    }

    /// The headers as they are received.
    pub fn view(&self) -> Vec<(&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    /// The host that it is sent to.
    fn host(&self) -> &str {
        self.headers.iter().find(|(name, _)| name == "host").map_or(HOST, |(_, value)| value)
    }

    /// As the signer and the verifier take it.
    pub fn signable<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> sigv4::Request<'a> {
        sigv4::Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers,
            body: self.body.as_bytes(),
        }
    }

    /// Signs it in its headers.
    ///
    /// # Errors
    /// A text, when it cannot be signed.
    pub fn sign(&mut self, credentials: &Credentials, scope: &Scope<'_>) -> Result<(), String> {
        let added = sigv4::sign(&self.signable(&self.view()), &credentials.signing(), scope)
            .map_err(|error| error.message().to_owned())?;
        self.headers.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(())
    }
}

/// What was answered.
pub struct Answer {
    /// The id that the request got.
    pub request_id: String,
    /// The output or the error.
    pub result: Result<Value, Error>,
    /// The decision's id.
    pub decision: Option<String>,
    /// The revision of the caller's account that the answer reflects.
    pub revision: Option<String>,
}

/// The host that requests are sent to.
pub const HOST: &str = "iam.example.org";

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
        let mut request = Request::new(service, operation, input)?;
        if let Some(credentials) = signing.credentials {
            let scope = self.scope(signing.service.unwrap_or(service));
            let time = scope.time.checked_add(SignedDuration::from_secs(signing.skew)).map_err(|e| e.to_string())?;
            request.sign(credentials, &Scope { time, ..scope })?;
        }
        Ok(self.send(&request))
    }

    /// What a right signature for a service is made for, now.
    pub fn scope<'a>(&self, service: &'a str) -> Scope<'a> {
        Scope { region: "us-east-1", service, time: self.now(), style: PathStyle::Normalised }
    }

    /// Sends a request as it is.
    pub fn send(&self, request: &Request) -> Answer {
        let headers = request.view();
        let http = request.signable(&headers);
        let sigv4::Request { method, path, query, body, .. } = http;
        let parts = RequestParts { method, path, query, headers: &headers, body };
        let request_id = self.request_id();
        let told = request_id.to_string();
        let Routed { service, operation, input } = match doorward_wire::read(SERVICES, &parts) {
            Ok(routed) => routed,
            Err(error) => return Answer { request_id: told, result: Err(error), decision: None, revision: None },
        };
        let peer = Peer {
            source_ip: Some(std::net::IpAddr::from([192, 0, 2, 7])),
            secure_transport: true,
            tls: None,
            host: request.host().to_owned(),
        };
        let call = Call { request_id, service, operation, input, http, peer };
        let reply = futures_executor::block_on(self.doorward.call(call));
        Answer { request_id: told, result: reply.result, decision: reply.decision, revision: reply.revision }
    }

    /// A random id, as the server gives one to each request.
    fn request_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// awsQuery: `X.member.N` for lists, `X.Y` for structures, `X.entry.N.key` and `X.entry.N.value` for maps.
fn flatten(name: &str, shape: Option<&Shape>, value: &Value, form: &mut String) -> Result<(), String> {
    match (value, shape.map(|shape| &shape.kind)) {
        (Value::Object(entries), Some(Kind::Map(map))) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                let entry = format!("{name}.entry.{}", index + 1);
                form.push_str(&format!("&{entry}.key={}", encoded(key)));
                flatten(&format!("{entry}.value"), Some(map.value), value, form)?;
            }
        }
        (Value::Object(members), _) => {
            for (member, value) in members {
                let shape = shape.and_then(|shape| shape.member(member)).map(|member| member.shape);
                flatten(&format!("{name}.{member}"), shape, value, form)?;
            }
        }
        (Value::Array(elements), _) if elements.is_empty() => form.push_str(&format!("&{name}=")),
        (Value::Array(elements), kind) => {
            let shape = if let Some(Kind::List(list)) = kind { Some(list.member) } else { None };
            for (index, element) in elements.iter().enumerate() {
                flatten(&format!("{name}.member.{}", index + 1), shape, element, form)?;
            }
        }
        (Value::String(text), _) => form.push_str(&format!("&{name}={}", encoded(text))),
        (Value::Number(number), _) => form.push_str(&format!("&{name}={number}")),
        (Value::Bool(truth), _) => form.push_str(&format!("&{name}={truth}")),
        (Value::Null, _) => return Err(format!("{name} is null")),
    }
    Ok(())
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The own API: labels into the path, the rest into the query string of a GET or DELETE, or the body.
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
    if matches!(method, "GET" | "DELETE") {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs: Vec<String> = rest.iter().map(|(name, value)| format!("{name}={}", encoded(&text(value)))).collect();
        return (path, pairs.join("&"), String::new(), "application/json");
    }
    (path, String::new(), Value::Object(rest).to_string(), "application/json")
}
