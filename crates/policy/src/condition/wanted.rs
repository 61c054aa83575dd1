//! What a condition wants its key to be: the policy's values, read once.

use std::cmp::Ordering;

use super::date::Instant;
use super::ip::Range;
use super::number::Decimal;
use super::text::{ArnPattern, TextPattern, Truth};
use super::{binary, ip};
use crate::context::Context;
use crate::document::{Spanned, Version};
use crate::operator::Base;
use crate::pattern::{Case, Meter, READING};
use crate::variables::Syntax;

/// The values by the way in which the operator compares. None is a value that cannot be read as what it has to be.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// `Null`: what the condition is without the key, and with it.
    Null {
        if_absent: bool,
        if_present: bool,
    },
    Texts(Box<[TextPattern]>, Case),
    Arns(Box<[ArnPattern]>),
    Bools(Box<[Truth]>),
    Binaries(Box<[Box<str>]>),
    Ranges(Box<[Option<Range>]>),
    Numbers(Box<[Option<Decimal<Box<str>>>]>, fn(Ordering) -> bool),
    Dates(Box<[Option<Instant>]>, fn(Ordering) -> bool),
}

impl Wanted {
    pub(super) fn new(base: Base, values: &[Spanned<String>], version: Version) -> Wanted {
        let texts = || values.iter().map(|value| value.value.as_str());
        let patterns =
            |syntax, case| Wanted::Texts(texts().map(|text| TextPattern::new(text, syntax, version)).collect(), case);
        let numbers =
            |test| Wanted::Numbers(texts().map(|text| Some(Decimal::parse(text)?.to_owned())).collect(), test);
        let dates = |test| Wanted::Dates(texts().map(Instant::parse).collect(), test);
        let has = |truth: &str| texts().any(|text| text.eq_ignore_ascii_case(truth));
        match base {
            Base::Null => Wanted::Null { if_absent: has("true"), if_present: has("false") },
            Base::StringEquals | Base::StringNotEquals => patterns(Syntax::Literal, Case::Sensitive),
            Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => {
                patterns(Syntax::Literal, Case::Insensitive)
            }
            Base::StringLike | Base::StringNotLike => patterns(Syntax::Glob, Case::Sensitive),
            Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => {
                Wanted::Arns(texts().map(|text| ArnPattern::new(text, version)).collect())
            }
            Base::Bool => Wanted::Bools(texts().map(|text| Truth::new(text, version)).collect()),
            Base::BinaryEquals => {
                Wanted::Binaries(texts().filter(|text| binary::is_canonical(text)).map(Box::from).collect())
            }
            Base::IpAddress | Base::NotIpAddress => Wanted::Ranges(texts().map(Range::parse).collect()),
            Base::NumericEquals | Base::NumericNotEquals => numbers(Ordering::is_eq),
            Base::NumericLessThan => numbers(Ordering::is_lt),
            Base::NumericLessThanEquals => numbers(Ordering::is_le),
            Base::NumericGreaterThan => numbers(Ordering::is_gt),
            Base::NumericGreaterThanEquals => numbers(Ordering::is_ge),
            Base::DateEquals | Base::DateNotEquals => dates(Ordering::is_eq),
            Base::DateLessThan => dates(Ordering::is_lt),
            Base::DateLessThanEquals => dates(Ordering::is_le),
            Base::DateGreaterThan => dates(Ordering::is_gt),
            Base::DateGreaterThanEquals => dates(Ordering::is_ge),
        }
    }

    /// Whether any of the values covers the request's, by the positive form of the operator; none when no value does and
    /// one of them, or the request's, cannot be read as a number, date or address.
    pub(super) fn any_covers(&self, value: &str, context: &Context<'_>, meter: &mut Meter) -> Option<bool> {
        match self {
            // Whether a key is there is not a question of its values.
            Wanted::Null { .. } => Some(false),
            Wanted::Texts(texts, case) => Some(texts.iter().any(|text| text.covers(value, *case, context, meter))),
            Wanted::Arns(arns) => Some(arns.iter().any(|arn| arn.covers(value, context, meter))),
            Wanted::Bools(truths) => Some(truths.iter().any(|truth| truth.is(value, context, meter))),
            Wanted::Binaries(binaries) => {
                Some(binaries.iter().any(|binary| meter.spend_on_bytes(binary.len()) && **binary == *value))
            }
            Wanted::Ranges(ranges) => any(ranges, || ip::parse(value), Range::contains, meter),
            Wanted::Numbers(numbers, test) => {
                meter.spend_on_bytes(value.len());
                any(numbers, || Decimal::parse(value), |wanted, value| test(value.compare(wanted)), meter)
            }
            Wanted::Dates(dates, test) => {
                any(dates, || Instant::parse(value), |wanted, value| test(value.cmp(wanted)), meter)
            }
        }
    }
}

fn any<W, V>(
    wanted: &[Option<W>],
    read: impl FnOnce() -> Option<V>,
    covers: impl Fn(&W, &V) -> bool,
    meter: &mut Meter,
) -> Option<bool> {
    // Without values nothing is compared, so nothing has to be readable.
    if wanted.is_empty() {
        return Some(false);
    }
    meter.spend(READING);
    let value = read()?;
    let mut compared = true;
    for wanted in wanted {
        match wanted {
            Some(wanted) if meter.spend(1) && covers(wanted, &value) => return Some(true),
            Some(_) => {}
            None => compared = false,
        }
    }
    compared.then_some(false)
}
