//! Where a request came from: the peer's address, or what a trusted proxy says of it.

use crate::Cidr;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `None` when a trusted proxy names an address that cannot be read: conditions on `aws:SourceIp` then do not match.
    pub(crate) ip: Option<IpAddr>,
    /// Whether the client's own connection was encrypted.
    pub(crate) secure: bool,
}

/// The origin of a request that `peer` sent over a connection that was encrypted or not.
///
/// Forwarding headers count only when `peer` is a trusted proxy. Then the client is the rightmost address of
/// `X-Forwarded-For` that is no trusted proxy itself: everything left of it was written by strangers.
/// `Forwarded`, `X-Forwarded-Host`, `X-Real-IP` and the like never count.
pub(crate) fn origin(peer: IpAddr, encrypted: bool, headers: &HeaderMap, trusted: &[Cidr]) -> Origin {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|range| range.contains(ip));
    if !is_trusted(peer) {
        return Origin { ip: Some(peer), secure: encrypted };
    }
    let mut ip = Some(peer);
    let hops = headers.get_all(FORWARDED_FOR).iter().rev().map(HeaderValue::to_str);
    for hop in hops.flat_map(|line| line.unwrap_or("?").rsplit(',')) {
        ip = hop.trim().parse().ok().map(|ip: IpAddr| ip.to_canonical());
        if !ip.is_some_and(is_trusted) {
            break;
        }
    }
    let mut schemes = headers.get_all(FORWARDED_PROTO).iter();
    let secure = match (schemes.next(), schemes.next()) {
        (None, _) => encrypted,
        (Some(scheme), None) => scheme.as_bytes() == b"https",
        (Some(_), Some(_)) => false,
    };
    Origin { ip, secure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, headers: &[(&'static str, &str)], expect: (Option<&str>, bool)) {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
            .collect();
        let expect = Origin { ip: expect.0.map(|ip| ip.parse().unwrap()), secure: expect.1 };
        assert_eq!(origin(peer.parse().unwrap(), false, &headers, &trusted), expect);
    }

    #[test]
    fn a15_an_untrusted_peer_cannot_forward() {
        let all = [
            ("x-forwarded-for", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1;proto=https"),
            ("x-real-ip", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-port", "443"),
        ];
        check("192.0.2.1", &all, (Some("192.0.2.1"), false));
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
        check("10.0.0.1", &[("x-forwarded-for", "192.0.2.1")], (Some("192.0.2.1"), false));
        check("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 192.0.2.1 ,10.9.9.9")], (Some("192.0.2.1"), false));
        check("2001:db8::1", &[("x-forwarded-for", "2001:db9::1")], (Some("2001:db9::1"), false));
        let two_lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")];
        check("10.0.0.1", &two_lines, (Some("192.0.2.1"), false));
        check("10.0.0.1", &[("x-forwarded-for", "garbage, 192.0.2.1")], (Some("192.0.2.1"), false));
        check("10.0.0.1", &[("x-forwarded-for", "::ffff:192.0.2.1")], (Some("192.0.2.1"), false));
    }

    #[test]
    fn without_an_untrusted_hop() {
        check("10.0.0.1", &[], (Some("10.0.0.1"), false));
        check("10.0.0.1", &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")], (Some("10.0.0.3"), false));
        for unreadable in ["192.0.2.1, garbage", "192.0.2.1:80", "", "192.0.2.1,", "\u{e9}"] {
            check("10.0.0.1", &[("x-forwarded-for", unreadable)], (None, false));
        }
    }

    #[test]
    fn the_scheme_is_believed_from_a_trusted_proxy_alone() {
        check("10.0.0.1", &[("x-forwarded-proto", "https")], (Some("10.0.0.1"), true));
        check("10.0.0.1", &[("x-forwarded-proto", "http")], (Some("10.0.0.1"), false));
        check("10.0.0.1", &[("x-forwarded-proto", "https, http")], (Some("10.0.0.1"), false));
        let two = [("x-forwarded-proto", "https"), ("x-forwarded-proto", "https")];
        check("10.0.0.1", &two, (Some("10.0.0.1"), false));
        check("192.0.2.1", &[("x-forwarded-proto", "https")], (Some("192.0.2.1"), false));
    }
}
