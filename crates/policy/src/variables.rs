//! Policy variables (User Guide, "IAM policy elements: Variables and tags"), and the reading of patterns that hold them.

use crate::context::{Context, Lookup};
use crate::pattern::{Meter, READING, Token};

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

/// Reads a pattern. Without `variables`, `${…}` is ordinary text: in version 2008-10-17, and for operators that do not
/// expand variables.
pub(crate) fn read<'a>(
    pattern: &'a str,
    syntax: Syntax,
    variables: Option<&'a Context>,
    meter: &mut Meter,
) -> Result<Vec<Token<'a>>, Unresolved> {
    let mut reader = Reader { syntax, tokens: Vec::new(), colons: 0 };
    let mut rest = pattern;
    if let Some(context) = variables {
        while let Some((before, reference, after)) = next_reference(rest) {
            reader.text(before);
            reader.value(reference.resolve(context).ok_or(Unresolved)?);
            rest = after;
        }
    }
    reader.text(rest);
    meter.spend_on(READING + 4 * reader.tokens.len());
    Ok(reader.tokens)
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

struct Reader<'a> {
    syntax: Syntax,
    tokens: Vec<Token<'a>>,
    /// How many [`Token::Colon`]s there are.
    colons: usize,
}

impl<'a> Reader<'a> {
    fn text(&mut self, text: &'a str) {
        let wildcards = self.syntax != Syntax::Literal;
        let separators = matches!(self.syntax, Syntax::ResourceArn | Syntax::ConditionArn);
        self.split(text, wildcards, separators, Token::Text);
    }

    fn value(&mut self, value: &'a str) {
        self.split(value, false, self.syntax == Syntax::ConditionArn, Token::Value);
    }

    fn split(&mut self, text: &'a str, wildcards: bool, separators: bool, token: fn(&'a str) -> Token<'a>) {
        let mut rest = text;
        loop {
            let special = |c: char| match c {
                '*' | '?' => wildcards,
                ':' => separators && self.colons < 5,
                _ => false,
            };
            let end = rest.find(special).unwrap_or(rest.len());
            let (plain, tail) = rest.split_at(end);
            if !plain.is_empty() {
                self.tokens.push(token(plain));
            }
            let mut tail = tail.chars();
            match tail.next() {
                None => return,
                Some('*') => self.tokens.push(Token::AnyRun),
                Some('?') => self.tokens.push(Token::AnyChar),
                Some(_) => {
                    self.colons += 1;
                    self.tokens.push(Token::Colon);
                }
            }
            rest = tail.as_str();
        }
    }
}

/// `${…}` in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// `${*}`, `${?}` or `${$}`: the character itself, never a wildcard.
    Character(&'a str),
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

    fn resolve(self, context: &'a Context) -> Option<&'a str> {
        let (key, default) = match self {
            Reference::Character(character) => return Some(character),
            Reference::Key { key, default } => (key, default),
        };
        match context.get(key) {
            Lookup::One(value) if !value.is_empty() => Some(value),
            // A multivalued key cannot be used as a variable: it has no value.
            Lookup::One(_) | Lookup::Absent | Lookup::Many(_) => default,
            // Not even the default: that there is some value is certain.
            Lookup::Ambiguous => None,
        }
    }
}

#[cfg(test)]
mod tests;
