use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::document::Version;
use crate::variables::{Part, Pattern, Syntax};

fn read(pattern: &str) -> Vec<Part> {
    match Pattern::read(pattern, Syntax::Glob, Version::V2008) {
        Pattern::Fixed(parts) => parts,
        Pattern::Template(template) => panic!("{template:?}"),
    }
}

fn glob(pattern: &str, text: &str, case: Case) -> bool {
    let mut meter = Meter::new(STEP_BUDGET);
    let parts = read(pattern);
    let matched = matches(&parts, text.as_bytes(), case, &mut meter);
    assert_eq!(Glob::new(&parts).covers(text.as_bytes(), case, &mut meter), matched, "{pattern} on {text}");
    assert!(!meter.is_exhausted(), "{pattern} on {text}");
    matched
}

#[track_caller]
fn check(pattern: &str, text: &str, expect: bool) {
    assert_eq!(glob(pattern, text, Case::Sensitive), expect, "{pattern} on {text}");
}

#[test]
fn wildcards() {
    for (pattern, text, expect) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("**", "", true),
        ("?", "", false),
        ("a", "a", true),
        ("a", "A", false),
        ("a*", "a", true),
        ("*a", "ba", true),
        ("*a", "ab", false),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "abcb", false),
        ("*ab", "aab", true),
        ("*aab*", "aaab", true),
        ("?*?", "a", false),
        ("?*?", "ab", true),
        ("*?", "a", true),
        ("*?b", "ab", true),
        ("*?b", "b", false),
        ("[a-c]", "b", false),
        ("a\\*", "a\\x", true),
    ] {
        check(pattern, text, expect);
    }
}

#[test]
fn b07_a_question_mark_is_one_character_and_not_one_byte() {
    check("?", "\u{e4}", true);
    check("??", "\u{e4}", false);
    check("a?b", "a\u{1f600}b", true);
    check("*?", "\u{1f600}", true);
    check("*??", "\u{1f600}", false);
    check("*?b", "\u{e4}b", true);
    // Looks like one letter, is two characters.
    check("?", "a\u{308}", false);
}

#[test]
fn b07_case_is_ascii_only() {
    assert!(glob("gEt*", "GETobject", Case::Insensitive));
    assert!(!glob("k", "\u{212a}", Case::Insensitive));
    assert!(!glob("i", "\u{130}", Case::Insensitive));
    assert!(!glob("\u{e4}", "\u{c4}", Case::Insensitive));
}

/// The definition: `table[i][j]` says whether the first `i` characters of the pattern cover the first `j` of the text.
fn oracle(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut table = vec![vec![false; text.len() + 1]; pattern.len() + 1];
    table[0][0] = true;
    for i in 1..=pattern.len() {
        for j in 0..=text.len() {
            table[i][j] = match pattern[i - 1] {
                '*' => table[i - 1][j] || (j > 0 && table[i][j - 1]),
                c => j > 0 && table[i - 1][j - 1] && (c == '?' || c == text[j - 1]),
            };
        }
    }
    table[pattern.len()][text.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn agrees_with_the_definition(pattern in "[ab\u{e4}*?]{0,12}", text in "[ab\u{e4}]{0,14}") {
        prop_assert_eq!(glob(&pattern, &text, Case::Sensitive), oracle(&pattern, &text), "{} on {}", pattern, text);
    }

    /// Texts that are made to match, and nearly so.
    #[test]
    fn agrees_on_texts_made_from_the_pattern(
        pieces in prop::collection::vec(("[ab]{0,3}", "[*?]", "[ab]{0,4}"), 0..6),
        cut in 0..20_usize,
    ) {
        let pattern: String = pieces.iter().map(|(plain, wildcard, _)| format!("{plain}{wildcard}")).collect();
        let text: String = pieces.iter().map(|(plain, _, filler)| format!("{plain}{filler}")).collect();
        let nearly: String = text.chars().enumerate().filter(|(at, _)| *at != cut).map(|(_, c)| c).collect();
        for text in [text, nearly] {
            prop_assert_eq!(glob(&pattern, &text, Case::Sensitive), oracle(&pattern, &text), "{} on {}", pattern, text);
        }
    }
}

/// The worst patterns that a policy of 6,144 characters can hold, against the longest ARN.
fn worst_cases() -> Vec<(String, String)> {
    let text = "a".repeat(2048);
    vec![
        (format!("{}b", "a*".repeat(3072)), text.clone()),
        (format!("{}b", "*a".repeat(3072)), text.clone()),
        (format!("*{}b*", "a".repeat(1024)), text.clone()),
        (format!("*{}b", "?".repeat(1024)), text.clone()),
        (format!("*{}b", "a?".repeat(512)), text.clone()),
        (format!("{}b", "*a?".repeat(682)), text.clone()),
        (format!("{}*b", "*?".repeat(1000)), text),
    ]
}

#[test]
fn b06_the_worst_patterns_stay_far_from_the_budget() {
    for (pattern, text) in worst_cases() {
        let mut meter = Meter::new(STEP_BUDGET);
        assert!(!matches(&read(&pattern), text.as_bytes(), Case::Sensitive, &mut meter));
        let steps = STEP_BUDGET - meter.left;
        assert!(steps <= STEP_BUDGET / 2, "{steps} steps for {pattern}");
    }
}

/// Unoptimised code only shows that nothing explodes. The best of five, because other work may get in between.
#[test]
fn b06_the_worst_patterns_take_less_than_20_ms() {
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 20 });
    for (pattern, text) in worst_cases() {
        let times = (0..5).map(|_| {
            let start = Instant::now();
            assert!(!glob(&pattern, &text, Case::Sensitive));
            start.elapsed()
        });
        let best = times.min().unwrap();
        assert!(best < limit, "{best:?} for {pattern}");
    }
}

