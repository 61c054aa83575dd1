//! Public keys of users for SSH (IAM API Reference: UploadSSHPublicKey, GetSSHPublicKey, ListSSHPublicKeys,
//! UpdateSSHPublicKey, DeleteSSHPublicKey).

mod rsa_key;

use doorward_directory::{Account, KeyStatus, SshPublicKey, User, id, quota};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};
use rsa_key::RsaKey;

use super::status;
use super::user::optional;
use crate::cx::{self, Cx};
use crate::op::Op;
use crate::page::{PageRequest, page};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "UploadSSHPublicKey",
            |scope, input: &api::UploadSSHPublicKeyRequest| Ok(vec![scope.user(&input.user_name)]),
            upload,
        ),
        Op::read(
            "GetSSHPublicKey",
            |scope, input: &api::GetSSHPublicKeyRequest| Ok(vec![scope.user(&input.user_name)]),
            get,
        ),
        Op::read(
            "ListSSHPublicKeys",
            |scope, input: &api::ListSSHPublicKeysRequest| Ok(vec![optional(scope, &input.user_name)]),
            list,
        ),
        Op::write(
            "UpdateSSHPublicKey",
            |scope, input: &api::UpdateSSHPublicKeyRequest| Ok(vec![scope.user(&input.user_name)]),
            update,
        ),
        Op::write(
            "DeleteSSHPublicKey",
            |scope, input: &api::DeleteSSHPublicKeyRequest| Ok(vec![scope.user(&input.user_name)]),
            delete,
        ),
    ]
}

fn missing(id: &str) -> Error {
    error::no_such_entity(format!("The Public Key with id {id} cannot be found."))
}

fn upload(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::UploadSSHPublicKeyRequest,
) -> Result<api::UploadSSHPublicKeyResponse, Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    let (rsa_key, comment) = rsa_key::parse(&input.ssh_public_key_body)?;
    let blob = rsa_key.blob();
    if user.ssh_public_keys.iter().any(|key| key.blob == blob) {
        let text = "The SSH public key is already associated with the specified IAM user.";
        return Err(error::duplicate_ssh_public_key(text));
    }
    if user.ssh_public_keys.len() >= quota::SSH_PUBLIC_KEYS {
        let text = format!("Cannot exceed quota for SSHPublicKeysPerUser: {}", quota::SSH_PUBLIC_KEYS);
        return Err(error::limit_exceeded(text));
    }
    let key = SshPublicKey {
        id: cx.unique_id(id::SSH_PUBLIC_KEY),
        status: KeyStatus::Active,
        uploaded: cx.date(),
        blob,
        comment: comment.to_owned(),
    };
    // The answer has the key in the form in which it came.
    let answer = detailed(&user, &key, &rsa_key, input.ssh_public_key_body);
    user.ssh_public_keys.push(key);
    account.put(user);
    Ok(api::UploadSSHPublicKeyResponse { ssh_public_key: Some(answer) })
}

fn get(
    _: &Cx<'_>,
    account: &Account,
    input: api::GetSSHPublicKeyRequest,
) -> Result<api::GetSSHPublicKeyResponse, Error> {
    let user = cx::user(account, &input.user_name)?;
    let key = user.ssh_public_keys.iter().find(|key| key.id == input.ssh_public_key_id);
    let key = key.ok_or_else(|| missing(&input.ssh_public_key_id))?;
    let unreadable = || common::internal_failure("the stored public key cannot be read");
    let rsa_key = RsaKey::from_blob(&key.blob).ok_or_else(unreadable)?;
    let body = match input.encoding {
        api::EncodingType::Ssh => format!("ssh-rsa {} {}", key.blob, key.comment).trim_end().to_owned(),
        api::EncodingType::Pem => rsa_key.pem().ok_or_else(unreadable)?,
    };
    Ok(api::GetSSHPublicKeyResponse { ssh_public_key: Some(detailed(user, key, &rsa_key, body)) })
}

fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListSSHPublicKeysRequest,
) -> Result<api::ListSSHPublicKeysResponse, Error> {
    let user = cx.user(account, input.user_name.as_deref())?;
    let mut keys: Vec<&SshPublicKey> = user.ssh_public_keys.iter().collect();
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    let request = PageRequest { list: &[&user.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            keys.iter().filter(move |key| key.id > after)
        },
        |key| &key.id,
        |key| api::SSHPublicKeyMetadata {
            user_name: user.name.clone(),
            ssh_public_key_id: key.id.clone(),
            status: status::api(key.status),
            upload_date: key.uploaded,
        },
    )?;
    Ok(api::ListSSHPublicKeysResponse {
        ssh_public_keys: Some(page.items),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn update(_: &Cx<'_>, account: &mut Account, input: api::UpdateSSHPublicKeyRequest) -> Result<(), Error> {
    let status = status::requested(&input.status)?;
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    let key = user.ssh_public_keys.iter_mut().find(|key| key.id == input.ssh_public_key_id);
    key.ok_or_else(|| missing(&input.ssh_public_key_id))?.status = status;
    account.put(user);
    Ok(())
}

fn delete(_: &Cx<'_>, account: &mut Account, input: api::DeleteSSHPublicKeyRequest) -> Result<(), Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    let before = user.ssh_public_keys.len();
    user.ssh_public_keys.retain(|key| key.id != input.ssh_public_key_id);
    if user.ssh_public_keys.len() == before {
        return Err(missing(&input.ssh_public_key_id));
    }
    account.put(user);
    Ok(())
}

fn detailed(user: &User, key: &SshPublicKey, rsa_key: &RsaKey, body: String) -> api::SSHPublicKey {
    api::SSHPublicKey {
        user_name: user.name.clone(),
        ssh_public_key_id: key.id.clone(),
        fingerprint: rsa_key.fingerprint(),
        ssh_public_key_body: body,
        status: status::api(key.status),
        upload_date: Some(key.uploaded),
    }
}
