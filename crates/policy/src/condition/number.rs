//! Decimal numbers of any size, compared digit by digit: no rounding can make two of them equal.

use std::cmp::Ordering;

/// Compares two numbers by value: `10`, `10.0`, `010` and `1e1` are equal. None when either is not a number.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Decimal::parse(left)?, Decimal::parse(right)?);
    Some(match (left.sign(), right.sign()) {
        (Ordering::Less, Ordering::Less) => right.compare_magnitude(&left),
        (Ordering::Greater, Ordering::Greater) => left.compare_magnitude(&right),
        (left, right) => left.cmp(&right),
    })
}

/// `0.d1d2d3… × 10^exponent`, where the digits begin with the first that is not zero.
struct Decimal<'a> {
    negative: bool,
    /// What is left of the integer part, then the fraction.
    digits: (&'a str, &'a str),
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i32>().ok()?)),
            None => (unsigned, 0),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if integer.len() + fraction.len() == 0 || !is_digits(integer) || !is_digits(fraction) {
            return None;
        }
        let integer = integer.trim_start_matches('0');
        let length = |part: &str| i64::try_from(part.len()).ok();
        if integer.is_empty() {
            let significant = fraction.trim_start_matches('0');
            let zeros = length(fraction)? - length(significant)?;
            return Some(Decimal { negative, digits: ("", significant), exponent: exponent - zeros });
        }
        Some(Decimal { negative, digits: (integer, fraction), exponent: exponent + length(integer)? })
    }

    /// Less than, equal to or greater than zero.
    fn sign(&self) -> Ordering {
        match (self.digits, self.negative) {
            (("", ""), _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            (_, false) => Ordering::Greater,
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        self.exponent.cmp(&other.exponent).then_with(|| self.digits().cmp(other.digits()))
    }

    /// The digits without trailing zeros.
    fn digits(&self) -> impl Iterator<Item = u8> {
        let (integer, fraction) = self.digits;
        let fraction = fraction.trim_end_matches('0');
        let integer = if fraction.is_empty() { integer.trim_end_matches('0') } else { integer };
        integer.bytes().chain(fraction.bytes())
    }
}
