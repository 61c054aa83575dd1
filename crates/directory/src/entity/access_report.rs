//! Reports of last accesses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entity;

/// Somebody has asked for a report of last accesses (API Reference, GenerateServiceLastAccessedDetails). What it says is
/// put together when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessReport {
    /// A UUID, the job's id.
    pub id: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// Who asked, and alone may read it: the unique id of a user or role; the account id for the root user.
    pub asked_by: String,
    /// Whether it tells of actions, and not of services alone.
    pub of_actions: bool,
    /// The unique id of the user, group or role that it is about, or the ARN of the managed policy.
    pub about: String,
}

impl Entity for AccessReport {
    const KIND: &'static str = "access-report";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.id
    }
}
