//! From hyper's request to one that is complete, bounded and unambiguous.

use crate::Limits;
use crate::refusal::{self, Refusal};
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderName, Version, header};
use hyper::body::{Body, Frame, Incoming};
use std::future::poll_fn;
use std::net::Ipv6Addr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Two of these would let two readers of one request see different things.
const AT_MOST_ONCE: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-target"),
];

/// Checks all but the body and yields the one host that the request names, as it was written.
/// On HTTP/2 the host becomes the `Host` header that the signature covers.
pub(crate) fn check_head(parts: &mut Parts, limits: &Limits) -> Result<String, &'static Refusal> {
    let headers = &parts.headers;
    let line = parts.method.as_str().len().saturating_add(parts.uri.path().len());
    let size = headers
        .iter()
        .map(|(name, value)| name.as_str().len().saturating_add(value.len()).saturating_add(4))
        .fold(line.saturating_add(parts.uri.query().map_or(0, str::len)), usize::saturating_add);
    if headers.len() > limits.headers || size > limits.head_bytes {
        return Err(&refusal::HEAD_TOO_LARGE);
    }
    // Nearly always no header at all is given twice.
    let is_any_twice = headers.keys_len() < headers.len();
    if is_any_twice && AT_MOST_ONCE.iter().any(|name| headers.get_all(name).iter().nth(1).is_some()) {
        return Err(&refusal::DUPLICATE_HEADER);
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(&refusal::CONTENT_ENCODING);
    }
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    if !parts.uri.path().starts_with('/') || !is_plain(parts.uri.path()) || !parts.uri.query().is_none_or(is_plain) {
        return Err(&refusal::TARGET);
    }
    let host = host(parts).ok_or(&refusal::HOST)?;
    if parts.version == Version::HTTP_2 && !parts.headers.contains_key(header::HOST) {
        parts.headers.insert(header::HOST, host.parse().map_err(|_| &refusal::HOST)?);
    }
    Ok(host)
}

/// The one host that the request names: by its `Host` header, its target or both, and then the same.
fn host(parts: &Parts) -> Option<String> {
    let named = match parts.headers.get(header::HOST) {
        Some(host) => Some(host.to_str().ok()?),
        None if parts.version == Version::HTTP_2 => None,
        None => return None,
    };
    let target = parts.uri.authority().map(Authority::as_str);
    if let (Some(named), Some(target)) = (named, target)
        && named != target
    {
        return None;
    }
    named.or(target).filter(|host| is_host(host)).map(str::to_owned)
}

/// A DNS name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => (address, port),
        Some(_) => return false,
        None => text.split_at_checked(text.find(':').unwrap_or(text.len())).unwrap_or((text, "")),
    };
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._:".contains(&b);
    (1..=253).contains(&name.len())
        && name.bytes().all(is_name)
        && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// The bodies that are held at the same time, in bytes.
#[derive(Default)]
pub(crate) struct PendingBodies(AtomicUsize);

/// A whole body, counted among the pending ones until it is dropped.
pub(crate) struct Collected {
    pub(crate) bytes: Bytes,
    lease: Lease,
}

struct Lease {
    bodies: Arc<PendingBodies>,
    bytes: usize,
}

impl Lease {
    fn grow(&mut self, bytes: usize, max: usize) -> Result<(), &'static Refusal> {
        self.bytes = self.bytes.saturating_add(bytes);
        let before = self.bodies.0.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > max { Err(&refusal::BODIES_PENDING) } else { Ok(()) }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.bodies.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Reads the whole body within its limits of size, time and rate.
pub(crate) async fn collect(
    mut body: Incoming,
    limits: &Limits,
    bodies: &Arc<PendingBodies>,
    deadline: Instant,
) -> Result<Collected, &'static Refusal> {
    let mut collected = Collected { bytes: Bytes::new(), lease: Lease { bodies: Arc::clone(bodies), bytes: 0 } };
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body_bytes {
        return Err(&refusal::BODY_TOO_LARGE);
    }
    let started = Instant::now();
    let mut buffer = BytesMut::new();
    while !body.is_end_stream() {
        let received = u64::try_from(collected.lease.bytes).unwrap_or(u64::MAX);
        let paid = Duration::from_micros(received.saturating_mul(1_000_000) / u64::from(limits.body_rate.max(1)));
        let due = deadline.min(started + limits.body_grace + paid);
        let frame = match next_frame(&mut body, due).await? {
            None => break,
            Some(Err(_)) => return Err(&refusal::BODY_BROKEN),
            Some(Ok(frame)) => frame.into_data().map_err(|_| &refusal::TRAILERS)?,
        };
        collected.lease.grow(frame.len(), limits.pending_body_bytes)?;
        if collected.lease.bytes > limits.body_bytes {
            return Err(&refusal::BODY_TOO_LARGE);
        }
        // Nearly every body comes in one piece, which then is not copied.
        if body.is_end_stream() && buffer.is_empty() {
            collected.bytes = frame;
            return Ok(collected);
        }
        buffer.extend_from_slice(&frame);
    }
    collected.bytes = buffer.freeze();
    Ok(collected)
}

