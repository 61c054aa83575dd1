//! Versions of managed policies (IAM API Reference: CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions,
//! SetDefaultPolicyVersion, DeletePolicyVersion).

use doorward_directory::{Account, Policy, PolicyVersion, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::policy::{attachable, change, managed, policy, target};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::percent::percent_encoded;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreatePolicyVersion",
            |scope, input: &api::CreatePolicyVersionRequest| change(scope, &input.policy_arn),
            create_policy_version,
        ),
        Op::read(
            "GetPolicyVersion",
            |scope, input: &api::GetPolicyVersionRequest| target(scope, &input.policy_arn),
            get_policy_version,
        ),
        Op::read(
            "ListPolicyVersions",
            |scope, input: &api::ListPolicyVersionsRequest| target(scope, &input.policy_arn),
            list_policy_versions,
        ),
        Op::write(
            "SetDefaultPolicyVersion",
            |scope, input: &api::SetDefaultPolicyVersionRequest| change(scope, &input.policy_arn),
            set_default_policy_version,
        ),
        Op::write(
            "DeletePolicyVersion",
            |scope, input: &api::DeletePolicyVersionRequest| change(scope, &input.policy_arn),
            delete_policy_version,
        ),
    ]
}

fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// The number in a version id; none in an id that no version can have (the API's pattern has room for more).
fn number(id: &str) -> Option<u32> {
    let number = id.strip_prefix('v')?.parse().ok()?;
    (version_id(number) == id).then_some(number)
}

/// A version of a policy. That there is no such policy is said in the same words.
fn version<'a>(account: &'a Account, arn: &str, id: &str) -> Result<(&'a Policy, &'a PolicyVersion), Error> {
    let found = || {
        let policy = account.policy_by_arn(arn)?;
        Some((policy.as_ref(), policy.version(number(id)?)?))
    };
    let missing = || error::no_such_entity(format!("Policy {arn} version {id} does not exist or is not attachable."));
    found().ok_or_else(missing)
}

fn create_policy_version(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreatePolicyVersionRequest,
) -> Result<api::CreatePolicyVersionResponse, Error> {
    let mut policy = Policy::clone(attachable(account, &input.policy_arn)?);
    let version =
        PolicyVersion { number: policy.next_version, document: managed(&input.policy_document)?, created: cx.date() };
    if policy.versions.len() >= quota::POLICY_VERSIONS {
        return Err(error::limit_exceeded(format!(
            "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
             version.",
            quota::POLICY_VERSIONS
        )));
    }
    if input.set_as_default == Some(true) {
        policy.default_version = version.number;
    }
    policy.next_version = policy.next_version.saturating_add(1);
    policy.updated = version.created;
    let answer = summary(&policy, &version);
    policy.versions.push(version);
    account.put(policy);
    Ok(api::CreatePolicyVersionResponse { policy_version: Some(answer) })
}

fn get_policy_version(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetPolicyVersionRequest,
) -> Result<api::GetPolicyVersionResponse, Error> {
    let (policy, version) = version(account, &input.policy_arn, &input.version_id)?;
    let document = Some(percent_encoded(version.document.text()));
    Ok(api::GetPolicyVersionResponse {
        policy_version: Some(api::PolicyVersion { document, ..summary(policy, version) }),
    })
}

/// All versions with their documents, newest first.
pub(super) fn detailed(policy: &Policy) -> Vec<api::PolicyVersion> {
    let with_document = |version: &PolicyVersion| api::PolicyVersion {
        document: Some(percent_encoded(version.document.text())),
        ..summary(policy, version)
    };
    // They are held oldest first.
    policy.versions.iter().rev().map(with_document).collect()
}

/// Newest first, as AWS lists them.
fn list_policy_versions(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListPolicyVersionsRequest,
) -> Result<api::ListPolicyVersionsResponse, Error> {
    let policy = policy(account, &input.policy_arn)?;
    let mut versions: Vec<(String, &PolicyVersion)> =
        policy.versions.iter().map(|version| (version_id(version.number), version)).collect();
    versions.sort_by_key(|(_, version)| std::cmp::Reverse(version.number));
    let request = PageRequest { list: &[&policy.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let before = number(after).unwrap_or(u32::MAX);
            versions.iter().filter(move |(_, version)| version.number < before)
        },
        |(id, _)| id,
        |(_, version)| summary(policy, version),
    )?;
    Ok(api::ListPolicyVersionsResponse {
        versions: Some(page.items),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn set_default_policy_version(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::SetDefaultPolicyVersionRequest,
) -> Result<(), Error> {
    let (policy, version) = version(account, &input.policy_arn, &input.version_id)?;
    let policy = Policy { default_version: version.number, ..policy.clone() };
    account.put(policy);
    Ok(())
}

fn delete_policy_version(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::DeletePolicyVersionRequest,
) -> Result<(), Error> {
    let (policy, version) = version(account, &input.policy_arn, &input.version_id)?;
    if version.number == policy.default_version {
        return Err(error::delete_conflict("Cannot delete the default version of a policy."));
    }
    let (mut policy, number) = (policy.clone(), version.number);
    policy.versions.retain(|version| version.number != number);
    account.put(policy);
    Ok(())
}

/// A version as all operations but GetPolicyVersion show it: without the document (API Reference, PolicyVersion).
fn summary(policy: &Policy, version: &PolicyVersion) -> api::PolicyVersion {
    api::PolicyVersion {
        document: None,
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, expect: Option<u32>) {
        assert_eq!(number(id), expect, "{id}");
    }

    #[test]
    fn version_ids() {
        check("v1", Some(1));
        check("v12", Some(12));
        check("v4294967295", Some(u32::MAX));
        for id in ["", "v", "1", "V1", "v01", "v+1", "v 1", "v1.beta", "v-1", "v4294967296"] {
            check(id, None);
        }
        assert_eq!(number(&version_id(7)), Some(7));
    }
}
