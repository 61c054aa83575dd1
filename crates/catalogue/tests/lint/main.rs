//! Lint with AWS's services: for each issue a policy that has it and one that is nearly the same and has not.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test code, which may panic"
)]

mod conditions;
mod policies;
mod principals;
mod structure;

use std::collections::BTreeSet;

use doorward_catalogue::aws;
use doorward_policy::lint::{PolicyType, ResourceType, issue, lint};

/// An issue; the type of the policies; statements (or whole documents) that have it; and that have not.
pub type Row = (&'static str, Kind, &'static [&'static str], &'static [&'static str]);

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Identity,
    Resource,
    Trust,
    Bucket,
    AccessPoint,
    Table,
    Scp,
    Rcp,
}

impl Kind {
    fn policy_type(self) -> PolicyType {
        match self {
            Kind::Identity => PolicyType::Identity,
            Kind::Resource => PolicyType::Resource(None),
            Kind::Trust => PolicyType::Resource(Some(ResourceType::AssumeRolePolicyDocument)),
            Kind::Bucket => PolicyType::Resource(Some(ResourceType::Bucket)),
            Kind::AccessPoint => PolicyType::Resource(Some(ResourceType::AccessPoint)),
            Kind::Table => PolicyType::Resource(Some(ResourceType::Table)),
            Kind::Scp => PolicyType::ServiceControl,
            Kind::Rcp => PolicyType::ResourceControl,
        }
    }
}

/// The members of a statement or of several, or a whole document where it begins with a brace or is none.
fn document(text: &str) -> String {
    if !text.starts_with('"') {
        return text.to_owned();
    }
    let statements: Vec<String> = text.split(" ;; ").map(|members| format!("{{{members}}}")).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

pub fn codes(kind: Kind, text: &str) -> Vec<&'static str> {
    lint(&document(text), kind.policy_type(), aws()).into_iter().map(|finding| finding.issue_code).collect()
}

/// What is wrong with a row.
fn failures((code, kind, with, without): &Row) -> Vec<String> {
    let missing = with.iter().filter(|text| !codes(*kind, text).contains(code));
    let missing = missing.map(|text| format!("{code} is not found in {text}: {:?}", codes(*kind, text)));
    let wrong = without.iter().filter(|text| codes(*kind, text).contains(code));
    missing.chain(wrong.map(|text| format!("{code} is found in {text}"))).collect()
}

fn rows() -> impl Iterator<Item = &'static Row> {
    structure::ROWS.iter().chain(principals::ROWS).chain(conditions::ROWS)
}

#[test]
fn each_issue_is_found_where_it_is_and_only_there() {
    let failures: Vec<String> = rows().flat_map(failures).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_issue_has_a_row_with_both() {
    let named = |with: bool| -> BTreeSet<&str> {
        let in_rows = rows().filter(|row| !if with { row.2 } else { row.3 }.is_empty()).map(|row| row.0);
        in_rows.chain(policies::SIZES.iter().copied()).collect()
    };
    let all: BTreeSet<&str> = issue::ALL.iter().map(|issue| issue.code).collect();
    assert_eq!(named(true), all);
    assert_eq!(named(false), all);
    assert_eq!(all.len(), issue::ALL.len(), "no code twice");
}
