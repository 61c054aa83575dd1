//! Texts, ARNs and truth values that a condition wants, with or without variables.

use crate::context::Context;
use crate::document::Version;
use crate::pattern::{Case, Glob, Meter, Token, matches};
use crate::variables::{Part, Pattern, Syntax, Template};

/// A text, with wildcards where the operator knows them.
#[derive(Clone, Debug)]
pub(super) enum TextPattern {
    Fixed(Glob),
    Template(Template),
}

impl TextPattern {
    pub(super) fn new(text: &str, syntax: Syntax, version: Version) -> TextPattern {
        match Pattern::read(text, syntax, version) {
            Pattern::Fixed(parts) => TextPattern::Fixed(Glob::new(&parts)),
            Pattern::Template(template) => TextPattern::Template(template),
        }
    }

    /// A variable without a value makes the comparison false, and so a negated operator hold (User Guide, "Policy
    /// variables with no value").
    pub(super) fn covers(&self, value: &str, case: Case, context: &Context<'_>, meter: &mut Meter) -> bool {
        match self {
            TextPattern::Fixed(glob) => glob.covers(value.as_bytes(), case, meter),
            TextPattern::Template(template) => {
                let tokens = template.resolve(context, meter);
                tokens.is_ok_and(|tokens| matches(&tokens, value.as_bytes(), case, meter))
            }
        }
    }
}

/// An ARN, component by component, each with wildcards. What has fewer than six is not an ARN and matches nothing.
#[derive(Clone, Debug)]
pub(super) enum ArnPattern {
    Fixed(Box<[Glob]>),
    Template(Template),
}

impl ArnPattern {
    pub(super) fn new(text: &str, version: Version) -> ArnPattern {
        match Pattern::read(text, Syntax::ConditionArn, version) {
            Pattern::Fixed(parts) => {
                ArnPattern::Fixed(parts.split(|part| *part == Part::Colon).map(Glob::new).collect())
            }
            Pattern::Template(template) => ArnPattern::Template(template),
        }
    }

    pub(super) fn covers(&self, value: &str, context: &Context<'_>, meter: &mut Meter) -> bool {
        match self {
            ArnPattern::Fixed(wanted) => {
                let mut wanted = wanted.iter();
                all_six(value, |component| {
                    let wanted = wanted.next();
                    wanted.is_some_and(|wanted| wanted.covers(component.as_bytes(), Case::Sensitive, meter))
                })
            }
            ArnPattern::Template(template) => {
                let Ok(tokens) = template.resolve(context, meter) else { return false };
                let mut wanted = tokens.split(|token| *token == Token::Colon);
                all_six(value, |component| {
                    let wanted = wanted.next();
                    wanted.is_some_and(|wanted| matches(wanted, component.as_bytes(), Case::Sensitive, meter))
                })
            }
        }
    }
}

/// Whether the value has the six components of an ARN and all of them pass.
fn all_six(value: &str, mut test: impl FnMut(&str) -> bool) -> bool {
    let mut components = 0;
    value.splitn(6, ':').all(|component| {
        components += 1;
        test(component)
    }) && components == 6
}

/// `true` or `false`, in any case. Variables are expanded: the operator's page allows it, although the variables' page
/// does not.
#[derive(Clone, Debug)]
pub(super) enum Truth {
    Fixed(Option<bool>),
    Template(Template),
}

impl Truth {
    pub(super) fn new(text: &str, version: Version) -> Truth {
        match Pattern::read(text, Syntax::Literal, version) {
            Pattern::Fixed(parts) => Truth::Fixed(match parts.as_slice() {
                [Part::Text(text)] => read(text),
                _ => None,
            }),
            Pattern::Template(template) => Truth::Template(template),
        }
    }

    /// Whether the value is the same truth.
    pub(super) fn is(&self, value: &str, context: &Context<'_>, meter: &mut Meter) -> bool {
        let Some(truth) = read(value).filter(|_| meter.spend(1)) else { return false };
        match self {
            Truth::Fixed(wanted) => *wanted == Some(truth),
            Truth::Template(template) => {
                let truth: &[u8] = if truth { b"true" } else { b"false" };
                let tokens = template.resolve(context, meter);
                tokens.is_ok_and(|tokens| matches(&tokens, truth, Case::Insensitive, meter))
            }
        }
    }
}

fn read(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") { Some(true) } else { text.eq_ignore_ascii_case("false").then_some(false) }
}
