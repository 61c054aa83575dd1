//! Wildcard matching in linear memory and at most pattern × text steps, and the budget that all matching draws on.

mod glob;

pub(crate) use glob::Glob;

/// How many steps one decision may take before it is denied.
///
/// A step is one element of a pattern tried at one place of a text, a few nanoseconds; all other work is counted as the
/// number of steps that take about as long. Thousands of ordinary statements need some hundred thousand steps. The limit
/// keeps the costliest policies that the quotas admit near 20 ms.
pub const STEP_BUDGET: u64 = 4_000_000;

/// Looking at one statement, finding one key or reading one value.
pub(crate) const READING: u64 = 4;

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

    /// Takes the steps for comparing so many bytes.
    pub(crate) fn spend_on_bytes(&mut self, bytes: usize) -> bool {
        self.spend_on(1 + bytes / BYTES_PER_STEP)
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

impl Token<'_> {
    /// The bytes that it stands for, unless it is a wildcard.
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Token::Text(text) | Token::Value(text) => Some(text.as_bytes()),
            Token::Colon => Some(b":"),
            Token::AnyChar | Token::AnyRun => None,
        }
    }
}

/// What a pattern is made of, whether it holds its text or borrows it.
pub(crate) trait Element {
    /// The element.
    fn token(&self) -> Token<'_>;
}

impl Element for Token<'_> {
    fn token(&self) -> Token<'_> {
        *self
    }
}

/// Whether `A` and `a` are the same. Only ASCII letters are ever folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

impl Case {
    pub(crate) fn equal(self, left: &[u8], right: &[u8]) -> bool {
        match self {
            Case::Sensitive => left == right,
            // Most texts are written alike, and that is found out sooner.
            Case::Insensitive => left == right || left.eq_ignore_ascii_case(right),
        }
    }
}

/// Whether the pattern covers the whole text.
///
/// A mismatch lets the latest `*` take more bytes, up to the next place where what follows it can begin. Earlier ones
/// need not be tried again, because the latest was reached as early in the text as possible; so there is no recursion and
/// nothing to remember but that one place.
pub(crate) fn matches<E: Element>(pattern: &[E], text: &[u8], case: Case, meter: &mut Meter) -> bool {
    // Whatever is in between, the last element has to cover the end.
    if let Some(last) = pattern.last()
        && let Some(end) = last.token().bytes()
        && !(meter.spend_on_bytes(end.len()) && text.len() >= end.len() && ends_with(text, end, case))
    {
        return false;
    }
    let (mut next, mut at) = (0, 0);
    let mut latest_run: Option<(usize, usize)> = None;
    while meter.spend(1) {
        let rest = text.get(at..).unwrap_or_default();
        let token = pattern.get(next).map(Element::token);
        let taken = match token {
            None if rest.is_empty() => return true,
            None => None,
            Some(Token::AnyRun) => {
                next += 1;
                let Some(after) = pattern.get(next) else { return true };
                let Some(start) = next_start(after, text, at, case, meter) else { return false };
                latest_run = Some((next, start));
                // Where a single byte follows, it has just been found.
                let found = usize::from(after.token().bytes().is_some_and(|bytes| bytes.len() == 1));
                (next, at) = (next + found, start + found);
                continue;
            }
            Some(Token::AnyChar) => first_char(rest),
            Some(token) => prefix(token.bytes().unwrap_or_default(), rest, case, meter),
        };
        if let Some(length) = taken {
            next += 1;
            at += length;
            continue;
        }
        let Some((after, start)) = latest_run.filter(|(_, start)| *start < text.len()) else { return false };
        let Some(element) = pattern.get(after) else { return true };
        let Some(start) = next_start(element, text, start + 1, case, meter) else { return false };
        latest_run = Some((after, start));
        (next, at) = (after, start);
    }
    false
}

fn ends_with(text: &[u8], end: &[u8], case: Case) -> bool {
    text.get(text.len() - end.len()..).is_some_and(|tail| case.equal(tail, end))
}

/// The first place, not before `from`, where the element may begin; none where it cannot begin any more.
fn next_start<E: Element>(element: &E, text: &[u8], from: usize, case: Case, meter: &mut Meter) -> Option<usize> {
    let token = element.token();
    let Some(&first) = token.bytes().and_then(<[u8]>::first) else { return Some(from) };
    let rest = text.get(from..)?;
    if rest.first() == Some(&first) {
        return Some(from);
    }
    let found = match case {
        Case::Sensitive => memchr::memchr(first, rest),
        Case::Insensitive => memchr::memchr2(first.to_ascii_lowercase(), first.to_ascii_uppercase(), rest),
    };
    meter.spend_on_bytes(found.unwrap_or(rest.len()));
    found.map(|offset| from + offset)
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
    if let [only] = part {
        let found = rest.first()?;
        return (found == only || case == Case::Insensitive && found.eq_ignore_ascii_case(only)).then_some(1);
    }
    let start = rest.get(..part.len())?;
    let affordable = part.len() < BYTES_PER_STEP || meter.spend_on_bytes(part.len());
    (affordable && case.equal(start, part)).then_some(part.len())
}

#[cfg(test)]
mod tests;
