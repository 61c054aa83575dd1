//! `Active` and `Inactive`: the states of access keys, public keys, certificates and service-specific credentials.

use doorward_directory::KeyStatus;
use doorward_shapes::Error;
use doorward_shapes::iam::{StatusType, error};

/// A state as the API names it.
pub(super) fn api(status: KeyStatus) -> StatusType {
    match status {
        KeyStatus::Active => StatusType::Active,
        KeyStatus::Inactive => StatusType::Inactive,
    }
}

/// The state that a request asks for. `Expired` comes with time alone; nothing can be put into it.
pub(super) fn requested(status: &StatusType) -> Result<KeyStatus, Error> {
    match status {
        StatusType::Active => Ok(KeyStatus::Active),
        StatusType::Inactive => Ok(KeyStatus::Inactive),
        StatusType::Expired => Err(error::invalid_input("The status must be Active or Inactive.")),
    }
}
