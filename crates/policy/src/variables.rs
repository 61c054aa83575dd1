//! Policy variables (User Guide, "IAM policy elements: Variables and tags"), and the reading of patterns that hold them.

use smallvec::SmallVec;

use crate::context::{Context, Key, Lookup};
use crate::document::Version;
use crate::pattern::{Element, Meter, READING, Token};

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `*` and `?` are ordinary characters.
    Literal,
    /// `*` and `?` are wildcards.
    Glob,
    /// Wildcards, and the pattern's own first five colons separate the components of an ARN. A colon in a substituted
    /// value never does, so a value cannot shift the components.
    ResourceArn,
    /// Wildcards, and the first five colons after substitution separate components: `${aws:PrincipalArn}` is an ARN.
    ConditionArn,
}

/// A variable has no value and no default: the pattern stands for nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved;

/// A pattern as it is before any request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The same for every request.
    Fixed(Vec<Part>),
    /// With variables.
    Template(Template),
}

/// An element of a pattern that is the same for every request. The names are those of [`Token`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Box<str>),
    Value(&'static str),
    AnyChar,
    AnyRun,
    Colon,
}

impl Element for Part {
    fn token(&self) -> Token<'_> {
        match self {
            Part::Text(text) => Token::Text(text),
            Part::Value(value) => Token::Value(value),
            Part::AnyChar => Token::AnyChar,
            Part::AnyRun => Token::AnyRun,
            Part::Colon => Token::Colon,
        }
    }
}

/// A pattern with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Box<[Piece]>,
    /// The colons that separate components are found when the values are known.
    late_colons: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Part(Part),
    Variable { key: Key<'static>, default: Option<Box<str>> },
}

/// A pattern as it is for one request. So many elements need no allocation.
pub(crate) type Tokens<'a> = SmallVec<[Token<'a>; 24]>;

impl Pattern {
    /// Reads a pattern. In version 2008-10-17 `${…}` is ordinary text.
    pub(crate) fn read(pattern: &str, syntax: Syntax, version: Version) -> Pattern {
        let has_variables = version == Version::V2012 && keys(pattern).next().is_some();
        let mut splitter = Splitter {
            wildcards: syntax != Syntax::Literal,
            separators: match (syntax, has_variables) {
                (Syntax::Literal | Syntax::Glob, _) | (Syntax::ConditionArn, true) => 0,
                (Syntax::ResourceArn, _) | (Syntax::ConditionArn, false) => SEPARATORS,
            },
        };
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while version == Version::V2012
            && let Some((before, reference, after)) = next_reference(rest)
        {
            splitter.split(before, |part| pieces.push(Piece::Part(owned(part))));
            pieces.push(match reference {
                Reference::Character(character) => Piece::Part(Part::Value(character)),
                Reference::Key { key, default } => {
                    Piece::Variable { key: Key::from(key.to_owned()), default: default.map(Box::from) }
                }
            });
            rest = after;
        }
        splitter.split(rest, |part| pieces.push(Piece::Part(owned(part))));
        if has_variables {
            return Pattern::Template(Template { pieces: pieces.into(), late_colons: syntax == Syntax::ConditionArn });
        }
        let fixed = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Part(part) => Some(part),
            Piece::Variable { .. } => None,
        });
        Pattern::Fixed(fixed.collect())
    }
}

impl Template {
    /// Puts the request's values in.
    pub(crate) fn resolve<'a>(&'a self, context: &'a Context<'_>, meter: &mut Meter) -> Result<Tokens<'a>, Unresolved> {
        meter.spend_on(self.pieces.len());
        let mut tokens = Tokens::new();
        let mut colons = Splitter { wildcards: false, separators: if self.late_colons { SEPARATORS } else { 0 } };
        for piece in &self.pieces {
            match piece {
                Piece::Part(Part::Text(text)) => colons.split(text, |token| tokens.push(token)),
                Piece::Part(part) => tokens.push(part.token()),
                Piece::Variable { key, default } => {
                    meter.spend(READING);
                    let value = match context.find(key) {
                        Lookup::One(value) if !value.is_empty() => Some(value),
                        // A multivalued key cannot be used as a variable: it has no value.
                        Lookup::One(_) | Lookup::Absent | Lookup::Many(_) => default.as_deref(),
                        // Not even the default: that there is some value is certain.
                        Lookup::Ambiguous => None,
                    };
                    colons.split(value.ok_or(Unresolved)?, |token| {
                        tokens.push(match token {
                            Token::Text(text) => Token::Value(text),
                            other => other,
                        });
                    });
                }
            }
        }
        Ok(tokens)
    }

    /// The text that the component of an ARN with this number begins with, whatever the values.
    pub(crate) fn literal_start(&self, component: usize) -> &str {
        let mut colons = 0;
        let mut pieces = self.pieces.iter();
        while colons < component {
            match pieces.next() {
                Some(Piece::Part(Part::Colon)) => colons += 1,
                Some(_) => {}
                None => return "",
            }
        }
        match pieces.next() {
            Some(Piece::Part(Part::Text(text))) => text,
            _ => "",
        }
    }
}

