//! Quotas of accounts, which the operator may raise as AWS does on request: ListAccountQuotas, PutAccountQuota.

use doorward_directory::Account;
use doorward_directory::quota::{ADJUSTABLE, Quota};
use doorward_shapes::Error;
use doorward_shapes::doorward::{self as api, error};

use super::check_reach;
use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read(
            "ListAccountQuotas",
            |scope, input: &api::ListAccountQuotasRequest| targets(scope, &input.account_id),
            list_account_quotas,
        ),
        // It changes an account that need not be the caller's, as an errand; its event is durable before the answer.
        Op::issue(
            "PutAccountQuota",
            |scope, input: &api::PutAccountQuotaRequest| targets(scope, &input.account_id),
            put_account_quota,
        ),
    ]
}

fn targets(scope: &Scope<'_>, account_id: &str) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.arn(format!("arn:aws:doorward::{}:account/{account_id}", scope.account.id()))])
}

/// Of the own account for everybody, of all accounts for the operator's principals.
fn list_account_quotas(
    cx: &Cx<'_>,
    _: &Account,
    input: api::ListAccountQuotasRequest,
) -> Result<api::ListAccountQuotasResponse, Error> {
    check_reach(cx, &input.account_id)?;
    let account = cx.account(&input.account_id)?.ok_or_else(|| unknown(&input.account_id))?;
    let quotas = ADJUSTABLE.iter().map(|quota| entry(quota, account.quota(quota))).collect();
    Ok(api::ListAccountQuotasResponse { quotas })
}

/// For the operator's principals alone. What an account already holds stays, also where it is more than the new value.
fn put_account_quota(
    cx: &Cx<'_>,
    _: &Account,
    input: api::PutAccountQuotaRequest,
) -> Result<api::PutAccountQuotaResponse, Error> {
    check_reach(cx, cx.doorward.operator())?;
    let quota = Quota::named(&input.quota_name).ok_or_else(|| {
        let known: Vec<_> = ADJUSTABLE.iter().map(|quota| quota.name).collect();
        error::validation(format!("There is no quota {} to set. There are: {}.", input.quota_name, known.join(", ")))
    })?;
    let value = usize::try_from(input.value)
        .ok()
        .filter(|value| *value <= quota.maximum)
        .ok_or_else(|| error::validation(format!("{} can be set to at most {}.", quota.name, quota.maximum)))?;
    cx.account(&input.account_id)?.ok_or_else(|| unknown(&input.account_id))?;
    cx.set_quota(&input.account_id, quota, value)?;
    Ok(api::PutAccountQuotaResponse { quota: entry(quota, value) })
}

fn unknown(account_id: &str) -> Error {
    error::resource_not_found(format!("There is no account {account_id}."))
}

fn entry(quota: &Quota, value: usize) -> api::Quota {
    let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    api::Quota {
        quota_name: quota.name.to_owned(),
        value: number(value),
        default: number(quota.default),
        maximum: number(quota.maximum),
    }
}
