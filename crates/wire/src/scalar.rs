//! Scalars as text (form parameters, labels, headers, XML) and as members of the tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use doorward_shapes::{Kind, Shape, TimestampFormat};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Number, Value};

/// A scalar out of text; nothing if the text is not of the shape's kind or the kind is no scalar.
pub(crate) fn from_text(shape: &Shape, text: &str) -> Option<Value> {
    Some(match &shape.kind {
        Kind::String { .. } => text.into(),
        Kind::Integer(_) => Value::from(integer(text)?.parse::<i32>().ok()?),
        Kind::Long(_) => Value::from(integer(text)?.parse::<i64>().ok()?),
        Kind::Float | Kind::Double => float(text)?,
        Kind::Boolean => match text {
            "true" => true.into(),
            "false" => false.into(),
            _ => return None,
        },
        Kind::Blob { .. } => blob(text)?,
        Kind::Timestamp(_) => timestamp(text)?.to_string().into(),
        Kind::Structure(_) | Kind::Union(_) | Kind::List(_) | Kind::Map(_) | Kind::Document => return None,
    })
}

/// Text of a scalar; timestamps in the shape's own format or else the given one.
pub(crate) fn to_text(shape: &Shape, tree: &Value, default: TimestampFormat) -> Option<String> {
    match (&shape.kind, tree) {
        (Kind::Timestamp(format), Value::String(text)) => {
            let time: Timestamp = text.parse().ok()?;
            Some(match format.unwrap_or(default) {
                TimestampFormat::Iso8601 => time.to_string(),
                TimestampFormat::UnixTimestamp => epoch(time).to_string(),
                TimestampFormat::Rfc822 => rfc822(time)?,
            })
        }
        (_, Value::String(text)) => Some(text.clone()),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

/// Name of a scalar kind for error texts.
pub(crate) fn kind_name(shape: &Shape) -> &'static str {
    match &shape.kind {
        Kind::Structure(_) | Kind::Union(_) => "structure",
        Kind::List(_) => "list",
        Kind::Map(_) => "map",
        Kind::String { .. } => "string",
        Kind::Integer(_) => "integer",
        Kind::Long(_) => "long",
        Kind::Float => "float",
        Kind::Double => "double",
        Kind::Boolean => "boolean",
        Kind::Blob { .. } => "blob",
        Kind::Timestamp(_) => "timestamp",
        Kind::Document => "document",
    }
}

/// Bytes: base64 with padding and nothing else; in the tree as it came.
pub(crate) fn blob(text: &str) -> Option<Value> {
    BASE64.decode(text).ok().map(|_| text.into())
}

/// Decimal digits, perhaps with a minus before them.
fn integer(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

/// A decimal number, or one of three names.
fn float(text: &str) -> Option<Value> {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Some(text.into()),
        _ if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => {
            Number::from_f64(text.parse().ok()?).map(Value::Number)
        }
        _ => None,
    }
}

/// ISO 8601 with an offset, seconds since 1970, or the date form of HTTP.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-') {
        return from_epoch_text(text);
    }
    text.parse().ok().or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
}

/// Seconds since 1970 as decimal text, exact to the nanosecond.
fn from_epoch_text(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: i32 = format!("{fraction:0<9}").parse().ok()?;
    let nanoseconds = if text.starts_with('-') { -nanoseconds } else { nanoseconds };
    Timestamp::new(integer(seconds)?.parse().ok()?, nanoseconds).ok()
}

/// Seconds since 1970 out of a JSON number, to the millisecond as AWS keeps it.
pub(crate) fn from_epoch(number: &Number) -> Option<Timestamp> {
    match number.as_i64() {
        Some(seconds) => Timestamp::from_second(seconds).ok(),
        None => from_epoch_text(&format!("{:.3}", number.as_f64()?)),
    }
}

/// Seconds since 1970: an integer, or with a fraction to the millisecond.
pub(crate) fn epoch(time: Timestamp) -> Number {
    let milliseconds = time.as_millisecond();
    let (sign, size) = (if milliseconds < 0 { "-" } else { "" }, milliseconds.unsigned_abs());
    let fraction = match size % 1000 {
        0 => None,
        fraction => format!("{sign}{}.{fraction:03}", size / 1000).parse().ok().and_then(Number::from_f64),
    };
    fraction.unwrap_or_else(|| Number::from(time.as_second()))
}

fn rfc822(time: Timestamp) -> Option<String> {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}
