//! The audit event of a call.

use std::borrow::Cow;

use doorward_audit::{
    Attributes, Identity, Record, SessionContext, SessionIssuer, TlsDetails, WebIdFederationData, parameters,
};
use doorward_directory::Account;
use doorward_shapes::Error;
use doorward_store::{Event, Revision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authenticate::Attributed;
use crate::call::Call;
use crate::caller::{Caller, Who};
use crate::question::Question;
use crate::session::SessionOf;
use crate::subject::Subject;
use crate::world::{World, random_u128};

/// Longest client-supplied text in an event, in characters.
const MAX_TEXT: usize = 1_000;
/// Largest request parameters or response elements in an event, in bytes of JSON.
const MAX_PARAMETERS: usize = 60_000;

/// What was asked of the engine, and at which revisions of the accounts: all that `why` needs to ask again.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Deliberation<'a> {
    /// The id of the decision, `d-…`.
    pub decision: String,
    /// In order; where the call was denied, the last was answered with Deny.
    pub questions: Cow<'a, [Question]>,
    /// Account ids with the revision that was looked at.
    pub revisions: Vec<(String, Revision)>,
}

/// CloudTrail's `eventCategory`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    /// A call of the control plane.
    Management,
    /// A decision that a resource service asked for.
    Data,
}

/// One call and how it ended.
pub(crate) struct Ending<'a> {
    pub call: &'a Call<'a>,
    pub now: Timestamp,
    pub region: &'a str,
    /// Who called, where that was proven.
    pub caller: Option<(&'a Caller, &'a Account)>,
    /// Whom an unproven call is about.
    pub attributed: Option<&'a Attributed>,
    pub input: &'a Value,
    pub result: Result<&'a Value, &'a Error>,
    /// The account whose trail gets the event, where that is not the caller's.
    pub recipient: Option<&'a str>,
    pub read_only: bool,
    pub category: Category,
    pub deliberation: Deliberation<'a>,
}

/// `additionalEventData`.
#[derive(Serialize)]
struct Additional<'a> {
    doorward: &'a Deliberation<'a>,
}

impl Ending<'_> {
    /// The event, for the account whose caller it was; none for a call that can be attributed to nobody.
    pub fn event(self, world: &dyn World) -> Option<Event> {
        let account_id = match (self.recipient, self.caller, self.attributed) {
            (Some(recipient), _, _) => recipient.to_owned(),
            (None, Some((caller, _)), _) => caller.account_id.clone(),
            (None, None, Some(attributed)) => attributed.account_id.clone(),
            (None, None, None) => return None,
        };
        let id = event_id(world, self.now);
        let operation = self.call.operation;
        let identity = self.identity();
        let (error_code, error_message) = match self.result {
            Ok(_) => (None, None),
            Err(error) => (Some(error.code.to_string()), Some(cut(&error.message))),
        };
        let answer = match self.result {
            Ok(output) if self.category == Category::Data => json!({ "decision": output.get("Decision") }),
            Ok(output) if !self.read_only => bounded(parameters(operation.output, output)),
            _ => Value::Null,
        };
        let decision = self.deliberation.decision.clone();
        let access_key_id = identity.access_key_id.clone();
        let user_name = event_user_name(&self, &identity);
        let region = if self.call.service.id == "sts" { self.region } else { crate::authorize::GLOBAL_REGION };
        let record = Record {
            event_version: "1.11".to_owned(),
            user_identity: identity,
            event_time: date(self.now),
            event_source: self.call.service.event_source.to_owned(),
            event_name: operation.name.to_owned(),
            aws_region: region.to_owned(),
            source_ip_address: self.call.peer.source_ip.map_or_else(|| "AWS Internal".to_owned(), |ip| ip.to_string()),
            user_agent: self.call.header("user-agent").map(|text| cut(&text)),
            error_code,
            error_message,
            request_parameters: bounded(parameters(operation.input, self.input)),
            response_elements: answer,
            additional_event_data: Some(Additional { doorward: &self.deliberation }),
            request_id: self.call.request_id.to_string(),
            event_id: id.clone(),
            read_only: self.read_only,
            event_type: "AwsApiCall".to_owned(),
            management_event: self.category == Category::Management,
            recipient_account_id: account_id.clone(),
            event_category: match self.category {
                Category::Management => "Management".to_owned(),
                Category::Data => "Data".to_owned(),
            },
            tls_details: self.tls(),
        };
        Some(Event {
            id,
            time_ms: self.now.as_millisecond(),
            account: account_id,
            name: record.event_name.clone(),
            source: record.event_source.clone(),
            access_key_id,
            user_name,
            principal: self.caller.and_then(|(caller, _)| caller.who.unique_id()).map(str::to_owned),
            decision: (!decision.is_empty()).then_some(decision),
            read_only: self.read_only,
            // Writing plain data as JSON to memory cannot fail.
            body: serde_json::to_vec(&record).unwrap_or_default(),
        })
    }

    fn tls(&self) -> Option<TlsDetails> {
        self.call.peer.tls.as_ref().map(|tls| TlsDetails {
            tls_version: tls.version.clone(),
            cipher_suite: tls.cipher_suite.clone(),
            client_provided_host_header: cut(&self.call.peer.host),
        })
    }

    fn identity(&self) -> Identity {
        let Some((caller, account)) = self.caller else {
            let access_key_id = self.attributed.and_then(|attributed| attributed.access_key_id.clone());
            let account_id = self.attributed.map(|attributed| attributed.account_id.clone());
            return Identity { kind: "Unknown".to_owned(), account_id, access_key_id, ..Identity::default() };
        };
        let subject = Subject::find(caller, Some(account));
        let kind = match &caller.who {
            Who::Root => "Root",
            Who::User { .. } => "IAMUser",
            Who::Role { .. } => "AssumedRole",
            Who::FederatedUser { .. } => "FederatedUser",
            Who::Federated(_) => "WebIdentityUser",
            Who::Service { .. } => "AWSService",
            Who::Anonymous => "Unknown",
        };
        if let Who::Federated(user) = &caller.who {
            return Identity {
                kind: kind.to_owned(),
                principal_id: Some(user.principal_id.clone()),
                user_name: Some(user.name.clone()),
                identity_provider: Some(user.provider.clone()),
                ..Identity::default()
            };
        }
        Identity {
            kind: kind.to_owned(),
            principal_id: subject.as_ref().and_then(Subject::user_id),
            arn: subject.as_ref().map(|subject| subject.arn().to_owned()),
            account_id: Some(caller.account_id.clone()),
            access_key_id: caller.access_key_id.clone(),
            user_name: match caller.who {
                Who::User { .. } => subject.as_ref().and_then(Subject::name).map(str::to_owned),
                _ => None,
            },
            session_context: subject.and_then(|subject| session_context(caller, &subject)),
            identity_provider: None,
        }
    }
}

