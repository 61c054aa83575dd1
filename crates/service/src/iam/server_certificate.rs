//! Server certificates (IAM API Reference: UploadServerCertificate, GetServerCertificate, ListServerCertificates,
//! UpdateServerCertificate, DeleteServerCertificate, TagServerCertificate, UntagServerCertificate,
//! ListServerCertificateTags). The private key goes in and never comes out.

mod check;

use std::sync::Arc;

use doorward_directory::{Account, ServerCertificate, id, quota};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};

use super::room::check_room;
use super::tag;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::secrets::Purpose;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("UploadServerCertificate", new_certificate, upload),
        Op::read(
            "GetServerCertificate",
            |scope, input: &api::GetServerCertificateRequest| Ok(vec![existing(scope, &input.server_certificate_name)]),
            get,
        ),
        Op::read("ListServerCertificates", listed, list),
        Op::write("UpdateServerCertificate", renamed, update),
        Op::write(
            "DeleteServerCertificate",
            |scope, input: &api::DeleteServerCertificateRequest| {
                Ok(vec![existing(scope, &input.server_certificate_name)])
            },
            delete,
        ),
        Op::write("TagServerCertificate", tagged, add_tags),
        Op::write("UntagServerCertificate", untagged, remove_tags),
        Op::read(
            "ListServerCertificateTags",
            |scope, input: &api::ListServerCertificateTagsRequest| {
                Ok(vec![existing(scope, &input.server_certificate_name)])
            },
            list_tags,
        ),
    ]
}

fn existing(scope: &Scope<'_>, name: &str) -> Target {
    match scope.account.server_certificates().by_name(name) {
        Some(certificate) => {
            scope.arn(scope.account.server_certificate_arn(certificate)).resource_tags(&certificate.tags, false)
        }
        None => scope.arn(scope.account.arn("server-certificate", "/", name)),
    }
}

fn new_certificate(scope: &Scope<'_>, input: &api::UploadServerCertificateRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("server-certificate", path, &input.server_certificate_name))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagServerCertificate"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListServerCertificatesRequest) -> Result<Vec<Target>, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    Ok(vec![scope.arn(scope.account.arn("server-certificate", prefix, ""))])
}

/// A rename or move needs permission on the old and on the new ARN (API Reference, UpdateServerCertificate).
fn renamed(scope: &Scope<'_>, input: &api::UpdateServerCertificateRequest) -> Result<Vec<Target>, Error> {
    let name = &input.server_certificate_name;
    let old = scope.account.server_certificates().by_name(name);
    let path = input.new_path.as_deref().or(old.map(|old| old.path.as_str())).unwrap_or("/");
    let new_name = input.new_server_certificate_name.as_deref().unwrap_or(name);
    let new = scope.arn(scope.account.arn("server-certificate", path, new_name));
    let moves = input.new_path.is_some() || input.new_server_certificate_name.is_some();
    Ok(std::iter::once(existing(scope, name)).chain(moves.then_some(new)).collect())
}

fn tagged(scope: &Scope<'_>, input: &api::TagServerCertificateRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.server_certificate_name).request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagServerCertificateRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.server_certificate_name).keys("aws:TagKeys", input.tag_keys.clone())])
}

fn certificate<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<ServerCertificate>, Error> {
    let missing = || error::no_such_entity(format!("The Server Certificate with name {name} cannot be found."));
    account.server_certificates().by_name(name).ok_or_else(missing)
}

fn changed(account: &Account, name: &str) -> Result<ServerCertificate, Error> {
    certificate(account, name).map(|certificate| ServerCertificate::clone(certificate))
}

fn free_name(account: &Account, name: &str) -> Result<(), Error> {
    match account.server_certificates().by_name(name) {
        Some(_) => {
            let text = format!("The Server Certificate with name {name} already exists.");
            Err(error::entity_already_exists(text))
        }
        None => Ok(()),
    }
}

