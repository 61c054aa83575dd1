//! Who calls, as the credentials prove it.

use doorward_sigv4::Verified;
use serde::{Deserialize, Serialize};

use crate::session::{Session, SessionOf};

/// The principal, by unique id: names come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Who {
    /// The account's root user.
    Root,
    /// A user.
    User {
        /// `AIDA…`.
        id: String,
    },
    /// A session of a role.
    Role {
        /// `AROA…`.
        id: String,
        /// The role session name.
        session_name: String,
    },
    /// An AWS service in its own name. Only asked about, never a caller.
    Service {
        /// Such as `ec2.amazonaws.com`.
        name: String,
    },
    /// Nobody in particular. Only asked about, never a caller.
    Anonymous,
}

impl Who {
    /// The unique id of a user or role.
    pub fn unique_id(&self) -> Option<&str> {
        match self {
            Who::User { id } | Who::Role { id, .. } => Some(id),
            Who::Root | Who::Service { .. } | Who::Anonymous => None,
        }
    }
}

/// A principal with the session that it acts in, if any: all that a decision needs to know of it. Part of audit
/// events, so that the decision can be made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Caller {
    /// The principal's account; empty for those that have none.
    pub account_id: String,
    /// The principal.
    pub who: Who,
    /// The access key that signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The session of temporary credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

impl Caller {
    /// The caller of a session.
    pub fn of_session(session: Session) -> Caller {
        let who = match &session.of {
            SessionOf::Root => Who::Root,
            SessionOf::User(id) => Who::User { id: id.clone() },
            SessionOf::Role { id, session_name } => Who::Role { id: id.clone(), session_name: session_name.clone() },
        };
        Caller {
            account_id: session.account_id.clone(),
            who,
            access_key_id: Some(session.access_key_id.clone()),
            session: Some(session),
        }
    }

    /// The root user of an account, without credentials.
    pub fn root(account_id: &str) -> Caller {
        Caller { account_id: account_id.to_owned(), who: Who::Root, access_key_id: None, session: None }
    }
}

/// A caller who proved it. Only a verified signature makes one, or `--dev` on loopback.
pub(crate) struct Authenticated {
    caller: Caller,
    region: String,
}

impl Authenticated {
    /// By the signature of the request, for the region that it was made for.
    pub fn by_signature(caller: Caller, verified: &Verified<'_>) -> Authenticated {
        Authenticated { caller, region: verified.claim().region().to_owned() }
    }

    /// In `--dev`: whoever reaches the port from this machine is the operator.
    pub fn by_loopback(operator_account_id: &str) -> Authenticated {
        Authenticated { caller: Caller::root(operator_account_id), region: crate::GLOBAL_REGION.to_owned() }
    }

    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The region that the request was signed for.
    pub fn region(&self) -> &str {
        &self.region
    }
}
