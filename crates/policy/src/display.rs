//! Documents shown to people: places in the text, excerpts, and the text with its principals renamed.

use crate::document::{Document, PrincipalPattern, Span, Spanned};
use crate::error::{PolicyError, Problem};
use crate::json::{self, Json};

#[cfg(test)]
mod tests;

/// A place in a text as editors count: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line. Lines end with a line feed.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Line and column of a byte offset; an offset beyond the text is its end, one inside a character that character.
pub fn position(text: &str, offset: usize) -> Position {
    let mut place = Position { line: 1, column: 1 };
    for (at, character) in text.char_indices() {
        if at.saturating_add(character.len_utf8()) > offset {
            break;
        }
        if character == '\n' {
            place = Position { line: place.line.saturating_add(1), column: 1 };
        } else {
            place.column = place.column.saturating_add(1);
        }
    }
    place
}

impl Document {
    /// The text at a span of this document; empty for a span of another one.
    pub fn source(&self, span: Span) -> &str {
        span.slice(&self.text)
    }

    /// The text of one statement, counted from 0.
    pub fn statement_text(&self, index: usize) -> Option<&str> {
        self.statements.get(index).map(|statement| self.source(statement.span))
    }

    /// All principals named, with their places, in the order of the statements.
    pub fn principals(&self) -> impl Iterator<Item = &Spanned<PrincipalPattern>> {
        self.statements.iter().filter_map(|statement| statement.principal.as_ref()).flat_map(|clause| &clause.entries)
    }

    /// Replaces users and roles by the unique ids that `resolve` knows for them, keeping their places, so that the
    /// policy goes on to mean the entity that it was written about and no later one of the same name (User Guide, "AWS
    /// JSON policy elements: Principal"). The text stays; [`Document::render_principals`] makes the one to be stored.
    pub fn bind_principals(&mut self, mut resolve: impl FnMut(&PrincipalPattern) -> Option<String>) {
        let clauses = self.statements.iter_mut().filter_map(|statement| statement.principal.as_mut());
        for entry in clauses.flat_map(|clause| &mut clause.entries) {
            if matches!(entry.value, PrincipalPattern::User(_) | PrincipalPattern::Role(_))
                && let Some(id) = resolve(&entry.value)
            {
                entry.value = PrincipalPattern::UniqueId(id);
            }
        }
    }

    /// The text with some principals written otherwise and everything else byte for byte as it is. `name` is asked
    /// about each principal as it stands in the text (an ARN, a unique id, …) and answers with what to write instead.
    pub fn render_principals(&self, name: impl Fn(&str) -> Option<String>) -> String {
        let mut entries: Vec<Span> = self.principals().map(|entry| entry.span).collect();
        entries.sort_unstable_by_key(|span| span.start);
        let mut rendered = String::with_capacity(self.text.len());
        let mut done = 0;
        for span in entries {
            if let Some(text) = self.principal_text(span)
                && let Some(replacement) = name(&text)
            {
                rendered.push_str(self.source(Span { start: done, end: span.start }));
                rendered.push_str(&serde_json::Value::String(replacement).to_string());
                done = span.end;
            }
        }
        rendered.push_str(self.source(Span { start: done, end: u32::try_from(self.text.len()).unwrap_or(u32::MAX) }));
        rendered
    }

    /// The error for a principal of a trust policy that the caller does not know, such as a deleted user or a foreign
    /// account.
    pub fn unknown_principal(&self, entry: &Spanned<PrincipalPattern>) -> PolicyError {
        let key = if matches!(entry.value, PrincipalPattern::Service(_)) { "SERVICE" } else { "AWS" };
        let text = self.principal_text(entry.span).unwrap_or_default();
        let problem = Problem::new(entry.span, format!("There is no principal `{text}`."));
        problem.says(format!("Invalid principal in policy: \"{key}\":\"{text}\""))
    }

    /// The string literal at the span, unescaped.
    fn principal_text(&self, span: Span) -> Option<String> {
        match json::parse(self.source(span)).ok()?.value {
            Json::String(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}
