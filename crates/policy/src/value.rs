//! The types of a request's values, as the policy simulator is told them (IAM API Reference, ContextEntry).

/// What a value is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    String,
    /// A decimal number.
    Numeric,
    /// `true` or `false`, in any case.
    Boolean,
    /// An IPv4 or IPv6 address.
    Ip,
    /// Base64 with padding, in its canonical form.
    Binary,
    /// An ISO 8601 date, or seconds since 1970.
    Date,
}

impl ValueType {
    /// Whether a value is of this type: whether conditions that compare such values can read it.
    pub fn includes(self, value: &str) -> bool {
        crate::condition::can_read(self, value)
    }
}

#[cfg(test)]
mod tests {
    use super::ValueType::{self, *};

    fn check(value_type: ValueType, value: &str, expect: bool) {
        assert_eq!(value_type.includes(value), expect, "{value_type:?} {value:?}");
    }

    #[test]
    fn values_are_of_a_type_if_conditions_can_read_them() {
        for (value_type, good, bad) in [
            (Numeric, vec!["1", "-1.5", "1e3"], vec!["", "one", "1,5", "0x1"]),
            (Boolean, vec!["true", "False"], vec!["", "yes", "1"]),
            (Ip, vec!["203.0.113.7", "2001:db8::1"], vec!["", "203.0.113.0/24", "203.0.113"]),
            (Binary, vec!["", "QUJD", "QQ=="], vec!["QQ", "Q===", "QR==", "not base64"]),
            (Date, vec!["2026-11-25T12:00:00Z", "2026-11-25", "1795608000"], vec!["", "today", "2026-13-01"]),
            (String, vec!["", "anything"], vec![]),
        ] {
            good.into_iter().for_each(|value| check(value_type, value, true));
            bad.into_iter().for_each(|value| check(value_type, value, false));
        }
    }
}
