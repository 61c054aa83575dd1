//! `cargo xtask bench`: the budgets, each beside its baseline in the same run on the same machine.
//!
//! What counts is the ratio: the figures of one machine say little about another. The server is the release build in
//! production form; the client is this program, on the same cores, so rates are of both together while CPU is the
//! server's own.

mod disk;
mod engine;
mod load;
mod peers;
mod process;
mod scale;

use serde_json::json;

use crate::clients::Server;
use crate::managed;
use crate::run::{self, Result};
use crate::serve::{self, Profile};

pub use engine::run as engine;
use load::{Load, Target};
use process::Moto;

/// Connections that send at the same time.
const CONNECTIONS: u32 = 16;
/// Requests of one connection.
const READS: u32 = 1_000;
/// With all connections less than the 5,000 users that an account may have.
const WRITES: u32 = 200;
/// How often a start is measured; the median counts.
const STARTS: usize = 5;

/// One line of the table.
struct Row {
    what: &'static str,
    unit: &'static str,
    ours: f64,
    baseline: &'static str,
    theirs: f64,
    target: Goal,
}

/// What the design asks for.
enum Goal {
    /// Our figure is at most this.
    AtMost(f64),
    /// Our figure is at least this share of the baseline's.
    Share(f64),
    /// Only shown.
    None,
}

impl Row {
    fn met(&self) -> Option<bool> {
        match self.target {
            Goal::AtMost(limit) => Some(self.ours <= limit),
            Goal::Share(share) => Some(self.ours >= share * self.theirs),
            Goal::None => None,
        }
    }

    fn target(&self) -> String {
        match self.target {
            Goal::AtMost(limit) => format!("≤ {limit} {}", self.unit),
            Goal::Share(share) => format!("≥ {share} × baseline"),
            Goal::None => String::new(),
        }
    }
}

/// Measures and prints a table, or the same as JSON.
pub fn run(json: bool) -> Result {
    managed::derive()?;
    let binary = serve::build(Profile::Release)?;
    let mut rows = vec![start(&binary)?];
    let server = Server::start(&binary, "bench")?;
    let ours = Target::of_environment(server.id(), &server.environment())?;
    let moto = Moto::start()?;
    let theirs = moto.target();
    rows.push(Row {
        what: "idle memory",
        unit: "MB",
        ours: process::memory(ours.process)?,
        baseline: "moto",
        theirs: process::memory(theirs.process)?,
        target: Goal::AtMost(25.0),
    });
    ours.create_user("bench")?;
    theirs.create_user("bench")?;
    rows.extend(reads(&ours, &theirs)?);
    rows.extend(writes(&ours, &theirs)?);
    rows.extend(scale::rows(&binary)?);
    if json {
        print_json(&rows)
    } else {
        print_table(&rows)
    }
    Ok(())
}

fn start(binary: &std::path::Path) -> Result<Row> {
    let mut ours = Vec::new();
    for _ in 0..STARTS {
        ours.push(process::start_doorward(binary)?);
    }
    let mut theirs = Vec::new();
    for _ in 0..STARTS.min(3) {
        theirs.push(Moto::start()?.started_in);
    }
    let milliseconds = |times| load::median(times).as_secs_f64() * 1e3;
    Ok(Row {
        what: "start to first answer",
        unit: "ms",
        ours: milliseconds(ours),
        baseline: "moto",
        theirs: milliseconds(theirs),
        target: Goal::AtMost(15.0),
    })
}

fn reads(ours: &Target, theirs: &Target) -> Result<[Row; 3]> {
    let request = |_, _| "Action=GetUser&Version=2010-05-08&UserName=bench".to_owned();
    // A first run warms caches, ours and the processor's.
    load::run(ours, CONNECTIONS, READS / 4, &request)?;
    let (ours, theirs) =
        (load::run(ours, CONNECTIONS, READS, &request)?, load::run(theirs, CONNECTIONS, READS / 8, &request)?);
    Ok([
        rate("GetUser, 16 connections", "moto", &ours, theirs.per_second, Goal::None),
        cpu("GetUser, server CPU", &ours, &theirs, Goal::AtMost(15.0)),
        Row {
            what: "GetUser, 99th percentile",
            unit: "ms",
            ours: ours.p99.as_secs_f64() * 1e3,
            baseline: "moto",
            theirs: theirs.p99.as_secs_f64() * 1e3,
            target: Goal::None,
        },
    ])
}

fn writes(ours: &Target, theirs: &Target) -> Result<[Row; 5]> {
    let request = |connection: u32, number: u32| {
        format!("Action=CreateUser&Version=2010-05-08&UserName=bench-{connection}-{number}")
    };
    let ours = load::run(ours, CONNECTIONS, WRITES, &request)?;
    let theirs = load::run(theirs, CONNECTIONS, WRITES / 2, &request)?;
    let disk = disk::measure(CONNECTIONS)?;
    Ok([
        rate("CreateUser, 16 connections", "moto (in memory)", &ours, theirs.per_second, Goal::None),
        cpu("CreateUser, server CPU", &ours, &theirs, Goal::None),
        rate("durable changes", "SQLite, grouped by 16", &ours, disk.grouped, Goal::Share(0.8)),
        rate("durable changes", "SQLite, one by one", &ours, disk.single, Goal::None),
        rate("durable changes", "fdatasync of the disk", &ours, disk.syncs, Goal::None),
    ])
}

fn rate(what: &'static str, baseline: &'static str, ours: &Load, theirs: f64, target: Goal) -> Row {
    Row { what, unit: "/s", ours: ours.per_second, baseline, theirs, target }
}

fn cpu(what: &'static str, ours: &Load, theirs: &Load, target: Goal) -> Row {
    Row { what, unit: "µs", ours: ours.cpu_micros, baseline: "moto", theirs: theirs.cpu_micros, target }
}

fn print_table(rows: &[Row]) {
    println!("{:<28} {:>12}    {:<34} {:>8}   target", "what", "doorward", "baseline", "ratio");
    for row in rows {
        let ours = format!("{:.1} {}", row.ours, row.unit);
        let theirs = format!("{:.1} {} {}", row.theirs, row.unit, row.baseline);
        let met = match row.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        println!("{:<28} {ours:>12}    {theirs:<34} {:>8.3}   {} {met}", row.what, row.ours / row.theirs, row.target());
    }
}

fn print_json(rows: &[Row]) {
    let row = |row: &Row| {
        json!({
            "what": row.what,
            "unit": row.unit,
            "doorward": row.ours,
            "baseline": row.theirs,
            "baselineName": row.baseline,
            "ratio": row.ours / row.theirs,
            "target": row.target(),
            "met": row.met(),
        })
    };
    println!("{:#}", json!(rows.iter().map(row).collect::<Vec<_>>()));
}

/// Where the benchmark keeps its files.
fn directory() -> std::path::PathBuf {
    run::target().join("bench")
}
