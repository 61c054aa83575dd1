//! Dates: the W3C profile of ISO 8601 (NOTE-datetime), and seconds since the epoch.

/// Seconds since 1970-01-01T00:00:00Z and nanoseconds after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    seconds: i64,
    nanoseconds: u32,
}

impl Instant {
    /// What holds a `T` or a `-` is a date, all else is seconds since the epoch: `2024` is a time in 1970.
    pub(super) fn parse(text: &str) -> Option<Instant> {
        if !text.contains(['T', 't', '-']) {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = if digits { text.parse().ok() } else { None };
            return seconds.map(|seconds| Instant { seconds, nanoseconds: 0 });
        }
        let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
        let (seconds, nanoseconds) = parse_time(time)?;
        Some(Instant { seconds: parse_date(date)? * SECONDS_PER_DAY + seconds, nanoseconds })
    }
}

const SECONDS_PER_DAY: i64 = 86_400;

/// Years that AWS accepts when a policy is saved.
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

/// `[-]YYYY[-MM[-DD]]` in days since the epoch. A day that its month does not have runs over into the next month, as
/// such dates can be saved and a Deny with one must not lose its effect.
fn parse_date(text: &str) -> Option<i64> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut parts = unsigned.split('-');
    let year = sign * field(parts.next()?, 9)?;
    let month = parts.next().map_or(Some(1), |month| field(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| field(day, 2))?;
    let valid = parts.next().is_none() && YEARS.contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| days_before_month(year, month) + day - 1)
}

/// `[hh:mm[:ss[.fraction]]][Z|±hh[:mm]]` in seconds since midnight UTC, and nanoseconds. Without a zone it is UTC.
fn parse_time(text: &str) -> Option<(i64, u32)> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(zone) => {
            let (clock, zone) = text.split_at(zone);
            (clock, parse_zone(zone)?)
        }
        None => (text, 0),
    };
    if clock.is_empty() {
        return Some((-offset, 0));
    }
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let hour = field(parts.next()?, 2)?;
    let minute = parts.next().map_or(Some(0), |minute| field(minute, 2))?;
    let second = parts.next().map(|second| field(second, 2));
    // A fraction is one of a second.
    if parts.next().is_some() || (second.is_none() && fraction.is_some()) {
        return None;
    }
    let second = second.unwrap_or(Some(0))?;
    let nanoseconds = fraction.map_or(Some(0), parse_fraction)?;
    let valid = hour <= 23 && minute <= 59 && second <= 59;
    valid.then_some((hour * 3600 + minute * 60 + second - offset, nanoseconds))
}

/// `Z` or `±hh[:mm]`, in seconds east of UTC.
fn parse_zone(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = text.strip_prefix('-').map(|rest| (-1, rest)).or_else(|| Some((1, text.strip_prefix('+')?)))?;
    let (hours, minutes) = rest.split_once(':').map_or((rest, "00"), |parts| parts);
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// One to nine digits, as nanoseconds.
fn parse_fraction(text: &str) -> Option<u32> {
    let digits = u32::try_from(text.len()).ok().filter(|count| (1..=9).contains(count))?;
    let value = u32::try_from(field(text, 9)?).ok()?;
    Some(value * 10_u32.pow(9 - digits))
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() == 2 { field(text, 2) } else { None }
}

/// At least one digit and at most `longest`.
fn field(text: &str, longest: usize) -> Option<i64> {
    let digits = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Days from the epoch to the first of a month in the proleptic Gregorian calendar. Years are counted from March, so
/// that the leap day is a year's last.
fn days_before_month(year: i64, month: i64) -> i64 {
    let (year, months_since_march) = if month >= 3 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_since_march = (153 * months_since_march + 2) / 5;
    // 719,468 days lie between 0000-03-01 and the epoch.
    year * 365 + leap_days + days_since_march - 719_468
}