/// The next piece of a body, if it comes before `due`.
///
/// hyper hands out a body that it has already read only when it is asked a second time. A timer for the moment between
/// would cost more than the request: each new timer may wake another thread.
async fn next_frame(
    body: &mut Incoming,
    due: Instant,
) -> Result<Option<Result<Frame<Bytes>, hyper::Error>>, &'static Refusal> {
    let mut is_first = true;
    let mut timer = pin!(sleep_until(due));
    poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(Ok(frame)),
        Poll::Pending if is_first => {
            is_first = false;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Poll::Pending => timer.as_mut().poll(cx).map(|()| Err(&refusal::BODY_TIMEOUT)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(version: Version, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().version(version).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[track_caller]
    fn check(version: Version, uri: &str, headers: &[(&str, &str)], expect: Result<&str, &'static Refusal>) {
        let mut parts = parts(version, uri, headers);
        let host = check_head(&mut parts, &Limits::default());
        assert_eq!(host.as_deref().map_err(|refusal| *refusal), expect, "{uri} {headers:?}");
        if let Ok(host) = host {
            assert_eq!(parts.headers.get_all(header::HOST).iter().collect::<Vec<_>>(), [host.as_str()]);
        }
    }

    #[test]
    fn one_host_is_named() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        check(one, "/", &[("host", "a.example:80")], Ok("a.example:80"));
        check(one, "/", &[("host", "[::1]:4460")], Ok("[::1]:4460"));
        check(one, "http://a.example/", &[("host", "a.example")], Ok("a.example"));
        check(two, "https://a.example/", &[], Ok("a.example"));
        check(two, "/", &[("host", "a.example")], Ok("a.example"));
        check(one, "/", &[], Err(&refusal::HOST));
        check(two, "/", &[], Err(&refusal::HOST));
        check(one, "http://a.example/", &[], Err(&refusal::HOST));
        check(one, "http://evil.example/x", &[("host", "a.example")], Err(&refusal::HOST));
        check(two, "http://evil.example/", &[("host", "a.example")], Err(&refusal::HOST));
        check(one, "/", &[("host", "a"), ("host", "a")], Err(&refusal::DUPLICATE_HEADER));
        for host in [
            "",
            ":80",
            "a b",
            "a/b",
            "a@b",
            "a,b",
            "a?b",
            "a#b",
            "\u{e9}",
            "[::1",
            "[a]",
            "a:65536",
            "a:+1",
            "a:1:2",
            "a:",
            &"a".repeat(254),
        ] {
            check(one, "/", &[("host", host)], Err(&refusal::HOST));
        }
    }

    #[test]
    fn headers_that_must_be_single_are() {
        for name in AT_MOST_ONCE.iter().filter(|name| *name != header::HOST) {
            let twice = [("host", "a"), (name.as_str(), "1"), (name.as_str(), "1")];
            check(Version::HTTP_11, "/", &twice, Err(&refusal::DUPLICATE_HEADER));
            check(Version::HTTP_11, "/", &twice[..2], Ok("a"));
        }
        check(Version::HTTP_11, "/", &[("host", "a"), ("accept", "1"), ("accept", "2")], Ok("a"));
    }

    #[test]
    fn f14_encoded_bodies_are_refused() {
        for encoding in ["gzip", "identity", "aws-chunked", ""] {
            let encoded = [("host", "a"), ("content-encoding", encoding)];
            check(Version::HTTP_11, "/", &encoded, Err(&refusal::CONTENT_ENCODING));
        }
    }

    #[test]
    fn targets_are_plain() {
        check(Version::HTTP_11, "/a/%2e%2e/b?c=%00", &[("host", "a")], Ok("a"));
        check(Version::HTTP_11, "*", &[("host", "a")], Err(&refusal::TARGET));
        check(Version::HTTP_11, "a:80", &[("host", "a:80")], Err(&refusal::TARGET));
        check(Version::HTTP_11, "/\u{e9}", &[("host", "a")], Err(&refusal::TARGET));
        check(Version::HTTP_11, "/?\u{e9}", &[("host", "a")], Err(&refusal::TARGET));
    }

    #[test]
    fn heads_are_bounded_on_every_version() {
        let long = "a".repeat(16 * 1024);
        check(Version::HTTP_2, "https://a/", &[("x", &long)], Err(&refusal::HEAD_TOO_LARGE));
        let many: Vec<_> = (0..65).map(|n| (format!("x-{n}"), "1")).collect();
        let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        check(Version::HTTP_2, "https://a/", &many, Err(&refusal::HEAD_TOO_LARGE));
        check(Version::HTTP_2, "https://a/", &many[..64], Ok("a"));
    }
}
