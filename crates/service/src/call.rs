//! The one path of every operation.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use doorward_directory::{Account, Organization};
use doorward_shapes::{Error, Operation, Service, check, common};
use doorward_store::{Event, Revision};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::Doorward;
use crate::authenticate::Refused;
use crate::authorize::{Authorized, check_credentials, spelled};
use crate::caller::Authenticated;
use crate::commit::Uncommitted;
use crate::cx::Cx;
use crate::desk::Desk;
use crate::event::{Category, Deliberation, Ending};
use crate::op::{Effect, Op, Prepared};
use crate::question::Question;
use crate::realm::{Realm, Snapshot};
use crate::realms::Realms;
use crate::target::Scope;

/// One call, as it came over the wire.
pub struct Call<'a> {
    /// The id that the client is told.
    pub request_id: Uuid,
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// The input as a neutral tree, or why it could not be decoded.
    pub input: Result<Value, Error>,
    /// The request as it was signed.
    pub http: doorward_sigv4::Request<'a>,
    /// The other side of the connection.
    pub peer: Peer,
}

/// The other side of the connection.
#[derive(Clone, Default)]
pub struct Peer {
    /// Its address, after trusted proxies were resolved.
    pub source_ip: Option<IpAddr>,
    /// Whether the connection is protected by TLS.
    pub secure_transport: bool,
    /// The connection's TLS.
    pub tls: Option<Tls>,
    /// The host that the client asked for.
    pub host: String,
}

/// A connection's TLS.
#[derive(Clone)]
pub struct Tls {
    /// Such as `TLSv1.3`.
    pub version: String,
    /// The cipher suite's name.
    pub cipher_suite: String,
}

/// The answer to a call.
pub struct Reply {
    /// The output as a neutral tree, or the error.
    pub result: Result<Value, Error>,
    /// The id of the decision, for `doorward why`.
    pub decision: Option<String>,
    /// The revision of the caller's account that the answer reflects.
    pub revision: Option<String>,
}

impl Call<'_> {
    /// The id of this call's decision: the first 48 bits of its request id, which are random.
    pub(crate) fn decision_id(&self) -> String {
        let [a, b, c, d, e, f, ..] = *self.request_id.as_bytes();
        format!("d-{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}")
    }

    /// The answer to an operation that this version does not have. Clients do not retry it.
    pub(crate) fn not_implemented(&self) -> Error {
        let text = format!("{}:{} is not implemented yet.", self.service.id, self.operation.name);
        Error::new("NotImplemented", 501, text)
    }

    /// Checks the input against the model.
    pub(crate) fn check(&self, tree: &Value) -> Result<(), Error> {
        let Some(shape) = self.operation.input else { return Ok(()) };
        check(self.service, shape, tree).map_err(|refused| spelled(self.service, refused))
    }

    /// The value of a header, as far as it is text.
    pub(crate) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.http.headers.iter().find(|(known, _)| *known == name)?;
        Some(String::from_utf8_lossy(value))
    }
}

impl Peer {
    pub(crate) fn is_loopback(&self) -> bool {
        self.source_ip.is_some_and(|address| address.is_loopback())
    }
}

/// What a call came to, before it is told.
struct Outcome {
    result: Result<Value, Error>,
    questions: Vec<Question>,
    revision: u64,
}

impl Doorward {
    /// Answers a call: authenticate, check, authorize, run, commit.
    pub async fn call(&self, call: Call<'_>) -> Reply {
        let now = self.world().now();
        let verify = self.op(call.service.id, call.operation.name).and_then(|op| op.evidence);
        let authenticated = match verify {
            Some(verify) => self.by_evidence(&call, verify, now).await,
            None => self.authenticate(&call, now),
        };
        match authenticated {
            Ok(authenticated) => self.answer(&call, now, &authenticated).await,
            Err(refused) => self.refuse(&call, now, refused),
        }
    }