/// How many colons separate the components of an ARN.
const SEPARATORS: usize = 5;

/// Cuts text at wildcards and separating colons.
struct Splitter {
    wildcards: bool,
    /// How many more colons separate.
    separators: usize,
}

impl Splitter {
    fn split<'a>(&mut self, text: &'a str, mut each: impl FnMut(Token<'a>)) {
        let mut rest = text;
        while !rest.is_empty() {
            let special = |c: char| match c {
                '*' | '?' => self.wildcards,
                ':' => self.separators > 0,
                _ => false,
            };
            let end = if self.wildcards || self.separators > 0 { rest.find(special) } else { None };
            let (plain, tail) = rest.split_at(end.unwrap_or(rest.len()));
            if !plain.is_empty() {
                each(Token::Text(plain));
            }
            let mut tail = tail.chars();
            match tail.next() {
                None => return,
                Some('*') => each(Token::AnyRun),
                Some('?') => each(Token::AnyChar),
                Some(_) => {
                    self.separators -= 1;
                    each(Token::Colon);
                }
            }
            rest = tail.as_str();
        }
    }
}

fn owned(token: Token<'_>) -> Part {
    match token {
        Token::Text(text) | Token::Value(text) => Part::Text(text.into()),
        Token::AnyChar => Part::AnyChar,
        Token::AnyRun => Part::AnyRun,
        Token::Colon => Part::Colon,
    }
}

/// The condition keys that a pattern refers to, in order.
pub(crate) fn keys(pattern: &str) -> impl Iterator<Item = &str> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        let (_, reference, after) = next_reference(rest)?;
        rest = after;
        Some(reference)
    })
    .filter_map(|reference| match reference {
        Reference::Key { key, .. } => Some(key),
        Reference::Character(_) => None,
    })
}

/// The first well-formed reference, with the text before and after it. Malformed ones are text.
fn next_reference(text: &str) -> Option<(&str, Reference<'_>, &str)> {
    text.match_indices("${").find_map(|(start, _)| {
        let (before, found) = text.split_at(start);
        let (reference, after) = Reference::parse(found)?;
        Some((before, reference, after))
    })
}

/// `${…}` in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// `${*}`, `${?}` or `${$}`: the character itself, never a wildcard.
    Character(&'static str),
    /// `${key}` or `${key, 'default'}`.
    Key { key: &'a str, default: Option<&'a str> },
}

impl<'a> Reference<'a> {
    /// Parses a reference at the start of `text` and gives what follows it.
    fn parse(text: &'a str) -> Option<(Self, &'a str)> {
        let body = text.strip_prefix("${")?;
        for character in ["*", "?", "$"] {
            if let Some(after) = body.strip_prefix(character).and_then(|tail| tail.strip_prefix('}')) {
                return Some((Reference::Character(character), after));
            }
        }
        let not_in_keys = |c: char| c.is_whitespace() || matches!(c, '}' | ',' | '$' | '{' | '\'' | '*' | '?');
        let (key, tail) = body.split_at(body.find(not_in_keys)?);
        let (default, tail) = match tail.strip_prefix(", '") {
            Some(quoted) => {
                let (default, tail) = quoted.split_once('\'')?;
                (Some(default), tail)
            }
            None => (None, tail),
        };
        let after = tail.strip_prefix('}')?;
        (!key.is_empty()).then_some((Reference::Key { key, default }, after))
    }
}

#[cfg(test)]
mod tests;
