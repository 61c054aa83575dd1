//! Conditions (User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys
//! or values").

mod binary;
mod date;
mod ip;
mod number;

use crate::context::{Context, Lookup};
use crate::document::{Condition, Effect, Spanned, Version};
use crate::operator::{Base, Operator, SetOperator};
use crate::pattern::{COMPARISON, Case, Meter, READING, Token, matches};
use crate::variables::{Syntax, read};

/// What a condition is judged in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The statement's effect: it says which answer is the safe one.
    pub(crate) effect: Effect,
    /// The document's version.
    pub(crate) version: Version,
    /// The request's keys.
    pub(crate) context: &'a Context,
}

/// Whether the condition holds.
pub(crate) fn holds(condition: &Condition, scope: Scope<'_>, meter: &mut Meter) -> bool {
    let operator = condition.operator.value;
    let found = scope.context.get(&condition.key.value);
    if !meter.spend_on(READING) {
        return false;
    }
    if operator.base == Base::Null {
        return null(&condition.values, found);
    }
    let mut test = |value: &str| one(operator.base, value, &condition.values, scope, meter);
    match (operator.set, found) {
        (_, Lookup::Absent) => missing_key(operator),
        (_, Lookup::Ambiguous) => unknowable(scope.effect),
        (None, Lookup::One(value)) => test(value),
        // A multivalued key needs a set operator, be the operator negated or not.
        (None, Lookup::Many(_)) => false,
        (Some(set), Lookup::One(value)) => over(set, &[value], test),
        (Some(set), Lookup::Many(values)) => over(set, values, test),
    }
}

/// `Null`: the key's absence, or presence, is what one of the values asks for. An empty text is present; set operators
/// change nothing.
fn null(values: &[Spanned<String>], found: Lookup<'_>) -> bool {
    let asked = if found == Lookup::Absent { "true" } else { "false" };
    values.iter().any(|value| value.value.eq_ignore_ascii_case(asked))
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

/// One value of the request against all values of the policy: any may match, or none for negated operators. So no
/// values in the policy fail positive operators and satisfy negated ones.
fn one(base: Base, value: &str, policy: &[Spanned<String>], scope: Scope<'_>, meter: &mut Meter) -> bool {
    let mut compared = true;
    for wanted in policy {
        match compare(base, &wanted.value, value, scope, meter) {
            Some(true) => return !is_negated(base),
            Some(false) => {}
            None => compared = false,
        }
    }
    is_negated(base) && (compared || unknowable(scope.effect))
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

/// Compares one value of the request with one of the policy by the positive form of the operator; none when either
/// cannot be read as a number, date or address.
fn compare(base: Base, policy: &str, value: &str, scope: Scope<'_>, meter: &mut Meter) -> Option<bool> {
    if !meter.spend_on(COMPARISON + (policy.len() + value.len()) / 4) {
        return Some(false);
    }
    let ordering = |ordering: fn(&str, &str) -> Option<std::cmp::Ordering>| ordering(value, policy);
    match base {
        Base::StringEquals | Base::StringNotEquals => {
            Some(text(policy, value, Syntax::Literal, Case::Sensitive, scope, meter))
        }
        Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => {
            Some(text(policy, value, Syntax::Literal, Case::Insensitive, scope, meter))
        }
        Base::StringLike | Base::StringNotLike => {
            Some(text(policy, value, Syntax::Glob, Case::Sensitive, scope, meter))
        }
        Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => {
            Some(arn(policy, value, scope, meter))
        }
        Base::Bool => Some(boolean(policy, value, scope, meter)),
        Base::BinaryEquals => Some(binary::is_canonical(policy) && policy == value),
        Base::IpAddress | Base::NotIpAddress => ip::contains(policy, value),
        Base::NumericEquals | Base::NumericNotEquals => ordering(number::compare).map(|order| order.is_eq()),
        Base::NumericLessThan => ordering(number::compare).map(|order| order.is_lt()),
        Base::NumericLessThanEquals => ordering(number::compare).map(|order| order.is_le()),
        Base::NumericGreaterThan => ordering(number::compare).map(|order| order.is_gt()),
        Base::NumericGreaterThanEquals => ordering(number::compare).map(|order| order.is_ge()),
        Base::DateEquals | Base::DateNotEquals => ordering(date::compare).map(|order| order.is_eq()),
        Base::DateLessThan => ordering(date::compare).map(|order| order.is_lt()),
        Base::DateLessThanEquals => ordering(date::compare).map(|order| order.is_le()),
        Base::DateGreaterThan => ordering(date::compare).map(|order| order.is_gt()),
        Base::DateGreaterThanEquals => ordering(date::compare).map(|order| order.is_ge()),
        // Whether a key is there is not a question of its values.
        Base::Null => Some(false),
    }
}

/// Reads the policy's value with its variables. None when one of them has no value: the comparison then is false, and
/// so a negated operator holds (User Guide, "Policy variables with no value").
fn expand<'a>(policy: &'a str, syntax: Syntax, scope: Scope<'a>, meter: &mut Meter) -> Option<Vec<Token<'a>>> {
    let variables = (scope.version == Version::V2012).then_some(scope.context);
    read(policy, syntax, variables, meter).ok()
}

fn text(policy: &str, value: &str, syntax: Syntax, case: Case, scope: Scope<'_>, meter: &mut Meter) -> bool {
    expand(policy, syntax, scope, meter).is_some_and(|tokens| matches(&tokens, value, case, meter))
}

/// Component by component, each with wildcards; what has fewer than six is not an ARN and matches nothing.
fn arn(policy: &str, value: &str, scope: Scope<'_>, meter: &mut Meter) -> bool {
    let Some(tokens) = expand(policy, Syntax::ConditionArn, scope, meter) else { return false };
    let mut wanted = tokens.split(|token| *token == Token::Colon);
    let mut components = 0;
    for component in value.splitn(6, ':') {
        components += 1;
        if !wanted.next().is_some_and(|wanted| matches(wanted, component, Case::Sensitive, meter)) {
            return false;
        }
    }
    components == 6
}

/// Both sides have to be `true` or `false`, in any case. Variables are expanded: the operator's page allows it, although
/// the variables' page does not.
fn boolean(policy: &str, value: &str, scope: Scope<'_>, meter: &mut Meter) -> bool {
    ["true", "false"].iter().any(|truth| {
        value.eq_ignore_ascii_case(truth) && text(policy, truth, Syntax::Literal, Case::Insensitive, scope, meter)
    })
}

#[cfg(test)]
mod tests;