    /// The caller is not who it says, or says nothing.
    fn refuse(&self, call: &Call<'_>, now: Timestamp, refused: Refused) -> Reply {
        let decision = call.decision_id();
        let ending = Ending {
            call,
            now,
            region: crate::GLOBAL_REGION,
            caller: None,
            attributed: refused.attributed.as_ref(),
            input: call.input.as_ref().unwrap_or(&Value::Null),
            result: Err(&refused.error),
            recipient: None,
            read_only: true,
            category: Category::Management,
            deliberation: Deliberation { decision, ..Deliberation::default() },
        };
        if let Some(event) = ending.event(self.world()) {
            self.record(event);
        }
        Reply { result: Err(refused.error), decision: None, revision: None }
    }

    pub(crate) async fn answer(&self, call: &Call<'_>, now: Timestamp, authenticated: &Authenticated) -> Reply {
        let cx = Cx {
            doorward: self,
            call,
            caller: authenticated.caller(),
            evidence: authenticated.evidence(),
            region: authenticated.region(),
            now,
            question: Mutex::default(),
            errands: Default::default(),
            seen: Default::default(),
            templates: Default::default(),
        };
        cx.note_use(&cx.action());
        let realm = match self.realm(&cx.caller.account_id) {
            Ok(Some(realm)) => realm,
            Ok(None) => return Reply { result: Err(crate::cx::caller_is_gone()), decision: None, revision: None },
            Err(error) => {
                tracing::error!(%error, account_id = cx.caller.account_id, "an account could not be loaded");
                let error = common::service_unavailable("The account could not be read.");
                return Reply { result: Err(error), decision: None, revision: None };
            }
        };
        let outcome = match self.prepared(&cx) {
            Ok((op, prepared)) => self.perform(&cx, &realm, op, &*prepared).await,
            Err(error) => self.unchanged(&cx, &realm.snapshot(), error, Vec::new(), true),
        };
        let decision = call.decision_id();
        let result = outcome.result.map_err(|error| self.hinted(error, &decision));
        Reply {
            result,
            revision: Some(format!("{}:{}", cx.caller.account_id, outcome.revision)),
            decision: (!outcome.questions.is_empty()).then_some(decision),
        }
    }

    /// The operation with its input, checked against the model.
    fn prepared(&self, cx: &Cx<'_>) -> Result<(&Op, Box<dyn Prepared>), Error> {
        check_credentials(cx)?;
        let Some(op) = self.op(cx.call.service.id, cx.call.operation.name) else {
            return Err(cx.call.not_implemented());
        };
        let tree = cx.call.input.clone()?;
        cx.call.check(&tree)?;
        Ok((op, op.prepare(tree)?))
    }

    /// Finds what the operation is about, and performs it.
    async fn perform(&self, cx: &Cx<'_>, account: &Realm, op: &Op, prepared: &dyn Prepared) -> Outcome {
        let snapshot = account.snapshot();
        let id = snapshot.state.settings().organization.as_ref().filter(|_| op.touches.organization());
        let organization = match id.map_or(Ok(None), |id| self.realm_of::<Organization>(id)) {
            Ok(organization) => organization,
            Err(error) => {
                tracing::error!(%error, account_id = snapshot.state.id(), "an organization could not be loaded");
                let error = common::service_unavailable("The organization could not be read.");
                return self.unchanged(cx, &snapshot, error, Vec::new(), true);
            }
        };
        let realms = Realms { account, organization: organization.as_deref(), touches: op.touches };
        match op.effect {
            Effect::Write => self.change(cx, &realms, op, prepared).await,
            _ => self.read(cx, &realms, op, prepared).await,
        }
    }

    /// Authorizes on the states of a desk and runs on them.
    fn run(
        &self,
        cx: &Cx<'_>,
        desk: &mut Desk,
        op: &Op,
        prepared: &dyn Prepared,
        asked: &mut Vec<Question>,
    ) -> Result<Value, Error> {
        cx.seen.forget();
        let authorized = if op.authorized {
            let action = cx.action();
            let organization = desk.organization.as_ref();
            let targets = prepared.targets(&Scope { cx, account: &desk.account, organization, action })?;
            Authorized::by_policies(cx, desk, &targets, asked)?
        } else {
            Authorized::without_policies(cx, desk)?
        };
        if let Some(guard) = op.guard {
            guard(desk)?;
        }
        prepared.run(cx, desk, &authorized)
    }

