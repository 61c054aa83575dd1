//! A token before and while it is verified (RFC 7515, JSON Web Signature, compact form; RFC 7519).

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::keys::Algorithm;
use crate::{KeySet, TokenError, VerifiedToken, json};

/// Longest token, in characters (STS API Reference, `WebIdentityToken`).
pub const TOKEN_CHARS_MAX: usize = 20_000;

/// A token that is well-formed. Nothing that it says is to be believed.
pub struct Token<'a> {
    claims: Map<String, Value>,
    issuer: String,
    algorithm: Algorithm,
    key_id: String,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token apart. The header may name the algorithm and the key, nothing else of it is looked at: URLs and
    /// keys in it are the sender's.
    ///
    /// # Errors
    /// It is no compact JWS, too long, or has no issuer; or it names an algorithm that is not allowed, no key, or
    /// extensions that would have to be understood (`crit`).
    pub fn parse(text: &'a str) -> Result<Token<'a>, TokenError> {
        // Dots are counted before anything is decoded: five parts would be an encrypted token.
        if text.len() > TOKEN_CHARS_MAX || text.bytes().filter(|byte| *byte == b'.').count() != 2 {
            return Err(TokenError::NotAToken);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::NotAToken)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::NotAToken)?;
        let (header, claims) = (object(header)?, object(payload)?);
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| TokenError::NotAToken)?;
        // A logout token or an access token that says so is no ID token (RFC 8725, section 3.11).
        let is_plain = |kind: &Value| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("JWT"));
        if !header.get("typ").is_none_or(is_plain) {
            return Err(TokenError::NotAToken);
        }
        let issuer = claim(&claims, "iss")?.to_owned();
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
        let key_id = header.get("kid").and_then(json::text);
        let (Some(algorithm), Some(key_id), false) = (algorithm, key_id, header.contains_key("crit")) else {
            return Err(TokenError::Invalid);
        };
        Ok(Token { algorithm, key_id: key_id.to_owned(), issuer, claims, signed, signature })
    }

    /// Who it says has issued it: which provider's keys are to verify it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token as one for this issuer, compared byte for byte, and for an audience that `is_registered`.
    ///
    /// # Errors
    /// It is another issuer's, or for nobody registered.
    pub fn addressed(self, issuer: &str, is_registered: impl Fn(&str) -> bool) -> Result<Addressed<'a>, TokenError> {
        if self.issuer != issuer {
            return Err(TokenError::Invalid);
        }
        let audience = audience(&self.claims)?;
        match is_registered(&audience) {
            true => Ok(Addressed { token: self, audience }),
            false => Err(TokenError::WrongAudience),
        }
    }
}

/// A token that says it is a registered audience's. Still nothing of it is to be believed.
pub struct Addressed<'a> {
    token: Token<'a>,
    audience: String,
}

impl Addressed<'_> {
    /// The id of the key that it says signed it.
    pub fn key_id(&self) -> &str {
        &self.token.key_id
    }

    /// Verifies it with the issuer's keys. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// The signature is not the named key's, the token is not in force, or a claim is missing or of a wrong type.
    pub fn verify(self, keys: &KeySet, now: i64) -> Result<VerifiedToken, TokenError> {
        let Token { claims, issuer, algorithm, key_id, signed, signature } = self.token;
        if !keys.verifies(&key_id, algorithm, signed.as_bytes(), &signature) {
            return Err(TokenError::Invalid);
        }
        VerifiedToken::read(claims, issuer, self.audience, now)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| TokenError::NotAToken)?;
    json::object(&bytes).ok_or(TokenError::NotAToken)
}

/// A claim that must be there and be a text.
pub(crate) fn claim<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<&'c str, TokenError> {
    let value = claims.get(name).ok_or(TokenError::MissingClaim(name))?;
    json::text(value).ok_or(TokenError::Invalid)
}

/// Whom the token was issued to: the authorized party if it names one, else its only audience.
fn audience(claims: &Map<String, Value>) -> Result<String, TokenError> {
    let audiences: Vec<&str> = match claims.get("aud").ok_or(TokenError::MissingClaim("aud"))? {
        Value::Array(list) => list.iter().map(json::text).collect::<Option<_>>().ok_or(TokenError::Invalid)?,
        one => vec![json::text(one).ok_or(TokenError::Invalid)?],
    };
    match (claims.get("azp"), audiences.as_slice()) {
        (_, []) => Err(TokenError::Invalid),
        (Some(party), _) => json::text(party).map(str::to_owned).ok_or(TokenError::Invalid),
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(TokenError::ManyAudiences),
    }
}

#[cfg(test)]
mod tests;
