//! Patterns without variables, read once.

use super::{Case, Element, Meter, Token, matches};
use crate::variables::Part;

/// A pattern that is the same for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Glob {
    /// `*`.
    Anything,
    /// A text without wildcards.
    Text(Box<str>),
    /// A text followed by `*`.
    Start(Box<str>),
    /// Any other.
    Parts(Box<[Part]>),
}

impl Glob {
    pub(crate) fn new(parts: &[Part]) -> Glob {
        match parts {
            [] => Glob::Text("".into()),
            [Part::AnyRun] => Glob::Anything,
            [Part::Text(text)] => Glob::Text(text.clone()),
            [Part::Text(text), Part::AnyRun] => Glob::Start(text.clone()),
            parts => Glob::Parts(parts.into()),
        }
    }

    /// Whether it covers the whole text.
    pub(crate) fn covers(&self, text: &[u8], case: Case, meter: &mut Meter) -> bool {
        match self {
            Glob::Anything => true,
            Glob::Text(whole) => whole.len() == text.len() && equal(whole, text, case, meter),
            Glob::Start(start) => text.get(..start.len()).is_some_and(|text| equal(start, text, case, meter)),
            Glob::Parts(parts) => matches(parts, text, case, meter),
        }
    }

    /// The characters that every text it covers begins with.
    pub(crate) fn literal_start(&self) -> &str {
        match self {
            Glob::Anything => "",
            Glob::Text(text) | Glob::Start(text) => text,
            Glob::Parts(parts) => match parts.first().map(Element::token) {
                Some(Token::Text(text)) => text,
                _ => "",
            },
        }
    }
}

fn equal(part: &str, text: &[u8], case: Case, meter: &mut Meter) -> bool {
    meter.spend_on_bytes(part.len()) && case.equal(part.as_bytes(), text)
}
