//! Passwords of users (IAM API Reference: CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile,
//! ChangePassword; User Guide, "User passwords in AWS").

use std::sync::Arc;

use doorward_directory::{Account, LoginProfile, PasswordHash, User};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, Sensitive, common};
use jiff::SignedDuration;

use super::password_policy;
use super::user::optional;
use crate::caller::Who;
use crate::cx::{self, Cx, caller_is_gone};
use crate::op::Op;
use crate::password::{Hashed, Recipe};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreateLoginProfile",
            |scope, input: &api::CreateLoginProfileRequest| Ok(vec![optional(scope, &input.user_name)]),
            create_profile,
        ),
        Op::read(
            "GetLoginProfile",
            |scope, input: &api::GetLoginProfileRequest| Ok(vec![optional(scope, &input.user_name)]),
            get_profile,
        ),
        Op::write(
            "UpdateLoginProfile",
            |scope, input: &api::UpdateLoginProfileRequest| Ok(vec![scope.user(&input.user_name)]),
            update_profile,
        ),
        Op::write(
            "DeleteLoginProfile",
            |scope, input: &api::DeleteLoginProfileRequest| Ok(vec![optional(scope, &input.user_name)]),
            delete_profile,
        ),
        Op::write(
            "ChangePassword",
            |scope, _: &api::ChangePasswordRequest| Ok(vec![optional(scope, &None)]),
            change_password,
        ),
    ]
}

fn profile<'a>(account: &'a Account, user: &User) -> Result<&'a Arc<LoginProfile>, Error> {
    let missing = || error::no_such_entity(format!("Login Profile for User {} cannot be found.", user.name));
    account.login_profiles().by_id(&user.id).ok_or_else(missing)
}

fn answer(user: &User, profile: &LoginProfile) -> api::LoginProfile {
    api::LoginProfile {
        user_name: user.name.clone(),
        create_date: profile.created,
        password_reset_required: Some(profile.reset_required),
    }
}

fn sealed(cx: &Cx<'_>, hashed: &Hashed, recipe: &Recipe, user_id: &str) -> Result<PasswordHash, Error> {
    let sealed = hashed.sealed(recipe, cx.keyring(), cx.world(), user_id);
    sealed.ok_or_else(|| common::internal_failure("the password could not be sealed"))
}

/// Whether this is the password that was stored.
fn is_same(cx: &Cx<'_>, password: &Sensitive, stored: &PasswordHash, user_id: &str) -> Result<bool, Error> {
    let unreadable = || {
        tracing::error!(user_id, "the sealed hash of a password does not open");
        common::internal_failure("the stored password cannot be read")
    };
    let hashed = cx.hash(password, &Recipe::of(stored).ok_or_else(unreadable)?)?;
    hashed.is(stored, cx.keyring(), user_id).ok_or_else(unreadable)
}

fn create_profile(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateLoginProfileRequest,
) -> Result<api::CreateLoginProfileResponse, Error> {
    let user = Arc::clone(cx.user(account, input.user_name.as_deref())?);
    // Only sessions of AssumeRoot may leave it out.
    let password = input.password.ok_or_else(|| {
        common::validation_error(
            "1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be null",
        )
    })?;
    if account.login_profiles().by_id(&user.id).is_some() {
        let text = format!("Login Profile for user {} already exists.", user.name);
        return Err(error::entity_already_exists(text));
    }
    password_policy::check(account.settings(), password.expose())?;
    let recipe = Recipe::new(cx.salt());
    let profile = LoginProfile {
        user_id: user.id.clone(),
        created: cx.date(),
        reset_required: input.password_reset_required.unwrap_or_default(),
        password: sealed(cx, &cx.hash(&password, &recipe)?, &recipe, &user.id)?,
        changed: cx.date(),
        earlier: Vec::new(),
        guesses: Default::default(),
    };
    let answer = answer(&user, &profile);
    account.put(profile);
    Ok(api::CreateLoginProfileResponse { login_profile: answer })
}

