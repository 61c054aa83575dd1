//! One request: checked, called, answered, logged.

use crate::app::App;
use crate::call::{Received, call};
use crate::connection::Connection;
use crate::guard::InFlight;
use crate::peer::{Origin, origin};
use crate::refusal::{self, Refusal};
use crate::request::{check_head, collect};
use crate::run_to_end::{RunToEnd, catch_panic};
use bytes::Bytes;
use doorward_service::Peer;
use doorward_shapes::{Error, common};
use doorward_wire::{Encoded, RequestParts};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::Full;
use hyper::body::Incoming;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use tracing::field::display;
use uuid::Uuid;

const DECISION: HeaderName = HeaderName::from_static("x-doorward-decision");
const REVISION: HeaderName = HeaderName::from_static("x-doorward-revision");
/// A year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// An hour: keys are published for a day before they are used.
const PUBLISHED_CACHE_CONTROL: &str = "public, max-age=3600";

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Every API.
    Api,
    /// `/metrics`.
    Metrics,
}

/// What little of a request says in which form its sender understands an error.
#[derive(Clone, Copy)]
struct Dialect {
    path: &'static str,
    has_target: bool,
}

impl Dialect {
    fn of<B>(request: &Request<B>) -> Self {
        let path = if request.uri().path() == "/" { "/" } else { "/v1" };
        Self { path, has_target: request.headers().contains_key("x-amz-target") }
    }
}

/// What goes back to the client, and what is said of it in the log and the metrics.
pub(crate) struct Answer {
    pub(crate) encoded: Encoded,
    /// Service and operation, of an answered call.
    pub(crate) called: Option<(&'static str, &'static str)>,
    /// `OK` or the error code.
    pub(crate) code: Cow<'static, str>,
    pub(crate) decision: Option<String>,
    pub(crate) revision: Option<String>,
    /// Why the connection is closed after the answer.
    refusal: Option<&'static Refusal>,
    is_reported: bool,
}

/// What is known of a request before it is read.
#[derive(Clone, Copy)]
struct Seen {
    started: Instant,
    id: Uuid,
    origin: Origin,
    dialect: Dialect,
}

impl Answer {
    /// An answer that no service gave.
    pub(crate) fn new(encoded: Encoded, code: impl Into<Cow<'static, str>>) -> Self {
        Self {
            encoded,
            called: None,
            code: code.into(),
            decision: None,
            revision: None,
            refusal: None,
            is_reported: false,
        }
    }

    fn error(dialect: Dialect, error: &Error, id: Uuid) -> Self {
        let headers: &[(&str, &[u8])] = if dialect.has_target { &[("x-amz-target", b"")] } else { &[] };
        let request = RequestParts { method: "POST", path: dialect.path, query: "", headers, body: b"" };
        Self::new(doorward_wire::refuse(&request, error, &id.to_string()), error.code.clone())
    }

    fn refused(dialect: Dialect, refusal: &'static Refusal, id: Uuid) -> Self {
        let error = Error::new(refusal.code, refusal.status, refusal.message);
        Self { refusal: Some(refusal), ..Self::error(dialect, &error, id) }
    }

    fn json(status: u16, body: &str) -> Self {
        let content_type = "application/json";
        let (headers, body) = (Vec::new(), body.as_bytes().to_vec());
        Self::new(Encoded { status, content_type, headers, body }, "OK")
    }

    /// What anybody may have, and keep for a while.
    fn published(body: &str) -> Self {
        let mut answer = Self::json(200, body);
        answer.encoded.headers.push(("cache-control", PUBLISHED_CACHE_CONTROL.to_owned()));
        answer
    }