fn upload(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UploadServerCertificateRequest,
) -> Result<api::UploadServerCertificateResponse, Error> {
    let tags = tag::checked_exact(input.tags)?;
    let key = input.private_key.expose();
    let expiration = check::check(&input.certificate_body, key, input.certificate_chain.as_deref(), cx.date())?;
    free_name(account, &input.server_certificate_name)?;
    check_room(account, &quota::SERVER_CERTIFICATES, account.server_certificates().len())?;
    let id = cx.unique_id(id::SERVER_CERTIFICATE);
    let sealed_key = cx.keyring().seal_private_key(cx.world(), Purpose::ServerKeys, &id, key);
    let certificate = ServerCertificate {
        id,
        name: input.server_certificate_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        uploaded: cx.date(),
        expiration,
        body: input.certificate_body,
        chain: input.certificate_chain,
        sealed_key: sealed_key.ok_or_else(|| common::internal_failure("the private key could not be sealed"))?,
        tags,
    };
    let answer = api::UploadServerCertificateResponse {
        server_certificate_metadata: Some(metadata(account, &certificate)),
        tags: tag::list(&certificate.tags),
    };
    account.put(certificate);
    Ok(answer)
}

fn get(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetServerCertificateRequest,
) -> Result<api::GetServerCertificateResponse, Error> {
    let certificate = certificate(account, &input.server_certificate_name)?;
    let server_certificate = api::ServerCertificate {
        server_certificate_metadata: metadata(account, certificate),
        certificate_body: certificate.body.clone(),
        certificate_chain: certificate.chain.clone(),
        // An empty list where there are none.
        tags: Some(certificate.tags.iter().map(tag::api).collect()),
    };
    Ok(api::GetServerCertificateResponse { server_certificate })
}

fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListServerCertificatesRequest,
) -> Result<api::ListServerCertificatesResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let request = PageRequest { list: &[prefix], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.server_certificates().after(after).filter(|one| one.path.starts_with(prefix)),
        |certificate| &certificate.name,
        |certificate| metadata(account, certificate),
    )?;
    Ok(api::ListServerCertificatesResponse {
        server_certificate_metadata_list: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn update(_: &Cx<'_>, account: &mut Account, input: api::UpdateServerCertificateRequest) -> Result<(), Error> {
    let mut certificate = changed(account, &input.server_certificate_name)?;
    if let Some(name) = input.new_server_certificate_name {
        if !name.eq_ignore_ascii_case(&certificate.name) {
            free_name(account, &name)?;
        }
        certificate.name = name;
    }
    if let Some(path) = input.new_path {
        certificate.path = path;
    }
    account.put(certificate);
    Ok(())
}

fn delete(_: &Cx<'_>, account: &mut Account, input: api::DeleteServerCertificateRequest) -> Result<(), Error> {
    let id = certificate(account, &input.server_certificate_name)?.id.clone();
    account.remove::<ServerCertificate>(&id);
    Ok(())
}

fn add_tags(_: &Cx<'_>, account: &mut Account, input: api::TagServerCertificateRequest) -> Result<(), Error> {
    let mut certificate = changed(account, &input.server_certificate_name)?;
    tag::add_exact(&mut certificate.tags, input.tags)?;
    account.put(certificate);
    Ok(())
}

fn remove_tags(_: &Cx<'_>, account: &mut Account, input: api::UntagServerCertificateRequest) -> Result<(), Error> {
    let mut certificate = changed(account, &input.server_certificate_name)?;
    tag::remove_exact(&mut certificate.tags, &input.tag_keys);
    account.put(certificate);
    Ok(())
}

fn list_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListServerCertificateTagsRequest,
) -> Result<api::ListServerCertificateTagsResponse, Error> {
    let certificate = certificate(account, &input.server_certificate_name)?;
    let page = tag::page_exact(cx, &certificate.id, &certificate.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListServerCertificateTagsResponse {
        tags: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn metadata(account: &Account, certificate: &ServerCertificate) -> api::ServerCertificateMetadata {
    api::ServerCertificateMetadata {
        path: certificate.path.clone(),
        server_certificate_name: certificate.name.clone(),
        server_certificate_id: certificate.id.clone(),
        arn: account.server_certificate_arn(certificate),
        upload_date: Some(certificate.uploaded),
        expiration: Some(certificate.expiration),
    }
}
