//! Every case has a scenario that names its number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The cases are numbered from 1 to this.
const LAST: u32 = 275;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// The texts of all scenarios that make calls.
fn texts(folder: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, out);
        } else {
            out.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// The numbers after "Case" or "Cases": `71, 127 to 131 and 138`.
fn named(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mentions = ["Case ", "Cases ", "case ", "cases "].iter().flat_map(|word| text.split(word).skip(1));
    for mut rest in mentions {
        let mut from: Option<u32> = None;
        loop {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let Ok(number) = rest.strip_suffix(after).unwrap().parse() else { break };
            found.extend(from.unwrap_or(number)..=number);
            from = after.starts_with(" to ").then_some(number);
            match [", ", " and ", " to "].iter().find_map(|word| after.strip_prefix(word)) {
                Some(next) => rest = next,
                None => break,
            }
        }
    }
    found
}

#[test]
fn numbers_are_read() {
    let check = |text: &str, expect: &[u32]| assert_eq!(named(text), expect.iter().copied().collect(), "{text}");
    check("Cases 71, 127 to 129 and 138: what 5 conditions", &[71, 127, 128, 129, 138]);
    check("# Case 213.\n[[step]]\n", &[213]);
    check("in case of need, or the 7 cases of it", &[]);
}

#[test]
fn every_number_has_a_case() {
    let mut all = BTreeMap::<u32, u32>::new();
    let cases = super::cases();
    for case in &cases {
        *all.entry(case.number).or_default() += 1;
    }
    let twice: Vec<_> = all.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "several cases have one number: {twice:?}");
    let empty: Vec<_> = cases.iter().filter(|case| case.questions.is_empty() && case.refusals.is_empty()).collect();
    assert!(empty.is_empty(), "{} cases ask nothing", empty.len());

    let mut scenarios = Vec::new();
    texts(Path::new(SCENARIOS), &mut scenarios);
    let mut shown: BTreeSet<u32> = scenarios.iter().flat_map(|text| named(text)).collect();
    shown.extend(all.keys());
    let lacking: Vec<u32> = (1..=LAST).filter(|number| !shown.contains(number)).collect();
    assert!(lacking.is_empty(), "cases without a scenario: {lacking:?}");
}
