//! OpenID Connect identity providers (IAM API Reference: CreateOpenIDConnectProvider, GetOpenIDConnectProvider,
//! ListOpenIDConnectProviders, UpdateOpenIDConnectProviderThumbprint, AddClientIDToOpenIDConnectProvider,
//! RemoveClientIDFromOpenIDConnectProvider, DeleteOpenIDConnectProvider, TagOpenIDConnectProvider,
//! UntagOpenIDConnectProvider, ListOpenIDConnectProviderTags).

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_directory::{Account, OidcProvider, id, quota};
use doorward_policy::arn::is_account_id;
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};

use super::room::check_room;
use super::tag;
use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};

#[cfg(test)]
mod tests;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateOpenIDConnectProvider", new_provider, create_provider),
        Op::read(
            "GetOpenIDConnectProvider",
            |scope, input: &api::GetOpenIDConnectProviderRequest| target(scope, &input.open_id_connect_provider_arn),
            get_provider,
        ),
        Op::read(
            "ListOpenIDConnectProviders",
            |scope, _: &api::ListOpenIDConnectProvidersRequest| {
                Ok(vec![scope.arn(scope.account.arn("oidc-provider", "/", "*"))])
            },
            list_providers,
        ),
        Op::write(
            "UpdateOpenIDConnectProviderThumbprint",
            |scope, input: &api::UpdateOpenIDConnectProviderThumbprintRequest| {
                target(scope, &input.open_id_connect_provider_arn)
            },
            update_thumbprint,
        ),
        Op::write(
            "AddClientIDToOpenIDConnectProvider",
            |scope, input: &api::AddClientIDToOpenIDConnectProviderRequest| {
                target(scope, &input.open_id_connect_provider_arn)
            },
            add_client_id,
        ),
        Op::write(
            "RemoveClientIDFromOpenIDConnectProvider",
            |scope, input: &api::RemoveClientIDFromOpenIDConnectProviderRequest| {
                target(scope, &input.open_id_connect_provider_arn)
            },
            remove_client_id,
        ),
        Op::write(
            "DeleteOpenIDConnectProvider",
            |scope, input: &api::DeleteOpenIDConnectProviderRequest| target(scope, &input.open_id_connect_provider_arn),
            delete_provider,
        ),
        Op::write("TagOpenIDConnectProvider", tagged, tag_provider),
        Op::write("UntagOpenIDConnectProvider", untagged, untag_provider),
        Op::read(
            "ListOpenIDConnectProviderTags",
            |scope, input: &api::ListOpenIDConnectProviderTagsRequest| {
                target(scope, &input.open_id_connect_provider_arn)
            },
            list_provider_tags,
        ),
    ]
}

fn existing(scope: &Scope<'_>, arn: &str) -> Result<Target, Error> {
    super::check_arn_of(arn, "oidc-provider", is_account_id)?;
    let found = scope.account.oidc_provider_by_arn(arn);
    let target = scope.arn(arn);
    Ok(match found {
        Some(provider) => target.resource_tags(&provider.tags, false),
        None => target,
    })
}

fn target(scope: &Scope<'_>, arn: &str) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, arn)?])
}

fn new_provider(scope: &Scope<'_>, input: &api::CreateOpenIDConnectProviderRequest) -> Result<Vec<Target>, Error> {
    let target = scope
        .arn(scope.account.arn("oidc-provider", "/", issuer(&input.url)?))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagOpenIDConnectProvider"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn tagged(scope: &Scope<'_>, input: &api::TagOpenIDConnectProviderRequest) -> Result<Vec<Target>, Error> {
    let target = existing(scope, &input.open_id_connect_provider_arn)?;
    Ok(vec![target.request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagOpenIDConnectProviderRequest) -> Result<Vec<Target>, Error> {
    let target = existing(scope, &input.open_id_connect_provider_arn)?;
    Ok(vec![target.keys("aws:TagKeys", input.tag_keys.clone())])
}

/// The issuer's URL without `https://`.
///
/// Path components are allowed; ports and queries are not (API Reference, CreateOpenIDConnectProvider). Neither are user
/// information, fragments and dot segments, with which the place that is asked for keys would not be the one that the
/// text names, nor `*`, which the ARN's readers would take for a pattern. Case and a trailing slash are kept: a token's
/// issuer is compared exactly.
fn issuer(url: &str) -> Result<&str, Error> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(common::validation_error("Invalid Open ID Connect Provider URL"));
    };
    if scheme != "https" {
        let text = "Invalid Open ID Connect Provider URL. The URL must begin with https://.";
        return Err(error::invalid_input(text));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if is_host(host) && is_path(path) {
        Ok(rest)
    } else {
        Err(error::invalid_input("Invalid Open ID Connect Provider URL."))
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label)
}

/// Segments of what RFC 3986 calls `pchar`, but for `*`.
fn is_path(path: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._~!$&'()+,;=:@".contains(character);
    path.split('/').all(|segment| {
        let mut rest = segment.chars();
        while let Some(character) = rest.next() {
            let mut hex = || rest.next().is_some_and(|digit| digit.is_ascii_hexdigit());
            if !(plain(character) || character == '%' && hex() && hex()) {
                return false;
            }
        }
        // Percent-encoded dots are dots.
        !matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..")
    })
}

fn client_ids(list: Vec<String>) -> Result<BTreeSet<String>, Error> {
    let ids: BTreeSet<String> = list.into_iter().collect();
    if ids.len() > quota::CLIENT_IDS {
        let text = format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {}", quota::CLIENT_IDS);
        return Err(error::limit_exceeded(text));
    }
    Ok(ids)
}

fn thumbprints(list: Vec<String>) -> Result<Vec<String>, Error> {
    if list.len() > quota::THUMBPRINTS {
        // AWS's text; five are accepted.
        return Err(error::invalid_input("Thumbprint list must contain fewer than 5 entries."));
    }
    Ok(list.into_iter().map(|thumbprint| thumbprint.to_ascii_lowercase()).collect())
}

fn provider<'a>(account: &'a Account, arn: &str) -> Result<&'a Arc<OidcProvider>, Error> {
    let missing = || error::no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}"));
    account.oidc_provider_by_arn(arn).ok_or_else(missing)
}

