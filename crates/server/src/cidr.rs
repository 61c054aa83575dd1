//! Ranges of IP addresses.

use std::net::IpAddr;
use std::str::FromStr;

/// A range of IP addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: u128,
    mask: u128,
}

/// The text is no CIDR range.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCidr(String);

impl std::fmt::Display for InvalidCidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no CIDR range such as 10.0.0.0/8 or 2001:db8::/32", self.0.escape_debug())
    }
}

impl std::error::Error for InvalidCidr {}

impl Cidr {
    /// Whether `address` lies in the range. An IPv4-mapped IPv6 address is the IPv4 address that it maps.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.network
    }
}

/// All addresses as IPv6: IPv4 as its mapped form, so that both families are one space.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let invalid = || InvalidCidr(text.to_owned());
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let (width, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length = match length {
            None => width,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| invalid())?,
            Some(_) => return Err(invalid()),
        };
        if length > width {
            return Err(invalid());
        }
        let mask = u128::MAX.checked_shl(128_u32.saturating_sub(offset + length)).unwrap_or(0);
        let network = bits(address);
        // 10.1.2.3/8 is more often a slip than a wish.
        if network & mask == network { Ok(Self { network, mask }) } else { Err(invalid()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, inside: &[&str], outside: &[&str]) {
        let range: Cidr = range.parse().unwrap();
        for address in inside {
            assert!(range.contains(address.parse().unwrap()), "{address} inside");
        }
        for address in outside {
            assert!(!range.contains(address.parse().unwrap()), "{address} outside");
        }
    }

    #[test]
    fn ranges() {
        check(
            "10.0.0.0/8",
            &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
            &["11.0.0.0", "9.255.255.255", "::a00:1"],
        );
        check("192.0.2.7", &["192.0.2.7"], &["192.0.2.6"]);
        check("0.0.0.0/0", &["1.2.3.4", "255.255.255.255"], &["::1", "2001:db8::1"]);
        check("2001:db8::/32", &["2001:db8::1", "2001:db8:ffff::"], &["2001:db9::", "10.0.0.1"]);
        check("::/0", &["::1", "1.2.3.4"], &[]);
        check("::1", &["::1"], &["::2"]);
    }

    #[test]
    fn what_is_no_range() {
        for text in
            ["", "10.0.0.0/33", "10.1.2.3/8", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::/129", "a", "10.0.0.0/8/8"]
        {
            assert_eq!(text.parse::<Cidr>(), Err(InvalidCidr(text.to_owned())));
        }
    }
}
