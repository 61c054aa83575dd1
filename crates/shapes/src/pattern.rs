//! The models' patterns: Java regular expressions that must match the whole text.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A pattern of a model, compiled at first use.
///
/// AWS evaluates patterns in Java: `\w`, `\d` and `\s` are ASCII, `.` stops at any line terminator, and the whole text
/// must match. Matching takes linear time, whatever the pattern.
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Compiled>>,
}

struct Compiled {
    whole: Regex,
    /// Stands for a look-ahead: the whole text must match (`true`) or must not match (`false`) this too.
    also: Option<(Regex, bool)>,
}

/// Look-aheads of the models, which the regex engine lacks: the pattern, the same without the look-ahead, and what the
/// look-ahead asks of the whole text.
const LOOK_AHEADS: &[(&str, &str, &str, bool)] = &[
    ("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", "[a-z0-9]([a-z0-9]|-){1,61}[a-z0-9]", ".*--.*", false),
    (
        r"(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
        r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
        r"-?PT?\d.*",
        true,
    ),
    (
        "(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?",
        "([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?",
        ".*//.*",
        false,
    ),
];

impl Pattern {
    /// A pattern as the model writes it.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The pattern as the model writes it, which is also how error texts show it.
    pub fn as_str(&self) -> &'static str {
        self.source
    }

    /// Whether the pattern matches the whole text. A pattern that cannot be compiled matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| compile(self.source)).as_ref().is_some_and(|compiled| {
            compiled.whole.is_match(text)
                && compiled.also.as_ref().is_none_or(|(also, expected)| also.is_match(text) == *expected)
        })
    }
}

fn compile(source: &str) -> Option<Compiled> {
    match LOOK_AHEADS.iter().find(|(pattern, ..)| *pattern == source) {
        Some((_, whole, also, expected)) => {
            Some(Compiled { whole: whole_text(whole)?, also: Some((whole_text(also)?, *expected)) })
        }
        None => Some(Compiled { whole: whole_text(source)?, also: None }),
    }
}

fn whole_text(java: &str) -> Option<Regex> {
    RegexBuilder::new(&format!(r"\A(?:{})\z", translate(java))).size_limit(4 << 20).build().ok()
}

/// Rewrites what Java and Rust understand differently: ASCII classes, and what `.` matches.
fn translate(java: &str) -> String {
    let mut rust = String::with_capacity(java.len() * 2);
    let mut depth = 0_u32;
    let mut characters = java.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('w') => rust.push_str("[0-9A-Za-z_]"),
                Some('W') => rust.push_str("[^0-9A-Za-z_]"),
                Some('d') => rust.push_str("[0-9]"),
                Some('D') => rust.push_str("[^0-9]"),
                Some('s') => rust.push_str(r"[ \t\n\x0B\f\r]"),
                Some('S') => rust.push_str(r"[^ \t\n\x0B\f\r]"),
                Some(escaped) => rust.extend(['\\', escaped]),
                None => rust.push('\\'),
            },
            '.' if depth == 0 => rust.push_str(r"[^\n\r\u0085\u2028\u2029]"),
            _ => {
                match character {
                    '[' => depth += 1,
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                rust.push(character);
            }
        }
    }
    rust
}
