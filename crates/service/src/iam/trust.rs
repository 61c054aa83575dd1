//! Trust policies: who they name must exist, and is remembered by unique id (User Guide, "AWS JSON policy elements:
//! Principal").

use std::collections::BTreeMap;

use doorward_directory::{Account, TrustPolicy, quota};
use doorward_policy::document::{Document, PolicyType, PrincipalPattern};
use doorward_policy::size::counted_size;
use doorward_shapes::Error;
use doorward_shapes::iam::error;

use super::room::check_within;
use crate::cx::Cx;

/// The trust policy of a request, its users and roles bound to their unique ids.
pub(super) fn checked(cx: &Cx<'_>, account: &Account, text: &str) -> Result<TrustPolicy, Error> {
    let malformed = |message: String| error::malformed_policy_document(message);
    let document = Document::parse(text, PolicyType::Trust).map_err(|refused| malformed(refused.message))?;
    check_within(account, &quota::TRUST_POLICY_SIZE, counted_size(text))?;
    let mut bound = BTreeMap::new();
    for entry in document.principals() {
        match found(cx, account, &entry.value)? {
            Found::Bound(named, id) => {
                bound.insert(named, id);
            }
            Found::NeedsNone => {}
            Found::Nobody => return Err(malformed(document.unknown_principal(entry).message)),
        }
    }
    Ok(TrustPolicy::new(document, bound))
}

/// The current ARN of a user or role, in this account or another.
pub(super) fn current_arn(cx: &Cx<'_>, account: &Account, unique_id: &str) -> Option<String> {
    arn_in(account, unique_id).or_else(|| {
        let others = cx.doorward.account_ids().ok()?;
        let other = |id: &String| cx.account(id).ok().flatten().and_then(|other| arn_in(&other, unique_id));
        others.iter().filter(|id| *id != account.id()).find_map(other)
    })
}

fn arn_in(account: &Account, unique_id: &str) -> Option<String> {
    let user = account.users().by_id(unique_id).map(|user| account.user_arn(user));
    user.or_else(|| account.roles().by_id(unique_id).map(|role| account.role_arn(role)))
}

enum Found {
    /// A user or role: what the text calls it, and its unique id.
    Bound(String, String),
    /// It exists, or nothing can be said about that.
    NeedsNone,
    /// It does not exist.
    Nobody,
}

fn found(cx: &Cx<'_>, account: &Account, pattern: &PrincipalPattern) -> Result<Found, Error> {
    let in_account = |account_id: &str, find: &dyn Fn(&Account) -> Option<String>| -> Result<Option<String>, Error> {
        if account_id == account.id() {
            return Ok(find(account));
        }
        Ok(cx.account(account_id)?.and_then(|other| find(&other)))
    };
    let bound = |named: &str, id: Option<String>| match id {
        Some(id) => Found::Bound(named.to_owned(), id),
        None => Found::Nobody,
    };
    let exists = |found: Option<String>| if found.is_some() { Found::NeedsNone } else { Found::Nobody };
    Ok(match pattern {
        PrincipalPattern::User(arn) => {
            let id = in_account(account_of(arn), &|account| {
                let user = account.users().by_name(arn.rsplit('/').next()?)?;
                (account.user_arn(user) == *arn).then(|| user.id.clone())
            })?;
            bound(arn, id)
        }
        PrincipalPattern::Role(arn) => {
            let id = in_account(account_of(arn), &|account| {
                let role = account.roles().by_name(arn.rsplit('/').next()?)?;
                (account.role_arn(role) == *arn).then(|| role.id.clone())
            })?;
            bound(arn, id)
        }
        PrincipalPattern::UniqueId(id) => bound(id, current_arn(cx, account, id).map(|_| id.clone())),
        PrincipalPattern::Account(account_id) => {
            exists(in_account(account_id, &|account| Some(account.id().to_owned()))?)
        }
        // A session is not looked for, its role is.
        PrincipalPattern::RoleSession(arn) => exists(in_account(account_of(arn), &|account| {
            let name = arn.split('/').nth(1)?;
            account.roles().by_name(name).map(|role| role.id.clone())
        })?),
        PrincipalPattern::FederatedUser(arn) => {
            exists(in_account(account_of(arn), &|account| Some(account.id().to_owned()))?)
        }
        PrincipalPattern::Anyone
        | PrincipalPattern::Service(_)
        | PrincipalPattern::Federated(_)
        | PrincipalPattern::CanonicalUser(_) => Found::NeedsNone,
    })
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
