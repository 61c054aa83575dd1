//! Statement ids.

use std::collections::BTreeSet;

use crate::document::Spanned;
use crate::error::Problem;

/// The first statement id with a character other than letters and digits.
pub(super) fn malformed<'s>(mut sids: impl Iterator<Item = &'s Spanned<String>>) -> Option<Problem> {
    let sid = sids.find(|sid| !sid.value.bytes().all(|b| b.is_ascii_alphanumeric()))?;
    Some(Problem::new(sid.span, "A `Sid` holds letters and digits only."))
}

/// The first statement id that occurred before. The empty one may repeat.
pub(super) fn repeated<'s>(sids: impl Iterator<Item = &'s Spanned<String>>) -> Option<Problem> {
    let mut seen = BTreeSet::new();
    let sid = sids.filter(|sid| !sid.value.is_empty()).find(|sid| !seen.insert(&sid.value))?;
    Some(Problem::new(sid.span, format!("The `Sid` `{}` is used by an earlier statement.", sid.value)))
}
