//! Whether an account may hold more: its quotas, as the operator has set them.

use doorward_directory::Account;
use doorward_directory::quota::Quota;
use doorward_shapes::Error;
use doorward_shapes::iam::error;

/// Whether there may be one more where so many are held.
pub(super) fn check_room(account: &Account, quota: &Quota, held: usize) -> Result<(), Error> {
    check_within(account, quota, held.saturating_add(1))
}

/// Whether there may be so many.
pub(super) fn check_within(account: &Account, quota: &Quota, count: usize) -> Result<(), Error> {
    let most = account.quota(quota);
    if count > most {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for {}: {most}", quota.name)));
    }
    Ok(())
}
