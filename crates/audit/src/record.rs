//! The record of one call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A CloudTrail record. Members that CloudTrail leaves out when they do not apply are optional and left out here too.
/// `A` is what the record format has no member for; any JSON, when a record is read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<A = Value> {
    /// The record format's version.
    pub event_version: String,
    /// Who called.
    pub user_identity: Identity,
    /// When: ISO 8601, UTC, whole seconds.
    pub event_time: String,
    /// The service, such as `iam.amazonaws.com`.
    pub event_source: String,
    /// The operation.
    pub event_name: String,
    /// The region: `us-east-1` for IAM, the signing region for STS.
    pub aws_region: String,
    /// Where the call came from.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: String,
    /// What the client says it is; cut at 1 KB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The error's code, when refused or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The error's message; cut at 1 KB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The parameters, without sensitive ones. Null when there are none.
    pub request_parameters: Value,
    /// What a change answered, without sensitive members. Null for reads and errors.
    pub response_elements: Value,
    /// What the record format has no member for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_event_data: Option<A>,
    /// The request id that the client got.
    #[serde(rename = "requestID")]
    pub request_id: String,
    /// This event's id.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// `AwsApiCall`.
    pub event_type: String,
    /// True: a call of the control plane.
    pub management_event: bool,
    /// The account whose trail gets it.
    pub recipient_account_id: String,
    /// `Management` or `Data`.
    pub event_category: String,
    /// The connection's TLS, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_details: Option<TlsDetails>,
}

/// Who called (CloudTrail User Guide, "CloudTrail userIdentity element").
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// `Root`, `IAMUser`, `AssumedRole`, `WebIdentityUser`, `FederatedUser`, `AWSAccount`, `Unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The unique id; `AROA…:session` for a role session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// The caller's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The caller's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The access key that signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Temporary credentials: where they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_context: Option<SessionContext>,
    /// Whoever came with an identity provider's evidence: the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
    /// Delegated credentials: whom they were delegated to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_by_delegate: Option<InvokedByDelegate>,
}

/// Whom credentials were delegated to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvokedByDelegate {
    /// The account that asked for them.
    pub account_id: String,
}

/// Where temporary credentials came from.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionContext {
    /// The role or user that the session is of.
    pub session_issuer: SessionIssuer,
    /// When it began, and whether with MFA.
    pub attributes: Attributes,
    /// The source identity, if set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The identity provider that vouched when the session was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_id_federation_data: Option<WebIdFederationData>,
}

/// The identity provider of a session.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebIdFederationData {
    /// Its ARN.
    pub federated_provider: String,
    /// CloudTrail has the member and leaves it empty for OpenID Connect.
    pub attributes: serde_json::Map<String, Value>,
}

/// The role or user that a session is of.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionIssuer {
    /// `Role`, `IAMUser` or `Root`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The unique id.
    pub principal_id: String,
    /// The ARN.
    pub arn: String,
    /// The account.
    pub account_id: String,
    /// The friendly name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

/// When a session began, and whether with MFA.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// ISO 8601.
    pub creation_date: String,
    /// `true` or `false`, as text.
    pub mfa_authenticated: String,
}

/// The connection's TLS.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsDetails {
    /// Such as `TLSv1.3`.
    pub tls_version: String,
    /// The cipher suite's name.
    pub cipher_suite: String,
    /// The host that the client asked for.
    pub client_provided_host_header: String,
}
