//! GetWebIdentityToken (STS API Reference): a token by which others know who calls.

use doorward_directory::{Account, IssuerAlgorithm};
use doorward_federation::TOKEN_CHARS_MAX;
use doorward_shapes::sts::{self as api, error};
use doorward_shapes::{Error, common};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::caller::Who;
use crate::cx::{Cx, caller_is_gone};
use crate::op::Op;
use crate::outbound::{self, Claims};
use crate::subject::Subject;
use crate::target::{Scope, Target};

/// Seconds that a token is good for, where the request does not say.
const DEFAULT: i32 = 300;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue("GetWebIdentityToken", targets, get_web_identity_token)]
}

fn seconds(input: &api::GetWebIdentityTokenRequest) -> i32 {
    input.duration_seconds.unwrap_or(DEFAULT)
}

fn targets(scope: &Scope<'_>, input: &api::GetWebIdentityTokenRequest) -> Result<Vec<Target>, Error> {
    // Tokens are for users and roles.
    if scope.cx.caller.who == Who::Root {
        return Err(common::access_denied("Web identity tokens are not issued to root users."));
    }
    let tags = input.tags.as_ref();
    let target = scope
        .any()
        .keys("sts:IdentityTokenAudience", input.audience.iter().cloned())
        .key("sts:DurationSeconds", seconds(input).to_string())
        .key("sts:SigningAlgorithm", input.signing_algorithm.clone())
        .request_tags(tags.map(|tags| tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))));
    let tag = tags.map(|_| target.also("sts:TagGetWebIdentityToken"));
    Ok([target].into_iter().chain(tag).collect())
}

fn get_web_identity_token(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetWebIdentityTokenRequest,
) -> Result<api::GetWebIdentityTokenResponse, Error> {
    let federation = account.settings().outbound_federation.as_ref().filter(|federation| federation.enabled);
    let Some(federation) = federation else {
        let text = "Outbound web identity federation is not enabled for this account.";
        return Err(error::outbound_web_identity_federation_disabled(text));
    };
    let algorithm = match input.signing_algorithm.as_str() {
        "RS256" => IssuerAlgorithm::Rs256,
        "ES384" => IssuerAlgorithm::Es384,
        _ => return Err(common::validation_error("SigningAlgorithm must be RS256 or ES384.")),
    };
    let request_tags = request_tags(input.tags.as_deref().unwrap_or_default())?;
    let issued = cx.date();
    let expires = expiration(cx, issued, seconds(&input))?;
    let subject = Subject::find(cx.caller, Some(account)).ok_or_else(caller_is_gone)?;
    // Of a session, the role's.
    let (_, arn) = subject.issuer();
    let identity = identity(cx, account, &subject, request_tags);
    if outbound::is_renewal_due(&federation.keys, cx.now) {
        cx.renew_issuer_keys()?;
    }
    let claims = Claims { subject: &arn, audience: &input.audience, issued, expires, identity };
    let token = outbound::signed(cx.keyring(), cx.world(), federation, algorithm, claims);
    let token = token.ok_or_else(|| common::internal_failure("the token could not be signed"))?;
    if token.len() > TOKEN_CHARS_MAX {
        let text = format!("The token would have {} characters, and {TOKEN_CHARS_MAX} are allowed.", token.len());
        return Err(error::jwt_payload_size_exceeded(text));
    }
    Ok(api::GetWebIdentityTokenResponse { web_identity_token: Some(token.as_str().into()), expiration: Some(expires) })
}

/// A token never outlives the session that it was made with (API Reference).
fn expiration(cx: &Cx<'_>, issued: Timestamp, seconds: i32) -> Result<Timestamp, Error> {
    let lasts = SignedDuration::from_secs(i64::from(seconds));
    let expires = issued.checked_add(lasts).map_err(|_| common::internal_failure("the token would not expire"))?;
    if cx.caller.session.as_ref().is_some_and(|session| session.expires < expires) {
        let text = "The requested token duration would extend the session beyond its original expiration time.";
        return Err(error::session_duration_escalation(text));
    }
    Ok(expires)
}

fn request_tags(tags: &[api::Tag]) -> Result<Map<String, Value>, Error> {
    let mut out = Map::new();
    for (at, tag) in tags.iter().enumerate() {
        let is_same = |other: &api::Tag| other.key.to_lowercase() == tag.key.to_lowercase();
        if tags.iter().take(at).any(is_same) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(common::invalid_parameter_value(text));
        }
        if tag.key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(common::invalid_parameter_value("Tag keys that start with aws: are reserved for system use."));
        }
        out.insert(tag.key.clone(), tag.value.clone().into());
    }
    Ok(out)
}

/// What stands in the namespace of STS (User Guide, "Understanding token claims"); nothing that is not so.
fn identity(
    cx: &Cx<'_>,
    account: &Account,
    subject: &Subject<'_>,
    request_tags: Map<String, Value>,
) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("aws_account", account.id().into());
    put("source_region", cx.region.into());
    put("principal_id", subject.issuer().1.into());
    let principal_tags: Map<String, Value> =
        subject.tags().into_iter().map(|(key, value)| (key, value.into())).collect();
    for (name, tags) in [("principal_tags", principal_tags), ("request_tags", request_tags)] {
        if !tags.is_empty() {
            put(name, tags.into());
        }
    }
    if let Some(session) = &cx.caller.session {
        put("original_session_exp", session.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
        if let Some(federation) = &session.federation {
            put("federated_provider", federation.provider.clone().into());
        }
        if let Some(identity) = &session.source_identity {
            put("source_identity", identity.clone().into());
        }
    }
    out
}
