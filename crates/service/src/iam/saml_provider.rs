//! SAML identity providers (IAM API Reference: CreateSAMLProvider, UpdateSAMLProvider, GetSAMLProvider, ListSAMLProviders,
//! DeleteSAMLProvider, TagSAMLProvider, UntagSAMLProvider, ListSAMLProviderTags).

mod metadata;

use std::sync::Arc;

use doorward_directory::{Account, AssertionEncryption, SamlPrivateKey, SamlProvider, id, quota};
use doorward_policy::arn::is_account_id;
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, Sensitive, common};

use super::{private_key, tag};
use crate::cx::Cx;
use crate::op::Op;
use crate::secrets::Purpose;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateSAMLProvider", new_provider, create_provider),
        Op::write(
            "UpdateSAMLProvider",
            |scope, input: &api::UpdateSAMLProviderRequest| target(scope, &input.saml_provider_arn),
            update_provider,
        ),
        Op::read(
            "GetSAMLProvider",
            |scope, input: &api::GetSAMLProviderRequest| target(scope, &input.saml_provider_arn),
            get_provider,
        ),
        Op::read(
            "ListSAMLProviders",
            |scope, _: &api::ListSAMLProvidersRequest| {
                Ok(vec![scope.arn(scope.account.arn("saml-provider", "/", "*"))])
            },
            list_providers,
        ),
        Op::write(
            "DeleteSAMLProvider",
            |scope, input: &api::DeleteSAMLProviderRequest| target(scope, &input.saml_provider_arn),
            delete_provider,
        ),
        Op::write("TagSAMLProvider", tagged, tag_provider),
        Op::write("UntagSAMLProvider", untagged, untag_provider),
        Op::read(
            "ListSAMLProviderTags",
            |scope, input: &api::ListSAMLProviderTagsRequest| target(scope, &input.saml_provider_arn),
            list_provider_tags,
        ),
    ]
}

fn existing(scope: &Scope<'_>, arn: &str) -> Result<Target, Error> {
    super::check_arn_of(arn, "saml-provider", is_account_id)?;
    let target = scope.arn(arn);
    Ok(match scope.account.saml_provider_by_arn(arn) {
        Some(provider) => target.resource_tags(&provider.tags, false),
        None => target,
    })
}

fn target(scope: &Scope<'_>, arn: &str) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, arn)?])
}

fn new_provider(scope: &Scope<'_>, input: &api::CreateSAMLProviderRequest) -> Result<Vec<Target>, Error> {
    let target = scope
        .arn(scope.account.arn("saml-provider", "/", &input.name))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagSAMLProvider"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn tagged(scope: &Scope<'_>, input: &api::TagSAMLProviderRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.saml_provider_arn)?.request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagSAMLProviderRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.saml_provider_arn)?.keys("aws:TagKeys", input.tag_keys.clone())])
}

fn provider<'a>(account: &'a Account, arn: &str) -> Result<&'a Arc<SamlProvider>, Error> {
    let missing = || error::no_such_entity(format!("Manifest not found for arn {arn}"));
    account.saml_provider_by_arn(arn).ok_or_else(missing)
}

fn changed(account: &Account, arn: &str) -> Result<SamlProvider, Error> {
    provider(account, arn).map(|provider| SamlProvider::clone(provider))
}

/// A private key, checked and sealed.
fn sealed(cx: &Cx<'_>, key: &Sensitive) -> Result<SamlPrivateKey, Error> {
    private_key::public_key(key.expose()).map_err(|refused| error::invalid_input(refused.text()))?;
    let id = cx.unique_id(id::SAML_PRIVATE_KEY);
    let sealed_key = cx.keyring().seal_private_key(cx.world(), Purpose::SamlKeys, &id, key.expose());
    let sealed_key = sealed_key.ok_or_else(|| common::internal_failure("the private key could not be sealed"))?;
    Ok(SamlPrivateKey { id, created: cx.date(), sealed_key })
}

fn encryption(mode: api::AssertionEncryptionModeType) -> AssertionEncryption {
    match mode {
        api::AssertionEncryptionModeType::Allowed => AssertionEncryption::Allowed,
        api::AssertionEncryptionModeType::Required => AssertionEncryption::Required,
    }
}

fn create_provider(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateSAMLProviderRequest,
) -> Result<api::CreateSAMLProviderResponse, Error> {
    let tags = tag::checked_exact(input.tags)?;
    let metadata = metadata::parse(input.saml_metadata_document, cx.date())?;
    let private_keys = input.add_private_key.iter().map(|key| sealed(cx, key)).collect::<Result<_, _>>()?;
    if account.saml_providers().by_name(&input.name).is_some() {
        return Err(error::entity_already_exists(format!("Provider with name {} already exists.", input.name)));
    }
    if account.saml_providers().len() >= quota::SAML_PROVIDERS {
        let text = format!("Cannot exceed quota for SAMLProvidersPerAccount: {}", quota::SAML_PROVIDERS);
        return Err(error::limit_exceeded(text));
    }
    let provider = SamlProvider {
        id: cx.unique_id(id::SAML_PROVIDER),
        name: input.name,
        created: cx.date(),
        metadata,
        assertion_encryption: input.assertion_encryption_mode.map(encryption).unwrap_or_default(),
        private_keys,
        tags,
    };
    let answer = api::CreateSAMLProviderResponse {
        saml_provider_arn: Some(account.saml_provider_arn(&provider)),
        tags: tag::list(&provider.tags),
    };
    account.put(provider);
    Ok(answer)
}

