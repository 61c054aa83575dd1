//! One connection: TLS, which HTTP it is, its requests, its end.

use crate::Limits;
use crate::answer::{Role, answer};
use crate::app::App;
use crate::guard::{Bounds, Guard, Link};
use crate::run_to_end::Boxed;
use crate::seat::Seat;
use bytes::Bytes;
use doorward_service::Tls;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

/// How an HTTP/2 client begins (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is the same for all requests of a connection.
pub(crate) struct Connection {
    pub(crate) link: Arc<Link>,
    pub(crate) role: Role,
    pub(crate) address: IpAddr,
    pub(crate) tls: Option<Tls>,
}

/// Serves one connection to its end; `stop` asks for that end.
pub(crate) async fn serve(
    app: Arc<App>,
    role: Role,
    stream: TcpStream,
    address: IpAddr,
    seat: Seat,
    stop: watch::Receiver<bool>,
) {
    let _seat = seat;
    let _open = app.metrics.open_connection();
    // An answer is one small write that must not wait for an acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let Limits { head_timeout, handshake_timeout, .. } = app.config.limits;
    let link = Arc::default();
    match app.tls.clone().filter(|_| role == Role::Api) {
        None => {
            let connection = Connection { link, role, address, tls: None };
            match timeout(head_timeout, sniff(stream)).await {
                Ok(Ok((stream, seen))) => {
                    let is_http2 = seen == PREFACE;
                    serve_http(app, connection, stream, seen, is_http2, stop).await;
                }
                Ok(Err(_)) => {}
                Err(_) => app.metrics.refused("first-byte-timeout"),
            }
        }
        Some(config) => match timeout(handshake_timeout, TlsAcceptor::from(config).accept(stream)).await {
            Ok(Ok(stream)) => {
                let session = stream.get_ref().1;
                let is_http2 = session.alpn_protocol() == Some(b"h2");
                let connection = Connection { link, role, address, tls: tls(session) };
                serve_http(app, connection, stream, Vec::new(), is_http2, stop).await;
            }
            Ok(Err(error)) => {
                app.metrics.refused("tls-handshake");
                tracing::debug!(source_ip = %address, %error, "TLS handshake failed");
            }
            Err(_) => app.metrics.refused("tls-handshake-timeout"),
        },
    }
}

/// Reads until the bytes can no longer be, or are, HTTP/2's preface.
async fn sniff<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(S, Vec<u8>)> {
    let mut seen = Vec::with_capacity(PREFACE.len());
    while PREFACE.starts_with(&seen) && seen.len() < PREFACE.len() {
        let missing = u64::try_from(PREFACE.len().saturating_sub(seen.len())).unwrap_or_default();
        if (&mut stream).take(missing).read_buf(&mut seen).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((stream, seen))
}

/// What was agreed on in the handshake, as CloudTrail's `tlsDetails` name it.
fn tls(session: &rustls::ServerConnection) -> Option<Tls> {
    let version = match session.protocol_version()? {
        rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
        rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
        _ => return None,
    };
    let suite = session.negotiated_cipher_suite()?.suite();
    // rustls says TLS13_AES_128_GCM_SHA256 where IANA, and CloudTrail, say TLS_AES_128_GCM_SHA256.
    let cipher_suite = format!("{suite:?}").replacen("TLS13_", "TLS_", 1);
    Some(Tls { version: version.to_owned(), cipher_suite })
}

async fn serve_http<S>(
    app: Arc<App>,
    connection: Connection,
    stream: S,
    seen: Vec<u8>,
    is_http2: bool,
    stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.config.limits.clone();
    let link = Arc::clone(&connection.link);
    let bounds = Bounds {
        head_bytes: limits.head_bytes,
        headers: limits.headers,
        head_timeout: limits.head_timeout,
        write_timeout: limits.write_timeout,
    };
    // The guard knows when an HTTP/1 client is slow to begin; on HTTP/2 the first look at the connection is for that.
    let first_check = if is_http2 { limits.head_timeout } else { limits.idle_timeout };
    let (idle, drain) = (limits.idle_timeout, limits.drain_timeout);
    let life = Life { link: Arc::clone(&link), stop, first_check, idle, drain };
    let service = Requests { app, connection: Arc::new(connection) };
    if is_http2 {
        let body_window = u32::try_from(limits.body_bytes).unwrap_or(u32::MAX).clamp(65_535, 1 << 20);
        let http = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .max_send_buf_size(64 * 1024)
            .max_frame_size(16 * 1024)
            .initial_stream_window_size(body_window)
            .initial_connection_window_size(body_window.saturating_mul(4))
            .keep_alive_interval(limits.idle_timeout)
            .keep_alive_timeout(limits.head_timeout)
            .serve_connection(TokioIo::new(Guard::http2(stream, seen, link, bounds)), service);
        life.run(http).await;
    } else {
        let http = http1::Builder::new()
            .timer(TokioTimer::new())
            // The guard holds the time limit, so that a slow client is told and an idle one is not.
            .header_read_timeout(None)
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes.max(64 * 1024))
            .serve_connection(TokioIo::new(Guard::http1(stream, seen, link, bounds)), service);
        life.run(http).await;
    }
}

/// Answers the requests of one connection.
struct Requests {
    app: Arc<App>,
    connection: Arc<Connection>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Boxed<Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        // Here and not in the future: before that runs, the guard may have read, and refused, the head after this one.
        let refusal = self.connection.link.refusal.get().copied();
        let (app, connection) = (Arc::clone(&self.app), Arc::clone(&self.connection));
        Box::pin(async move { Ok(answer(app, connection, request, refusal).await) })
    }
}

/// What ends a connection.
struct Life {
    link: Arc<Link>,
    stop: watch::Receiver<bool>,
    first_check: Duration,
    idle: Duration,
    drain: Duration,
}

impl Life {
    /// Runs the connection until the peer closes it, it was idle for too long, or the server stops.
    /// Once it is asked to end, what it still does must end within the drain timeout.
    async fn run<C: GracefulConnection>(self, http: C) {
        let Self { link, mut stop, first_check, idle, drain } = self;
        let mut http = pin!(http);
        let mut begun = 0;
        let mut check = pin!(sleep_until(Instant::now() + first_check));
        let mut stop = pin!(async move {
            // An error means that the server is gone, which is no other than being told to stop.
            let _ = stop.wait_for(|stop| *stop).await;
        });
        loop {
            tokio::select! {
                _ = http.as_mut() => return,
                () = stop.as_mut() => break,
                () = check.as_mut() => {
                    let now_begun = link.begun.load(Ordering::Relaxed);
                    if now_begun == begun && link.in_flight.load(Ordering::Relaxed) == 0 {
                        break;
                    }
                    begun = now_begun;
                    check.as_mut().reset(Instant::now() + idle);
                }
            }
        }
        http.as_mut().graceful_shutdown();
        let _ = timeout(drain, http).await;
    }
}
