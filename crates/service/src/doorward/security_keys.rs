//! Security keys: BeginSecurityKeyRegistration, FinishSecurityKeyRegistration, BeginSecurityKeyAssertion,
//! FinishSecurityKeyAssertion. AWS has these ceremonies in its console alone.

use std::sync::Arc;

use doorward_directory::{Account, Ceremony, ReferenceKind, User, id, quota};
use doorward_federation::webauthn::UserEntity;
use doorward_shapes::doorward::{self as api, error};
use doorward_shapes::{Error, common};
use jiff::SignedDuration;

use crate::caller::Who;
use crate::cx::Cx;
use crate::op::Op;
use crate::security_key;
use crate::session::{Session, SessionOf};
use crate::target::{Scope, Target};

/// Seconds that credentials last where no number is asked for, as those of GetSessionToken.
const DEFAULT_SECONDS: i32 = 43_200;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "BeginSecurityKeyRegistration",
            |scope, input: &api::BeginSecurityKeyRegistrationRequest| {
                target(scope, input.user_name.as_deref(), "Create")
            },
            begin_registration,
        ),
        Op::write(
            "FinishSecurityKeyRegistration",
            |scope, input: &api::FinishSecurityKeyRegistrationRequest| {
                target(scope, input.user_name.as_deref(), "Activate")
            },
            finish_registration,
        ),
        // As GetSessionToken: no policy controls how somebody proves who they are.
        Op::write(
            "BeginSecurityKeyAssertion",
            |_, _: &api::BeginSecurityKeyAssertionRequest| Ok(Vec::new()),
            begin_assertion,
        )
        .always_allowed(),
        Op::issue(
            "FinishSecurityKeyAssertion",
            |_, _: &api::FinishSecurityKeyAssertionRequest| Ok(Vec::new()),
            finish_assertion,
        )
        .always_allowed(),
    ]
}

/// Registering a key is what AWS authorizes as EnableMFADevice (User Guide, "IAM and AWS STS condition context keys":
/// `iam:RegisterSecurityKey`).
fn target(scope: &Scope<'_>, name: Option<&str>, step: &str) -> Result<Vec<Target>, Error> {
    let user = user(scope.cx, scope.account, name);
    let named = name.or_else(|| user.as_ref().ok().map(|user| user.name.as_str()));
    let target = match named {
        Some(name) => scope.user(name),
        None => scope.any(),
    };
    let target = Target { action: "iam:EnableMFADevice".to_owned(), ..target };
    Ok(vec![target.key("iam:RegisterSecurityKey", step)])
}

/// The user named, or the caller.
fn user<'a>(cx: &Cx<'_>, account: &'a Account, name: Option<&str>) -> Result<&'a Arc<User>, Error> {
    match (name, &cx.caller.who) {
        (Some(name), _) => {
            let missing = || error::resource_not_found(format!("The user with name {name} cannot be found."));
            account.users().by_name(name).ok_or_else(missing)
        }
        (None, Who::User { id }) => account.users().by_id(id).ok_or_else(crate::cx::caller_is_gone),
        (None, _) => Err(error::validation("Name a user: the caller is none.")),
    }
}

fn check_quota(account: &Account, user: &User) -> Result<(), Error> {
    if account.referrers(&user.id, ReferenceKind::MfaDevice).count() < quota::MFA_DEVICES {
        return Ok(());
    }
    Err(error::conflict(format!("Cannot exceed quota for MFADevicesPerUser: {}", quota::MFA_DEVICES)))
}

fn begin_registration(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::BeginSecurityKeyRegistrationRequest,
) -> Result<api::BeginSecurityKeyRegistrationResponse, Error> {
    let party = security_key::relying_party(cx)?;
    let user = Arc::clone(user(cx, account, input.user_name.as_deref())?);
    check_quota(account, &user)?;
    let challenge = security_key::challenge(cx, account, &user.id, Ceremony::Registration)?;
    let entity = UserEntity { handle: user.id.as_bytes(), name: &user.name };
    let registered = security_key::credentials(account, &user.id);
    Ok(api::BeginSecurityKeyRegistrationResponse {
        options: party.creation_options(entity, &challenge.challenge, &registered),
        registration_id: challenge.id,
        expiration: challenge.expires,
    })
}

