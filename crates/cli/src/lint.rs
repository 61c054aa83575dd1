//! `doorward lint`: checks policies as IAM Access Analyzer does.

mod sarif;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use doorward_catalogue::aws;
use doorward_policy::json::{self, Json, Value};
use doorward_policy::lint::finding::{Finding, FindingType};
use doorward_policy::lint::{PolicyType, ResourceType, lint};
use serde_json::json;

use crate::document::{self, UNREADABLE};
use crate::failure::Result;
use crate::output::{self, Style, safe};

/// Arguments of `doorward lint`.
#[derive(clap::Args)]
pub(crate) struct Lint {
    /// Policies; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What they are [default: resource where statements name principals, else identity]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Kind>,
    /// Print the findings as JSON, as ValidatePolicy gives them: one line a file
    #[arg(long)]
    json: bool,
    /// Print the findings as SARIF 2.1.0
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// Managed and inline policies, boundaries, session policies
    Identity,
    /// Resource-based policies
    Resource,
    /// Role trust policies
    Trust,
    /// Service control policies
    Scp,
    /// Resource control policies
    Rcp,
}

/// A file with what was found in it.
struct Checked {
    name: String,
    text: String,
    policy_type: PolicyType,
    findings: Vec<Finding>,
}

impl Lint {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut checked = Vec::new();
        let mut unreadable = false;
        for file in &self.files {
            match self.check(file) {
                Ok(file) => checked.push(file),
                Err(failure) => {
                    eprintln!("doorward: {failure}");
                    unreadable = true;
                }
            }
        }
        match (self.json, self.sarif) {
            (true, _) => checked.iter().try_for_each(|file| output::print_json(&file.to_json()))?,
            (_, true) => output::print_json(&sarif::log(&checked))?,
            _ => output::print(&draw(&checked, Style::of_stdout()))?,
        }
        let fails = checked.iter().flat_map(|file| &file.findings).any(|finding| is_grave(finding.finding_type));
        Ok(ExitCode::from(if unreadable { UNREADABLE } else { u8::from(fails) }))
    }

    fn check(&self, path: &Path) -> Result<Checked> {
        let text = document::read(path)?;
        let policy_type = match self.kind {
            Some(Kind::Identity) => PolicyType::Identity,
            Some(Kind::Resource) => PolicyType::Resource(None),
            Some(Kind::Trust) => PolicyType::Resource(Some(ResourceType::AssumeRolePolicyDocument)),
            Some(Kind::Scp) => PolicyType::ServiceControl,
            Some(Kind::Rcp) => PolicyType::ResourceControl,
            None => guess(&text),
        };
        let findings = lint(&text, policy_type, aws());
        Ok(Checked { name: path.display().to_string(), text, policy_type, findings })
    }
}

/// What lets the command fail.
fn is_grave(kind: FindingType) -> bool {
    matches!(kind, FindingType::Error | FindingType::SecurityWarning)
}

/// A resource-based policy if a statement names principals, else an identity policy.
fn guess(text: &str) -> PolicyType {
    let member = |value: &Value<'_>, name: &str| match &value.value {
        Json::Object(members) => members.iter().position(|member| member.key.value == name),
        _ => None,
    };
    let names_principals =
        |value: &Value<'_>| ["Principal", "NotPrincipal"].iter().any(|name| member(value, name).is_some());
    let Ok(root) = json::parse(text) else { return PolicyType::Identity };
    let Json::Object(members) = &root.value else { return PolicyType::Identity };
    let statements = members.iter().filter(|member| member.key.value == "Statement").map(|member| &member.value);
    let mut single = statements.flat_map(|value| match &value.value {
        Json::Array(values) => values.iter().collect(),
        _ => vec![value],
    });
    if single.any(names_principals) { PolicyType::Resource(None) } else { PolicyType::Identity }
}

impl Checked {
    fn to_json(&self) -> serde_json::Value {
        let policy_type = match self.policy_type {
            PolicyType::Identity => "IDENTITY_POLICY",
            PolicyType::Resource(_) => "RESOURCE_POLICY",
            PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
        };
        let findings: Vec<_> = self.findings.iter().map(Finding::to_json).collect();
        json!({ "file": self.name, "policyType": policy_type, "findings": findings })
    }
}

/// The findings with their lines, and how many there are.
fn draw(checked: &[Checked], style: Style) -> String {
    let mut out = String::new();
    for file in checked {
        for finding in &file.findings {
            out.push_str(&draw_finding(file, finding, style));
            out.push('\n');
        }
    }
    let count = |kind: FindingType| {
        let findings = checked.iter().flat_map(|file| &file.findings);
        findings.filter(|finding| finding.finding_type == kind).count()
    };
    let kinds = [FindingType::Error, FindingType::SecurityWarning, FindingType::Warning, FindingType::Suggestion];
    let counts = kinds.into_iter().map(|kind| (count(kind), word(kind))).filter(|(count, _)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" })).collect();
    if !counts.is_empty() {
        out.push_str(&format!("{}\n", counts.join(", ")));
    }
    out
}

fn draw_finding(file: &Checked, finding: &Finding, style: Style) -> String {
    let grave = is_grave(finding.finding_type);
    let word = if grave { style.bad(word(finding.finding_type)) } else { style.bold(word(finding.finding_type)) };
    let mut out = format!("{word}  {}", finding.issue_code);
    for (at, place) in finding.locations.iter().enumerate() {
        let (start, says) = (place.span.start, if at == 0 { finding.finding_details.as_str() } else { "this" });
        if at == 0 {
            out.push_str(&format!("  {}:{}:{}\n", safe(&file.name), start.line, start.column + 1));
        }
        let byte = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let part = byte(place.bytes.start)..byte(place.bytes.end);
        out.push_str(&document::draw(&file.text, part, says, !grave, style));
    }
    out
}

fn word(kind: FindingType) -> &'static str {
    match kind {
        FindingType::Error => "error",
        FindingType::SecurityWarning => "security warning",
        FindingType::Warning => "warning",
        FindingType::Suggestion => "suggestion",
    }
}
