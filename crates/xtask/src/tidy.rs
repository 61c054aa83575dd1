//! The rules of the house, as tests: each rule is a small function from the tree of files to complaints.
//!
//! A complaint names the file (and the line where there is one) and says how to mend it. What the compiler or Clippy
//! can check is checked there (`[workspace.lints]`, `clippy.toml`); here is what they cannot see.

mod dependencies;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::codegen;
use crate::run::{self, Result};

/// A rule: complaints about the tree, or why it could not be looked at.
type Rule = fn(&Tree) -> Result<Vec<String>>;

/// Every rule with the name that its failure is reported under.
const RULES: &[(&str, Rule)] = &[
    ("file sizes", text::file_sizes),
    ("words that must not stay", text::words),
    ("reasons for lint exceptions", text::reasons),
    ("white space", text::white_space),
    ("links", text::links),
    ("large files", text::large_files),
    ("crate roots forbid unsafe code", dependencies::crate_roots),
    ("lints that the rules rely on", dependencies::lints),
    ("lock files", dependencies::locks),
    ("services do not name each other", dependencies::services),
    ("the table of dependencies", dependencies::table),
    ("generated code", |_| Ok(codegen::run(true).err().into_iter().collect())),
];

/// Runs every rule and prints every complaint.
pub fn run() -> Result {
    let tree = Tree::read(&run::root())?;
    let mut complaints = 0;
    for (name, rule) in RULES {
        for complaint in rule(&tree)? {
            eprintln!("{name}: {complaint}");
            complaints += 1;
        }
    }
    for note in text::long_files(&tree) {
        eprintln!("note: {note}");
    }
    if complaints == 0 {
        println!("{} rules, {} files: tidy", RULES.len(), tree.files.len());
        return Ok(());
    }
    Err(format!("{complaints} complaints"))
}

/// The files of the repository, committed or about to be.
struct Tree {
    root: PathBuf,
    files: Vec<File>,
}

/// One file: its path from the root, with `/`, its size in bytes, and its text if it has one.
struct File {
    path: String,
    size: u64,
    text: Option<String>,
}

impl Tree {
    /// What git tracks or would track; what it ignores is not ours to judge.
    fn read(root: &Path) -> Result<Self> {
        let git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = run::output(run::command("git", &git))?;
        let paths: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        let mut files = Vec::new();
        for path in paths {
            // A file that was removed and not yet committed is still listed.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            files.push(File { path: path.into(), size, text: String::from_utf8(bytes).ok() });
        }
        Ok(Self { root: root.to_path_buf(), files })
    }

    /// The text files whose names end so, with their texts.
    fn texts<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = (&'a File, &'a str)> {
        let wanted = move |file: &&File| endings.iter().any(|ending| file.path.ends_with(ending));
        self.files.iter().filter(wanted).filter_map(|file| Some((file, file.text.as_deref()?)))
    }

    /// The Rust sources that people write.
    fn rust(&self) -> impl Iterator<Item = (&File, &str)> {
        self.texts(&[".rs"]).filter(|(file, text)| !file.is_generated(text))
    }
}

impl File {
    fn is_generated(&self, text: &str) -> bool {
        self.path.contains("/generated") || text.lines().take(3).any(|line| line.contains("@generated"))
    }

    fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
            || self.path.ends_with("_tests.rs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of the given files, for the rules' own tests.
    pub fn tree(files: &[(&str, &str)]) -> Tree {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).into(),
            size: u64::try_from(text.len()).unwrap(),
            text: Some((*text).into()),
        };
        Tree { root: PathBuf::new(), files: files.iter().map(file).collect() }
    }

    /// Checks that the rule complains about exactly these files' paths (with the line, where it names one).
    pub fn check(rule: Rule, files: &[(&str, &str)], expect: &[&str]) {
        let complaints = rule(&tree(files)).unwrap();
        let at: Vec<&str> = complaints.iter().map(|complaint| complaint.split(": ").next().unwrap()).collect();
        assert_eq!(at, expect, "{complaints:?}");
    }

    #[test]
    fn the_repository_is_tidy() {
        let tree = Tree::read(&run::root()).unwrap();
        assert!(tree.files.len() > 10, "git lists no files");
        let complain = |(name, rule): &(&str, Rule)| {
            rule(&tree).unwrap().into_iter().map(|complaint| format!("{name}: {complaint}")).collect::<Vec<_>>()
        };
        let complaints: Vec<String> = RULES.iter().flat_map(complain).collect();
        assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
    }
}