#[test]
fn b11_without_steps_nothing_matches() {
    let mut meter = Meter::new(3);
    let tokens = [Token::Text("a"), Token::Text("b"), Token::Text("c")];
    assert!(!matches(&tokens, b"abc", Case::Sensitive, &mut meter));
    assert!(meter.is_exhausted());
    assert!(!meter.spend(0));
}

/// How many steps it takes.
fn steps(pattern: &str, text: &str) -> u64 {
    let mut meter = Meter::new(STEP_BUDGET);
    matches(&read(pattern), text.as_bytes(), Case::Sensitive, &mut meter);
    STEP_BUDGET - meter.left
}

#[test]
fn steps_are_counted() {
    for (bytes, expect) in [(0, 1), (63, 1), (64, 2), (127, 2), (128, 3)] {
        let mut meter = Meter::new(10);
        meter.spend_on_bytes(bytes);
        assert_eq!(10 - meter.left, expect, "{bytes} bytes");
    }
    // The end is compared first: what cannot be covered to the end is not gone through.
    assert_eq!(steps("*a*a*a*b", &"a".repeat(1_000)), 1);
    assert_eq!(steps("*a*a*a*bb", "b"), 1);
    // One for each element, one for its end, and one for the end of the text.
    assert_eq!(steps("abc", "abc"), 3);
    // Long texts cost more: 640 bytes are compared from the front and from the end.
    assert_eq!(steps(&"a".repeat(640), &"a".repeat(640)), 24);
    assert_eq!(steps(&"a".repeat(64), &"a".repeat(64)), 6);
    assert_eq!(steps(&"a".repeat(63), &"a".repeat(63)), 3);
}

#[test]
fn single_letters_between_wildcards_fold() {
    for (pattern, text, folded) in
        [("?a?", "xAy", true), ("?a?", "xBy", false), ("*A?", "xay", true), ("?-?", "x_y", false)]
    {
        assert_eq!(glob(pattern, text, Case::Insensitive), folded, "{pattern} on {text}");
        assert!(!glob(pattern, text, Case::Sensitive), "{pattern} on {text}");
    }
    check("?a?", "xay", true);
}

#[test]
fn what_a_pattern_begins_with() {
    for (pattern, start) in [
        ("", ""),
        ("*", ""),
        ("?a", ""),
        ("abc", "abc"),
        ("abc*", "abc"),
        ("abc?d*", "abc"),
        ("*abc", ""),
        ("a*b", "a"),
    ] {
        assert_eq!(Glob::new(&read(pattern)).literal_start(), start, "{pattern}");
    }
}