/// A new key is added before the old one is removed, so both may be in one request.
fn update_provider(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateSAMLProviderRequest,
) -> Result<api::UpdateSAMLProviderResponse, Error> {
    let mut provider = changed(account, &input.saml_provider_arn)?;
    if let Some(document) = input.saml_metadata_document {
        provider.metadata = metadata::parse(document, cx.date())?;
    }
    if let Some(mode) = input.assertion_encryption_mode {
        provider.assertion_encryption = encryption(mode);
    }
    if let Some(key) = &input.add_private_key {
        provider.private_keys.push(sealed(cx, key)?);
    }
    if provider.private_keys.len() > quota::SAML_PRIVATE_KEYS {
        let text = format!("Cannot exceed quota for PrivateKeysPerSAMLProvider: {}", quota::SAML_PRIVATE_KEYS);
        return Err(error::limit_exceeded(text));
    }
    if let Some(id) = input.remove_private_key {
        let before = provider.private_keys.len();
        provider.private_keys.retain(|key| key.id != id);
        if provider.private_keys.len() == before {
            return Err(error::no_such_entity(format!("The private key with id {id} cannot be found.")));
        }
    }
    account.put(provider);
    Ok(api::UpdateSAMLProviderResponse { saml_provider_arn: Some(input.saml_provider_arn) })
}

fn get_provider(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetSAMLProviderRequest,
) -> Result<api::GetSAMLProviderResponse, Error> {
    let provider = provider(account, &input.saml_provider_arn)?;
    let key = |key: &SamlPrivateKey| api::SAMLPrivateKey { key_id: Some(key.id.clone()), timestamp: Some(key.created) };
    Ok(api::GetSAMLProviderResponse {
        saml_provider_uuid: Some(provider.id.clone()),
        saml_metadata_document: Some(provider.metadata.document.clone()),
        create_date: Some(provider.created),
        valid_until: Some(provider.metadata.valid_until),
        // Empty lists, where users and roles have none.
        tags: Some(provider.tags.iter().map(tag::api).collect()),
        assertion_encryption_mode: Some(match provider.assertion_encryption {
            AssertionEncryption::Allowed => api::AssertionEncryptionModeType::Allowed,
            AssertionEncryption::Required => api::AssertionEncryptionModeType::Required,
        }),
        private_key_list: Some(provider.private_keys.iter().map(key).collect()),
    })
}

fn list_providers(
    _: &Cx<'_>,
    account: &Account,
    _: api::ListSAMLProvidersRequest,
) -> Result<api::ListSAMLProvidersResponse, Error> {
    let entry = |provider: &Arc<SamlProvider>| api::SAMLProviderListEntry {
        arn: Some(account.saml_provider_arn(provider)),
        valid_until: Some(provider.metadata.valid_until),
        create_date: Some(provider.created),
    };
    Ok(api::ListSAMLProvidersResponse {
        saml_provider_list: Some(account.saml_providers().iter().map(entry).collect()),
    })
}

fn delete_provider(_: &Cx<'_>, account: &mut Account, input: api::DeleteSAMLProviderRequest) -> Result<(), Error> {
    let id = provider(account, &input.saml_provider_arn)?.id.clone();
    account.remove::<SamlProvider>(&id);
    Ok(())
}

fn tag_provider(_: &Cx<'_>, account: &mut Account, input: api::TagSAMLProviderRequest) -> Result<(), Error> {
    let mut provider = changed(account, &input.saml_provider_arn)?;
    tag::add_exact(&mut provider.tags, input.tags)?;
    account.put(provider);
    Ok(())
}

fn untag_provider(_: &Cx<'_>, account: &mut Account, input: api::UntagSAMLProviderRequest) -> Result<(), Error> {
    let mut provider = changed(account, &input.saml_provider_arn)?;
    tag::remove_exact(&mut provider.tags, &input.tag_keys);
    account.put(provider);
    Ok(())
}

fn list_provider_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListSAMLProviderTagsRequest,
) -> Result<api::ListSAMLProviderTagsResponse, Error> {
    let provider = provider(account, &input.saml_provider_arn)?;
    let page = tag::page_exact(cx, &provider.id, &provider.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListSAMLProviderTagsResponse {
        tags: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}
