//! `ContextEntries`: the condition keys of a simulated request (IAM API Reference, ContextEntry).

use doorward_policy::context::{Context, Lookup};
use doorward_policy::value::ValueType;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

/// The keys, each once and with values of its type.
pub(super) fn entries(entries: &[api::ContextEntry]) -> Result<Context<'static>, Error> {
    let mut context = Context::new();
    for entry in entries {
        let (Some(name), Some(values), Some(kind)) =
            (&entry.context_key_name, &entry.context_key_values, entry.context_key_type)
        else {
            return Err(error::invalid_input(
                "ContextEntries must have ContextKeyName, ContextKeyValues and ContextKeyType.",
            ));
        };
        let (value_type, many) = read(kind);
        if let Some(value) = values.iter().find(|value| !value_type.includes(value)) {
            let text = format!("The value {value} of the context key {name} is not of the type {}.", kind.as_str());
            return Err(error::invalid_input(text));
        }
        if context.iter().any(|(held, _)| held.eq_ignore_ascii_case(name)) {
            return Err(error::invalid_input(format!("The context key {name} is given more than once.")));
        }
        match (values.as_slice(), many) {
            (values, true) => context.insert(name.clone(), values.to_vec()),
            ([only], false) => context.insert(name.clone(), only.clone()),
            (_, false) => {
                let text = format!("The context key {name} of the type {} must have one value.", kind.as_str());
                return Err(error::invalid_input(text));
            }
        }
    }
    Ok(context)
}

/// The type of each value, and whether there may be several.
fn read(kind: api::ContextKeyTypeEnum) -> (ValueType, bool) {
    use api::ContextKeyTypeEnum as Kind;
    match kind {
        Kind::String => (ValueType::String, false),
        Kind::StringList => (ValueType::String, true),
        Kind::Numeric => (ValueType::Numeric, false),
        Kind::NumericList => (ValueType::Numeric, true),
        Kind::Boolean => (ValueType::Boolean, false),
        Kind::BooleanList => (ValueType::Boolean, true),
        Kind::Ip => (ValueType::Ip, false),
        Kind::IpList => (ValueType::Ip, true),
        Kind::Binary => (ValueType::Binary, false),
        Kind::BinaryList => (ValueType::Binary, true),
        Kind::Date => (ValueType::Date, false),
        Kind::DateList => (ValueType::Date, true),
    }
}

/// The keys that were given, and those of `known` that were not: what is said of a request goes before what follows from
/// its caller.
pub(super) fn with_known(given: &Context<'static>, known: &Context<'static>) -> Context<'static> {
    let mut context = given.clone();
    let is_given = |key: &str| given.iter().any(|(held, _)| held.eq_ignore_ascii_case(key));
    for (key, values) in known.iter().filter(|(key, _)| given.get(key) == Lookup::Absent && !is_given(key)) {
        context.insert(key.to_owned(), values.clone());
    }
    context
}

#[cfg(test)]
mod tests {
    use doorward_policy::context::Values;

    use super::*;

    fn check(kind: &str, values: &[&str], expect: Option<Values<'static>>) {
        let entry = api::ContextEntry {
            context_key_name: Some("aws:Key".to_owned()),
            context_key_values: Some(values.iter().map(|&value| value.to_owned()).collect()),
            context_key_type: api::ContextKeyTypeEnum::parse(kind),
        };
        let read = entries(&[entry]).ok();
        let held = read.as_ref().and_then(|context| context.iter().next()).map(|(_, values)| values.clone());
        assert_eq!(held, expect, "{kind} {values:?}");
    }

    #[test]
    fn values_are_of_their_type_one_or_many() {
        for (kind, good, bad) in [
            ("string", "", None),
            ("numeric", "1.5", Some("many")),
            ("boolean", "true", Some("yes")),
            ("ip", "2001:db8::1", Some("203.0.113.0/24")),
            ("binary", "QUJD", Some("ABC")),
            ("date", "2026-11-25T12:00:00Z", Some("today")),
        ] {
            let list = format!("{kind}List");
            check(kind, &[good], Some(good.into()));
            check(kind, &[good, good], None);
            check(kind, &[], None);
            check(&list, &[good], Some([good].into()));
            check(&list, &[good, good], Some([good, good].into()));
            check(&list, &[], Some(Values::Many(Vec::new())));
            if let Some(bad) = bad {
                check(kind, &[bad], None);
                check(&list, &[good, bad], None);
            }
        }
    }
}
