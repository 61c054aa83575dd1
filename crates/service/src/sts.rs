//! STS: temporary credentials.

mod assume_role;
mod authorization_message;
mod chain;
mod delegated_access_token;
mod federation_token;
mod identity;
mod issue;
mod role_session;
mod session_policy;
mod session_token;
mod web_identity;
mod web_identity_token;

use crate::op::Op;

/// The rows of STS's operations.
pub(crate) fn ops() -> Vec<Op> {
    let families = [
        assume_role::ops(),
        authorization_message::ops(),
        delegated_access_token::ops(),
        federation_token::ops(),
        identity::ops(),
        session_token::ops(),
        web_identity::ops(),
        web_identity_token::ops(),
    ];
    families.into_iter().flatten().collect()
}
