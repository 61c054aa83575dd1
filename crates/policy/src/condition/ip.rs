//! Addresses and address ranges.

use std::net::{IpAddr, Ipv6Addr};

/// Whether the request's address lies in the policy's range; none when either cannot be read. The families are
/// separate, except that an IPv4 address written as IPv6 (`::ffff:a.b.c.d`) is an IPv4 address.
pub(super) fn contains(range: &str, address: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let (network, prefix) = parse_range(range)?;
    Some(match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    })
}

/// An address alone is a range of one. Bits behind the prefix may be set and are ignored.
fn parse_range(range: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match range.split_once('/') {
        Some((address, prefix)) => (address, Some(parse_prefix(prefix)?)),
        None => (range, None),
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => in_range(IpAddr::V4(address), prefix.unwrap_or(32), 32),
        IpAddr::V6(address) => match (mapped(address), prefix.unwrap_or(128)) {
            (Some(mapped), prefix @ 96..=128) => Some((mapped, prefix - 96)),
            (_, prefix) => in_range(IpAddr::V6(address), prefix, 128),
        },
    }
}

fn mapped(address: Ipv6Addr) -> Option<IpAddr> {
    address.to_ipv4_mapped().map(IpAddr::V4)
}

fn in_range(address: IpAddr, prefix: u32, longest: u32) -> Option<(IpAddr, u32)> {
    (prefix <= longest).then_some((address, prefix))
}

/// Digits only: the standard parser would also take a sign.
fn parse_prefix(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