    fn into_response(self, version: Version, encrypted: bool) -> Response<Full<Bytes>> {
        let status = StatusCode::from_u16(self.encoded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Full::new(Bytes::from(self.encoded.body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let text = |text: &str| HeaderValue::from_str(text).ok();
        let optional = [
            (REVISION, self.revision.as_deref().and_then(text)),
            (DECISION, self.decision.as_deref().filter(|_| status.is_client_error()).and_then(text)),
            (header::STRICT_TRANSPORT_SECURITY, encrypted.then_some(HSTS)),
            (header::RETRY_AFTER, (status.as_u16() == 503).then_some(HeaderValue::from_static("1"))),
            // HTTP/2 has no such header; there each request is framed by itself.
            (
                header::CONNECTION,
                (self.refusal.is_some() && version < Version::HTTP_2).then_some(HeaderValue::from_static("close")),
            ),
        ];
        headers.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.encoded.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        for (name, value) in self.encoded.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Answers one request of a connection, or says why its head was refused.
pub(crate) async fn answer(
    app: Arc<App>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
    refusal: Option<&'static Refusal>,
) -> Response<Full<Bytes>> {
    let _in_flight = InFlight::begin(&connection.link);
    let _counted = app.metrics.begin_request();
    let trusted = &app.config.trusted_proxies;
    let seen = Seen {
        started: Instant::now(),
        id: Uuid::new_v4(),
        origin: origin(connection.address, connection.tls.is_some(), request.headers(), trusted),
        dialect: Dialect::of(&request),
    };
    let version = request.version();
    let handled = match refusal {
        Some(refusal) => Ok(Answer::refused(seen.dialect, refusal, seen.id)),
        None => catch_panic(handle(&app, &connection, request, seen)).await,
    };
    let answer = handled.unwrap_or_else(|_| {
        // The panic's text may hold anything; the panic hook has said where it was.
        tracing::error!(request_id = %seen.id, source_ip = seen.origin.ip.map(display), "a handler panicked");
        app.metrics.panicked();
        let error = common::internal_failure("The request processing has failed.");
        Answer { is_reported: true, ..Answer::error(seen.dialect, &error, seen.id) }
    });
    let answer = report(&app, seen, answer);
    answer.into_response(version, connection.tls.is_some())
}

async fn handle(app: &Arc<App>, connection: &Connection, request: Request<Incoming>, seen: Seen) -> Answer {
    let limits = &app.config.limits;
    let deadline = seen.started + limits.request_timeout;
    let (mut parts, body) = request.into_parts();
    let host = match check_head(&mut parts, limits) {
        Ok(host) => host,
        Err(refusal) => return Answer::refused(seen.dialect, refusal, seen.id),
    };
    let body = match collect(body, limits, &app.bodies, deadline).await {
        Ok(body) => body,
        Err(refusal) => return Answer::refused(seen.dialect, refusal, seen.id),
    };
    if let Some(answer) = outside_of_services(app, connection.role, &parts).await {
        return answer;
    }
    let Origin { ip, secure } = seen.origin;
    let peer = Peer { source_ip: ip, secure_transport: secure, tls: connection.tls.clone(), host };
    let received = Received { id: seen.id, parts, body, peer };
    let app = Arc::clone(app);
    // Reported within, so that it is also when the client has left.
    let call = RunToEnd::new(async move { report(&app, seen, call(&*app.backend, received).await) });
    match timeout_at(deadline, call).await {
        Ok(answer) => answer,
        Err(_) => Answer::refused(seen.dialect, &refusal::CALL_TIMEOUT, seen.id),
    }
}

/// The few routes that are no calls of a service.
async fn outside_of_services(app: &Arc<App>, role: Role, parts: &Parts) -> Option<Answer> {
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let answer = match (role, parts.uri.path()) {
        (Role::Api, "/healthz") if is_read => Answer::json(200, r#"{"status":"alive"}"#),
        (Role::Api, "/readyz") if is_read => match app.is_ready().await {
            true => Answer::json(200, r#"{"status":"ready"}"#),
            false => Answer::json(503, r#"{"status":"not ready"}"#),
        },
        (Role::Metrics, "/metrics") if is_read => {
            let body = app.metrics.text(app.is_ready().await, &*app.backend).into_bytes();
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            Answer::new(Encoded { status: 200, content_type, headers: Vec::new(), body }, "OK")
        }
        (Role::Metrics, _) => Answer::json(404, r#"{"message":"Only GET /metrics is served here."}"#),
        (Role::Api, path) if is_read => return app.backend.published(path).map(|body| Answer::published(&body)),
        (Role::Api, _) => return None,
    };
    Some(answer)
}

/// One line in the log and one count, once. Neither holds anything that the client wrote.
fn report(app: &App, seen: Seen, answer: Answer) -> Answer {
    if answer.is_reported {
        return answer;
    }
    let (id, took, source_ip) = (seen.id, seen.started.elapsed(), seen.origin.ip.map(display));
    let (status, micros) = (answer.encoded.status, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    let code = &*answer.code;
    match (answer.called, answer.refusal) {
        (Some((service, operation)), _) => {
            app.metrics.call(service, operation, answer.code.clone(), took);
            tracing::info!(request_id = %id, service, operation, status, code, micros, source_ip, "call");
        }
        (None, Some(Refusal { reason, .. })) => {
            app.metrics.refused(reason);
            tracing::info!(request_id = %id, reason, status, code, micros, source_ip, "refused");
        }
        (None, None) if code == "OK" => {
            tracing::debug!(request_id = %id, status, micros, source_ip, "state asked for");
        }
        (None, None) => {
            app.metrics.refused("no-operation");
            tracing::info!(request_id = %id, status, code, micros, source_ip, "no operation");
        }
    }
    Answer { is_reported: true, ..answer }
}
