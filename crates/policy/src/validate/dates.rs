//! The values that Date operators accept when a policy is saved.

#[cfg(test)]
mod tests;

/// Whether a value is epoch seconds or an ISO 8601 date-time. Wider than what makes sense: a day 31 of February passes.
///
/// A value with a `T` or a `-` is a date-time; anything else must be an integer from 0 to 2^63 - 1.
pub(crate) fn is_date(value: &str) -> bool {
    if value.contains(['t', 'T', '-']) {
        is_date_time(&value.to_ascii_lowercase())
    } else {
        in_range(value, 0, i64::MAX)
    }
}

fn is_date_time(value: &str) -> bool {
    let (date, time) = value.split_once('t').unwrap_or((value, ""));
    let (negative, date) = date.strip_prefix('-').map_or((false, date), |rest| (true, rest));
    let mut parts = date.split('-');
    let year = parts.next().unwrap_or_default();
    let year = if negative { in_range(year, 0, 292_275_054) } else { in_range(year, 0, 292_278_993) };
    year && parts.next().is_none_or(|month| in_range(month, 1, 12))
        && parts.next().is_none_or(|day| in_range(day, 1, 31))
        && parts.next().is_none()
        && (time.is_empty() || is_time(time))
}

/// `hh[:mm[:ss[.fraction]]]`, and from `hh:mm` on a zone.
fn is_time(time: &str) -> bool {
    let zone = time.find(['z', '+', '-']);
    let (clock, zone) = zone.and_then(|at| time.split_at_checked(at)).unwrap_or((time, ""));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    in_range(hour, 0, 23)
        && minute.is_none_or(|minute| in_range(minute, 0, 59))
        && second.is_none_or(is_second)
        && parts.next().is_none()
        && (zone.is_empty() || minute.is_some() && is_zone(zone))
}

fn is_second(second: &str) -> bool {
    let (whole, fraction) = second.split_once('.').unwrap_or((second, "0"));
    in_range(whole, 0, 59) && fraction.len() <= 9 && in_range(fraction, 0, i64::MAX)
}

/// `z`, `+hh`, `+hh:mm`, and the same with `-` as the documentation has it.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone == "z" };
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
    hours.len() == 2 && in_range(hours, 0, 23) && minutes.len() == 2 && in_range(minutes, 0, 59)
}

/// Whether the text is digits only and its value within the bounds.
fn in_range(digits: &str, low: i64, high: i64) -> bool {
    digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse().is_ok_and(|n: i64| (low..=high).contains(&n))
}
