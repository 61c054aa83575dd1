//! FIDO2 security keys: WebAuthn ceremonies, Level 3, with user verification always.
//!
//! The cryptography and the checks of the specification's lists of steps are `webauthn-rs-core`'s. What is decided here:
//! which challenge counts, which origins there are, which algorithms and attestations are taken.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationFormat, AuthenticationState, PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState,
};

#[cfg(any(test, feature = "testing"))]
pub mod authenticator;
#[cfg(test)]
mod tests;

/// Bytes of a challenge; the specification asks for 16 at least.
pub const CHALLENGE_BYTES: usize = 32;
/// Largest response of an authenticator, in bytes of JSON.
pub const RESPONSE_BYTES_MAX: usize = 64 * 1024;
/// Longest id of a credential, in bytes (WebAuthn, "Credential ID").
const CREDENTIAL_ID_BYTES_MAX: usize = 1023;
/// How long people may take, in milliseconds, as clients are told.
const TIMEOUT_MS: u64 = 300_000;
/// Algorithms of keys, as COSE numbers them and as the library names them. No RSA: the library would verify it with the
/// `rsa` crate.
const ALGORITHMS: &[(i64, &str)] = &[(-7, "ES256"), (-8, "EDDSA")];

/// Who asks for proofs: a domain, and the pages on it that may.
#[derive(Clone)]
pub struct RelyingParty {
    id: String,
    core: WebauthnCore,
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RelyingParty({})", self.id)
    }
}

/// Why there is no such relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRelyingParty(String);

impl fmt::Display for NoRelyingParty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for NoRelyingParty {}

/// The public half of a registered key, with its signature counter.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credential(webauthn_rs_core::proto::Credential);

impl Credential {
    /// The id that the authenticator gave it.
    pub fn id(&self) -> &[u8] {
        &self.0.cred_id
    }
}

/// Why a response proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not the response of an authenticator to such a ceremony, or too large.
    Malformed,
    /// It answers another challenge.
    Challenge,
    /// It was made for another page or another domain.
    Origin,
    /// The person was not there, or was not verified by PIN or biometrics.
    UserVerification,
    /// Its attestation is of another format than `none` and `packed`, or is false.
    Attestation,
    /// The key's algorithm was not asked for.
    Algorithm,
    /// It is of a key that is not the user's.
    UnknownKey,
    /// The key is registered already.
    KnownKey,
    /// The signature is wrong.
    Signature,
    /// The signature counter has not grown: there may be a copy of the key.
    Counter,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Refused::Malformed => "The credential is not the response of an authenticator.",
            Refused::Challenge => "The credential answers another challenge.",
            Refused::Origin => "The credential was made for another origin.",
            Refused::UserVerification => "The user was not verified by the security key.",
            Refused::Attestation => "The attestation of the security key is not accepted.",
            Refused::Algorithm => "The algorithm of the security key is not accepted.",
            Refused::UnknownKey => "The security key is not registered for this user.",
            Refused::KnownKey => "The security key is registered already.",
            Refused::Signature => "The signature of the security key is wrong.",
            Refused::Counter => "The signature counter of the security key has not grown: it may have been copied.",
        })
    }
}

impl std::error::Error for Refused {}

/// For whom a key is registered.
#[derive(Clone, Copy, Debug)]
pub struct UserEntity<'a> {
    /// What the authenticator remembers: no name, and never that of somebody else.
    pub handle: &'a [u8],
    /// What it shows.
    pub name: &'a str,
}

impl RelyingParty {
    /// A relying party: `id` is a domain, by default the first origin's, and each origin a page's on it or on a domain below
    /// it, `https://…` or, on this machine, `http://localhost`.
    ///
    /// # Errors
    /// An origin is not one, or of another domain; or there is none.
    pub fn new(id: Option<&str>, origins: &[String]) -> Result<RelyingParty, NoRelyingParty> {
        let refused = |origin: &str, why: &str| NoRelyingParty(format!("{origin:?} {why}"));
        let mut allowed = Vec::new();
        let mut id = id.unwrap_or_default().to_owned();
        for text in origins {
            let origin = Url::parse(text).map_err(|error| refused(text, &format!("is no URL: {error}")))?;
            let Some(Host::Domain(domain)) = origin.host() else {
                return Err(refused(text, "has no domain, which security keys are bound to"));
            };
            if origin.scheme() != "https" && !(origin.scheme() == "http" && domain == "localhost") {
                return Err(refused(text, "must begin with https://"));
            }
            let is_origin = origin.path() == "/" && origin.query().is_none() && origin.fragment().is_none();
            if !is_origin || !origin.username().is_empty() || origin.password().is_some() {
                return Err(refused(text, "is more than an origin: leave out what follows the host and port"));
            }
            if id.is_empty() {
                id = domain.to_owned();
            }
            if domain != id && !domain.strip_suffix(&id).is_some_and(|above| above.ends_with('.')) {
                return Err(refused(text, &format!("is not of the domain {id}")));
            }
            allowed.push(origin);
        }
        if allowed.is_empty() || id.is_empty() {
            return Err(NoRelyingParty("security keys need a domain and an origin on it".to_owned()));
        }
        let timeout = Duration::from_millis(TIMEOUT_MS);
        let core = WebauthnCore::new_unsafe_experts_only("Doorward", &id, allowed, timeout, None, None);
        Ok(RelyingParty { id, core })
    }

