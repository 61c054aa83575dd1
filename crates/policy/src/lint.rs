//! Lint: the checks of IAM Access Analyzer's `ValidatePolicy` (User Guide, "IAM policy validation check reference"), with
//! AWS's issue codes and our own words.
//!
//! Each module beside this one holds the checks of one subject; a check adds an issue, what to say, and the places. Lint
//! reads any text and never fails: it reports what it cannot read. It knows services from a [`Catalogue`] only.
//!
//! One issue is ours: `UNSUPPORTED_RESOURCE_FOR_ACTION`, an action in a statement that names no resource of a type which
//! the action supports. One of AWS's is left out: `SCP_SYNTAX_ERROR_ACTION_WILDCARD`, since service control policies may
//! have wildcards anywhere in actions ("SCP syntax").

mod actions;
mod conditions;
mod escalation;
pub mod finding;
mod guardrails;
pub mod issue;
mod presence;
mod principals;
mod read;
mod regions;
mod resources;
mod services;
mod statements;
mod support;
mod trust;
mod values;
mod variables;
mod wildcards;

#[cfg(test)]
mod tests;

use crate::catalogue::Catalogue;
use crate::document::{Span, Version};
use crate::json::{self, Value};
use finding::{Finding, Locator};
use issue::Issue;
use read::Statement;

/// What kind of policy is checked, as `ValidatePolicy` tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    /// Managed and inline policies, permissions boundaries, session policies.
    Identity,
    /// Resource-based policies, with the type of the resource if it is known. A statement of unknown type that has only
    /// actions of STS and no resource is checked as a role trust policy's.
    Resource(Option<ResourceType>),
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
}

/// The resource types whose policies have checks of their own (`validatePolicyResourceType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceType {
    /// An S3 bucket.
    Bucket,
    /// An S3 access point.
    AccessPoint,
    /// An S3 multi-Region access point.
    MultiRegionAccessPoint,
    /// An S3 Object Lambda access point.
    ObjectLambdaAccessPoint,
    /// A role: its trust policy.
    AssumeRolePolicyDocument,
    /// A DynamoDB table.
    Table,
}

impl ResourceType {
    /// All of them.
    pub const ALL: &'static [ResourceType] = &[
        ResourceType::Bucket,
        ResourceType::AccessPoint,
        ResourceType::MultiRegionAccessPoint,
        ResourceType::ObjectLambdaAccessPoint,
        ResourceType::AssumeRolePolicyDocument,
        ResourceType::Table,
    ];

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            ResourceType::Bucket => "AWS::S3::Bucket",
            ResourceType::AccessPoint => "AWS::S3::AccessPoint",
            ResourceType::MultiRegionAccessPoint => "AWS::S3::MultiRegionAccessPoint",
            ResourceType::ObjectLambdaAccessPoint => "AWS::S3ObjectLambda::AccessPoint",
            ResourceType::AssumeRolePolicyDocument => "AWS::IAM::AssumeRolePolicyDocument",
            ResourceType::Table => "AWS::DynamoDB::Table",
        }
    }
}

/// Checks a policy. The findings come in the order of the text.
pub fn lint(text: &str, policy_type: PolicyType, catalogue: &dyn Catalogue) -> Vec<Finding> {
    let mut cx = Cx { policy_type, catalogue, report: Report::default(), comparisons: COMPARISONS_MAX };
    let root = match json::parse(text) {
        Ok(root) => Some(root),
        Err(error) => {
            syntax_error(text, &error, &mut cx.report);
            None
        }
    };
    if let Some(root) = &root {
        check(text, root, &mut cx);
    }
    cx.report.findings(text, root.as_ref())
}

fn syntax_error(text: &str, error: &json::Error, report: &mut Report) {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let rest = usize::try_from(error.offset).ok().and_then(|offset| text.get(offset..)).unwrap_or_default();
    let length = rest.chars().next().map_or(0, char::len_utf8);
    let span =
        Span { start: error.offset.min(end), end: error.offset.saturating_add(u32::try_from(length).unwrap_or(1)) };
    report.add(issue::JSON_SYNTAX_ERROR, format!("This is not JSON: {}.", error.message), [span]);
}

fn check<'v>(text: &str, root: &'v Value<'v>, cx: &mut Cx<'_>) {
    let policy = read::policy(root, &mut cx.report);
    statements::check(text, &policy, cx);
    trust::check_roles_anywhere(&policy, cx);
    for statement in &policy.statements {
        variables::check(statement, policy.version, cx);
        actions::check(statement, cx);
        resources::check(statement, cx);
        principals::check(statement, cx);
        conditions::check(statement, cx);
        support::check(statement, cx);
        escalation::check(statement, cx);
        services::check(statement, cx);
        trust::check(statement, cx);
        guardrails::check(statement, cx);
    }
}

/// How many bytes are compared in the search for redundant actions and resources, so that long lists take bounded time.
/// Beyond it nothing is found to be redundant any more.
const COMPARISONS_MAX: usize = 20_000_000;

/// What all checks need.
struct Cx<'c> {
    policy_type: PolicyType,
    catalogue: &'c dyn Catalogue,
    report: Report,
    comparisons: usize,
}

impl Cx<'_> {
    fn add<const N: usize>(&mut self, issue: Issue, details: impl Into<String>, places: [Span; N]) {
        self.report.add(issue, details, places);
    }

    /// Whether a statement is one of a role trust policy.
    fn is_trust(&self, statement: &Statement<'_>) -> bool {
        match self.policy_type {
            PolicyType::Resource(Some(kind)) => kind == ResourceType::AssumeRolePolicyDocument,
            PolicyType::Resource(None) => {
                let is_sts = |entry: &read::Text<'_>| {
                    entry.value.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"))
                };
                let actions = statement.action.as_ref().filter(|list| !list.entries.is_empty());
                statement.resource.is_none() && actions.is_some_and(|list| list.entries.iter().all(is_sts))
            }
            _ => false,
        }
    }

    fn is_resource(&self) -> bool {
        matches!(self.policy_type, PolicyType::Resource(_))
    }
}

/// A policy, as far as it could be understood.
struct Policy<'v> {
    span: Span,
    version: Option<Version>,
    statements: Vec<Statement<'v>>,
}

/// Collects what is found.
#[derive(Default)]
struct Report {
    found: Vec<(Issue, String, Vec<Span>)>,
}

impl Report {
    fn add(&mut self, issue: Issue, details: impl Into<String>, places: impl IntoIterator<Item = Span>) {
        self.found.push((issue, details.into(), places.into_iter().collect()));
    }

    fn findings(mut self, text: &str, root: Option<&Value<'_>>) -> Vec<Finding> {
        self.found.sort_by_key(|(_, _, places)| places.first().map(|place| place.start));
        let locator = Locator::new(text, root);
        let finding = |(issue, finding_details, places): (Issue, String, Vec<Span>)| Finding {
            finding_type: issue.finding_type,
            issue_code: issue.code,
            finding_details,
            learn_more_link: issue.learn_more_link(),
            locations: places.into_iter().map(|place| locator.location(place)).collect(),
        };
        self.found.into_iter().map(finding).collect()
    }
}