fn changed(account: &Account, arn: &str) -> Result<OidcProvider, Error> {
    provider(account, arn).map(|provider| OidcProvider::clone(provider))
}

fn create_provider(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateOpenIDConnectProviderRequest,
) -> Result<api::CreateOpenIDConnectProviderResponse, Error> {
    let url = issuer(&input.url)?.to_owned();
    let tags = tag::checked_exact(input.tags)?;
    let thumbprints = thumbprints(input.thumbprint_list.unwrap_or_default())?;
    let client_ids = client_ids(input.client_id_list.unwrap_or_default())?;
    if account.oidc_providers().by_name(&url).is_some() {
        return Err(error::entity_already_exists(format!("Provider with url {} already exists.", input.url)));
    }
    check_room(account, &quota::OIDC_PROVIDERS, account.oidc_providers().len())?;
    let provider =
        OidcProvider { id: cx.unique_id(id::OIDC_PROVIDER), url, created: cx.date(), client_ids, thumbprints, tags };
    let answer = api::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(account.oidc_provider_arn(&provider)),
        tags: tag::list(&provider.tags),
    };
    account.put(provider);
    Ok(answer)
}

fn get_provider(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetOpenIDConnectProviderRequest,
) -> Result<api::GetOpenIDConnectProviderResponse, Error> {
    let provider = provider(account, &input.open_id_connect_provider_arn)?;
    Ok(api::GetOpenIDConnectProviderResponse {
        url: Some(provider.url.clone()),
        client_id_list: Some(provider.client_ids.iter().cloned().collect()),
        thumbprint_list: Some(provider.thumbprints.clone()),
        create_date: Some(provider.created),
        // An empty list, where users and roles have none.
        tags: Some(provider.tags.iter().map(tag::api).collect()),
    })
}

fn list_providers(
    _: &Cx<'_>,
    account: &Account,
    _: api::ListOpenIDConnectProvidersRequest,
) -> Result<api::ListOpenIDConnectProvidersResponse, Error> {
    let entry = |provider: &Arc<OidcProvider>| api::OpenIDConnectProviderListEntry {
        arn: Some(account.oidc_provider_arn(provider)),
    };
    let list = account.oidc_providers().iter().map(entry).collect();
    Ok(api::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(list) })
}

fn update_thumbprint(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<(), Error> {
    let provider = changed(account, &input.open_id_connect_provider_arn)?;
    if input.thumbprint_list.is_empty() {
        return Err(error::invalid_input("Thumbprint list must contain at least one entry."));
    }
    account.put(OidcProvider { thumbprints: thumbprints(input.thumbprint_list)?, ..provider });
    Ok(())
}

/// An id that is there already is no error (API Reference).
fn add_client_id(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::AddClientIDToOpenIDConnectProviderRequest,
) -> Result<(), Error> {
    let mut provider = changed(account, &input.open_id_connect_provider_arn)?;
    provider.client_ids = client_ids(provider.client_ids.into_iter().chain([input.client_id]).collect())?;
    account.put(provider);
    Ok(())
}

/// An id that is not there is no error (API Reference).
fn remove_client_id(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<(), Error> {
    let mut provider = changed(account, &input.open_id_connect_provider_arn)?;
    provider.client_ids.remove(&input.client_id);
    account.put(provider);
    Ok(())
}

/// The reference calls this idempotent; AWS answers that there is none, with a text of its own.
fn delete_provider(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteOpenIDConnectProviderRequest,
) -> Result<(), Error> {
    let arn = input.open_id_connect_provider_arn;
    let Some(provider) = account.oidc_provider_by_arn(&arn) else {
        return Err(error::no_such_entity(format!("OpenId connect Provider {arn} cannot be found.")));
    };
    let id = provider.id.clone();
    account.remove::<OidcProvider>(&id);
    Ok(())
}

fn tag_provider(_: &Cx<'_>, account: &mut Account, input: api::TagOpenIDConnectProviderRequest) -> Result<(), Error> {
    let mut provider = changed(account, &input.open_id_connect_provider_arn)?;
    tag::add_exact(&mut provider.tags, input.tags)?;
    account.put(provider);
    Ok(())
}

fn untag_provider(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::UntagOpenIDConnectProviderRequest,
) -> Result<(), Error> {
    let mut provider = changed(account, &input.open_id_connect_provider_arn)?;
    tag::remove_exact(&mut provider.tags, &input.tag_keys);
    account.put(provider);
    Ok(())
}

fn list_provider_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListOpenIDConnectProviderTagsRequest,
) -> Result<api::ListOpenIDConnectProviderTagsResponse, Error> {
    let provider = provider(account, &input.open_id_connect_provider_arn)?;
    let page = tag::page_exact(cx, &provider.id, &provider.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListOpenIDConnectProviderTagsResponse {
        tags: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}