    /// What `navigator.credentials.create()` is called with: `PublicKeyCredentialCreationOptionsJSON`.
    pub fn creation_options(&self, user: UserEntity<'_>, challenge: &[u8], registered: &[Credential]) -> Value {
        let algorithms: Vec<Value> =
            ALGORITHMS.iter().map(|(number, _)| json!({ "type": "public-key", "alg": number })).collect();
        json!({
            "rp": { "id": self.id, "name": self.core.rp_name() },
            "user": { "id": BASE64URL_NOPAD.encode(user.handle), "name": user.name, "displayName": user.name },
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "pubKeyCredParams": algorithms,
            "timeout": TIMEOUT_MS,
            "excludeCredentials": descriptors(registered),
            "authenticatorSelection": { "userVerification": "required", "residentKey": "discouraged" },
            "attestation": "none",
        })
    }

    /// What `navigator.credentials.get()` is called with: `PublicKeyCredentialRequestOptionsJSON`.
    pub fn request_options(&self, challenge: &[u8], registered: &[Credential]) -> Value {
        json!({
            "rpId": self.id,
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "timeout": TIMEOUT_MS,
            "allowCredentials": descriptors(registered),
            "userVerification": "required",
        })
    }

    /// Verifies the response to a registration (WebAuthn, "Registering a New Credential"): `RegistrationResponseJSON`.
    ///
    /// # Errors
    /// It proves nothing.
    pub fn register(
        &self,
        challenge: &[u8],
        response: &Value,
        registered: &[Credential],
    ) -> Result<Credential, Refused> {
        let response: RegisterPublicKeyCredential = read(response)?;
        let state: RegistrationState = state(json!({
            "policy": "required",
            "exclude_credentials": [],
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "credential_algorithms": ALGORITHMS.iter().map(|(_, name)| name).collect::<Vec<_>>(),
            "require_resident_key": false,
            "authenticator_attachment": null,
            "extensions": {},
            "allow_synchronised_authenticators": true,
        }))?;
        if response.type_ != "public-key" {
            return Err(Refused::Malformed);
        }
        let credential = self.core.register_credential(&response, &state, None).map_err(refused)?;
        if !matches!(credential.attestation_format, AttestationFormat::None | AttestationFormat::Packed) {
            return Err(Refused::Attestation);
        }
        if credential.cred_id.is_empty() || credential.cred_id.len() > CREDENTIAL_ID_BYTES_MAX {
            return Err(Refused::Malformed);
        }
        if registered.iter().any(|known| *known.id() == *credential.cred_id) {
            return Err(Refused::KnownKey);
        }
        Ok(Credential(credential))
    }

    /// Verifies the response to a request (WebAuthn, "Verifying an Authentication Assertion"):
    /// `AuthenticationResponseJSON`. Gives the credential with its new counter, to be kept in place of the old one.
    ///
    /// # Errors
    /// It proves nothing.
    pub fn authenticate(
        &self,
        challenge: &[u8],
        response: &Value,
        handle: &[u8],
        registered: &[Credential],
    ) -> Result<Credential, Refused> {
        let response: PublicKeyCredential = read(response)?;
        let state: AuthenticationState = state(json!({
            "credentials": [],
            "policy": "required",
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "appid": null,
            "allow_backup_eligible_upgrade": false,
        }))?;
        if response.type_ != "public-key" {
            return Err(Refused::Malformed);
        }
        if response.get_user_unique_id().is_some_and(|known| known != handle) {
            return Err(Refused::UnknownKey);
        }
        let known = registered.iter().find(|known| *known.id() == *response.raw_id).ok_or(Refused::UnknownKey)?;
        let proven = self.core.authenticate_single_credential(&response, &state, &known.0).map_err(refused)?;
        // The library demands it too; this is what the second factor hangs on.
        if !proven.user_verified() {
            return Err(Refused::UserVerification);
        }
        let mut credential = known.0.clone();
        credential.counter = proven.counter();
        credential.backup_state = proven.backup_state();
        Ok(Credential(credential))
    }
}

fn descriptors(registered: &[Credential]) -> Vec<Value> {
    let descriptor = |key: &Credential| json!({ "type": "public-key", "id": BASE64URL_NOPAD.encode(key.id()) });
    registered.iter().map(descriptor).collect()
}

fn read<T: serde::de::DeserializeOwned>(response: &Value) -> Result<T, Refused> {
    if response.to_string().len() > RESPONSE_BYTES_MAX {
        return Err(Refused::Malformed);
    }
    T::deserialize(response).map_err(|_| Refused::Malformed)
}

/// The state of a ceremony as the library keeps it. It is made anew when the response comes, with the challenge that was
/// given out: the library would draw one itself.
fn state<T: serde::de::DeserializeOwned>(state: Value) -> Result<T, Refused> {
    serde_json::from_value(state).map_err(|_| Refused::Malformed)
}

fn refused(error: WebauthnError) -> Refused {
    match error {
        WebauthnError::MismatchedChallenge => Refused::Challenge,
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash | WebauthnError::CredentialCrossOrigin => {
            Refused::Origin
        }
        WebauthnError::UserNotPresent | WebauthnError::UserNotVerified => Refused::UserVerification,
        WebauthnError::AttestationNotSupported
        | WebauthnError::AttestationStatementSigInvalid
        | WebauthnError::AttestationStatementMissingExtension
        | WebauthnError::AttestationCertificateRequirementsNotMet
        | WebauthnError::AttestationCertificateAAGUIDMismatch
        | WebauthnError::AttestationStatementAlgMismatch => Refused::Attestation,
        WebauthnError::CredentialAlteredAlgFromRequest => Refused::Algorithm,
        WebauthnError::CredentialNotFound => Refused::UnknownKey,
        WebauthnError::AuthenticationFailure => Refused::Signature,
        WebauthnError::CredentialPossibleCompromise => Refused::Counter,
        _ => Refused::Malformed,
    }
}
