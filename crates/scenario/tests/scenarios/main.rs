//! Every scenario file holds, and every operation has scenarios.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

#[path = "../common/keys.rs"]
mod keys;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use doorward_scenario::{Installation, Scenario};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// Operations that have no error scenario, since they have no input and no state that could be wrong.
const WITHOUT_ERRORS: &[(&str, &str)] = &[
    ("doorward", "ListAccounts"),
    ("doorward", "ListRoleTemplates"),
    ("iam", "GenerateCredentialReport"),
    ("iam", "GetAccountProperties"),
    ("iam", "GetAccountSummary"),
    ("iam", "ListOpenIDConnectProviders"),
    ("iam", "ListSAMLProviders"),
    ("sts", "GetCallerIdentity"),
];

/// What is wrong with the caller and not with the call: the matrix tells it for every operation.
const OF_THE_CALLER: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
];

/// Those with this in their path need AWS-managed policies.
const AWS_MANAGED: &str = "iam/aws-managed";

/// Those that need no installation have a form and a runner of their own.
const DECISIONS: &str = "decisions";

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(DECISIONS) {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            out.push(path);
        }
    }
}

/// Paths and texts of all scenarios.
fn all() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(Path::new(ROOT), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "there are no scenarios in {ROOT}");
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// `SCENARIO=part-of-a-path` runs the ones that match alone.
#[test]
fn all_scenarios_hold() {
    let wanted = std::env::var("SCENARIO").unwrap_or_default();
    let mut scenarios = all();
    scenarios.retain(|(path, _)| path.to_string_lossy().contains(&wanted));
    if doorward_managed::embedded().is_none() {
        eprintln!("left out: this build carries no AWS-managed policies; `cargo xtask managed` derives them");
        scenarios.retain(|(path, _)| !path.to_string_lossy().contains(AWS_MANAGED));
    }
    let (next, told) = (AtomicUsize::new(0), Mutex::new(keys::Told::new()));
    let check = |(path, text): &(PathBuf, String)| {
        let name = path.strip_prefix(ROOT).unwrap().display();
        let left = doorward_scenario::run(text).map_err(|problem| format!("{name}: {problem}"));
        left.map(|events| keys::note(&events, &mut told.lock().unwrap())).err()
    };
    let work = || -> Vec<String> {
        std::iter::from_fn(|| scenarios.get(next.fetch_add(1, Ordering::Relaxed))).filter_map(check).collect()
    };
    let threads = thread::available_parallelism().map_or(2, NonZeroUsize::get) * 2;
    let failed: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{} of {} scenarios failed:\n\n{}", failed.len(), scenarios.len(), failed.join("\n\n"));
    if wanted.is_empty() && doorward_managed::embedded().is_some() {
        keys::check(&told.into_inner().unwrap(), keys::OF_ACTIONS, keys::OF_RESOURCES);
    }
}

#[test]
fn every_operation_has_a_scenario_that_succeeds_and_one_that_does_not() {
    let (mut succeeds, mut fails) = (BTreeSet::new(), BTreeSet::new());
    for (path, text) in all() {
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for step in scenario.step {
            let Some(call) = step.call else { continue };
            match step.error {
                None => succeeds.insert(call),
                Some(error) => !OF_THE_CALLER.contains(&error.code.as_str()) && fails.insert(call),
            };
        }
    }
    let mut lacking = Vec::new();
    for (service, name) in Installation::new().unwrap().implemented() {
        let call = format!("{service}:{name}");
        if !succeeds.contains(&call) {
            lacking.push(format!("{call} has no scenario in which it succeeds"));
        }
        if fails.contains(&call) == WITHOUT_ERRORS.contains(&(service, name)) {
            lacking.push(format!("{call} has no error scenario, or is excepted and has one"));
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}
