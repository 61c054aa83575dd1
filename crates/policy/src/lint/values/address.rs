//! IP addresses and ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::lint::Cx;
use crate::lint::issue::*;
use crate::lint::read::Condition;

/// What nobody comes from over the Internet (RFC 1918, 6598, 3927, 1122, 4193, 4291).
const PRIVATE: &[(&str, u8)] = &[
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("169.254.0.0", 16),
    ("127.0.0.0", 8),
    ("fc00::", 7),
    ("fe80::", 10),
    ("::1", 128),
];

/// An address and how many of its bits count.
#[derive(Clone, Copy, PartialEq)]
struct Range {
    address: IpAddr,
    bits: u8,
}

pub(super) fn check(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let negated = match condition.base() {
        "IpAddress" => false,
        "NotIpAddress" => true,
        _ => return,
    };
    let mut ranges = Vec::new();
    for value in condition.values.iter().filter(|value| !value.value.contains("${")) {
        let Some(range) = Range::parse(value.value) else {
            let details = format!("`{}` is no IP address or range: write it as 203.0.113.0/24.", value.value);
            cx.add(TYPE_MISMATCH_IP_RANGE, details, [value.span]);
            continue;
        };
        if range.masked() != range {
            let details = format!("Bits after the mask do not count: write {}/{}.", range.masked().address, range.bits);
            cx.add(IMPROVE_IP_RANGE, details, [value.span]);
        }
        ranges.push(range);
    }
    let private = ranges.iter().filter(|range| range.is_private()).count();
    if !condition.is_on("aws:SourceIp") || private == 0 {
        return;
    }
    let (issue, effect) = match (private == ranges.len(), negated) {
        (true, false) => (PRIVATE_IP_ADDRESS, "All of these are private, so the condition never holds"),
        (true, true) => (PRIVATE_NOT_IP_ADDRESS, "All of these are private, so the condition always holds"),
        (false, false) => (PRIVATE_IP_ADDRESS_SUBSET, "Some of these are private and never match"),
        (false, true) => (PRIVATE_NOT_IP_ADDRESS_SUBSET, "Some of these are private and have no effect"),
    };
    let details = format!("aws:SourceIp is a public address. {effect}: test aws:VpcSourceIp for private ones.");
    cx.add(issue, details, [condition.span]);
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Range { address, bits })
    }

    /// The range with the bits that do not count cleared.
    fn masked(self) -> Range {
        let address = match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.bits.into())).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(self.bits.into())).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        };
        Range { address, ..self }
    }

    fn is_private(self) -> bool {
        PRIVATE.iter().any(|(address, bits)| {
            let private = address.parse().map(|address| Range { address, bits: *bits });
            private.is_ok_and(|private| {
                private.address.is_ipv4() == self.address.is_ipv4()
                    && self.bits >= private.bits
                    && Range { bits: private.bits, ..self }.masked().address == private.address
            })
        })
    }
}
