//! One value of a policy against one value of the request.

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::date;
use crate::text::{Token, Variables, glob};

/// How a comparison ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Match,
    NoMatch,
    /// A number, date or address is none.
    NotUnderstood,
}

impl From<bool> for Operand {
    fn from(matches: bool) -> Self {
        if matches { Operand::Match } else { Operand::NoMatch }
    }
}

/// Compares by a positive operator.
pub(crate) fn compare(base: &str, policy: &str, request: &str, variables: Variables<'_>) -> Operand {
    if let Some(relation) = base.strip_prefix("Numeric") {
        return ordered(relation, number(request), number(policy), compare_numbers);
    }
    if let Some(relation) = base.strip_prefix("Date") {
        return ordered(relation, date::parse(request), date::parse(policy), Ord::cmp);
    }
    // A variable without a value equals nothing.
    let literal = || variables.expand_literal(policy);
    match base {
        "StringEquals" => (literal().as_deref() == Some(request)).into(),
        "StringEqualsIgnoreCase" => literal().is_some_and(|text| text.eq_ignore_ascii_case(request)).into(),
        "StringLike" => variables.expand_pattern(policy).is_some_and(|pattern| glob(&pattern, request)).into(),
        "ArnEquals" | "ArnLike" => arn(policy, request, variables).into(),
        "Bool" => literal()
            .is_some_and(|text| {
                let is_bool = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
                is_bool && text.eq_ignore_ascii_case(request)
            })
            .into(),
        "BinaryEquals" => (policy == request && is_base64(policy)).into(),
        "IpAddress" => match (network(policy), address(request)) {
            (Some((network, bits)), Some(address)) => covers(network, bits, address).into(),
            _ => Operand::NotUnderstood,
        },
        _ => Operand::NoMatch,
    }
}

/// The request's value stands on the left.
fn ordered<T>(relation: &str, request: Option<T>, policy: Option<T>, compare: fn(&T, &T) -> Ordering) -> Operand {
    let (Some(request), Some(policy)) = (request, policy) else { return Operand::NotUnderstood };
    let order = compare(&request, &policy);
    match relation {
        "Equals" => order.is_eq(),
        "LessThan" => order.is_lt(),
        "LessThanEquals" => order.is_le(),
        "GreaterThan" => order.is_gt(),
        "GreaterThanEquals" => order.is_ge(),
        _ => false,
    }
    .into()
}

/// A decimal number of any length: whether it is negative, and its digits without zeros that do not count.
struct Number {
    negative: bool,
    whole: String,
    fraction: String,
}

fn number(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some(Number { negative: negative && !is_zero, whole, fraction })
}

fn compare_numbers(a: &Number, b: &Number) -> Ordering {
    let sizes = (a.whole.len().cmp(&b.whole.len()))
        .then_with(|| a.whole.cmp(&b.whole))
        .then_with(|| a.fraction.cmp(&b.fraction));
    match (a.negative, b.negative) {
        (false, false) => sizes,
        (true, true) => sizes.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// Six components, each compared on its own; wildcards do not cross the colons between them.
fn arn(policy: &str, request: &str, variables: Variables<'_>) -> bool {
    let Some(pattern) = variables.expand_pattern(policy) else { return false };
    let patterns: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Char(':')).collect();
    let parts: Vec<&str> = request.splitn(6, ':').collect();
    patterns.len() == 6 && parts.len() == 6 && patterns.iter().zip(parts).all(|(pattern, part)| glob(pattern, part))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(body.len());
    text.len().is_multiple_of(4)
        && padding <= 2
        && body.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '/')
}

/// An address; IPv4 written as IPv6 is IPv4.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// An address and how many of its bits count.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits: u32 = match bits {
        Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
        None => most,
    };
    // IPv4 written as IPv6 is IPv4 here as well.
    match (address, address.to_canonical()) {
        (IpAddr::V6(_), canonical @ IpAddr::V4(_)) if bits >= 96 => Some((canonical, bits.checked_sub(96)?)),
        _ => Some((address, bits)),
    }
}

fn covers(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let differing = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (network.to_bits() ^ address.to_bits()).leading_zeros(),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits() ^ address.to_bits()).leading_zeros(),
        _ => return false,
    };
    differing >= bits
}
