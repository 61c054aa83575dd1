//! What a verified token says.

use std::fmt;

use serde_json::{Map, Value};

use crate::token::claim;
use crate::{TokenError, json};

/// How far the provider's clock may be off, in seconds.
const LEEWAY_SECONDS: i64 = 300;
/// Longest subject, in characters (OpenID Connect Core 1.0, section 2).
const SUBJECT_CHARS_MAX: usize = 255;
/// Most methods of authentication that a token names.
const METHODS_MAX: usize = 50;
/// Longest claim that is given as text, in bytes.
const TEXT_BYTES_MAX: usize = 2_048;

/// The session tags of a token (User Guide, "Pass session tags in AWS STS").
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SessionTags {
    /// Keys and values, in the token's order.
    pub tags: Vec<(String, String)>,
    /// Keys of those that go on to sessions that are chained.
    pub transitive_keys: Vec<String>,
}

/// A token whose signature was verified, that is in force and has all that it must have. Only [`crate::Addressed`] makes
/// one.
pub struct VerifiedToken {
    claims: Map<String, Value>,
    issuer: String,
    audience: String,
    subject: String,
    methods: Option<Vec<String>>,
    session_tags: Option<SessionTags>,
    source_identity: Option<String>,
}

/// A token is a credential, and its claims may be private.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("VerifiedToken")
    }
}

impl VerifiedToken {
    /// Reads the claims of a token whose signature has been verified.
    pub(crate) fn read(
        claims: Map<String, Value>,
        issuer: String,
        audience: String,
        now: i64,
    ) -> Result<VerifiedToken, TokenError> {
        let expires = time(&claims, "exp")?.ok_or(TokenError::MissingClaim("exp"))?;
        if now >= expires.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenError::Expired { now, expires });
        }
        let subject = claim(&claims, "sub")?.to_owned();
        let issued = time(&claims, "iat")?.ok_or(TokenError::MissingClaim("iat"))?;
        let begins = time(&claims, "nbf")?.unwrap_or(issued);
        let latest = now.saturating_add(LEEWAY_SECONDS);
        if issued > latest || begins > latest || subject.chars().count() > SUBJECT_CHARS_MAX {
            return Err(TokenError::Invalid);
        }
        let methods = claims.get("amr").map(methods).transpose()?;
        let session_tags = claims.get("https://aws.amazon.com/tags").map(session_tags).transpose()?;
        let source_identity = claims.get("https://aws.amazon.com/source_identity").map(text).transpose()?;
        Ok(VerifiedToken { issuer, audience, subject, methods, session_tags, source_identity, claims })
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whom it was issued to: `azp`, or the only `aud`.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `amr`: how the subject was authenticated, where the token says so.
    pub fn methods(&self) -> Option<&[String]> {
        self.methods.as_deref()
    }

    /// The claim `https://aws.amazon.com/tags`.
    pub fn session_tags(&self) -> Option<&SessionTags> {
        self.session_tags.as_ref()
    }

    /// The claim `https://aws.amazon.com/source_identity`.
    pub fn source_identity(&self) -> Option<&str> {
        self.source_identity.as_deref()
    }

    /// The claim `roles`: ARNs of the roles that the provider lets the subject assume, where it says so.
    pub fn roles(&self) -> Option<Vec<String>> {
        self.claims.get("roles").and_then(|roles| texts(roles).ok())
    }

    /// Any other claim as conditions compare it: a text, a whole number, or `true` or `false`. None if it is not there or
    /// is anything else.
    pub fn claim(&self, name: &str) -> Option<String> {
        match self.claims.get(name)? {
            value @ Value::String(_) => {
                json::text(value).filter(|text| text.len() <= TEXT_BYTES_MAX).map(str::to_owned)
            }
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Seconds since 1970, as a whole number.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    value.as_i64().filter(|seconds| *seconds >= 0).map(Some).ok_or(TokenError::Invalid)
}

fn text(value: &Value) -> Result<String, TokenError> {
    json::text(value).map(str::to_owned).ok_or(TokenError::Invalid)
}

fn texts(value: &Value) -> Result<Vec<String>, TokenError> {
    value.as_array().ok_or(TokenError::Invalid)?.iter().map(text).collect()
}

fn methods(value: &Value) -> Result<Vec<String>, TokenError> {
    texts(value).and_then(|list| if list.len() <= METHODS_MAX { Ok(list) } else { Err(TokenError::Invalid) })
}

/// `{"principal_tags": {"key": ["value"], …}, "transitive_tag_keys": ["key", …]}`: one value for each key.
fn session_tags(value: &Value) -> Result<SessionTags, TokenError> {
    let mut out = SessionTags::default();
    for (name, value) in value.as_object().ok_or(TokenError::Invalid)? {
        match (name.as_str(), value) {
            ("principal_tags", Value::Object(tags)) => {
                for (key, values) in tags {
                    let values = values.as_array().ok_or(TokenError::Invalid)?;
                    let [Value::String(value)] = values.as_slice() else { return Err(TokenError::Invalid) };
                    out.tags.push((key.clone(), value.clone()));
                }
            }
            ("transitive_tag_keys", list) => out.transitive_keys = texts(list)?,
            _ => return Err(TokenError::Invalid),
        }
    }
    Ok(out)
}
