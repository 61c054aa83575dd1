//! Wildcard matching in linear memory and at most pattern × text steps, and the budget that all matching draws on.

/// How many steps one decision may take before it is denied.
///
/// A step is one element of a pattern tried at one place of a text, a few nanoseconds; all other work is counted as the
/// number of steps that take about as long. Thousands of ordinary statements need some hundred thousand steps. The limit
/// keeps the costliest policies that the quotas admit near 20 ms.
pub const STEP_BUDGET: u64 = 4_000_000;

/// Reading one pattern or looking up one key, beside what its length costs.
pub(crate) const READING: usize = 16;

/// Comparing one value of a condition with one of the request, likewise.
pub(crate) const COMPARISON: usize = 64;

const BYTES_PER_STEP: usize = 64;

/// Counts steps down. When none are left everything counts as not matching, and the decision must be a denial.
#[derive(Debug)]
pub(crate) struct Meter {
    left: u64,
}

impl Meter {
    pub(crate) fn new(steps: u64) -> Self {
        Meter { left: steps }
    }

    /// Takes steps; false when there are no more.
    pub(crate) fn spend(&mut self, steps: u64) -> bool {
        self.left = self.left.saturating_sub(steps);
        self.left > 0
    }

    /// Takes as many steps as there are things to go through.
    pub(crate) fn spend_on(&mut self, things: usize) -> bool {
        self.spend(u64::try_from(things).unwrap_or(u64::MAX))
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.left == 0
    }
}

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Characters of the pattern that stand for themselves.
    Text(&'a str),
    /// A substituted value. It stands for itself: wildcards in it have no meaning.
    Value(&'a str),
    /// `?`: exactly one character.
    AnyChar,
    /// `*`: any run of characters, also none.
    AnyRun,
    /// One of the five colons between an ARN's components.
    Colon,
}

/// Whether `A` and `a` are the same. Only ASCII letters are ever folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

/// Whether the pattern covers the whole text.
///
/// A mismatch lets the latest `*` take one more byte. Earlier ones need not be tried again, because the latest was
/// reached as early in the text as possible; so there is no recursion and nothing to remember but that one place.
pub(crate) fn matches(pattern: &[Token<'_>], text: &str, case: Case, meter: &mut Meter) -> bool {
    let text = text.as_bytes();
    let (mut next, mut at) = (0, 0);
    let mut latest_run: Option<(usize, usize)> = None;
    while meter.spend(1) {
        let rest = text.get(at..).unwrap_or_default();
        let taken = match pattern.get(next) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Token::AnyRun) => {
                latest_run = Some((next + 1, at));
                if next + 1 == pattern.len() {
                    return true;
                }
                Some(0)
            }
            Some(Token::AnyChar) => first_char(rest),
            Some(Token::Text(part) | Token::Value(part)) => prefix(part.as_bytes(), rest, case, meter),
            Some(Token::Colon) => prefix(b":", rest, case, meter),
        };
        if let Some(length) = taken {
            next += 1;
            at += length;
            continue;
        }
        match latest_run {
            Some((after, start)) if start < text.len() => {
                latest_run = Some((after, start + 1));
                (next, at) = (after, start + 1);
            }
            _ => return false,
        }
    }
    false
}

/// The length of the first character; none at the end, and none inside of a character, where a `*` may have stopped.
fn first_char(rest: &[u8]) -> Option<usize> {
    match rest.first()? {
        0x00..0x80 => Some(1),
        0x80..0xc0 => None,
        0xc0..0xe0 => Some(2),
        0xe0..0xf0 => Some(3),
        0xf0.. => Some(4),
    }
}

/// The length of `part` when `rest` begins with it.
fn prefix(part: &[u8], rest: &[u8], case: Case, meter: &mut Meter) -> Option<usize> {
    let same = |left: &u8, right: &u8| match case {
        Case::Sensitive => left == right,
        Case::Insensitive => left.eq_ignore_ascii_case(right),
    };
    // Most places are wrong from the first byte on.
    if let (Some(left), Some(right)) = (part.first(), rest.first())
        && !same(left, right)
    {
        return None;
    }
    let start = rest.get(..part.len())?;
    let equal = part.len() == 1
        || match case {
            Case::Sensitive => start == part,
            Case::Insensitive => start.eq_ignore_ascii_case(part),
        };
    let affordable = part.len() < BYTES_PER_STEP || meter.spend_on(part.len() / BYTES_PER_STEP);
    (equal && affordable).then_some(part.len())
}

#[cfg(test)]
mod tests;
