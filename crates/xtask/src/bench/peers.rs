//! The engine and others on its workloads: cedar-policy and regorus beside it in one program, `@cloud-copilot/iam-simulate`
//! in Node. Each workload runs in a process of its own that may be given up: some patterns keep some engines busy for
//! longer than anybody waits.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clients::node_modules;
use crate::run::{self, Result};

/// How long one engine may take for one workload, start and loading included.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What one engine did with one workload.
pub struct Figure {
    /// The workload's name, such as `W1`.
    pub workload: String,
    /// The engine's name.
    pub peer: String,
    /// Nanoseconds of a decision, median and 99th percentile; none when there was no answer in time.
    pub nanoseconds: Option<(f64, f64)>,
    /// How many of the requests came out as expected, and how many there are.
    pub as_expected: (u64, u64),
}

impl Figure {
    pub fn to_json(&self) -> Value {
        json!({
            "workload": self.workload,
            "peer": self.peer,
            "medianNanoseconds": self.nanoseconds.map(|(median, _)| median),
            "p99Nanoseconds": self.nanoseconds.map(|(_, p99)| p99),
            "asExpected": self.as_expected.0,
            "requests": self.as_expected.1,
        })
    }
}

/// What our engine takes beyond the time of a decision, workload by workload, as `doorward-figures` prints it.
pub fn figures_of_ours(workloads: &[PathBuf]) -> Result<Vec<Value>> {
    let of_one = |workload: &PathBuf| {
        let output = run::command(run::target().join("bench/peers/release/doorward-figures"), &[workload]).output();
        let output = output.map_err(|error| format!("cannot start doorward-figures: {error}"))?;
        serde_json::from_slice(&output.stdout).map_err(|error| format!("doorward-figures: {error}"))
    };
    workloads.iter().map(of_one).collect()
}

/// Builds what is missing and measures all peers on all workloads.
pub fn measure(workloads: &[PathBuf]) -> Result<Vec<Figure>> {
    let target = run::target().join("bench/peers");
    let mut build = run::cargo(&["build", "--locked", "--release", "--manifest-path", "tests/bench/peers/Cargo.toml"]);
    build.env("CARGO_TARGET_DIR", &target);
    run::check(build)?;
    let simulate = run::root().join("tests/bench/simulate");
    node_modules(&simulate, "bench/simulate.installed.json")?;
    let mut figures = Vec::new();
    for workload in workloads {
        let name = workload.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut peers = run::command(target.join("release/doorward-peers"), &[workload]);
        figures.extend(measured(&mut peers, &name, "doorward and others")?);
        let mut node = run::command("node", &[Path::new("simulate.mjs"), workload]);
        figures.extend(measured(node.current_dir(&simulate), &name, "iam-simulate")?);
    }
    Ok(figures)
}

/// Runs one program on one workload. Each line that it prints is a figure.
fn measured(command: &mut Command, workload: &str, peer: &str) -> Result<Vec<Figure>> {
    let shown = run::show(command);
    let start = Instant::now();
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    while process.try_wait().map_err(|error| error.to_string())?.is_none() {
        if start.elapsed() > PATIENCE {
            process.kill().and_then(|()| process.wait()).map_err(|error| error.to_string())?;
            let (workload, peer) = (workload.to_owned(), peer.to_owned());
            return Ok(vec![Figure { workload, peer, nanoseconds: None, as_expected: (0, 0) }]);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = process.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("`{shown}` failed ({})", output.status));
    }
    String::from_utf8_lossy(&output.stdout).lines().map(figure).collect()
}

fn figure(line: &str) -> Result<Figure> {
    let strange = || format!("a peer printed {line:?}");
    let value: Value = serde_json::from_str(line).map_err(|_| strange())?;
    let text = |member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned).ok_or_else(strange);
    let number = |member: &str| value.get(member).and_then(Value::as_f64).ok_or_else(strange);
    let count = |member: &str| value.get(member).and_then(Value::as_u64).ok_or_else(strange);
    Ok(Figure {
        workload: text("workload")?,
        peer: text("peer")?,
        nanoseconds: Some((number("medianNanoseconds")?, number("p99Nanoseconds")?)),
        as_expected: (count("asExpected")?, count("requests")?),
    })
}
