//! What an issuer publishes (OpenID Connect Discovery 1.0, section 3; RFC 7517, JSON Web Key Set).

use doorward_directory::{IssuerAlgorithm, IssuerKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::keys;

/// The metadata.
pub(super) fn metadata(issuer: &str) -> String {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["iss", "aud", "sub", "iat", "exp", "jti", super::token::NAMESPACE],
    })
    .to_string()
}

/// The keys that tokens in force may be signed with, and those that come next.
pub(super) fn key_set(keys: &[IssuerKey], now: Timestamp) -> String {
    json!({ "keys": keys::published(keys, now).map(public_key).collect::<Vec<_>>() }).to_string()
}

fn public_key(key: &IssuerKey) -> Value {
    let (first, second) = &key.public;
    match key.algorithm {
        IssuerAlgorithm::Rs256 => {
            json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id, "n": first, "e": second })
        }
        IssuerAlgorithm::Es384 => {
            json!({ "kty": "EC", "use": "sig", "alg": "ES384", "kid": key.id, "crv": "P-384", "x": first, "y": second })
        }
    }
}