fn get_profile(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetLoginProfileRequest,
) -> Result<api::GetLoginProfileResponse, Error> {
    let user = cx.user(account, input.user_name.as_deref())?;
    Ok(api::GetLoginProfileResponse { login_profile: answer(user, profile(account, user)?) })
}

fn update_profile(cx: &Cx<'_>, account: &mut Account, input: api::UpdateLoginProfileRequest) -> Result<(), Error> {
    let user = cx::user(account, &input.user_name)?;
    let mut profile = LoginProfile::clone(profile(account, user)?);
    if let Some(password) = &input.password {
        password_policy::check(account.settings(), password.expose())?;
        replace(cx, account, &mut profile, password)?;
    }
    if let Some(required) = input.password_reset_required {
        profile.reset_required = required;
    }
    account.put(profile);
    Ok(())
}

fn delete_profile(cx: &Cx<'_>, account: &mut Account, input: api::DeleteLoginProfileRequest) -> Result<(), Error> {
    let user = cx.user(account, input.user_name.as_deref())?;
    let id = profile(account, user)?.user_id.clone();
    account.remove::<LoginProfile>(&id);
    Ok(())
}

/// The caller's own password: whoever gives the old one may set a new one. A guess at it counts before it is looked at, so
/// that many at once are no more than one.
fn change_password(cx: &Cx<'_>, account: &mut Account, input: api::ChangePasswordRequest) -> Result<(), Error> {
    let Who::User { id } = &cx.caller.who else {
        return Err(error::invalid_user_type("Only IAM Users can change their own password"));
    };
    let user = account.users().by_id(id).ok_or_else(caller_is_gone)?;
    let mut profile = LoginProfile::clone(profile(account, user)?);
    if is_closed(cx, account, &profile) {
        let text = "The password has expired. An administrator must set a new one.";
        return Err(error::password_policy_violation(text));
    }
    password_policy::check(account.settings(), input.new_password.expose())?;
    cx.guess_password(id)?;
    if !is_same(cx, &input.old_password, &profile.password, id)? {
        return Err(common::access_denied("The old password was incorrect."));
    }
    replace(cx, account, &mut profile, &input.new_password)?;
    profile.reset_required = false;
    account.put(profile);
    Ok(())
}

/// Whether the password has expired and only an administrator may set another one.
fn is_closed(cx: &Cx<'_>, account: &Account, profile: &LoginProfile) -> bool {
    let Some(policy) = account.settings().password_policy.as_ref() else { return false };
    let age = cx.now.duration_since(profile.changed);
    let is_over = |days: u32| age >= SignedDuration::from_hours(i64::from(days).saturating_mul(24));
    policy.hard_expiry == Some(true) && policy.max_age_days.is_some_and(is_over)
}

/// Puts a new password in the place of the one in force, which must not be among those that the policy forbids.
fn replace(cx: &Cx<'_>, account: &Account, profile: &mut LoginProfile, password: &Sensitive) -> Result<(), Error> {
    let policy = account.settings().password_policy.as_ref();
    let remembered = policy.and_then(|policy| policy.reuse_prevention).unwrap_or_default();
    let remembered = usize::try_from(remembered).unwrap_or_default();
    for stored in std::iter::once(&profile.password).chain(&profile.earlier).take(remembered) {
        if is_same(cx, password, stored, &profile.user_id)? {
            return Err(error::password_policy_violation(
                "Policy constraint violation with password reuse prevention during password change",
            ));
        }
    }
    let comparable = Recipe::of(&profile.password).filter(|recipe| remembered > 0 && recipe.is_current());
    let recipe = comparable.unwrap_or_else(|| Recipe::new(cx.salt()));
    let new = sealed(cx, &cx.hash(password, &recipe)?, &recipe, &profile.user_id)?;
    profile.earlier.insert(0, std::mem::replace(&mut profile.password, new));
    // The one in force is remembered, too.
    profile.earlier.truncate(remembered.saturating_sub(1));
    profile.changed = cx.date();
    profile.guesses = Default::default();
    Ok(())
}
