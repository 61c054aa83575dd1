//! `soak CASES SEED`: random questions on all cores until so many are answered alike by the engine and the reference.
//!
//! `cargo xtask soak` runs it. A disagreement is shrunk and printed as JSON, and the program fails.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they do not expect"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/reference/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::hunt::{PER_SCENE, Tally, scene};

/// What the workers share.
#[derive(Default)]
struct Progress {
    next: AtomicU64,
    asked: AtomicU64,
    working: AtomicU64,
    stop: AtomicBool,
    tally: Mutex<Tally>,
    disagreement: Mutex<Option<String>>,
}

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[cases, seed] = numbers.as_slice() else {
        eprintln!("usage: soak CASES SEED");
        return ExitCode::FAILURE;
    };
    let scenes = cases.div_ceil(PER_SCENE);
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let progress = Progress::default();
    progress.working.store(u64::try_from(workers).unwrap_or(1), Ordering::SeqCst);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| work(&progress, scenes, seed));
        }
        watch(&progress, scenes * PER_SCENE, start);
    });
    let tally = *progress.tally.lock().unwrap();
    let Tally { allowed, explicit, implicit } = tally;
    let seconds = start.elapsed().as_secs();
    println!(
        "seed {seed}: {} questions in {seconds} s: {allowed} allowed, {explicit} denied explicitly, {implicit} implicitly",
        tally.all()
    );
    match progress.disagreement.into_inner().unwrap() {
        Some(disagreement) => {
            println!("{disagreement}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

/// Asks scene after scene until all are taken or somebody has found a disagreement.
fn work(progress: &Progress, scenes: u64, seed: u64) {
    let mut own = Tally::default();
    while !progress.stop.load(Ordering::Relaxed) {
        let number = progress.next.fetch_add(1, Ordering::Relaxed);
        if number >= scenes {
            break;
        }
        match scene(seed, number) {
            Ok(tally) => own.add(tally),
            Err(disagreement) => {
                progress.stop.store(true, Ordering::Relaxed);
                progress.disagreement.lock().unwrap().get_or_insert(disagreement);
            }
        }
        progress.asked.fetch_add(PER_SCENE, Ordering::Relaxed);
    }
    progress.tally.lock().unwrap().add(own);
    progress.working.fetch_sub(1, Ordering::SeqCst);
}

/// Says every ten seconds how far it is.
fn watch(progress: &Progress, cases: u64, start: Instant) {
    let mut told = Instant::now();
    while progress.working.load(Ordering::SeqCst) > 0 {
        thread::sleep(Duration::from_millis(100));
        if told.elapsed() < Duration::from_secs(10) {
            continue;
        }
        told = Instant::now();
        let asked = progress.asked.load(Ordering::Relaxed);
        let rate = asked / start.elapsed().as_secs().max(1);
        let left = cases.saturating_sub(asked) / rate.max(1);
        eprintln!("{asked} of {cases} questions, {rate} a second, {left} s to go");
    }
}
