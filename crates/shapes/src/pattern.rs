//! The models' patterns: Java regular expressions that must match the whole text.

use std::str::Chars;
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

    fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| compile(self.source)).as_ref()
    }

    /// Whether the pattern can be compiled at all.
    pub fn is_valid(&self) -> bool {
        self.compiled().is_some()
    }

    /// Whether the pattern matches the whole text. A pattern that cannot be compiled matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().is_some_and(|compiled| {
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
    let dot_matches_all = java.starts_with("(?s)");
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
                Some('u') => rust.push_str(&unicode_escape(&mut characters)),
                Some(escaped) => rust.extend(['\\', escaped]),
                None => rust.push('\\'),
            },
            '.' if depth == 0 && !dot_matches_all => rust.push_str(r"[^\n\r\u0085\u2028\u2029]"),
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

/// The rest of `\uXXXX`. Java writes characters beyond U+FFFF as two of these.
fn unicode_escape(characters: &mut Chars<'_>) -> String {
    let rest = characters.as_str();
    let unit = |from: usize| u16::from_str_radix(rest.get(from..from + 4)?, 16).ok();
    let pair = rest.get(4..6) == Some("\\u");
    let units: Vec<u16> = unit(0).into_iter().chain(unit(6).filter(|_| pair)).collect();
    let length = match units.first() {
        Some(0xD800..0xDC00) => units.len(),
        _ => 1,
    };
    let text: String = char::decode_utf16(units.into_iter().take(length)).filter_map(Result::ok).collect();
    match text.chars().next() {
        Some(character) => {
            *characters = rest.get(length * 6 - 2..).unwrap_or_default().chars();
            format!(r"\u{{{:X}}}", u32::from(character))
        }
        // Left as it is, the regex engine refuses it.
        None => r"\u".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[track_caller]
    fn check(pattern: &'static str, yes: &[&str], no: &[&str]) {
        let pattern = Pattern::new(pattern);
        assert!(pattern.is_valid());
        yes.iter().for_each(|text| assert!(pattern.matches(text), "{text:?}"));
        no.iter().for_each(|text| assert!(!pattern.matches(text), "{text:?}"));
    }

    #[test]
    fn the_whole_text_must_match() {
        check("[a-c]+", &["abc"], &["", "abcd", "dabc", "abc\n", "\nabc"]);
        check("^[a-c]+$", &["abc"], &["abc\n", "abc\nabc"]);
        check("a|bc", &["a", "bc"], &["abc", "ac"]);
    }

    #[test]
    fn classes_are_ascii_unless_named() {
        check(r"[\w+=,.@-]+", &["aZ09_+=,.@-"], &["é", "a b", "ａ", "٣", "ſ"]);
        check(r"\d{12}", &["123456789012"], &["12345678901", "１２３４５６７８９０１２"]);
        check(r"[\s\S]*", &["", "\u{a0}\n\u{2028}x"], &[]);
        check(r"\s", &[" ", "\t", "\u{b}", "\r"], &["\u{a0}", "\u{85}", "x"]);
        check(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", &["", "é ñ٣ 日\u{a0}_.:/=+-@"], &["#", "a\n", "\u{301}"]);
    }

    #[test]
    fn escapes_and_ranges_are_javas() {
        check(r"[\u0009\u000A\u000D\u0020-\u00FF]+", &["\t\n\r ~\u{7f}ÿ"], &["Ā", "\0", "\u{b}"]);
        // Java reads `\u10000` as `\u1000` and `0`.
        check(
            r"[\uE000-\uFFFD\u10000-\u10FFFF]+",
            &["\u{fffd}\u{e000}\u{1000}0A\u{10ff}"],
            &["\u{10000}", "\u{1f600}"],
        );
        check(r"[\uD800\uDC00-\uDBFF\uDFFFa]+", &["\u{10000}\u{10ffff}a"], &["\u{ffff}", "b"]);
        check(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", &["/", "/a/", "/a/b/", "///"], &["", "//", "a", "/a", "/ /"]);
        check(".*", &["", "abc"], &["a\nb", "a\r", "a\u{2028}", "\u{85}"]);
        check("(?s).*", &["a\nb\u{2028}"], &[]);
    }

    #[test]
    fn look_aheads_are_kept() {
        let alias = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        check(alias, &["abc", "a-b", "a-b-c"], &["ab", "-ab", "ab-", "a--b", "a-b--c", "A-b", &"a".repeat(64)]);
        let duration =
            r"(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?";
        check(duration, &["P1D", "PT1H", "-P1Y2M", "PT1.5S"], &["P", "PT", "1D", "P1", "PTH"]);
        let subject = "(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?";
        check(subject, &["", "a", "a/b"], &["a//b", "a/", "/a"]);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_matches_nothing() {
        let pattern = Pattern::new("(?!x)");
        assert!(!pattern.is_valid() && !pattern.matches("") && !pattern.matches("(?!x)"));
    }
}
