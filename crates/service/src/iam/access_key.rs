//! Access keys of users and of the root user (IAM API Reference: CreateAccessKey, UpdateAccessKey, DeleteAccessKey,
//! ListAccessKeys, GetAccessKeyLastUsed).

use doorward_directory::{AccessKey, Account, KeyOwner, KeyStatus, id, quota};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};

use super::owner::Owner;
use super::status;
use super::user::optional;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreateAccessKey",
            |scope, input: &api::CreateAccessKeyRequest| Ok(vec![optional(scope, &input.user_name)]),
            create_access_key,
        ),
        Op::write(
            "UpdateAccessKey",
            |scope, input: &api::UpdateAccessKeyRequest| Ok(vec![optional(scope, &input.user_name)]),
            update_access_key,
        ),
        Op::write(
            "DeleteAccessKey",
            |scope, input: &api::DeleteAccessKeyRequest| Ok(vec![optional(scope, &input.user_name)]),
            delete_access_key,
        ),
        Op::read(
            "ListAccessKeys",
            |scope, input: &api::ListAccessKeysRequest| Ok(vec![optional(scope, &input.user_name)]),
            list_access_keys,
        ),
        Op::read("GetAccessKeyLastUsed", owner_of_key, get_access_key_last_used),
    ]
}

/// GetAccessKeyLastUsed is authorized on the user that the key belongs to.
fn owner_of_key(scope: &Scope<'_>, input: &api::GetAccessKeyLastUsedRequest) -> Result<Vec<Target>, Error> {
    let target = match scope.account.key_owner(&input.access_key_id) {
        Some(KeyOwner::User(id)) => scope.account.users().by_id(id).map(|user| scope.user(&user.name)),
        Some(KeyOwner::Root) => Some(scope.arn(format!("arn:aws:iam::{}:root", scope.account.id()))),
        None => None,
    };
    Ok(vec![target.unwrap_or_else(|| scope.any())])
}

fn missing(access_key_id: &str) -> Error {
    error::no_such_entity(format!("The Access Key with id {access_key_id} cannot be found"))
}

fn create_access_key(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateAccessKeyRequest,
) -> Result<api::CreateAccessKeyResponse, Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    if owner.access_keys().len() >= quota::ACCESS_KEYS {
        return Err(error::limit_exceeded(format!(
            "Cannot exceed quota for AccessKeysPerUser: {}",
            quota::ACCESS_KEYS
        )));
    }
    let key_id = cx.access_key_id(id::ACCESS_KEY, account.id())?;
    let secret = cx.secret_access_key();
    let sealed = cx.keyring().seal_secret(cx.world(), &key_id, &secret);
    let key = AccessKey {
        id: key_id.clone(),
        status: KeyStatus::Active,
        created: cx.date(),
        sealed_secret: sealed.ok_or_else(|| common::internal_failure("the secret could not be sealed"))?,
    };
    let answer = api::AccessKey {
        user_name: owner.user_name(),
        access_key_id: key_id,
        status: api::StatusType::Active,
        secret_access_key: secret.0.as_str().to_owned().into(),
        create_date: Some(key.created),
    };
    owner.access_keys().push(key);
    owner.put(account);
    Ok(api::CreateAccessKeyResponse { access_key: answer })
}

fn update_access_key(cx: &Cx<'_>, account: &mut Account, input: api::UpdateAccessKeyRequest) -> Result<(), Error> {
    let status = status::requested(&input.status)?;
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let key = owner.access_keys().iter_mut().find(|key| key.id == input.access_key_id);
    key.ok_or_else(|| missing(&input.access_key_id))?.status = status;
    owner.put(account);
    Ok(())
}

fn delete_access_key(cx: &Cx<'_>, account: &mut Account, input: api::DeleteAccessKeyRequest) -> Result<(), Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let before = owner.access_keys().len();
    owner.access_keys().retain(|key| key.id != input.access_key_id);
    if owner.access_keys().len() == before {
        return Err(missing(&input.access_key_id));
    }
    owner.put(account);
    Ok(())
}

fn list_access_keys(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListAccessKeysRequest,
) -> Result<api::ListAccessKeysResponse, Error> {
    let mut owner = Owner::of(cx, account, input.user_name.as_deref())?;
    let name = owner.name();
    owner.access_keys().sort_by(|a, b| a.id.cmp(&b.id));
    let keys: &[AccessKey] = owner.access_keys();
    let list = name.clone().unwrap_or_default();
    let request = PageRequest { list: &[&list], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            keys.iter().filter(move |key| key.id > after)
        },
        |key| &key.id,
        |key| api::AccessKeyMetadata {
            user_name: name.clone(),
            access_key_id: Some(key.id.clone()),
            status: Some(status::api(key.status)),
            create_date: Some(key.created),
        },
    )?;
    Ok(api::ListAccessKeysResponse {
        access_key_metadata: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn get_access_key_last_used(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetAccessKeyLastUsedRequest,
) -> Result<api::GetAccessKeyLastUsedResponse, Error> {
    let owner = account.key_owner(&input.access_key_id).ok_or_else(|| missing(&input.access_key_id))?;
    let user_name = match owner {
        KeyOwner::Root => None,
        KeyOwner::User(id) => account.users().by_id(id).map(|user| user.name.clone()),
    };
    // A key that was never used has no date, and N/A for the rest (API Reference, AccessKeyLastUsed).
    let last_used = match cx.doorward.last_use_of_key(account.id(), &input.access_key_id)? {
        Some(use_) => {
            api::AccessKeyLastUsed { last_used_date: Some(use_.time), service_name: use_.service, region: use_.region }
        }
        None => {
            api::AccessKeyLastUsed { last_used_date: None, service_name: "N/A".to_owned(), region: "N/A".to_owned() }
        }
    };
    Ok(api::GetAccessKeyLastUsedResponse { user_name, access_key_last_used: Some(last_used) })
}
