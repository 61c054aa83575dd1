//! Who calls, as the credentials prove it.

use doorward_sigv4::Verified;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, FederatedUser};
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
    /// A federated user, of GetFederationToken.
    FederatedUser {
        /// The name that whoever asked for the session gave.
        name: String,
        /// The unique id of the user who asked for it; none: the root user did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Somebody whom an identity provider vouches for, who has no credentials yet.
    Federated(FederatedUser),
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
            Who::Root | Who::FederatedUser { .. } | Who::Federated(_) | Who::Service { .. } | Who::Anonymous => None,
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
            SessionOf::FederatedUser { name, by } => Who::FederatedUser { name: name.clone(), by: by.clone() },
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

/// A caller who proved it. Only a verified signature makes one, verified evidence, or `--dev` on loopback.
pub(crate) struct Authenticated {
    caller: Caller,
    region: String,
    evidence: Option<Evidence>,
}

impl Authenticated {
    /// By the signature of the request, for the region that it was made for.
    pub fn by_signature(caller: Caller, verified: &Verified<'_>) -> Authenticated {
        Authenticated { caller, region: verified.claim().region().to_owned(), evidence: None }
    }

    /// In `--dev`: whoever reaches the port from this machine is the operator.
    pub fn by_loopback(operator_account_id: &str) -> Authenticated {
        let (caller, region) = (Caller::root(operator_account_id), crate::GLOBAL_REGION.to_owned());
        Authenticated { caller, region, evidence: None }
    }

    /// By evidence, which is for no region in particular.
    pub fn by_evidence(evidence: Evidence) -> Authenticated {
        let (account_id, who) = (evidence.account_id.clone(), Who::Federated(evidence.who.clone()));
        let caller = Caller { account_id, who, access_key_id: None, session: None };
        Authenticated { caller, region: crate::GLOBAL_REGION.to_owned(), evidence: Some(evidence) }
    }

    /// What proved it, where that was evidence.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
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
