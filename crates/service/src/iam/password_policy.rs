//! The account's password policy (IAM API Reference: UpdateAccountPasswordPolicy, GetAccountPasswordPolicy,
//! DeleteAccountPasswordPolicy; User Guide, "Set an account password policy for IAM users").

use doorward_directory::{Account, AccountSettings, PasswordPolicy};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::cx::Cx;
use crate::op::Op;

#[cfg(test)]
mod tests;

/// The symbols that policies ask for.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// Where an account has no policy: least length, and how many of the four kinds of characters there must be.
const DEFAULT_LENGTH: u32 = 8;
const DEFAULT_KINDS: usize = 3;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "UpdateAccountPasswordPolicy",
            |scope, _: &api::UpdateAccountPasswordPolicyRequest| Ok(vec![scope.any()]),
            update_policy,
        ),
        Op::read("GetAccountPasswordPolicy", |scope, (): &()| Ok(vec![scope.any()]), get_policy),
        Op::write("DeleteAccountPasswordPolicy", |scope, (): &()| Ok(vec![scope.any()]), delete_policy),
    ]
}

fn missing(account: &Account) -> Error {
    error::no_such_entity(format!("The Password Policy with domain name {} cannot be found.", account.id()))
}

/// What is not given goes back to its default: there are no partial updates (API Reference).
fn update_policy(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::UpdateAccountPasswordPolicyRequest,
) -> Result<(), Error> {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let default = PasswordPolicy::default();
    let policy = PasswordPolicy {
        minimum_length: number(input.minimum_password_length).unwrap_or(default.minimum_length),
        require_symbols: input.require_symbols.unwrap_or_default(),
        require_numbers: input.require_numbers.unwrap_or_default(),
        require_uppercase: input.require_uppercase_characters.unwrap_or_default(),
        require_lowercase: input.require_lowercase_characters.unwrap_or_default(),
        allow_users_to_change_password: input.allow_users_to_change_password.unwrap_or_default(),
        max_age_days: number(input.max_password_age),
        reuse_prevention: number(input.password_reuse_prevention),
        hard_expiry: input.hard_expiry,
    };
    account.put_settings(AccountSettings { password_policy: Some(policy), ..account.settings().clone() });
    Ok(())
}

fn get_policy(_: &Cx<'_>, account: &Account, (): ()) -> Result<api::GetAccountPasswordPolicyResponse, Error> {
    let policy = account.settings().password_policy.as_ref().ok_or_else(|| missing(account))?;
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    Ok(api::GetAccountPasswordPolicyResponse {
        password_policy: api::PasswordPolicy {
            minimum_password_length: Some(number(policy.minimum_length)),
            require_symbols: Some(policy.require_symbols),
            require_numbers: Some(policy.require_numbers),
            require_uppercase_characters: Some(policy.require_uppercase),
            require_lowercase_characters: Some(policy.require_lowercase),
            allow_users_to_change_password: Some(policy.allow_users_to_change_password),
            expire_passwords: Some(policy.max_age_days.is_some()),
            max_password_age: policy.max_age_days.map(number),
            password_reuse_prevention: policy.reuse_prevention.map(number),
            hard_expiry: policy.hard_expiry,
        },
    })
}

fn delete_policy(_: &Cx<'_>, account: &mut Account, (): ()) -> Result<(), Error> {
    if account.settings().password_policy.is_none() {
        return Err(missing(account));
    }
    account.put_settings(AccountSettings { password_policy: None, ..account.settings().clone() });
    Ok(())
}

/// Whether a password is what the account's policy, or without one the default policy, wants.
pub(super) fn check(settings: &AccountSettings, password: &str) -> Result<(), Error> {
    let kinds: [(bool, &str); 4] = [
        (password.chars().any(|c| c.is_ascii_uppercase()), "Password should have at least one uppercase letter"),
        (password.chars().any(|c| c.is_ascii_lowercase()), "Password should have at least one lowercase letter"),
        (password.chars().any(|c| c.is_ascii_digit()), "Password should have at least one number"),
        (password.chars().any(|c| SYMBOLS.contains(c)), "Password should have at least one symbol"),
    ];
    let policy = settings.password_policy.as_ref();
    let minimum = policy.map_or(DEFAULT_LENGTH, |policy| policy.minimum_length);
    let mut problems = Vec::new();
    if u32::try_from(password.chars().count()).is_ok_and(|length| length < minimum) {
        problems.push(format!("Password should have a minimum length of {minimum}"));
    }
    let lacking = kinds.iter().filter(|(has, _)| !has).map(|(_, text)| *text);
    match policy {
        Some(policy) => {
            let required =
                [policy.require_uppercase, policy.require_lowercase, policy.require_numbers, policy.require_symbols];
            let wanted = kinds.iter().zip(required).filter(|((has, _), required)| *required && !has);
            problems.extend(wanted.map(|((_, text), _)| (*text).to_owned()));
        }
        None => {
            let more = DEFAULT_KINDS.saturating_sub(kinds.iter().filter(|(has, _)| *has).count());
            if more > 0 {
                let lacking = lacking.collect::<Vec<_>>().join(", ");
                problems.push(format!("Password should meet {more} more of the following requirements: {lacking}"));
            }
            if password == settings.name {
                problems.push("Password should not be the name of the account".to_owned());
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(error::password_policy_violation(problems.join(", "))) }
}
