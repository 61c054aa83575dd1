//! Dates (W3C, "Date and Time Formats") and seconds since 1970, as instants.

/// Seconds since 1970-01-01T00:00:00Z, and nanoseconds.
pub(crate) type Instant = (i64, u32);

/// Digits alone are seconds; all else is a date, of which the time, or the day, or the month may be missing.
pub(crate) fn parse(text: &str) -> Option<Instant> {
    if text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok().map(|seconds| (seconds, 0));
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    // As in the check of documents, a minus in front makes a year of it, not seconds.
    let (sign, date) = match date.strip_prefix('-') {
        Some(date) => (-1, date),
        None => (1, date),
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() <= 9)?;
    let year = i64::from(digits(year, year.len())?).checked_mul(sign)?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() || (time.is_some() && day.is_none()) {
        return None;
    }
    let month = month.map_or(Some(1), |month| digits(month, 2))?;
    let day = day.map_or(Some(1), |day| digits(day, 2))?;
    let midnight = days(year, month, day)?.checked_mul(86_400)?;
    let (seconds, nanos) = time.map_or(Some((0, 0)), time_of_day)?;
    Some((midnight.checked_add(seconds)?, nanos))
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let fits = text.len() == count && text.chars().all(|c| c.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// Seconds from midnight UTC, and nanoseconds. Without a zone it is UTC.
fn time_of_day(text: &str) -> Option<Instant> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, 0)
    } else if let Some((clock, zone)) = text.split_once('+') {
        (clock, hours_minutes(zone)?)
    } else if let Some((clock, zone)) = text.split_once('-') {
        (clock, hours_minutes(zone)?.checked_neg()?)
    } else {
        (text, 0)
    };
    let (clock, nanos) = match clock.split_once('.') {
        Some((clock, fraction)) if clock.len() == 8 && (1..=9).contains(&fraction.len()) => {
            (clock, digits(&format!("{fraction:0<9}"), 9)?)
        }
        Some(_) => return None,
        None => (clock, 0),
    };
    let (minutes, seconds) = match clock.len() {
        5 => (hours_minutes(clock)?, 0),
        _ => {
            let (minutes, seconds) = clock.rsplit_once(':')?;
            (hours_minutes(minutes)?, i64::from(digits(seconds, 2).filter(|seconds| *seconds < 60)?))
        }
    };
    Some((minutes.checked_add(seconds)?.checked_sub(offset)?, nanos))
}

/// `hh:mm` in seconds.
fn hours_minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let hours = digits(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = digits(minutes, 2).filter(|minutes| *minutes < 60)?;
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60).map(i64::from)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, counted year by year and month by month.
fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    let leaps_before = |year: i64| {
        let last = year.checked_sub(1)?;
        last.div_euclid(4).checked_sub(last.div_euclid(100))?.checked_add(last.div_euclid(400))
    };
    let is_leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *lengths.get(month)?;
    if day < 1 || i64::from(day) > length {
        return None;
    }
    let years = year.checked_sub(1970)?.checked_mul(365)?;
    let leap_days = leaps_before(year)?.checked_sub(leaps_before(1970)?)?;
    let months: i64 = lengths.iter().take(month).sum();
    years.checked_add(leap_days)?.checked_add(months)?.checked_add(i64::from(day))?.checked_sub(1)
}
