//! Patterns, and variables in them (User Guide, "IAM policy elements: Variables and tags").

use crate::question::Values;

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any number of characters.
    Any,
}

/// The text as a pattern.
pub(crate) fn pattern(text: &str) -> Vec<Token> {
    text.chars().map(token).collect()
}

fn token(c: char) -> Token {
    match c {
        '*' => Token::Any,
        '?' => Token::One,
        c => Token::Char(c),
    }
}

/// Whether the pattern covers the whole text. After each token, `reach` has a mark at every length of text that the
/// tokens so far can cover.
pub(crate) fn glob(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reach: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for token in pattern {
        reach = match token {
            Token::Any => reach
                .iter()
                .scan(false, |seen, &here| {
                    *seen |= here;
                    Some(*seen)
                })
                .collect(),
            Token::One => std::iter::once(false).chain(reach.iter().copied().take(text.len())).collect(),
            Token::Char(c) => {
                std::iter::once(false).chain(reach.iter().zip(&text).map(|(&here, found)| here && found == c)).collect()
            }
        };
    }
    reach.last().copied().unwrap_or(false)
}

/// Like [`glob`], without regard to case.
pub(crate) fn glob_ignoring_case(pattern: &[Token], text: &str) -> bool {
    let lower: Vec<Token> = pattern
        .iter()
        .map(|token| match token {
            Token::Char(c) => Token::Char(c.to_ascii_lowercase()),
            other => *other,
        })
        .collect();
    glob(&lower, &text.to_ascii_lowercase())
}

/// What a condition key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held<'a> {
    Nothing,
    One(&'a str),
    Many(&'a [String]),
    /// The key stands there in two cases, with different values.
    Ambiguous,
}

/// What the key holds; keys do not differ by case.
pub(crate) fn lookup<'a>(context: &'a [(String, Values)], key: &str) -> Held<'a> {
    let mut found = context.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values);
    let Some(first) = found.next() else { return Held::Nothing };
    if found.any(|other| other != first) {
        return Held::Ambiguous;
    }
    match first {
        Values::One(value) => Held::One(value),
        Values::Many(values) if values.is_empty() => Held::Nothing,
        Values::Many(values) => Held::Many(values),
    }
}

/// What `${…}` means in a document: nothing where there is no context.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a> {
    pub(crate) context: Option<&'a Vec<(String, Values)>>,
}

impl Variables<'_> {
    /// The text as a pattern, in which values of variables are literal. None if a variable has no value.
    pub(crate) fn expand_pattern(self, text: &str) -> Option<Vec<Token>> {
        self.expand(text, token)
    }

    /// The text as literal text. None if a variable has no value.
    pub(crate) fn expand_literal(self, text: &str) -> Option<String> {
        let tokens = self.expand(text, Token::Char)?;
        Some(tokens.iter().filter_map(|token| if let Token::Char(c) = token { Some(*c) } else { None }).collect())
    }

    fn expand(self, text: &str, outside: fn(char) -> Token) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            match (self.context, variable(rest)) {
                (Some(context), Some((variable, after))) => {
                    tokens.extend(value(variable, context)?.chars().map(Token::Char));
                    rest = after;
                }
                _ => {
                    tokens.push(outside(c));
                    rest = rest.get(c.len_utf8()..).unwrap_or_default();
                }
            }
        }
        Some(tokens)
    }

    /// The six parts of an ARN pattern, or fewer. Colons in variables do not part.
    pub(crate) fn split_arn(self, text: &str) -> Vec<String> {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut after = rest.get(c.len_utf8()..).unwrap_or_default();
            if self.context.is_some()
                && let Some((_, behind)) = variable(rest)
            {
                after = behind;
            }
            let piece = rest.strip_suffix(after).unwrap_or_default();
            if piece == ":" && parts.len() < 5 {
                parts.push(std::mem::take(&mut part));
            } else {
                part.push_str(piece);
            }
            rest = after;
        }
        parts.push(part);
        parts
    }
}

enum Variable<'a> {
    /// `${*}`, `${?}`, `${$}`.
    Fixed(&'a str),
    /// A key, and what stands for it where it has no value.
    Key(&'a str, Option<&'a str>),
}

/// The variable that the text begins with, and what comes after it.
fn variable(text: &str) -> Option<(Variable<'_>, &str)> {
    let inner = text.strip_prefix("${")?;
    for fixed in ["*", "?", "$"] {
        if let Some(after) = inner.strip_prefix(fixed).and_then(|rest| rest.strip_prefix('}')) {
            return Some((Variable::Fixed(fixed), after));
        }
    }
    let end = inner.find(['}', ','])?;
    let (name, rest) = inner.split_at_checked(end)?;
    if name.is_empty() || name.contains(['$', '{', '\'', ' ', '*', '?']) {
        return None;
    }
    if let Some(after) = rest.strip_prefix('}') {
        return Some((Variable::Key(name, None), after));
    }
    let (default, after) = rest.strip_prefix(", '")?.split_once('\'')?;
    Some((Variable::Key(name, Some(default)), after.strip_prefix('}')?))
}

/// Only a single value that is not empty can stand for a variable.
fn value(variable: Variable<'_>, context: &[(String, Values)]) -> Option<String> {
    match variable {
        Variable::Fixed(c) => Some(c.to_owned()),
        Variable::Key(key, default) => match lookup(context, key) {
            Held::One(value) if !value.is_empty() => Some(value.to_owned()),
            Held::Ambiguous => None,
            _ => default.map(str::to_owned),
        },
    }
}
