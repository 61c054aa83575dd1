//! Web identity tokens: what they say, and the signature (User Guide, "Understanding token claims").

use data_encoding::BASE64URL_NOPAD;
use doorward_directory::{IssuerAlgorithm, OutboundFederation};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::keys;
use crate::World;
use crate::secrets::Keyring;

/// The claim that holds what is AWS's own.
pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/";

/// What a token says.
pub(crate) struct Claims<'a> {
    pub subject: &'a str,
    pub audience: &'a [String],
    pub issued: Timestamp,
    pub expires: Timestamp,
    /// What stands in the namespace of STS.
    pub identity: Map<String, Value>,
}

/// A token of these claims in compact form; none where no key opens.
pub(crate) fn signed(
    keyring: &Keyring,
    world: &dyn World,
    federation: &OutboundFederation,
    algorithm: IssuerAlgorithm,
    claims: Claims<'_>,
) -> Option<Zeroizing<String>> {
    let key = keys::signing(&federation.keys, algorithm, claims.issued)?;
    let name = match algorithm {
        IssuerAlgorithm::Rs256 => "RS256",
        IssuerAlgorithm::Es384 => "ES384",
    };
    // One audience is a text, many are a list (RFC 7519, section 4.1.3).
    let audience = match claims.audience {
        [only] => json!(only),
        many => json!(many),
    };
    let mut id = [0; 16];
    world.fill(&mut id);
    let payload = json!({
        "iss": federation.issuer,
        "aud": audience,
        "sub": claims.subject,
        "iat": claims.issued.as_second(),
        "exp": claims.expires.as_second(),
        "jti": uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
        NAMESPACE: claims.identity,
    });
    let header = json!({ "alg": name, "kid": key.id, "typ": "JWT" });
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(&header), part(&payload));
    let signature = keys::sign(keyring, key, message.as_bytes())?;
    Some(Zeroizing::new(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))))
}
