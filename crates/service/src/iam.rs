//! IAM: users, groups, roles and policies.

mod access_key;
mod account;
mod attachment;
mod boundary;
mod group;
mod holder;
mod inline;
mod policy;
mod policy_version;
mod role;
mod tag;
#[cfg(test)]
mod tests;
mod trust;
mod user;

use crate::op::Op;

/// The rows of IAM's operations.
pub(crate) fn ops() -> Vec<Op> {
    [
        access_key::ops(),
        account::ops(),
        attachment::ops(),
        boundary::ops(),
        group::ops(),
        inline::ops(),
        policy::ops(),
        policy_version::ops(),
        role::ops(),
        user::ops(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
