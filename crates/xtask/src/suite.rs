//! A list of steps, each run to its end: what passed, what failed, how long it took.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::run::{self, Result};

/// Tests counted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    /// A check that has no tests of its own and passed.
    pub const ONE: Self = Self { passed: 1, failed: 0 };
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

struct Row {
    name: &'static str,
    count: Count,
    time: Duration,
    note: Option<String>,
}

/// The steps that ran. A step that fails does not stop the ones after it, so that one run shows every failure.
#[derive(Default)]
pub struct Suite {
    rows: Vec<Row>,
}

impl Suite {
    /// Runs one step and gives whether it passed.
    pub fn step(&mut self, name: &'static str, body: impl FnOnce() -> Result<Count>) -> bool {
        eprintln!("\n── {name}");
        let start = Instant::now();
        let (count, note) = match body() {
            Ok(count) => (count, None),
            Err(message) => (Count { passed: 0, failed: 1 }, Some(message)),
        };
        let time = start.elapsed();
        if let Some(note) = &note {
            eprintln!("error: {note}");
        }
        let word = if count.failed == 0 { "ok" } else { "FAILED" };
        eprintln!("── {name}: {word}, {} passed, {} failed, {:.1} s", count.passed, count.failed, time.as_secs_f64());
        self.rows.push(Row { name, count, time, note });
        count.failed == 0
    }

    /// Prints the table and the totals; an error if anything failed.
    pub fn finish(self) -> Result {
        let mut total = Count::default();
        println!();
        for row in &self.rows {
            total += row.count;
            let word = if row.count.failed == 0 { "ok    " } else { "FAILED" };
            let seconds = row.time.as_secs_f64();
            println!(
                "{word}  {:<24} {:>5} passed {:>4} failed {seconds:>8.1} s",
                row.name, row.count.passed, row.count.failed
            );
            if let Some(note) = &row.note {
                println!("        {note}");
            }
        }
        let seconds = self.rows.iter().map(|row| row.time).sum::<Duration>().as_secs();
        println!("\ntook {} min {} s\n{} passed, {} failed", seconds / 60, seconds % 60, total.passed, total.failed);
        if total.failed == 0 { Ok(()) } else { Err("some tests failed; the table above says where".into()) }
    }
}

/// Runs a test program, shows what it prints, and counts its tests from the closing lines of the known runners.
/// Without a filter it is an error when no test ran.
pub fn counted(mut command: Command, filter: Option<&str>) -> Result<Count> {
    let shown = run::show(&command);
    let start = |error| format!("cannot start `{shown}`: {error}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(start)?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(|error| format!("cannot read the output of `{shown}`: {error}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            count += tests_in(&line);
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match (status.success(), count.failed) {
        (false, 0) => Err(format!("`{shown}` failed ({status})")),
        (true, 0) if count.passed == 0 && filter.is_none() => Err(format!("`{shown}` ran no test")),
        _ => Ok(count),
    }
}

/// The tests that a runner's closing line speaks of: cargo's, pytest's or Node's.
fn tests_in(line: &str) -> Count {
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == ',' || c == ';').collect();
    let before = |word: &str| {
        words.windows(2).find_map(|pair| match pair {
            [number, what] if *what == word => number.parse().ok(),
            _ => None,
        })
    };
    match words.as_slice() {
        ["test", "result:", ..] => {
            Count { passed: before("passed").unwrap_or(0), failed: before("failed").unwrap_or(0) }
        }
        // pytest counts errors of set-up apart from failures.
        _ if line.starts_with("==") && line.ends_with("==") => Count {
            passed: before("passed").unwrap_or(0),
            failed: before("failed").unwrap_or(0) + before("error").or(before("errors")).unwrap_or(0),
        },
        ["#" | "ℹ", "pass", number] => Count { passed: number.parse().unwrap_or(0), failed: 0 },
        ["#" | "ℹ", "fail", number] => Count { passed: 0, failed: number.parse().unwrap_or(0) },
        _ => Count::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64) {
        assert_eq!(tests_in(line), Count { passed, failed }, "{line}");
    }

    #[test]
    fn closing_lines_are_counted() {
        check("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s", 12, 0);
        check("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 1, 2);
        check("=================== 3 failed, 117 passed, 1 error in 12.34s ===================", 117, 4);
        check("===== 9 passed in 61.00s (0:01:01) =====", 9, 0);
        check("======= 1 failed, 2 passed, 384 deselected in 1.00s =======", 2, 1);
        check("# pass 10", 10, 0);
        check("ℹ fail 2", 0, 2);
    }

    #[test]
    fn other_lines_are_not() {
        check("test a::b ... ok", 0, 0);
        check("I had 3 failed attempts", 0, 0);
        check("# passing 10", 0, 0);
        check("========== test session starts ==========", 0, 0);
    }
}
