//! STS: temporary credentials.

mod assume_role;
mod chain;
mod federation_token;
mod identity;
mod issue;
mod role_session;
mod session_policy;
mod session_token;
mod web_identity;

use crate::op::Op;

/// The rows of STS's operations.
pub(crate) fn ops() -> Vec<Op> {
    let families =
        [assume_role::ops(), federation_token::ops(), identity::ops(), session_token::ops(), web_identity::ops()];
    families.into_iter().flatten().collect()
}
