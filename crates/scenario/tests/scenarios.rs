//! Every scenario file holds.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

/// `SCENARIO=part-of-a-path` runs the ones that match alone.
#[test]
fn all_scenarios_hold() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
    let wanted = std::env::var("SCENARIO").unwrap_or_default();
    let mut paths = Vec::new();
    files(root, &mut paths);
    paths.retain(|path| path.to_string_lossy().contains(&wanted));
    paths.sort();
    assert!(!paths.is_empty(), "there are no scenarios in {}", root.display());
    let next = AtomicUsize::new(0);
    let check = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.strip_prefix(root).unwrap().display();
        doorward_scenario::run(&text).err().map(|problem| format!("{name}: {problem}"))
    };
    let work = || -> Vec<String> {
        std::iter::from_fn(|| paths.get(next.fetch_add(1, Ordering::Relaxed))).filter_map(check).collect()
    };
    let threads = thread::available_parallelism().map_or(2, NonZeroUsize::get) * 2;
    let failed: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{} of {} scenarios failed:\n\n{}", failed.len(), paths.len(), failed.join("\n\n"));
}
