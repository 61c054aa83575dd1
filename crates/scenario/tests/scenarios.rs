//! Every scenario file holds.

use std::path::{Path, PathBuf};

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            out.push(path);
        }
    }
}

#[test]
fn all_scenarios_hold() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
    let mut paths = Vec::new();
    files(root, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "there are no scenarios in {}", root.display());
    let mut failed = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        if let Err(problem) = doorward_scenario::run(&text) {
            failed.push(format!("{}: {problem}", path.strip_prefix(root).unwrap().display()));
        }
    }
    assert!(failed.is_empty(), "{} of {} scenarios failed:\n\n{}", failed.len(), paths.len(), failed.join("\n\n"));
}
