//! Decimal numbers of any size, compared digit by digit: no rounding can make two of them equal.

use std::cmp::Ordering;

/// `0.d1d2d3… × 10^exponent`, where the digits begin with the first that is not zero.
#[derive(Clone, Debug)]
pub(super) struct Decimal<T> {
    negative: bool,
    /// What is left of the integer part, then the fraction.
    digits: (T, T),
    exponent: i64,
}

impl<'a> Decimal<&'a str> {
    /// None where the text is not a number.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
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

    pub(super) fn to_owned(&self) -> Decimal<Box<str>> {
        let Decimal { negative, digits: (integer, fraction), exponent } = *self;
        Decimal { negative, digits: (integer.into(), fraction.into()), exponent }
    }
}

impl<T: AsRef<str>> Decimal<T> {
    /// Compares by value: `10`, `10.0`, `010` and `1e1` are equal.
    pub(super) fn compare<U: AsRef<str>>(&self, other: &Decimal<U>) -> Ordering {
        match (self.sign(), other.sign()) {
            (Ordering::Less, Ordering::Less) => other.compare_magnitude(self),
            (Ordering::Greater, Ordering::Greater) => self.compare_magnitude(other),
            (left, right) => left.cmp(&right),
        }
    }

    /// Less than, equal to or greater than zero.
    fn sign(&self) -> Ordering {
        match ((self.digits.0.as_ref(), self.digits.1.as_ref()), self.negative) {
            (("", ""), _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            (_, false) => Ordering::Greater,
        }
    }

    fn compare_magnitude<U: AsRef<str>>(&self, other: &Decimal<U>) -> Ordering {
        self.exponent.cmp(&other.exponent).then_with(|| self.digits().cmp(other.digits()))
    }

    /// The digits without trailing zeros.
    fn digits(&self) -> impl Iterator<Item = u8> {
        let (integer, fraction) = (self.digits.0.as_ref(), self.digits.1.as_ref());
        let fraction = fraction.trim_end_matches('0');
        let integer = if fraction.is_empty() { integer.trim_end_matches('0') } else { integer };
        integer.bytes().chain(fraction.bytes())
    }
}
