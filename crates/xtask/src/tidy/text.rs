//! Rules about the text of files.

use super::{File, Tree};
use crate::run::Result;

/// A file above this is listed; one above [`LINES_MAX`] fails. Generated files and tests are free.
const LINES_LONG: usize = 400;
const LINES_MAX: usize = 600;

const BYTES_MAX: u64 = 1 << 20;

/// Files that may be larger than [`BYTES_MAX`].
const LARGE: &[&str] = &[];

/// What is written in text, one line at a time.
const TEXT: &[&str] =
    &[".rs", ".toml", ".md", ".py", ".mjs", ".js", ".ts", ".json", ".sh", ".yml", ".yaml", ".txt", "/run"];

/// Words that stand for unfinished work, and what to do instead. They are put together here so that this file does
/// not contain them.
const WORDS: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it, or list it as missing in the documentation"),
    (concat!("unimplemented", "!("), "finish it, or do not offer it"),
    (concat!("dbg", "!("), "remove it"),
    (concat!("#[", "ignore"), "make the test run everywhere, or delete it"),
    (concat!("FIX", "ME"), "fix it"),
    (concat!("/", "work/"), "a path of one machine: make it relative to the repository"),
];

pub fn file_sizes(tree: &Tree) -> Result<Vec<String>> {
    let complaint = |(path, lines): (&str, usize)| format!("{path}: {lines} lines; split it below {LINES_MAX}");
    Ok(lines(tree).filter(|(_, lines)| *lines > LINES_MAX).map(complaint).collect())
}

/// Files that are near the limit: a smell, not a failure.
pub fn long_files(tree: &Tree) -> Vec<String> {
    let long = lines(tree).filter(|(_, lines)| (LINES_LONG + 1..=LINES_MAX).contains(lines));
    long.map(|(path, lines)| format!("{path}: {lines} lines; more than {LINES_LONG} is a smell")).collect()
}

fn lines(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    tree.rust().filter(|(file, _)| !file.is_test()).map(|(file, text)| (file.path.as_str(), text.lines().count()))
}

pub fn words(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.texts(TEXT) {
        for (number, line) in (1..).zip(text.lines()) {
            for (word, mend) in WORDS.iter().filter(|(word, _)| line.contains(word)) {
                complaints.push(format!("{}:{number}: `{word}`; {mend}", file.path));
            }
        }
    }
    Ok(complaints)
}

/// Every `allow` and `expect` attribute that a person wrote says why.
pub fn reasons(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.rust() {
        for (start, attribute) in attributes(text) {
            let lint = attribute.trim_start_matches(['#', '!', '[']);
            if (lint.starts_with("allow(") || lint.starts_with("expect(")) && !attribute.contains("reason = \"") {
                let line = text.get(..start).unwrap_or_default().lines().count();
                complaints.push(format!("{}:{line}: give the exception its `reason = \"…\"`, or delete it", file.path));
            }
        }
    }
    Ok(complaints)
}

/// Attributes that begin a line, each with its byte offset, up to the `]` that closes it.
fn attributes(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = text.match_indices('#').filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim().is_empty()
    });
    starts.filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        let end = rest.find(")]")?;
        Some((at + 1, rest.get(..end + 2)?))
    })
}

pub fn white_space(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.texts(TEXT) {
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim_end() != line {
                complaints.push(format!("{}:{number}: white space at the end of the line; remove it", file.path));
            }
            if line.contains('\t') {
                complaints.push(format!("{}:{number}: a tab; use spaces (in a string: \\t)", file.path));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            complaints.push(format!("{}: the last line has no end; add one", file.path));
        }
    }
    Ok(complaints)
}

/// Links from Markdown to files of the repository lead somewhere.
pub fn links(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.texts(&[".md"]) {
        for (number, line) in (1..).zip(text.lines()) {
            for target in targets(line) {
                if !leads_somewhere(tree, file, target) {
                    complaints.push(format!("{}:{number}: `{target}` is not there; mend the link", file.path));
                }
            }
        }
    }
    Ok(complaints)
}

/// The targets of `[text](target)` that name files.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let after = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next());
    after.filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
}

fn leads_somewhere(tree: &Tree, from: &File, target: &str) -> bool {
    let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.retain(|part| !part.is_empty());
    let path = parts.join("/");
    let inside = format!("{path}/");
    path.is_empty() || tree.files.iter().any(|file| file.path == path || file.path.starts_with(&inside))
}

pub fn large_files(tree: &Tree) -> Result<Vec<String>> {
    let large = tree.files.iter().filter(|file| file.size > BYTES_MAX && !LARGE.contains(&file.path.as_str()));
    let complaint = |file: &File| {
        format!("{}: {} bytes; make it at set-up instead, or name it in LARGE with the reason", file.path, file.size)
    };
    Ok(large.map(complaint).collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, tree};
    use super::*;

    #[test]
    fn long_files_are_listed_and_very_long_ones_refused() {
        let (long, too_long) = ("//\n".repeat(401), "//\n".repeat(601));
        let files = [
            ("a.rs", long.as_str()),
            ("b.rs", &too_long),
            ("c/tests.rs", &too_long),
            ("src/generated/d.rs", &too_long),
        ];
        check(file_sizes, &files, &["b.rs"]);
        assert_eq!(long_files(&tree(&files)), ["a.rs: 401 lines; more than 400 is a smell"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        for (word, _) in WORDS {
            check(words, &[("a.rs", &format!("fn a() {{}}\n    {word}\n"))], &["a.rs:2"]);
        }
        check(words, &[("a.rs", "let todos = 1; // a todo list\n")], &[]);
    }

    #[test]
    fn exceptions_need_a_reason() {
        check(reasons, &[("a.rs", "fn a() {}\n#[allow(dead_code)]\nfn b() {}\n")], &["a.rs:2"]);
        check(reasons, &[("a.rs", "#![expect(\n    clippy::panic,\n)]\n")], &["a.rs:1"]);
        check(reasons, &[("a.rs", "#![expect(\n    clippy::panic,\n    reason = \"it is a test\"\n)]\n")], &[]);
        check(reasons, &[("a.rs", "#[derive(Clone)]\nstruct A;\n")], &[]);
    }

    #[test]
    fn white_space_is_seen() {
        check(white_space, &[("a.md", "a \nb\n\tc\nd")], &["a.md:1", "a.md:3", "a.md"]);
        check(white_space, &[("a.md", "a\n\nb\n"), ("a.bin", " \t")], &[]);
    }

    #[test]
    fn links_must_lead_somewhere() {
        let files = [
            ("README.md", "[a](docs/a.md#part) [b](docs/b.md) [c](https://example.org/x) [d](#here) [e](docs)\n"),
            ("docs/a.md", "[up](../README.md) [beside](a.md) [root](/README.md) [gone](README.md)\n"),
        ];
        check(links, &files, &["README.md:1", "docs/a.md:1"]);
    }

    #[test]
    fn large_files_are_named() {
        let large = "x".repeat(usize::try_from(BYTES_MAX).unwrap() + 1);
        check(large_files, &[("a.bin", &large), ("b.bin", "x")], &["a.bin"]);
    }
}
