//! Patterns compared with each other, and names that are nearly right.

/// A pattern longer than this, in bytes, is taken to overlap with everything.
const OVERLAP_BYTES_MAX: usize = 2048;

/// Whether everything that `narrow` matches is matched by `wide` too. Sound, and complete but for oddities such as `*?`
/// against `?*`.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow) = (wide.as_bytes(), narrow.as_bytes());
    let (mut at, mut of, mut star) = (0, 0, None);
    while let Some(byte) = narrow.get(of) {
        match wide.get(at) {
            Some(b'*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(b'?') if *byte != b'*' => (at, of) = (at + 1, of + 1),
            Some(same) if same == byte => (at, of) = (at + 1, of + 1),
            _ => {
                // The last star takes one byte more.
                let Some((back, taken)) = star else { return false };
                star = Some((back, taken + 1));
                (at, of) = (back + 1, taken + 1);
            }
        }
    }
    wide.iter().skip(at).all(|byte| *byte == b'*')
}

/// [`covers`] without regard to case, as actions are compared.
pub(super) fn covers_action(wide: &str, narrow: &str) -> bool {
    covers(&wide.to_ascii_lowercase(), &narrow.to_ascii_lowercase())
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`, and any part of a template.
    Run,
    /// A part of a template that has no slash in it.
    Part,
}

/// Whether a text can be of the form of a template, such as `${BucketName}/${ObjectName}`, and match a pattern. Policy
/// variables in the pattern stand for any text.
pub(super) fn overlap(template: &str, pattern: &str) -> bool {
    let plain = |text: &str, stop: &[char]| text.find(stop).unwrap_or(text.len());
    let (left, right) = (plain(template, &['$', '*', '?']), plain(pattern, &['$', '*', '?']));
    let common = left.min(right);
    if template.as_bytes().get(..common) != pattern.as_bytes().get(..common) {
        return false;
    }
    if pattern.len() > OVERLAP_BYTES_MAX {
        return true;
    }
    let (template, pattern) = (tokens(template), tokens(pattern));
    let mut row = vec![false; pattern.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    for index in 0..=template.len() {
        let here = template.get(index).copied();
        let mut below = vec![false; pattern.len() + 1];
        for at in 0..=pattern.len() {
            if row.get(at) == Some(&true) {
                step(here, pattern.get(at).copied(), at, &mut row, &mut below);
            }
        }
        if index == template.len() {
            return row.last() == Some(&true);
        }
        row = below;
    }
    false
}

/// From one state to those that one more character, or the end of a run, leads to.
fn step(here: Option<Token>, there: Option<Token>, at: usize, row: &mut [bool], below: &mut [bool]) {
    let mut reach = |down: bool, at: usize| {
        let place = if down { below.get_mut(at) } else { row.get_mut(at) };
        place.into_iter().for_each(|place| *place = true);
    };
    let is_run = |token: Option<Token>| matches!(token, Some(Token::Run | Token::Part));
    if is_run(here) {
        reach(true, at);
    }
    if is_run(there) {
        reach(false, at + 1);
    }
    let (Some(here), Some(there)) = (here, there) else { return };
    let fits = match (here, there) {
        (Token::Char(one), Token::Char(other)) => one == other,
        (Token::Part, Token::Char(c)) | (Token::Char(c), Token::Part) => c != '/',
        _ => true,
    };
    if fits {
        let (down, right) = (!is_run(Some(here)), usize::from(!is_run(Some(there))));
        if down || right == 1 {
            reach(down, at + right);
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let variable = rest.strip_prefix("${").and_then(|inner| inner.split_once('}'));
        match (variable, first) {
            (Some(("*" | "?" | "$", after)), _) => {
                tokens.extend(rest.chars().nth(2).map(Token::Char));
                rest = after;
                continue;
            }
            (Some((name, after)), _) => {
                tokens.push(if name == "BucketName" { Token::Part } else { Token::Run });
                rest = after;
                continue;
            }
            (None, '*') => tokens.push(Token::Run),
            (None, '?') => tokens.push(Token::One),
            (None, other) => tokens.push(Token::Char(other)),
        }
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    tokens
}

/// The candidate that was probably meant: the nearest by edits, if few of them lead to it.
pub(super) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name: Vec<char> = name.to_lowercase().chars().take(100).collect();
    let most = (name.len() / 4).clamp(1, 3);
    let near = candidates.into_iter().filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let edits = if letters.len().abs_diff(name.len()) <= most { edits(&name, &letters) } else { most + 1 };
        (edits <= most).then_some((edits, candidate))
    });
    near.min_by_key(|(edits, _)| *edits).map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements that lead from one word to the other.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (place, second) in row.iter_mut().skip(1).zip(other) {
            let replaced = diagonal + usize::from(letter != second);
            diagonal = *place;
            left = replaced.min(left + 1).min(*place + 1);
            *place = left;
        }
        row.first_mut().into_iter().for_each(|first| *first = at + 1);
    }
    row.last().copied().unwrap_or_default()
}
