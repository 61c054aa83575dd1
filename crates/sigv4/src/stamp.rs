//! Times as Signature Version 4 writes them: `20260102T030405Z`.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::Error;
use crate::error::shown;

/// The length of `20150830T123600Z`.
const STAMP_BYTES: usize = 16;

/// The length of `Sun, 30 Aug 2015 12:36:00 GMT`.
const HTTP_DATE_BYTES: usize = 29;

/// The basic ISO 8601 form, in whole seconds of UTC.
pub(crate) fn format(time: Timestamp) -> String {
    let civil = Offset::UTC.to_datetime(time);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    )
}

/// Reads an `X-Amz-Date`: exactly `YYYYMMDDTHHMMSSZ`, an existing time, no leap second.
///
/// # Errors
/// `IncompleteSignature` with AWS's text.
pub(crate) fn parse(text: &str) -> Result<Timestamp, Error> {
    parse_basic(text).ok_or_else(|| malformed(text))
}

/// Reads a `Date` header: the basic form, or the preferred date format of HTTP (`Sun, 30 Aug 2015 12:36:00 GMT`). Gives
/// the time with its basic form, which is what a client signs in either case.
///
/// # Errors
/// `IncompleteSignature` with AWS's text.
pub(crate) fn parse_date_header(text: &str) -> Result<(Timestamp, Cow<'_, str>), Error> {
    if let Some(time) = parse_basic(text) {
        return Ok((time, Cow::Borrowed(text)));
    }
    if text.len() == HTTP_DATE_BYTES
        && text.ends_with(" GMT")
        && let Ok(time) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text)
    {
        return Ok((time, Cow::Owned(format(time))));
    }
    Err(malformed(text))
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; STAMP_BYTES] = text.as_bytes().try_into().ok()?;
    let [date @ .., b'T', h1, h2, m1, m2, s1, s2, b'Z'] = bytes else { return None };
    let [y1, y2, y3, y4, o1, o2, d1, d2] = date;
    let two = |tens: &u8, ones: &u8| -> Option<i8> {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok())
            .flatten()
    };
    let year = i16::from(two(y1, y2)?) * 100 + i16::from(two(y3, y4)?);
    let civil = DateTime::new(year, two(o1, o2)?, two(d1, d2)?, two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, 0).ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

fn malformed(text: &str) -> Error {
    Error::incomplete(format!(
        "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
        shown(text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let got = parse_date_header(text).ok().map(|(time, stamp)| {
            assert_eq!(format(time), stamp);
            time.to_string()
        });
        assert_eq!(got.as_deref(), expect, "{text:?}");
        if text.len() == STAMP_BYTES {
            assert_eq!(parse(text).ok().map(|time| time.to_string()).as_deref(), expect);
        } else {
            assert!(parse(text).is_err());
        }
    }

    #[test]
    fn f07_only_exact_forms_are_read() {
        check("20150830T123600Z", Some("2015-08-30T12:36:00Z"));
        check("20240229T235959Z", Some("2024-02-29T23:59:59Z"));
        check("Sun, 30 Aug 2015 12:36:00 GMT", Some("2015-08-30T12:36:00Z"));
        for text in [
            "",
            "20150830",
            "20150830T1236Z",
            "20150830T123600",
            "20150830t123600z",
            "20150830T123600+",
            "20150830T123600.0Z",
            "2015-08-30T12:36:00Z",
            "20150830 123600Z",
            "+2015083T123600Z",
            "20150230T123600Z",
            "20150001T123600Z",
            "20230229T000000Z",
            "20150830T240000Z",
            "20150830T236000Z",
            "20161231T235960Z", // A leap second.
            "99991231T235959Z", // Beyond the last time there is.
            "２０150830T1236Z",
            "1440938160",
            "Mon, 30 Aug 2015 12:36:00 GMT", // It was a Sunday.
            "Sun, 30 Aug 2015 12:36:00 UTC",
            "Sun, 30 Aug 2015 12:36:00 +00",
            "Sunday, 30-Aug-15 12:36:00 GMT",
            "Sun Aug 30 12:36:00 2015",
        ] {
            check(text, None);
        }
    }
}
