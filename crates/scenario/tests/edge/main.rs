//! The cases of `scenarios/edge/decisions`, and that every case by its number is somewhere.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they do not expect"
)]

#[path = "../common/mod.rs"]
mod common;

mod authorize;
mod engine;
mod numbers;
mod reference;

use std::path::Path;

use doorward_scenario::decision::{Case, load};

const DECISIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/edge/decisions");
/// At least so many questions can be asked of an installation.
const ASKED: usize = 340;
/// What all files share.
const SHARED: &str = "shared.toml";

/// The cases of all files.
fn cases() -> Vec<Case> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let shared = read(&Path::new(DECISIONS).join(SHARED));
    let entries = std::fs::read_dir(DECISIONS).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| !path.ends_with(SHARED)).collect();
    paths.sort();
    let load = |path: &Path| load(&shared, &read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    paths.iter().flat_map(|path| load(path)).collect()
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{} answers are wrong:\n\n{}", problems.len(), problems.join("\n\n"));
}

#[test]
fn the_engine_decides_every_case() {
    let cases = cases();
    let problems: Vec<_> = cases.iter().flat_map(|case| case.check(engine::evaluate)).collect();
    none(&problems);
    println!("{} questions of {} cases", cases.iter().map(|case| case.questions.len()).sum::<usize>(), cases.len());
}

#[test]
fn the_second_evaluator_decides_every_case() {
    none(&cases().iter().flat_map(|case| case.check(reference::evaluate)).collect::<Vec<_>>());
}

#[test]
fn an_installation_decides_what_it_can_be_asked() {
    let mut cases = cases();
    cases.iter_mut().for_each(|case| case.questions.retain(authorize::can_ask));
    let asked: usize = cases.iter().map(|case| case.questions.len()).sum();
    assert!(asked >= ASKED, "only {asked} questions can be asked of an installation");
    let installation = authorize::Authorize::new();
    none(&cases.iter().flat_map(|case| case.check(|one| installation.evaluate(one))).collect::<Vec<_>>());
    println!("{asked} questions");
}

#[test]
fn documents_that_cannot_be_saved_are_refused() {
    let refused = |case: &Case| -> Vec<String> {
        let problems = case.refusals.iter().filter_map(|refusal| Some((refusal, engine::refuse(refusal).err()?)));
        problems.map(|(refusal, problem)| case.place(&refusal.document.0, &problem)).collect()
    };
    none(&cases().iter().flat_map(refused).collect::<Vec<_>>());
}
