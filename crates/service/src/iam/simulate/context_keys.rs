//! Which condition keys policies refer to (IAM API Reference: GetContextKeysForCustomPolicy,
//! GetContextKeysForPrincipalPolicy).

use std::collections::BTreeMap;

use doorward_directory::Account;
use doorward_policy::document::PolicyType;
use doorward_policy::explain::context_keys;
use doorward_policy::request::Attached;
use doorward_shapes::Error;
use doorward_shapes::iam as api;

use super::{documents, source, target};
use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read(
            "GetContextKeysForCustomPolicy",
            |scope, _: &api::GetContextKeysForCustomPolicyRequest| Ok(vec![scope.any()]),
            keys_for_custom_policy,
        ),
        Op::read(
            "GetContextKeysForPrincipalPolicy",
            |scope, input: &api::GetContextKeysForPrincipalPolicyRequest| target(scope, &input.policy_source_arn),
            keys_for_principal_policy,
        ),
    ]
}

fn keys_for_custom_policy(
    _: &Cx<'_>,
    _: &Account,
    input: api::GetContextKeysForCustomPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Error> {
    Ok(named(&documents::listed("PolicyInputList", &input.policy_input_list, PolicyType::Inline)?))
}

/// Of a user the policies of its groups too; the permissions boundary is no part of it.
fn keys_for_principal_policy(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetContextKeysForPrincipalPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Error> {
    let source = source::find(account, &input.policy_source_arn)?;
    let mut policies = source.held(account).identity;
    policies.retain(|attached| source.is_attached(account, attached));
    let texts = input.policy_input_list.unwrap_or_default();
    policies.extend(documents::listed("PolicyInputList", &texts, PolicyType::Inline)?);
    Ok(named(&policies))
}

/// The keys in the order of the alphabet, each once: names that differ in case are one key.
fn named(policies: &[Attached]) -> api::GetContextKeysForPolicyResponse {
    let keys = documents::texts(policies).flat_map(|policy| context_keys(policy.document()));
    let mut found = BTreeMap::new();
    for key in keys {
        found.entry(key.to_ascii_lowercase()).or_insert(key);
    }
    api::GetContextKeysForPolicyResponse { context_key_names: Some(found.into_values().collect()) }
}
