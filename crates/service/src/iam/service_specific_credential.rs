//! Credentials of users for single services (IAM API Reference: CreateServiceSpecificCredential,
//! ListServiceSpecificCredentials, UpdateServiceSpecificCredential, ResetServiceSpecificCredential,
//! DeleteServiceSpecificCredential).

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use doorward_directory::{Account, KeyStatus, ServiceSpecificCredential, User, id, quota};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, Sensitive, common};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::status;
use super::user::optional;
use crate::cx::{self, Cx};
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::secrets::SecretText;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateServiceSpecificCredential", new_credential, create),
        Op::read("ListServiceSpecificCredentials", listed, list),
        Op::write(
            "UpdateServiceSpecificCredential",
            |scope, input: &api::UpdateServiceSpecificCredentialRequest| {
                existing(scope, &input.user_name, &input.service_specific_credential_id)
            },
            update,
        ),
        Op::write(
            "ResetServiceSpecificCredential",
            |scope, input: &api::ResetServiceSpecificCredentialRequest| {
                existing(scope, &input.user_name, &input.service_specific_credential_id)
            },
            reset,
        ),
        Op::write(
            "DeleteServiceSpecificCredential",
            |scope, input: &api::DeleteServiceSpecificCredentialRequest| {
                existing(scope, &input.user_name, &input.service_specific_credential_id)
            },
            delete,
        ),
    ]
}

/// The services that take such credentials, and how the API keys of those begin that have no user names (User Guide,
/// "Service-specific credentials for IAM users" and "API keys for AWS services").
const SERVICES: [(&str, Option<&str>); 4] = [
    ("bedrock.amazonaws.com", Some("ABSK")),
    ("cassandra.amazonaws.com", None),
    ("codecommit.amazonaws.com", None),
    ("logs.amazonaws.com", Some("ACWL")),
];

/// How the API keys of a service begin; none where it has user names and passwords.
fn api_key_prefix(service: &str) -> Result<Option<&'static str>, Error> {
    let found = SERVICES.iter().find(|(name, _)| *name == service).map(|(_, prefix)| *prefix);
    let text = || format!("No such service {service} is supported for Service Specific Credentials");
    found.ok_or_else(|| error::no_such_entity(text()))
}

const SERVICE_KEY: &str = "iam:ServiceSpecificCredentialServiceName";
const SECONDS_PER_DAY: i64 = 86_400;

fn new_credential(
    scope: &Scope<'_>,
    input: &api::CreateServiceSpecificCredentialRequest,
) -> Result<Vec<Target>, Error> {
    let days = input.credential_age_days.map(|days| days.to_string());
    let target = scope.user(&input.user_name).key(SERVICE_KEY, input.service_name.as_str());
    Ok(vec![target.key_if("iam:ServiceSpecificCredentialAgeDays", days)])
}

/// A change of a credential tests its service, where there is such a credential.
fn existing(scope: &Scope<'_>, user_name: &Option<String>, id: &str) -> Result<Vec<Target>, Error> {
    let user = scope.cx.user(scope.account, user_name.as_deref()).ok();
    let credential = user.and_then(|user| user.service_specific_credentials.iter().find(|one| one.id == id));
    let service = credential.map(|credential| credential.service.as_str());
    Ok(vec![optional(scope, user_name).key_if(SERVICE_KEY, service)])
}

/// Whoever lists the credentials of all users needs permission for all users.
fn listed(scope: &Scope<'_>, input: &api::ListServiceSpecificCredentialsRequest) -> Result<Vec<Target>, Error> {
    match (input.all_users == Some(true), &input.user_name) {
        (false, name) => Ok(vec![optional(scope, name)]),
        (true, None) => Ok(vec![scope.arn(scope.account.arn("user", "/", "*"))]),
        (true, Some(_)) => Err(common::validation_error("AllUsers cannot be specified together with UserName.")),
    }
}

fn missing(id: &str) -> Error {
    error::no_such_entity(format!("No such credential {id} exists"))
}

