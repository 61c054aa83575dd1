//! The canonical form of a policy's text: what `doorward fmt` writes.
//!
//! Only white space and the order of the elements change. Literals stay as they are, escapes included, and so do the
//! order of statements, of lists, and of conditions: the document that is read from the text is the same.

use crate::document::Span;
use crate::json::{self, Error, Json, Member, Value};
use crate::parse::{STATEMENT_ELEMENTS, TOP_ELEMENTS};

#[cfg(test)]
mod tests;

const INDENT: &str = "  ";

/// Formats a policy: two spaces a level, elements in the order of AWS's grammar, unknown ones after them. A list of one
/// scalar stays on its line.
///
/// # Errors
/// If the text is no JSON that a policy could be in, or no object.
pub fn format(text: &str) -> Result<String, Error> {
    let root = json::parse(text)?;
    let Json::Object(members) = &root.value else {
        let message = format!("a policy is an object, not {}", root.value.describe());
        return Err(Error { message, offset: root.span.start });
    };
    let mut writer = Writer { text, out: String::with_capacity(text.len() * 2) };
    writer.object(members, TOP_ELEMENTS, 0, |writer, member, depth| {
        if member.key.value == "Statement" {
            writer.statements(&member.value, depth);
        } else {
            writer.value(&member.value, depth);
        }
    });
    writer.out.push('\n');
    Ok(writer.out)
}

struct Writer<'t> {
    text: &'t str,
    out: String,
}

impl Writer<'_> {
    fn statements(&mut self, value: &Value<'_>, depth: usize) {
        match &value.value {
            Json::Object(members) => self.object(members, STATEMENT_ELEMENTS, depth, Self::plain),
            Json::Array(values) => self.list("[", "]", values, depth, Self::statements),
            _ => self.value(value, depth),
        }
    }

    fn value(&mut self, value: &Value<'_>, depth: usize) {
        match &value.value {
            Json::Object(members) => self.object(members, &[], depth, Self::plain),
            Json::Array(values) => match values.as_slice() {
                [one] if !matches!(one.value, Json::Object(_) | Json::Array(_)) => {
                    self.out.push('[');
                    self.literal(one.span);
                    self.out.push(']');
                }
                values => self.list("[", "]", values, depth, Self::value),
            },
            _ => self.literal(value.span),
        }
    }

    fn plain(&mut self, member: &Member<'_>, depth: usize) {
        self.value(&member.value, depth);
    }

    /// The members named in `order` first, in that order.
    fn object(
        &mut self,
        members: &[Member<'_>],
        order: &[&str],
        depth: usize,
        write: impl Fn(&mut Self, &Member<'_>, usize),
    ) {
        let place = |member: &Member<'_>| order.iter().position(|name| *name == member.key.value);
        let mut sorted: Vec<&Member<'_>> = members.iter().collect();
        sorted.sort_by_key(|member| place(member).unwrap_or(order.len()));
        self.list("{", "}", &sorted, depth, |writer, member, depth| {
            writer.literal(member.key.span);
            writer.out.push_str(": ");
            write(writer, member, depth);
        });
    }

    /// Brackets with an item a line between them.
    fn list<T>(&mut self, open: &str, close: &str, items: &[T], depth: usize, write: impl Fn(&mut Self, &T, usize)) {
        self.out.push_str(open);
        for (at, item) in items.iter().enumerate() {
            self.out.push_str(if at == 0 { "\n" } else { ",\n" });
            self.out.push_str(&INDENT.repeat(depth + 1));
            write(self, item, depth + 1);
        }
        if !items.is_empty() {
            self.out.push('\n');
            self.out.push_str(&INDENT.repeat(depth));
        }
        self.out.push_str(close);
    }

    fn literal(&mut self, span: Span) {
        self.out.push_str(span.slice(self.text));
    }
}
