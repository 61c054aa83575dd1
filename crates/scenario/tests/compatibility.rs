//! `docs/compatibility.md` says what is implemented, and is made from the tables.
//!
//! `UPDATE_EXPECT=1 cargo test -p doorward-scenario --test compatibility` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;

use doorward_scenario::Installation;
use doorward_shapes::SERVICES;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/compatibility.md");

fn table(implemented: &BTreeSet<(&str, &str)>) -> String {
    let mut out = String::from(
        "# Compatibility\n\nMade from the operation tables by a test; do not edit. An operation is implemented wholly, or not at \
         all: then it answers\n`NotImplemented` (HTTP 501), never success.\n\n| service | API version | implemented | of |\n|---|---|---|---|\n",
    );
    for service in SERVICES {
        let done = service.operations.iter().filter(|op| implemented.contains(&(service.id, op.name))).count();
        let _ = writeln!(out, "| {} | {} | {done} | {} |", service.id, service.api_version, service.operations.len());
    }
    for service in SERVICES {
        let _ = write!(out, "\n## {}\n\n| operation | |\n|---|---|\n", service.service_id);
        for op in service.operations {
            let mark = if implemented.contains(&(service.id, op.name)) { "implemented" } else { "–" };
            let _ = writeln!(out, "| {} | {mark} |", op.name);
        }
    }
    out
}

#[test]
fn the_table_is_what_the_service_has() {
    let installation = Installation::new().unwrap();
    let implemented: BTreeSet<(&str, &str)> = installation.implemented().collect();
    for (service, name) in &implemented {
        let model = SERVICES.iter().find(|model| model.id == *service).unwrap();
        assert!(model.operation(name).is_some(), "{service}:{name} is not in the model");
    }
    let table = table(&implemented);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(PATH, &table).unwrap();
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == table, "docs/compatibility.md is not up to date: run this test with UPDATE_EXPECT=1");
}
