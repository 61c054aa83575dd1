//! Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, six digits and time steps of thirty seconds, as all
//! authenticator apps make them.

use std::ops::RangeInclusive;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

/// Seconds of a time step.
pub const STEP_SECONDS: i64 = 30;
/// Digits of a code.
const DIGITS: usize = 6;

/// The time step of a time in seconds since 1970.
pub fn step(seconds: i64) -> i64 {
    seconds.div_euclid(STEP_SECONDS)
}

/// The step among `steps` whose code this is; the earliest, should there be several. How long it takes tells nothing of
/// the code.
pub fn find(seed: &[u8], code: &str, steps: RangeInclusive<i64>) -> Option<i64> {
    let key = key(seed);
    let matching = steps.filter(|step| is_code(&key, *step, code));
    // All of them are looked at, wherever the right one is.
    matching.fold(None, |found, step| found.or(Some(step)))
}

/// The second of two consecutive steps, the first of which is among `steps`, whose codes these are.
pub fn find_consecutive(seed: &[u8], first: &str, second: &str, steps: RangeInclusive<i64>) -> Option<i64> {
    let key = key(seed);
    let matching = steps.filter(|step| is_code(&key, *step, first) & is_code(&key, step.saturating_add(1), second));
    matching.fold(None, |found: Option<i64>, step| found.or(Some(step.saturating_add(1))))
}

fn key(seed: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed)
}

/// Whether this is exactly the step's code: no spaces, no other digits.
fn is_code(key: &hmac::Key, step: i64, code: &str) -> bool {
    self::code(key, step).is_some_and(|right| verify_slices_are_equal(right.as_bytes(), code.as_bytes()).is_ok())
}

/// The code of a step; none before 1970.
fn code(key: &hmac::Key, step: i64) -> Option<String> {
    let counter = u64::try_from(step).ok()?;
    let tag = hmac::sign(key, &counter.to_be_bytes());
    // RFC 4226, 5.3: four bytes from where the last one's low bits say, without the sign.
    let offset = usize::from(tag.as_ref().last()? & 15);
    let bytes = tag.as_ref().get(offset..)?.first_chunk::<4>()?;
    let number = (u32::from_be_bytes(*bytes) & 0x7fff_ffff) % 1_000_000;
    Some(format!("{number:0DIGITS$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238's appendix B.
    const SEED: &[u8] = b"12345678901234567890";

    fn check(seconds: i64, expect: &str) {
        let step = step(seconds);
        assert_eq!(code(&key(SEED), step).as_deref(), Some(expect));
        assert_eq!(find(SEED, expect, step - 1..=step + 1), Some(step));
        assert_eq!(find(SEED, expect, step + 1..=step + 3), None);
    }

    #[test]
    fn codes_are_the_ones_of_rfc_6238() {
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(1_111_111_111, "050471");
        check(1_234_567_890, "005924");
        check(2_000_000_000, "279037");
        check(20_000_000_000, "353130");
    }

    #[test]
    fn e01_a_code_has_one_spelling() {
        let step = step(1_111_111_109);
        for code in ["81804", "0081804", " 081804", "081804 ", "081 804", "\u{ff10}81804", "+81804", ""] {
            assert_eq!(find(SEED, code, step..=step), None, "{code:?}");
        }
    }

    #[test]
    fn two_codes_must_be_consecutive_and_in_order() {
        let first = step(1_111_111_109);
        assert_eq!(find_consecutive(SEED, "081804", "050471", first - 5..=first + 5), Some(first + 1));
        assert_eq!(find_consecutive(SEED, "050471", "081804", first - 5..=first + 5), None);
        assert_eq!(find_consecutive(SEED, "081804", "081804", first - 5..=first + 5), None);
        assert_eq!(find_consecutive(SEED, "081804", "050471", first + 1..=first + 5), None);
    }

    #[test]
    fn nothing_is_a_code_before_1970() {
        assert_eq!(code(&key(SEED), -1), None);
        assert_eq!(step(-1), -1);
    }
}
