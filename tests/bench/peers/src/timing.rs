//! How long something takes: medians of batches that are long beside the clock's own cost.

use std::time::{Duration, Instant};

/// A batch takes at least so long.
const BATCH: Duration = Duration::from_micros(20);
/// Measuring stops after so long.
const LIMIT: Duration = Duration::from_secs(4);
/// And after so many batches.
const BATCHES: usize = 20_000;

/// Nanoseconds for one go.
pub struct Times {
    pub median: f64,
    pub p99: f64,
}

/// Does each of `count` things again and again, by its number.
pub fn each(count: usize, mut run: impl FnMut(usize)) -> Times {
    let start = Instant::now();
    let mut sizes = Vec::with_capacity(count);
    for number in 0..count {
        let before = Instant::now();
        let mut goes = 0_u32;
        while before.elapsed() < BATCH && start.elapsed() < LIMIT || goes == 0 {
            run(number);
            goes += 1;
        }
        sizes.push(goes);
    }
    let mut times = Vec::new();
    while times.is_empty() || start.elapsed() < LIMIT && times.len() < BATCHES {
        for (number, &goes) in sizes.iter().enumerate() {
            let before = Instant::now();
            (0..goes).for_each(|_| run(number));
            times.push(before.elapsed().as_secs_f64() * 1e9 / f64::from(goes));
        }
    }
    times.sort_by(f64::total_cmp);
    Times { median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
}
