//! Addresses and address ranges.

use std::net::{IpAddr, Ipv6Addr};

/// A range of addresses. The families are separate, except that an IPv4 address written as IPv6 (`::ffff:a.b.c.d`) is an
/// IPv4 address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Range {
    V4 { network: u32, mask: u32 },
    V6 { network: u128, mask: u128 },
}

/// A request's address.
pub(super) fn parse(address: &str) -> Option<IpAddr> {
    Some(address.parse::<IpAddr>().ok()?.to_canonical())
}

impl Range {
    /// An address alone is a range of one. Bits behind the prefix may be set and are ignored.
    pub(super) fn parse(range: &str) -> Option<Range> {
        let (address, prefix) = match range.split_once('/') {
            Some((address, prefix)) => (address, Some(parse_prefix(prefix)?)),
            None => (range, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(address) => Range::v4(address.to_bits(), prefix.unwrap_or(32)),
            IpAddr::V6(address) => match (mapped(address), prefix.unwrap_or(128)) {
                (Some(mapped), prefix @ 96..=128) => Range::v4(mapped, prefix - 96),
                (_, prefix) => Range::v6(address.to_bits(), prefix),
            },
        }
    }

    /// A prefix of no bits shifts all of the mask out, which the standard operator does not do.
    fn v4(network: u32, prefix: u32) -> Option<Range> {
        let mask = u32::MAX.checked_shl(32_u32.checked_sub(prefix)?).unwrap_or(0);
        Some(Range::V4 { network: network & mask, mask })
    }

    fn v6(network: u128, prefix: u32) -> Option<Range> {
        let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix)?).unwrap_or(0);
        Some(Range::V6 { network: network & mask, mask })
    }

    pub(super) fn contains(&self, address: &IpAddr) -> bool {
        match (self, address) {
            (Range::V4 { network, mask }, IpAddr::V4(address)) => address.to_bits() & mask == *network,
            (Range::V6 { network, mask }, IpAddr::V6(address)) => address.to_bits() & mask == *network,
            _ => false,
        }
    }
}

fn mapped(address: Ipv6Addr) -> Option<u32> {
    address.to_ipv4_mapped().map(|address| address.to_bits())
}

/// Digits only: the standard parser would also take a sign.
fn parse_prefix(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
