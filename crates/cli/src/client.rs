//! The command line's own HTTP client: one signed request, one answer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_sigv4::{PathStyle, Scope, sign};
use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::failure::{Failure, Result};
use crate::secret::AccessKey;

/// The region that requests are signed for; every one is good.
pub(crate) const REGION: &str = "us-east-1";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A server, and who asks it.
pub(crate) struct Client {
    origin: Origin,
    key: AccessKey,
    ca_file: Option<PathBuf>,
}

/// `http://host:port`, taken apart.
struct Origin {
    text: String,
    is_https: bool,
    host: String,
    port: u16,
    /// The `host` header.
    authority: String,
}

/// What to send.
pub(crate) struct Ask<'a> {
    pub method: Method,
    /// The path, already encoded.
    pub path: &'a str,
    /// The query, already encoded, without `?`.
    pub query: &'a str,
    /// The content type and the body, if any.
    pub body: Option<(&'static str, String)>,
    /// The service's signing name.
    pub service: &'static str,
}

/// Why there is no answer, or what the server refused.
pub(crate) enum ApiError {
    /// The server answered with an error.
    Refused { status: u16, code: String, message: String },
    /// There was no answer that can be used.
    Failed(Failure),
}

impl Client {
    pub(crate) fn new(endpoint: &str, key: AccessKey, ca_file: Option<PathBuf>) -> Result<Self> {
        Ok(Self { origin: Origin::parse(endpoint)?, key, ca_file })
    }

    /// A call of the own API: JSON in, JSON out.
    pub(crate) async fn json(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> std::result::Result<Value, ApiError> {
        let body = body.map(|body| ("application/json", body.to_string()));
        let (status, bytes) = self.send(&Ask { method, path, query, body, service: "doorward" }).await?;
        let value = serde_json::from_slice::<Value>(&bytes);
        if (200..300).contains(&status) {
            return value.map_err(|error| Failure::new(format!("{} gives no JSON: {error}", self.origin)).into());
        }
        let value = value.unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Err(ApiError::Refused {
            status,
            code: text("__type").unwrap_or_else(|| format!("HTTP {status}")),
            message: text("message").unwrap_or_else(|| "the server says no more; is it a Doorward server?".into()),
        })
    }

    /// Sends a request, signed now, and gives the status and the body of the answer.
    pub(crate) async fn send(&self, ask: &Ask<'_>) -> Result<(u16, Bytes)> {
        let body = ask.body.as_ref().map(|(_, body)| body.as_str()).unwrap_or_default();
        let mut headers = vec![("host", self.origin.authority.clone())];
        headers.extend(ask.body.as_ref().map(|(content_type, _)| ("content-type", (*content_type).to_owned())));
        let unsigned: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let request = doorward_sigv4::Request {
            method: ask.method.as_str(),
            path: ask.path,
            query: ask.query,
            headers: &unsigned,
            body: body.as_bytes(),
        };
        let scope =
            Scope { region: REGION, service: ask.service, time: Timestamp::now(), style: PathStyle::Normalised };
        let signature = sign(&request, &self.key.credentials(), &scope);
        headers.extend(signature.map_err(|error| Failure::new(error.message()))?);
        let target = if ask.query.is_empty() { ask.path.to_owned() } else { format!("{}?{}", ask.path, ask.query) };
        let mut request = Request::builder().method(&ask.method).uri(target);
        request = request.header(header::USER_AGENT, concat!("doorward/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
        match timeout(ANSWER_TIMEOUT, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.failed("no answer within 30 s")),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(u16, Bytes)> {
        let Origin { host, port, is_https, .. } = &self.origin;
        let connecting = timeout(CONNECT_TIMEOUT, TcpStream::connect((host.as_str(), *port)));
        let stream = connecting.await.map_err(|_| self.failed("no connection within 10 s"))?;
        let stream = stream.map_err(|error| self.failed(error))?;
        if !is_https {
            return self.converse(stream, request).await;
        }
        let name = ServerName::try_from(host.clone()).map_err(|error| self.failed(error))?;
        let connector = TlsConnector::from(tls(self.ca_file.as_deref())?);
        let encrypted = timeout(CONNECT_TIMEOUT, connector.connect(name, stream)).await;
        let encrypted = encrypted.map_err(|_| self.failed("no TLS handshake within 10 s"))?;
        let mend = "if the server's certificate is signed by an authority of your own, name it with --ca-file";
        let encrypted = encrypted.map_err(|error| self.failed(format!("{error}; {mend}")))?;
        self.converse(encrypted, request).await
    }

    async fn converse<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<(u16, Bytes)>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| self.failed(error))?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|error| self.failed(error))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        Ok((status, body.map_err(|error| self.failed(error))?.to_bytes()))
    }

    fn failed(&self, error: impl fmt::Display) -> Failure {
        Failure::new(format!(
            "cannot talk to {}: {error}. Is the server running? `doorward serve --dev` starts one",
            self.origin
        ))
    }
}

impl Origin {
    fn parse(text: &str) -> Result<Self> {
        let refused = || {
            Failure::new(format!(
                "{text:?} is no endpoint: it must be http://HOST:PORT or https://HOST:PORT, without a path"
            ))
        };
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refused()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(refused)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(refused());
        }
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            is_https,
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// TLS that trusts the authorities of `ca_file`, or of the system.
fn tls(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            let read =
                CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
            for certificate in read.map_err(|error| Failure::of_path("read the authorities", path, error))? {
                roots.add(certificate).map_err(|error| Failure::of_path("use the authorities", path, error))?;
            }
            if roots.is_empty() {
                return Err(Failure::of_path("use the authorities", path, "there is no certificate in PEM form in it"));
            }
        }
        None => {
            // Systems hold certificates that are too old to be understood; the others do.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Percent-encodes everything but the unreserved characters, for a path segment or a query value.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Failed(failure) => failure,
            ApiError::Refused { code, message, .. } => Failure::new(format!("{message} ({code})")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_whole_or_refused() {
        let check = |text: &str, expected: Option<(&str, u16, bool)>| {
            let origin = Origin::parse(text).ok();
            let read = origin.as_ref().map(|origin| (origin.host.as_str(), origin.port, origin.is_https));
            assert_eq!(read, expected, "{text}");
        };
        check("http://127.0.0.1:4460", Some(("127.0.0.1", 4460, false)));
        check("http://[::1]:4460/", Some(("::1", 4460, false)));
        check("https://iam.example.org", Some(("iam.example.org", 443, true)));
        check("http://iam.example.org", Some(("iam.example.org", 80, false)));
        for text in ["", "127.0.0.1:4460", "ftp://a", "http://a/v1", "http://a?b", "http://user@a", "http://"] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_not_unreserved_is_encoded() {
        assert_eq!(encode("d-7f3a/..?é "), "d-7f3a%2F..%3F%C3%A9%20");
    }
}
