//! Signing certificates of users and of the root user (IAM API Reference: UploadSigningCertificate,
//! ListSigningCertificates, UpdateSigningCertificate, DeleteSigningCertificate).

use data_encoding::HEXLOWER;
use doorward_directory::{Account, KeyStatus, SigningCertificate, id, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::owner::Owner;
use super::user::optional;
use super::{pem, status, x509};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::world::random_u128;

/// Characters of a certificate that an error text repeats.
const MAX_ECHO: usize = 200;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "UploadSigningCertificate",
            |scope, input: &api::UploadSigningCertificateRequest| Ok(vec![optional(scope, &input.user_name)]),
            upload,
        ),
        Op::read(
            "ListSigningCertificates",
            |scope, input: &api::ListSigningCertificatesRequest| Ok(vec![optional(scope, &input.user_name)]),
            list,
        ),
        Op::write(
            "UpdateSigningCertificate",
            |scope, input: &api::UpdateSigningCertificateRequest| Ok(vec![optional(scope, &input.user_name)]),
            update,
        ),
        Op::write(
            "DeleteSigningCertificate",
            |scope, input: &api::DeleteSigningCertificateRequest| Ok(vec![optional(scope, &input.user_name)]),
            delete,
        ),
    ]
}

fn missing(id: &str) -> Error {
    error::no_such_entity(format!("The Certificate with id {id} cannot be found."))
}

/// The digest of a certificate that may be uploaded.
fn checked(body: &str, now: Timestamp) -> Result<String, Error> {
    let malformed = || {
        let shown: String = body.chars().take(MAX_ECHO).collect();
        error::malformed_certificate(format!("Certificate {shown} is malformed."))
    };
    let der = pem::block(body, x509::LABEL).ok_or_else(malformed)?;
    let certificate = x509::parse(&der).ok_or_else(malformed)?;
    let invalid = |why: &str| Err(error::invalid_certificate(format!("The certificate is invalid: {why}")));
    if !x509::is_in_force(&certificate, now) {
        return invalid("it has expired, or is not valid yet.");
    }
    if !x509::has_good_key(&certificate) {
        return invalid("its key must be an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521.");
    }
    if x509::is_self_issued(&certificate) && !x509::is_signed_by(&certificate, certificate.public_key()) {
        return invalid("it has not been signed by its issuer.");
    }
    Ok(HEXLOWER.encode(&Sha256::digest(x509::signed_part(&certificate))))
}

/// Whether anybody in the account has it (API Reference, UploadSigningCertificate, `DuplicateCertificate`).
fn is_known(account: &Account, digest: &str) -> bool {
    let roots = account.settings().root_signing_certificates.iter();
    let users = account.users().iter().flat_map(|user| user.signing_certificates.iter());
    roots.chain(users).any(|certificate| certificate.digest == digest)
}

fn upload(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UploadSigningCertificateRequest,
) -> Result<api::UploadSigningCertificateResponse, Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let digest = checked(&input.certificate_body, cx.date())?;
    if is_known(account, &digest) {
        let text = "The same certificate is associated with an IAM user in the account.";
        return Err(error::duplicate_certificate(text));
    }
    if owner.signing_certificates().len() >= quota::SIGNING_CERTIFICATES {
        let text = format!("Cannot exceed quota for CertificatesPerUser: {}", quota::SIGNING_CERTIFICATES);
        return Err(error::limit_exceeded(text));
    }
    let certificate = SigningCertificate {
        id: id::certificate_id(random_u128(cx.world())),
        status: KeyStatus::Active,
        uploaded: cx.date(),
        body: input.certificate_body,
        digest,
    };
    let answer = detailed(&owner.user_name(), &certificate);
    owner.signing_certificates().push(certificate);
    owner.put(account);
    Ok(api::UploadSigningCertificateResponse { certificate: answer })
}

fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListSigningCertificatesRequest,
) -> Result<api::ListSigningCertificatesResponse, Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let (list, name) = (owner.name().unwrap_or_default(), owner.user_name());
    owner.signing_certificates().sort_by(|a, b| a.id.cmp(&b.id));
    let certificates: &[SigningCertificate] = owner.signing_certificates();
    let request = PageRequest { list: &[&list], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            certificates.iter().filter(move |certificate| certificate.id > after)
        },
        |certificate| &certificate.id,
        |certificate| detailed(&name, certificate),
    )?;
    Ok(api::ListSigningCertificatesResponse {
        certificates: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn update(cx: &Cx<'_>, account: &mut Account, input: api::UpdateSigningCertificateRequest) -> Result<(), Error> {
    let status = status::requested(&input.status)?;
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let found = owner.signing_certificates().iter_mut().find(|certificate| certificate.id == input.certificate_id);
    found.ok_or_else(|| missing(&input.certificate_id))?.status = status;
    owner.put(account);
    Ok(())
}

fn delete(cx: &Cx<'_>, account: &mut Account, input: api::DeleteSigningCertificateRequest) -> Result<(), Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let before = owner.signing_certificates().len();
    owner.signing_certificates().retain(|certificate| certificate.id != input.certificate_id);
    if owner.signing_certificates().len() == before {
        return Err(missing(&input.certificate_id));
    }
    owner.put(account);
    Ok(())
}

fn detailed(user_name: &str, certificate: &SigningCertificate) -> api::SigningCertificate {
    api::SigningCertificate {
        user_name: user_name.to_owned(),
        certificate_id: certificate.id.clone(),
        certificate_body: certificate.body.clone(),
        status: status::api(certificate.status),
        upload_date: Some(certificate.uploaded),
    }
}
