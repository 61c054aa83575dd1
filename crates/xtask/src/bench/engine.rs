//! `cargo xtask bench engine`: what a decision takes, by ours and by other engines, on the same workloads in the same minute.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::peers::{self, Figure};
use crate::run::{self, Result};

/// The workloads, and the nanoseconds that a decision may take.
const WORKLOADS: &[(&str, f64)] =
    &[("W1", 80.0), ("W2", 400.0), ("W3", 150.0), ("W3S", 100.0), ("W4a", 200.0), ("W4b", 200.0), ("W4c", 200.0)];
const OURS: &str = "doorward";

/// Measures and prints a table, or the same as JSON.
pub fn run(as_json: bool) -> Result {
    let folder = run::root().join("../shared/workloads");
    if !folder.is_dir() {
        return Err(format!("the workloads are not in {}", folder.display()));
    }
    let files: Vec<PathBuf> = WORKLOADS.iter().map(|(name, _)| folder.join(format!("{name}.json"))).collect();
    let figures = peers::measure(&files)?;
    let ours = peers::figures_of_ours(&files)?;
    if as_json {
        let decisions = figures.iter().map(Figure::to_json).collect::<Vec<_>>();
        println!("{:#}", json!({ "decisions": decisions, "doorward": ours }));
        return Ok(());
    }
    println!(
        "{:<5} {:<24} {:>14} {:>14} {:>10} {:>12}   target",
        "", "engine", "median", "p99", "× ours", "as expected"
    );
    for (name, target) in WORKLOADS {
        let of_workload = || figures.iter().filter(|figure| figure.workload == *name);
        let our_times = of_workload().find(|figure| figure.peer == OURS).and_then(|figure| figure.nanoseconds);
        for figure in of_workload() {
            let is_ours = figure.peer == OURS;
            let target = if is_ours { format!("≤ {target} ns {}", met(figure, *target)) } else { String::new() };
            println!("{}", line(figure, our_times.map(|(median, _)| median), &target));
        }
    }
    println!();
    for figures in &ours {
        println!("{}", beyond(figures));
    }
    println!(
        "targets: no allocation, context ≤ 150 ns, explain ≤ 50 ×, set ≤ 64 KiB, W2 with 1,500 in turn ≤ 1,500 ns"
    );
    Ok(())
}

/// What a decision takes beyond its time, on one workload.
fn beyond(figures: &Value) -> String {
    let number = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let turns = figures.get("inTurnNanoseconds").and_then(Value::as_array).into_iter().flatten();
    let turns: Vec<String> = turns
        .filter_map(|turn| {
            let pair = turn.as_array()?;
            Some(format!("{}: {:.0}", pair.first()?, pair.get(1)?.as_f64()?))
        })
        .collect();
    format!(
        "{:<5} {} allocations, context {:.0} ns, explain {:.0} × decide, compile {:.1} µs per policy, set of {} policies: {:.1} µs, \
         {:.1} KiB; ns with context, principals in turn: {}",
        figures.get("workload").and_then(Value::as_str).unwrap_or_default(),
        number("allocationsPerDecision"),
        number("contextNanoseconds"),
        number("explainNanoseconds") / number("decisionNanoseconds"),
        number("compileMicrosecondsPerPolicy"),
        number("policies"),
        number("setMicroseconds"),
        number("setBytes") / 1024.0,
        turns.join(", "),
    )
}

fn met(figure: &Figure, target: f64) -> &'static str {
    match figure.nanoseconds {
        Some((median, _)) if median <= target => "met",
        _ => "MISSED",
    }
}

fn line(figure: &Figure, ours: Option<f64>, target: &str) -> String {
    let Figure { workload, peer, nanoseconds, as_expected: (right, all) } = figure;
    let Some((median, p99)) = nanoseconds else {
        return format!("{workload:<5} {peer:<24} no answer within {} s", peers::PATIENCE.as_secs());
    };
    let ratio = ours.map(|ours| format!("{:.1}", median / ours)).unwrap_or_default();
    format!("{workload:<5} {peer:<24} {median:>11.0} ns {p99:>11.0} ns {ratio:>10} {right:>6} of {all:<3}   {target}")
}
