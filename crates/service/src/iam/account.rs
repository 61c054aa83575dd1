//! The account's alias, summary and preferences (IAM API Reference: CreateAccountAlias, DeleteAccountAlias,
//! ListAccountAliases, GetAccountSummary, SetSecurityTokenServicePreferences).

use std::collections::BTreeMap;

use doorward_directory::{Account, AccountSettings, GlobalEndpointTokens, MfaHolder, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreateAccountAlias",
            |scope, _: &api::CreateAccountAliasRequest| Ok(vec![scope.any()]),
            create_account_alias,
        ),
        Op::write(
            "DeleteAccountAlias",
            |scope, _: &api::DeleteAccountAliasRequest| Ok(vec![scope.any()]),
            delete_account_alias,
        ),
        Op::read(
            "ListAccountAliases",
            |scope, _: &api::ListAccountAliasesRequest| Ok(vec![scope.any()]),
            list_account_aliases,
        ),
        Op::read("GetAccountSummary", |scope, _: &()| Ok(vec![scope.any()]), get_account_summary),
        Op::write(
            "SetSecurityTokenServicePreferences",
            |scope, _: &api::SetSecurityTokenServicePreferencesRequest| Ok(vec![scope.any()]),
            set_token_preferences,
        ),
    ]
}

fn create_account_alias(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateAccountAliasRequest,
) -> Result<(), Error> {
    let alias = input.account_alias;
    // An alias must not look like an account id (User Guide, "Your AWS account ID and its alias").
    if doorward_directory::id::is_account_id(&alias) {
        return Err(doorward_shapes::common::validation_error(
            "The account alias must not be a 12-digit number: it would look like an account id.",
        ));
    }
    if !cx.doorward.claim_alias(&alias, account.id())? {
        return Err(error::entity_already_exists(format!("The account alias {alias} already exists.")));
    }
    // A new alias takes the old one's place (API Reference, CreateAccountAlias).
    account.put_settings(AccountSettings { alias: Some(alias), ..account.settings().clone() });
    Ok(())
}

fn delete_account_alias(_: &Cx<'_>, account: &mut Account, input: api::DeleteAccountAliasRequest) -> Result<(), Error> {
    if account.settings().alias.as_deref() != Some(input.account_alias.as_str()) {
        let text = format!("The account alias {} cannot be found.", input.account_alias);
        return Err(error::no_such_entity(text));
    }
    account.put_settings(AccountSettings { alias: None, ..account.settings().clone() });
    Ok(())
}

fn list_account_aliases(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListAccountAliasesRequest,
) -> Result<api::ListAccountAliasesResponse, Error> {
    let request = PageRequest { list: &[], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            account.settings().alias.iter().filter(move |alias| alias.as_str() > after.as_str())
        },
        |alias| alias,
        |alias| (*alias).clone(),
    )?;
    Ok(api::ListAccountAliasesResponse {
        account_aliases: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

/// What it changes is which tokens the global endpoint gives from then on; see `sts::issue`.
fn set_token_preferences(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::SetSecurityTokenServicePreferencesRequest,
) -> Result<(), Error> {
    let global_endpoint_tokens = match input.global_endpoint_token_version {
        api::GlobalEndpointTokenVersion::V1Token => GlobalEndpointTokens::V1,
        api::GlobalEndpointTokenVersion::V2Token => GlobalEndpointTokens::V2,
    };
    account.put_settings(AccountSettings { global_endpoint_tokens, ..account.settings().clone() });
    Ok(())
}

fn get_account_summary(_: &Cx<'_>, account: &Account, (): ()) -> Result<api::GetAccountSummaryResponse, Error> {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let versions = account.policies().iter().map(|policy| policy.versions.len()).sum();
    let root_mfa = account.mfa_devices_of(&MfaHolder::Root).next().is_some();
    let mfa_in_use = account.mfa_devices().iter().filter(|device| device.assignment.is_some()).count();
    // A security key is always in use.
    let keys = account.security_keys().len();
    let token_version = match account.settings().global_endpoint_tokens {
        GlobalEndpointTokens::V1 => 1,
        GlobalEndpointTokens::V2 => 2,
    };
    let root_keys = !account.settings().root_access_keys.is_empty();
    let root_certificates = !account.settings().root_signing_certificates.is_empty();
    let quota = |quota| count(account.quota(quota));
    // What this account cannot hold yet counts 0.
    let summary = [
        ("Users", count(account.users().len())),
        ("UsersQuota", count(quota::USERS)),
        ("Groups", count(account.groups().len())),
        ("GroupsQuota", quota(&quota::GROUPS)),
        ("Roles", count(account.roles().len())),
        ("RolesQuota", quota(&quota::ROLES)),
        ("Policies", count(account.policies().len())),
        ("PoliciesQuota", quota(&quota::POLICIES)),
        ("PolicySizeQuota", count(quota::POLICY_SIZE)),
        ("PolicyVersionsInUse", count(versions)),
        ("PolicyVersionsInUseQuota", count(quota::POLICY_VERSIONS_IN_USE)),
        ("VersionsPerPolicyQuota", count(quota::POLICY_VERSIONS)),
        ("UserPolicySizeQuota", count(quota::USER_POLICY_SIZE)),
        ("GroupPolicySizeQuota", count(quota::GROUP_POLICY_SIZE)),
        ("RolePolicySizeQuota", count(quota::ROLE_POLICY_SIZE)),
        ("AssumeRolePolicySizeQuota", quota(&quota::TRUST_POLICY_SIZE)),
        ("GroupsPerUserQuota", count(quota::GROUPS_PER_USER)),
        ("AttachedPoliciesPerUserQuota", quota(&quota::POLICIES_PER_USER)),
        ("AttachedPoliciesPerGroupQuota", quota(&quota::POLICIES_PER_GROUP)),
        ("AttachedPoliciesPerRoleQuota", quota(&quota::POLICIES_PER_ROLE)),
        ("AccessKeysPerUserQuota", count(quota::ACCESS_KEYS)),
        ("AccountAccessKeysPresent", i32::from(root_keys)),
        ("AccountMFAEnabled", i32::from(root_mfa)),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", i32::from(root_certificates)),
        ("GlobalEndpointTokenVersion", token_version),
        ("InstanceProfiles", count(account.instance_profiles().len())),
        ("MFADevices", count(account.mfa_devices().len() + keys)),
        ("MFADevicesInUse", count(mfa_in_use + keys)),
        ("InstanceProfilesQuota", quota(&quota::INSTANCE_PROFILES)),
        ("Providers", count(account.oidc_providers().len() + account.saml_providers().len())),
        ("ServerCertificates", count(account.server_certificates().len())),
        ("ServerCertificatesQuota", quota(&quota::SERVER_CERTIFICATES)),
        ("SigningCertificatesPerUserQuota", count(quota::SIGNING_CERTIFICATES)),
    ];
    let summary: BTreeMap<String, i32> = summary.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(api::GetAccountSummaryResponse { summary_map: Some(summary) })
}
