//! How the server is to run. The defaults are safe; what weakens them must be said.

use crate::Cidr;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How the server is to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where every API is served. Port 0 takes any free port. Default: `127.0.0.1:4460`.
    pub listen: SocketAddr,
    /// Certificate and key. Without them the server speaks plain HTTP, and only on a loopback address.
    pub tls: Option<TlsFiles>,
    /// Permits plain HTTP on an address that is not loopback: only where something in front ends TLS.
    pub allow_plaintext: bool,
    /// Where `/metrics` is served: a loopback address, or nowhere (the default).
    pub metrics: Option<SocketAddr>,
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Default: none.
    pub trusted_proxies: Vec<Cidr>,
    /// What clients may ask of the server.
    pub limits: Limits,
}

/// PEM files for TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's certificate, followed by the intermediate certificates.
    pub certificate: PathBuf,
    /// The certificate's private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// What clients may ask of the server, in sizes, counts and time.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's head. Default: 16 KiB.
    pub head_bytes: usize,
    /// Headers of a request. Default: 64.
    pub headers: usize,
    /// Bytes of a request's body. Default: 256 KiB.
    pub body_bytes: usize,
    /// Bytes of all bodies that are held at the same time. Default: 64 MiB.
    pub pending_body_bytes: usize,
    /// For the TLS handshake. Default: 10 s.
    pub handshake_timeout: Duration,
    /// For a request's head, from its first byte to its last. Default: 10 s.
    pub head_timeout: Duration,
    /// For the rest of a request: its body and its answer. Default: 20 s.
    pub request_timeout: Duration,
    /// Bytes per second that a body must keep to on average once [`Self::body_grace`] is over. Default: 1,024.
    pub body_rate: u32,
    /// How long a body may be slower. Default: 5 s.
    pub body_grace: Duration,
    /// For the client to take a whole answer. Default: 30 s.
    pub write_timeout: Duration,
    /// How long a connection without requests is kept, at least; at most twice as long. Default: 60 s.
    pub idle_timeout: Duration,
    /// How long requests may take to end after the server was told to stop. Default: 10 s.
    pub drain_timeout: Duration,
    /// Connections at the same time. Default: 10,000.
    pub connections: usize,
    /// Connections at the same time from one IPv4 address or IPv6 /64 network; trusted proxies are exempt. Default: 512.
    pub connections_per_client: usize,
    /// Requests at the same time on one HTTP/2 connection. Default: 100.
    pub streams: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4460)),
            tls: None,
            allow_plaintext: false,
            metrics: None,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 16 * 1024,
            headers: 64,
            body_bytes: 256 * 1024,
            pending_body_bytes: 64 * 1024 * 1024,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(20),
            body_rate: 1024,
            body_grace: Duration::from_secs(5),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(10),
            connections: 10_000,
            connections_per_client: 512,
            streams: 100,
        }
    }
}

impl Config {
    /// Refuses what would expose more than its owner may know.
    pub(crate) fn check(&self) -> Result<(), ServeError> {
        if self.tls.is_none() && !self.allow_plaintext && !self.listen.ip().is_loopback() {
            return Err(ServeError::Plaintext(self.listen));
        }
        match self.metrics {
            Some(address) if !address.ip().is_loopback() => Err(ServeError::ExposedMetrics(address)),
            _ => Ok(()),
        }
    }
}

/// Why the server does not start, or stops.
#[derive(Debug)]
pub enum ServeError {
    /// Plain HTTP was asked for on an address that others can reach.
    Plaintext(SocketAddr),
    /// Metrics were asked for on an address that others can reach.
    ExposedMetrics(SocketAddr),
    /// An address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
    /// A certificate or key cannot be used; the text names the file and the mend.
    Tls(String),
    /// The log level or filter cannot be understood.
    LogFilter(String),
    /// The runtime or its signal handlers cannot be set up.
    Runtime(std::io::Error),
    /// A second signal asked to end at once: requests may have been cut off.
    Interrupted,
}

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plaintext(address) => write!(
                f,
                "refusing plain HTTP on {address}, which is not a loopback address: give a TLS certificate and key, \
                 listen on 127.0.0.1, or allow plaintext if a proxy in front of the server ends TLS"
            ),
            Self::ExposedMetrics(address) => {
                write!(f, "refusing metrics on {address}, which is not a loopback address: use 127.0.0.1 or [::1]")
            }
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::Tls(reason) => f.write_str(reason),
            Self::LogFilter(reason) => write!(f, "the log filter cannot be understood: {reason}"),
            Self::Runtime(error) => write!(f, "cannot set up the runtime: {error}"),
            Self::Interrupted => f.write_str("stopped at once by a second signal"),
        }
    }
}

impl std::error::Error for ServeError {}