    async fn read(&self, cx: &Cx<'_>, realms: &Realms<'_>, op: &Op, prepared: &dyn Prepared) -> Outcome {
        let (mut questions, mut desk) = (Vec::new(), realms.desk());
        let result = loop {
            questions.clear();
            let result = self.run(cx, &mut desk, op, prepared, &mut questions);
            match self.run_errand(cx, realms.account).await {
                Ok(true) => desk = realms.desk(),
                Ok(false) => break result,
                Err(error) => break Err(error),
            }
        };
        let mut outcome = Outcome { result, questions, revision: desk.revision() };
        let Some(event) = self.event(cx, &desk.account, &desk.revisions, &outcome, op.effect != Effect::Issue) else {
            return outcome;
        };
        // Decisions for resource services: denials are recorded, what was allowed only where the node is told to.
        let allowed = |tree: &Value| tree.get("Decision").and_then(Value::as_str) == Some("Allow");
        if op.effect == Effect::Decide && outcome.result.as_ref().is_ok_and(allowed) && !self.records_allowed() {
            return outcome;
        }
        if op.effect == Effect::Issue && outcome.result.is_ok() {
            // No credential leaves before it is on record.
            if let Err(error) = self.record_durably(event).await {
                outcome.result = Err(error);
            }
        } else {
            self.record(event);
        }
        outcome
    }

    async fn change(&self, cx: &Cx<'_>, realms: &Realms<'_>, op: &Op, prepared: &dyn Prepared) -> Outcome {
        loop {
            let mut questions = Vec::new();
            let committed = self.commit(realms, cx.now, |desk| {
                questions.clear();
                let before = desk.account.clone();
                let output = self.run(cx, desk, op, prepared, &mut questions)?;
                let outcome = Outcome { result: Ok(output), questions: questions.clone(), revision: desk.revision() };
                let event = self.event(cx, &before, &desk.revisions, &outcome, false);
                Ok((outcome, event))
            });
            let error = match committed.await {
                Ok((outcome, revision)) => return Outcome { revision, ..outcome },
                // What may be durable has its event with it.
                Err(Uncommitted::Unknown(error, outcome)) => return Outcome { result: Err(error), ..outcome },
                Err(Uncommitted::Refused(error)) => error,
            };
            let error = match self.run_errand(cx, realms.account).await {
                Ok(true) => continue,
                Ok(false) => error,
                Err(refused) => refused,
            };
            return self.unchanged(cx, &realms.account.snapshot(), error, questions, false);
        }
    }

    /// The end of a call that has changed nothing, with its event.
    fn unchanged(
        &self,
        cx: &Cx<'_>,
        snapshot: &Snapshot,
        error: Error,
        questions: Vec<Question>,
        read_only: bool,
    ) -> Outcome {
        let revisions = [(snapshot.state.id().to_owned(), snapshot.revision)];
        let outcome = Outcome { result: Err(error), questions, revision: snapshot.revision };
        self.record_if_any(self.event(cx, &snapshot.state, &revisions, &outcome, read_only));
        outcome
    }

    /// `known` are the revisions of what the call worked on.
    fn event(
        &self,
        cx: &Cx<'_>,
        account: &Account,
        known: &[(String, Revision)],
        outcome: &Outcome,
        read_only: bool,
    ) -> Option<Event> {
        let own = cx.question.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let category = if own.is_some() { Category::Data } else { Category::Management };
        let questions = own.as_ref().map_or(outcome.questions.as_slice(), std::slice::from_ref);
        let revisions = known.iter().cloned().chain(cx.seen.revisions()).collect();
        let deliberation = Deliberation { decision: cx.decision_id(), questions: questions.into(), revisions };
        let ending = Ending {
            call: cx.call,
            now: cx.now,
            region: cx.region,
            caller: Some((cx.caller, account)),
            attributed: None,
            input: cx.call.input.as_ref().unwrap_or(&Value::Null),
            result: outcome.result.as_ref(),
            recipient: None,
            read_only,
            category,
            deliberation,
        };
        ending.event(self.world())
    }
}
