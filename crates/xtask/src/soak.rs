//! `cargo xtask soak`: random questions to the engine and to the second evaluator, for as long as one likes.

use crate::run::{self, Result};

/// How many questions are asked if nothing else is said: some minutes on a desktop machine.
const CASES: u64 = 100_000_000;

/// Runs `[--cases N] [--seed S]`; an error if a question was answered differently.
pub fn run(words: &[&str]) -> Result {
    let (cases, seed) = parse(words)?;
    let mut soak =
        run::cargo(&["run", "--quiet", "--release", "--package", "doorward-policy-reference", "--example", "soak"]);
    soak.args(["--", &cases.to_string(), &seed.to_string()]);
    run::check(soak)
}

/// How many questions, and the seed of the first.
fn parse(words: &[&str]) -> Result<(u64, u64)> {
    let (mut cases, mut seed) = (CASES, 0);
    for pair in words.chunks(2) {
        let number = |word: &str| word.replace('_', "").parse().ok();
        match pair {
            ["--cases", word] => cases = number(word).ok_or_else(|| not_a_number(word))?,
            ["--seed", word] => seed = number(word).ok_or_else(|| not_a_number(word))?,
            [other, ..] => {
                return Err(format!("soak does not know `{other}`, or it lacks its number; see cargo xtask --help"));
            }
            [] => {}
        }
    }
    Ok((cases, seed))
}

fn not_a_number(word: &str) -> String {
    format!("`{word}` is not a number; see cargo xtask --help")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_has_defaults() {
        assert_eq!(parse(&[]), Ok((CASES, 0)));
        assert_eq!(parse(&["--seed", "7"]), Ok((CASES, 7)));
        assert_eq!(parse(&["--cases", "1_000", "--seed", "7"]), Ok((1000, 7)));
    }

    #[test]
    fn what_soak_does_not_know_is_refused() {
        for words in [&["--cases"][..], &["--cases", "many"], &["--speed", "7"], &["7"], &["--seed", "7", "8"]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