/// The user that has a credential, to be changed, and the place of the credential.
fn found(cx: &Cx<'_>, account: &Account, user_name: Option<&str>, id: &str) -> Result<(User, usize), Error> {
    let user = User::clone(cx.user(account, user_name)?);
    let place = user.service_specific_credentials.iter().position(|credential| credential.id == id);
    Ok((user, place.ok_or_else(|| missing(id))?))
}

/// `NAME-at-ACCOUNT`, or `NAME+1-at-ACCOUNT` and so on where that is taken for the service.
fn free_alias(account: &Account, user: &User, service: &str) -> String {
    let credentials = account.users().iter().flat_map(|user| user.service_specific_credentials.iter());
    let taken: Vec<&str> = credentials.filter(|one| one.service == service).map(|one| one.alias.as_str()).collect();
    let numbered = |number: u32| match number {
        0 => format!("{}-at-{}", user.name, account.id()),
        number => format!("{}+{number}-at-{}", user.name, account.id()),
    };
    let free = (0..).map(numbered).find(|alias| !taken.contains(&alias.as_str()));
    free.unwrap_or_default()
}

/// A new password, or a new API key: those begin with their service's letters, and hold the alias.
fn new_secret(cx: &Cx<'_>, service: &str, alias: &str) -> Result<SecretText, Error> {
    let password = cx.service_password();
    Ok(match api_key_prefix(service)? {
        None => password,
        Some(prefix) => {
            let plain = Zeroizing::new(format!("{alias}:{}", password.0.as_str()));
            let encoded = Zeroizing::new(BASE64.encode(plain.as_bytes()));
            SecretText(Zeroizing::new(format!("{prefix}{}", encoded.as_str())))
        }
    })
}

fn digest(secret: &SecretText) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.0.as_bytes()))
}

fn create(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateServiceSpecificCredentialRequest,
) -> Result<api::CreateServiceSpecificCredentialResponse, Error> {
    let mut user = User::clone(cx::user(account, &input.user_name)?);
    let service = input.service_name;
    if api_key_prefix(&service)?.is_none() && input.credential_age_days.is_some() {
        let text = "CredentialAgeDays is only valid for API keys of bedrock.amazonaws.com and logs.amazonaws.com.";
        return Err(common::validation_error(text));
    }
    let of_service = user.service_specific_credentials.iter().filter(|one| one.service == service).count();
    if of_service >= quota::SERVICE_SPECIFIC_CREDENTIALS {
        let quota = quota::SERVICE_SPECIFIC_CREDENTIALS;
        let text = format!("Cannot exceed quota for ServiceSpecificCredentialsPerUser: {quota}");
        return Err(error::limit_exceeded(text));
    }
    let alias = free_alias(account, &user, &service);
    let secret = new_secret(cx, &service, &alias)?;
    let lifetime = |days: i32| SignedDuration::from_secs(i64::from(days) * SECONDS_PER_DAY);
    let credential = ServiceSpecificCredential {
        id: cx.unique_id(id::SERVICE_SPECIFIC_CREDENTIAL),
        status: KeyStatus::Active,
        created: cx.date(),
        expires: input.credential_age_days.and_then(|days| cx.date().checked_add(lifetime(days)).ok()),
        service,
        alias,
        digest: digest(&secret),
    };
    let answer = with_secret(cx, &user, &credential, secret);
    user.service_specific_credentials.push(credential);
    account.put(user);
    Ok(api::CreateServiceSpecificCredentialResponse { service_specific_credential: Some(answer) })
}

fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListServiceSpecificCredentialsRequest,
) -> Result<api::ListServiceSpecificCredentialsResponse, Error> {
    let all = input.all_users == Some(true);
    let users: Vec<&Arc<User>> = match all {
        true => account.users().iter().collect(),
        false => vec![cx.user(account, input.user_name.as_deref())?],
    };
    let service = input.service_name.as_deref();
    service.map(api_key_prefix).transpose()?;
    let owned = users.iter().flat_map(|user| user.service_specific_credentials.iter().map(move |one| (user, one)));
    let mut found: Vec<_> = owned.filter(|(_, one)| service.is_none_or(|service| one.service == service)).collect();
    found.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    let whose = users.first().filter(|_| !all).map(|user| user.id.as_str()).unwrap_or_default();
    let list = [whose, service.unwrap_or_default()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            found.iter().filter(move |(_, credential)| credential.id > after)
        },
        |(_, credential)| &credential.id,
        |(user, credential)| metadata(cx.date(), user, credential),
    )?;
    Ok(api::ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(page.items),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn update(cx: &Cx<'_>, account: &mut Account, input: api::UpdateServiceSpecificCredentialRequest) -> Result<(), Error> {
    let status = status::requested(&input.status)?;
    let id = &input.service_specific_credential_id;
    let (mut user, place) = found(cx, account, input.user_name.as_deref(), id)?;
    user.service_specific_credentials.get_mut(place).ok_or_else(|| missing(id))?.status = status;
    account.put(user);
    Ok(())
}

/// The old password is of no use from now on.
fn reset(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::ResetServiceSpecificCredentialRequest,
) -> Result<api::ResetServiceSpecificCredentialResponse, Error> {
    let id = &input.service_specific_credential_id;
    let (mut user, place) = found(cx, account, input.user_name.as_deref(), id)?;
    let credential = user.service_specific_credentials.get_mut(place).ok_or_else(|| missing(id))?;
    let secret = new_secret(cx, &credential.service, &credential.alias)?;
    credential.digest = digest(&secret);
    let credential = credential.clone();
    let answer = with_secret(cx, &user, &credential, secret);
    account.put(user);
    Ok(api::ResetServiceSpecificCredentialResponse { service_specific_credential: Some(answer) })
}

fn delete(cx: &Cx<'_>, account: &mut Account, input: api::DeleteServiceSpecificCredentialRequest) -> Result<(), Error> {
    let (mut user, place) = found(cx, account, input.user_name.as_deref(), &input.service_specific_credential_id)?;
    user.service_specific_credentials.remove(place);
    account.put(user);
    Ok(())
}

/// What has expired is neither active nor inactive, whatever it was.
fn state(now: Timestamp, credential: &ServiceSpecificCredential) -> api::StatusType {
    match credential.expires {
        Some(expires) if expires <= now => api::StatusType::Expired,
        _ => status::api(credential.status),
    }
}

fn metadata(
    now: Timestamp,
    user: &User,
    credential: &ServiceSpecificCredential,
) -> api::ServiceSpecificCredentialMetadata {
    let is_api_key = matches!(api_key_prefix(&credential.service), Ok(Some(_)));
    let alias = Some(credential.alias.clone());
    let (service_user_name, service_credential_alias) = if is_api_key { (None, alias) } else { (alias, None) };
    api::ServiceSpecificCredentialMetadata {
        user_name: user.name.clone(),
        status: state(now, credential),
        service_user_name,
        service_credential_alias,
        create_date: credential.created,
        expiration_date: credential.expires,
        service_specific_credential_id: credential.id.clone(),
        service_name: credential.service.clone(),
    }
}

/// A credential with its secret, which goes out this once.
fn with_secret(
    cx: &Cx<'_>,
    user: &User,
    credential: &ServiceSpecificCredential,
    secret: SecretText,
) -> api::ServiceSpecificCredential {
    let shown = metadata(cx.date(), user, credential);
    let secret = Some(Sensitive::from(secret.0.as_str()));
    let is_api_key = shown.service_credential_alias.is_some();
    let (service_password, service_credential_secret) = if is_api_key { (None, secret) } else { (secret, None) };
    api::ServiceSpecificCredential {
        create_date: shown.create_date,
        expiration_date: shown.expiration_date,
        service_name: shown.service_name,
        service_user_name: shown.service_user_name,
        service_password,
        service_credential_alias: shown.service_credential_alias,
        service_credential_secret,
        service_specific_credential_id: shown.service_specific_credential_id,
        user_name: shown.user_name,
        status: shown.status,
    }
}