fn finish_registration(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::FinishSecurityKeyRegistrationRequest,
) -> Result<api::FinishSecurityKeyRegistrationResponse, Error> {
    let party = security_key::relying_party(cx)?;
    let user = Arc::clone(user(cx, account, input.user_name.as_deref())?);
    let challenge = cx.take_challenge(&input.registration_id, &user.id)?;
    check_quota(account, &user)?;
    let registered = security_key::credentials(account, &user.id);
    let credential = party.register(&challenge.challenge, &input.credential, &registered);
    let credential = credential.map_err(|refused| error::validation(refused.to_string()))?;
    let key = security_key::key(cx.unique_id(id::SECURITY_KEY), &user.id, cx.date(), &credential)?;
    if account.security_keys().iter().any(|known| known.credential_id == key.credential_id) {
        return Err(error::conflict("The security key is registered already."));
    }
    let serial_number = account.security_key_serial_number(&key);
    account.put(key);
    Ok(api::FinishSecurityKeyRegistrationResponse {
        serial_number: serial_number.ok_or_else(|| common::internal_failure("a security key is nobody's"))?,
        user_name: user.name.clone(),
        enable_date: cx.date(),
    })
}

/// The user who calls with a key of their own: sessions do not make sessions.
fn prover<'a>(cx: &'a Cx<'_>) -> Result<&'a str, Error> {
    match (&cx.caller.who, &cx.caller.session) {
        (_, Some(_)) => {
            let operation = cx.call.operation.name;
            Err(error::access_denied(format!("Cannot call {operation} with session credentials")))
        }
        (Who::User { id }, None) => Ok(id),
        _ => Err(error::validation("Only users have security keys.")),
    }
}

fn begin_assertion(
    cx: &Cx<'_>,
    account: &mut Account,
    _: api::BeginSecurityKeyAssertionRequest,
) -> Result<api::BeginSecurityKeyAssertionResponse, Error> {
    let user_id = prover(cx)?;
    let party = security_key::relying_party(cx)?;
    let registered = security_key::credentials(account, user_id);
    if registered.is_empty() {
        return Err(error::resource_not_found("The user has no security key."));
    }
    let challenge = security_key::challenge(cx, account, user_id, Ceremony::Assertion)?;
    Ok(api::BeginSecurityKeyAssertionResponse {
        options: party.request_options(&challenge.challenge, &registered),
        assertion_id: challenge.id,
        expiration: challenge.expires,
    })
}

/// What GetSessionToken with a code gives.
fn finish_assertion(
    cx: &Cx<'_>,
    account: &Account,
    input: api::FinishSecurityKeyAssertionRequest,
) -> Result<api::FinishSecurityKeyAssertionResponse, Error> {
    let user_id = prover(cx)?;
    security_key::relying_party(cx)?;
    let serial_number = cx.prove_presence(&input.assertion_id, &input.credential)?;
    let issued = cx.date();
    let lasts = SignedDuration::from_secs(i64::from(input.duration_seconds.unwrap_or(DEFAULT_SECONDS)));
    let expires = issued.checked_add(lasts).map_err(|_| common::internal_failure("the session would not end"))?;
    let access_key_id = cx.access_key_id(id::TEMPORARY_ACCESS_KEY, account.id())?;
    let of = SessionOf::User(user_id.to_owned());
    // The own API is not the global endpoint of STS: the token is good for all Regions.
    let session = Session { mfa: Some(issued), ..Session::new(access_key_id, account.id(), of, issued, expires) };
    let secret = cx.secret_access_key();
    let token = cx.keyring().seal_session(cx.world(), &session, &secret, 0);
    Ok(api::FinishSecurityKeyAssertionResponse {
        credentials: api::SessionCredentials {
            access_key_id: session.access_key_id,
            secret_access_key: secret.0.as_str().to_owned().into(),
            session_token: token.ok_or_else(|| common::internal_failure("the session could not be sealed"))?.into(),
            expiration: expires,
        },
        serial_number,
    })
}
