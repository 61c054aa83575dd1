//! Temporary delegation (User Guide, "IAM temporary delegation"): what an account asks of another, and what became of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};
use crate::PolicyText;

const DAY: i64 = 86_400;
/// How long a request waits for somebody who makes it theirs, in seconds (User Guide, "Understanding the Request
/// Lifecycle").
const UNASSIGNED_SECONDS: i64 = DAY;
/// How long it waits for the next step, or is shown after the last one, in seconds.
const STEP_SECONDS: i64 = 7 * DAY;
/// How long either account keeps it, in seconds: what was asked longer than all steps can take, what was made of it for a
/// week after its end.
const REQUEST_KEPT_SECONDS: i64 = 30 * DAY;
const DELEGATION_KEPT_SECONDS: i64 = 2 * STEP_SECONDS;

/// One value or several, for a placeholder of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateParameter {
    /// The placeholder's name.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
    /// Whether it is a list; else it has one value.
    pub is_list: bool,
}

/// What an account asks of another: to act there for a time. It never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DelegationRequest {
    /// `dr-ACCOUNT-…`, with the account that asks.
    pub id: String,
    /// The account that asks.
    pub requestor_id: String,
    /// Its name.
    pub requestor_name: String,
    /// The account that is asked.
    pub owner_account_id: String,
    /// What it is for.
    pub description: String,
    /// A word to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_message: Option<String>,
    /// The managed policy of the asking account that the permissions were made from.
    pub template_arn: String,
    /// What was filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<TemplateParameter>,
    /// The permissions.
    pub policy: PolicyText,
    /// The asking account's own id for it, unique there.
    pub workflow_id: String,
    /// Where whoever is asked goes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// How long the access is to last, in seconds: 300 to 43,200.
    pub session_duration: i32,
    /// Whether the owner alone may release it.
    pub only_send_by_owner: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl DelegationRequest {
    /// The id of a request: of the account that asks, and 17 random characters.
    pub fn new_id(account_id: &str, random: u128) -> String {
        crate::id::unique_id(&format!("dr-{account_id}-"), random)
    }

    /// The account that asks, in the id of a request.
    pub fn requestor_in(id: &str) -> Option<&str> {
        let (account_id, _) = id.strip_prefix("dr-")?.split_once('-')?;
        crate::id::is_account_id(account_id).then_some(account_id)
    }

    /// Until when somebody can make it theirs.
    pub fn expires(&self) -> Timestamp {
        after(self.created, UNASSIGNED_SECONDS)
    }

    /// Whether it need not be kept any longer.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        after(self.created, REQUEST_KEPT_SECONDS) <= now
    }
}

impl Entity for DelegationRequest {
    const KIND: &'static str = "delegation-request";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.workflow_id
    }
}

/// Somebody of the account that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationParty {
    /// `AIDA…`, `AROA…:SESSION`, or the account id of the root user.
    pub user_id: String,
    /// The ARN, as it was then.
    pub arn: String,
}

/// Who has accepted: whose permissions are delegated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    /// A user or a session of a role.
    pub party: DelegationParty,
    /// The tags of the session.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The source identity of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DelegationState {
    /// Somebody has made it theirs.
    Assigned,
    /// It was passed on to somebody who may accept it.
    PendingApproval,
    /// It was accepted.
    Accepted,
    /// The access was released: it lasts from then on.
    Finalized,
    /// It was rejected.
    Rejected,
}

/// A request in the account that is asked, with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delegation {
    /// The request, as it was when somebody made it theirs.
    pub request: DelegationRequest,
    /// Whose it is.
    pub owner: DelegationParty,
    /// How far it has come.
    pub state: DelegationState,
    /// Since when.
    pub updated: Timestamp,
    /// What was noted when it was passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection_reason: Option<String>,
    /// Who has accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<Approver>,
}

impl Delegation {
    /// Until when the next step can be made.
    pub fn expires(&self) -> Timestamp {
        after(self.updated, STEP_SECONDS)
    }

    /// When the access ends; none where it was not released.
    pub fn access_ends(&self) -> Option<Timestamp> {
        (self.state == DelegationState::Finalized)
            .then(|| after(self.updated, i64::from(self.request.session_duration)))
    }

    /// Whether it need not be kept any longer.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        after(self.updated, DELEGATION_KEPT_SECONDS) <= now
    }
}

impl Entity for Delegation {
    const KIND: &'static str = "delegation";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.request.id
    }

    fn name(&self) -> &str {
        &self.request.id
    }
}

fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