/// CloudTrail's `Username` look-up attribute: the user's name, the session's name, or `root`.
fn event_user_name(ending: &Ending<'_>, identity: &Identity) -> Option<String> {
    match &ending.caller?.0.who {
        Who::Root => Some("root".to_owned()),
        Who::User { .. } => identity.user_name.clone(),
        Who::Role { session_name: name, .. } | Who::FederatedUser { name, .. } => Some(name.clone()),
        Who::Federated(user) => Some(user.name.clone()),
        Who::Service { .. } | Who::Anonymous => None,
    }
}

fn session_context(caller: &Caller, subject: &Subject<'_>) -> Option<SessionContext> {
    let session = caller.session.as_ref()?;
    let kind = match session.of {
        SessionOf::Root | SessionOf::FederatedUser { by: None, .. } => "Root",
        SessionOf::User(_) | SessionOf::FederatedUser { by: Some(_), .. } => "IAMUser",
        SessionOf::Role { .. } => "Role",
    };
    let (id, arn) = subject.issuer();
    Some(SessionContext {
        session_issuer: SessionIssuer {
            kind: kind.to_owned(),
            principal_id: id.unwrap_or(&caller.account_id).to_owned(),
            arn,
            account_id: caller.account_id.clone(),
            user_name: subject.name().map(str::to_owned),
        },
        attributes: Attributes {
            creation_date: date(session.issued),
            mfa_authenticated: session.mfa.is_some().to_string(),
        },
        source_identity: session.source_identity.clone(),
        web_id_federation_data: session.federation.as_ref().map(|federation| WebIdFederationData {
            federated_provider: federation.provider.clone(),
            attributes: Default::default(),
        }),
    })
}

/// A UUID of version 7: it begins with the time, so that the event store's index stays compact.
pub(crate) fn event_id(world: &dyn World, now: Timestamp) -> String {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    let [_, _, _, _, _, _, random @ ..] = random_u128(world).to_le_bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// ISO 8601 in whole seconds, as CloudTrail writes it.
pub(crate) fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// About as long as the value is in JSON.
fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(elements) => elements.iter().map(|element| length(element) + 1).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + length(value) + 4).sum::<usize>() + 2,
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn bounded(value: Value) -> Value {
    if length(&value) <= MAX_PARAMETERS {
        return value;
    }
    json!({ "omitted": format!("larger than {MAX_PARAMETERS} bytes") })
}
