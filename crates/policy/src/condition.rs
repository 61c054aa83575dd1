//! Conditions (User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys
//! or values").

mod binary;
mod date;
mod ip;
mod number;
mod text;
mod wanted;

use crate::context::{Context, Key, Lookup};
use crate::document::{Condition, Effect, Version};
use crate::operator::{Base, Operator, SetOperator};
use crate::pattern::{Meter, READING};
use crate::value::ValueType;
use wanted::Wanted;

/// Whether conditions can read a request's value as one of this type.
pub(crate) fn can_read(value_type: ValueType, value: &str) -> bool {
    match value_type {
        ValueType::String => true,
        ValueType::Numeric => number::Decimal::parse(value).is_some(),
        ValueType::Boolean => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        ValueType::Ip => ip::parse(value).is_some(),
        ValueType::Binary => binary::is_canonical(value),
        ValueType::Date => date::Instant::parse(value).is_some(),
    }
}

/// What a condition is judged in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The statement's effect: it says which answer is the safe one.
    pub(crate) effect: Effect,
    /// The request's keys.
    pub(crate) context: &'a Context<'a>,
}

/// A condition that has been read.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    key: Key<'static>,
    operator: Operator,
    wanted: Wanted,
}

impl Test {
    pub(crate) fn new(condition: &Condition, version: Version) -> Test {
        let operator = condition.operator.value;
        Test {
            key: Key::from(condition.key.value.clone()),
            operator,
            wanted: Wanted::new(operator.base, &condition.values, version),
        }
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, scope: Scope<'_>, meter: &mut Meter) -> bool {
        let found = scope.context.find(&self.key);
        if !meter.spend(READING) {
            return false;
        }
        // An empty text is present; set operators change nothing.
        if let Wanted::Null { if_absent, if_present } = self.wanted {
            return if found == Lookup::Absent { if_absent } else { if_present };
        }
        let mut test = |value: &str| self.one(value, scope, meter);
        match (self.operator.set, found) {
            (_, Lookup::Absent) => missing_key(self.operator),
            (_, Lookup::Ambiguous) => unknowable(scope.effect),
            (None, Lookup::One(value)) => test(value),
            // A multivalued key needs a set operator, be the operator negated or not.
            (None, Lookup::Many(_)) => false,
            (Some(set), Lookup::One(value)) => over(set, &[value], test),
            (Some(set), Lookup::Many(values)) => over(set, values, test),
        }
    }

    /// One value of the request against all values of the policy: any may match, or none for negated operators. So no
    /// values in the policy fail positive operators and satisfy negated ones.
    fn one(&self, value: &str, scope: Scope<'_>, meter: &mut Meter) -> bool {
        let matched = self.wanted.any_covers(value, scope.context, meter);
        match is_negated(self.operator.base) {
            false => matched == Some(true),
            true => matched.map_or(unknowable(scope.effect), |matched| !matched),
        }
    }
}

/// Without the key positive operators fail and negated ones hold; `IfExists` and `ForAllValues` always hold.
/// `ForAnyValue` fails even when negated, except with `IfExists`, to which the guide knows no exception.
fn missing_key(operator: Operator) -> bool {
    operator.if_exists
        || match operator.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => false,
            None => is_negated(operator.base),
        }
}

/// The answer where there is none to be known, which AWS does not document: an Allow does not apply, a Deny does.
fn unknowable(effect: Effect) -> bool {
    effect == Effect::Deny
}

/// Applies a set operator. A lone empty text counts as no value.
fn over<T: AsRef<str>>(set: SetOperator, values: &[T], mut test: impl FnMut(&str) -> bool) -> bool {
    let nothing = matches!(values, [only] if only.as_ref().is_empty());
    match set {
        SetOperator::ForAllValues => nothing || values.iter().all(|value| test(value.as_ref())),
        SetOperator::ForAnyValue => !nothing && values.iter().any(|value| test(value.as_ref())),
    }
}

fn is_negated(base: Base) -> bool {
    matches!(
        base,
        Base::StringNotEquals
            | Base::StringNotEqualsIgnoreCase
            | Base::StringNotLike
            | Base::NumericNotEquals
            | Base::DateNotEquals
            | Base::NotIpAddress
            | Base::ArnNotEquals
            | Base::ArnNotLike
    )
}

#[cfg(test)]
mod tests;
