//! Identity providers for scenarios: every issuer at `idp.example` is there, publishes one key, and signs what it is asked
//! to. All others are down.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use doorward_service::{Egress, EgressError, Fetching};
use serde_json::{Map, Value, json};

/// How long tokens are good for, in seconds.
const LIFE: i64 = 600;
const ISSUER: &str = "https://idp.example";
const CONFIGURATION: &str = "/.well-known/openid-configuration";

static KEY: LazyLock<Option<EcdsaKeyPair>> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok());

/// The way to these providers.
#[derive(Debug)]
pub(crate) struct Providers;

impl Egress for Providers {
    fn get<'a>(&'a self, url: &'a str, _: &'a [String]) -> Fetching<'a> {
        Box::pin(async move {
            if !url.starts_with(ISSUER) {
                return Err(EgressError::Unreachable("there is no such provider".to_owned()));
            }
            let document = match url.strip_suffix(CONFIGURATION) {
                Some(issuer) => json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }),
                None => json!({ "keys": [key()] }),
            };
            Ok(document.to_string().into_bytes())
        })
    }
}

fn key() -> Value {
    let point = KEY.as_ref().map(|key| key.public_key().as_ref().to_vec()).unwrap_or_default();
    let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
    json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y) })
}

/// A token of these claims, signed now. `iss` is [`ISSUER`], and `iat` and `exp` are of now, where they are not given.
pub(crate) fn token(claims: &Map<String, Value>, now: i64) -> Result<String, String> {
    let mut all = Map::from_iter([
        ("iss".to_owned(), ISSUER.into()),
        ("iat".to_owned(), now.into()),
        ("exp".to_owned(), (now + LIFE).into()),
    ]);
    all.extend(claims.clone());
    let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(json!({ "alg": "ES256", "kid": "1", "typ": "JWT" })), part(Value::Object(all)));
    let key = KEY.as_ref().ok_or("no key could be made")?;
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).map_err(|_| "a token could not be signed")?;
    Ok(format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref())))
}
