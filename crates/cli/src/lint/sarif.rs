//! SARIF 2.1.0, which code hosts and editors read (OASIS, "Static Analysis Results Interchange Format").

use std::collections::BTreeMap;

use doorward_policy::lint::finding::{FindingType, Location};
use doorward_policy::lint::issue;
use serde_json::{Value, json};

use super::Checked;
use crate::client::encode;

/// The log of one run.
pub(super) fn log(checked: &[Checked]) -> Value {
    let mut used = BTreeMap::new();
    for finding in checked.iter().flat_map(|file| &file.findings) {
        used.insert(finding.issue_code, level(finding.finding_type));
    }
    let rules: Vec<Value> = issue::ALL
        .iter()
        .filter(|issue| used.contains_key(issue.code))
        .map(|issue| {
            json!({
                "id": issue.code,
                "helpUri": issue.learn_more_link(),
                "defaultConfiguration": { "level": level(issue.finding_type) },
                "properties": { "findingType": issue.finding_type.name() },
            })
        })
        .collect();
    let results: Vec<Value> = checked.iter().flat_map(results).collect();
    let driver = json!({ "name": "doorward", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}

fn results(file: &Checked) -> impl Iterator<Item = Value> {
    file.findings.iter().map(|finding| {
        let mut places = finding.locations.iter().map(|place| location(&file.name, place));
        let first: Vec<Value> = places.next().into_iter().collect();
        json!({
            "ruleId": finding.issue_code,
            "level": level(finding.finding_type),
            "message": { "text": finding.finding_details },
            "locations": first,
            "relatedLocations": places.collect::<Vec<_>>(),
        })
    })
}

fn location(name: &str, place: &Location) -> Value {
    let (start, end) = (place.span.start, place.span.end);
    let region = json!({
        "startLine": start.line, "startColumn": start.column + 1, "endLine": end.line, "endColumn": end.column + 1,
    });
    let uri = name.split('/').map(encode).collect::<Vec<_>>().join("/");
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri }, "region": region } })
}

/// What lets `doorward lint` fail is an error.
fn level(kind: FindingType) -> &'static str {
    match kind {
        FindingType::Error | FindingType::SecurityWarning => "error",
        FindingType::Warning => "warning",
        FindingType::Suggestion => "note",
    }
}
