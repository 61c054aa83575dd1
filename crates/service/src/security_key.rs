//! Security keys: challenges that are good once, and what answers to them prove.

use data_encoding::BASE64URL_NOPAD;
use doorward_directory::{Account, Ceremony, SecurityKey, SecurityKeyChallenge, id, quota};
use doorward_federation::webauthn::{CHALLENGE_BYTES, Credential, Refused, RelyingParty};
use doorward_shapes::doorward::error;
use doorward_shapes::{Error, common};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cx::Cx;

/// How long a challenge can be answered.
const CHALLENGE_SECONDS: i64 = 300;
/// Challenges that nobody answered in time and that are forgotten when another one is given out, at most.
const FORGOTTEN: usize = 16;
/// Longest text of a credential, in bytes. Certificates of an attestation are part of it.
const CREDENTIAL_BYTES_MAX: usize = 32 * 1024;

/// Who asks for proofs.
pub(crate) fn relying_party<'a>(cx: &Cx<'a>) -> Result<&'a RelyingParty, Error> {
    cx.doorward.relying_party().ok_or_else(|| {
        error::validation("Security keys need a domain: start the server with --webauthn-origin https://…, the origin of the page that asks for them.")
    })
}

/// Gives out a challenge. Of a user's open ones the oldest is forgotten when there are too many.
pub(crate) fn challenge(
    cx: &Cx<'_>,
    account: &mut Account,
    user_id: &str,
    ceremony: Ceremony,
) -> Result<SecurityKeyChallenge, Error> {
    let expired = account.security_key_challenges().iter().filter(|challenge| challenge.expires <= cx.now);
    let mut forgotten: Vec<String> = expired.take(FORGOTTEN).map(|challenge| challenge.id.clone()).collect();
    let own = account.security_key_challenges_of(user_id).filter(|challenge| challenge.expires > cx.now);
    let mut own: Vec<(Timestamp, String)> = own.map(|challenge| (challenge.expires, challenge.id.clone())).collect();
    own.sort();
    let too_many = (own.len() + 1).saturating_sub(quota::SECURITY_KEY_CHALLENGES);
    forgotten.extend(own.into_iter().take(too_many).map(|(_, id)| id));
    for id in forgotten {
        account.remove::<SecurityKeyChallenge>(&id);
    }
    let mut bytes = [0; CHALLENGE_BYTES];
    cx.world().fill(&mut bytes);
    let expires = cx.now.checked_add(SignedDuration::from_secs(CHALLENGE_SECONDS));
    let challenge = SecurityKeyChallenge {
        id: cx.unique_id(id::SECURITY_KEY_CHALLENGE),
        user_id: user_id.to_owned(),
        ceremony,
        challenge: bytes.to_vec(),
        expires: expires.map_err(|_| common::internal_failure("the challenge would not end"))?,
    };
    account.put(challenge.clone());
    Ok(challenge)
}

/// Takes a user's challenge back, for good.
pub(crate) fn take(
    account: &mut Account,
    id: &str,
    user_id: &str,
    ceremony: Ceremony,
    now: Timestamp,
) -> Result<SecurityKeyChallenge, Error> {
    let found = account.security_key_challenges().by_id(id);
    let found = found.filter(|found| found.user_id == user_id && found.ceremony == ceremony && found.expires > now);
    let challenge = found.map(|found| SecurityKeyChallenge::clone(found)).ok_or_else(|| {
        error::resource_not_found(format!("There is no ceremony {id}, or it is over: begin another."))
    })?;
    account.remove::<SecurityKeyChallenge>(id);
    Ok(challenge)
}

/// The credentials of a user's keys. One that cannot be read proves nothing.
pub(crate) fn credentials(account: &Account, user_id: &str) -> Vec<Credential> {
    account.security_keys_of(user_id).filter_map(|key| serde_json::from_str(&key.credential).ok()).collect()
}

/// The key of a credential that was verified, to be kept.
pub(crate) fn key(
    id: String,
    user_id: &str,
    enabled: Timestamp,
    credential: &Credential,
) -> Result<SecurityKey, Error> {
    let text = serde_json::to_string(credential).ok().filter(|text| text.len() <= CREDENTIAL_BYTES_MAX);
    Ok(SecurityKey {
        id,
        user_id: user_id.to_owned(),
        enabled,
        credential_id: BASE64URL_NOPAD.encode(credential.id()),
        credential: text.ok_or_else(|| error::validation(Refused::Malformed.to_string()))?,
    })
}

/// Takes a user's challenge and verifies the answer to it; the key's counter grows. The serial number of the key, or
/// why the answer proves nothing: the challenge is taken either way.
pub(crate) fn prove(
    party: &RelyingParty,
    account: &mut Account,
    user_id: &str,
    (id, response): (&str, &Value),
    now: Timestamp,
) -> Result<Result<String, Refused>, Error> {
    let challenge = take(account, id, user_id, Ceremony::Assertion, now)?;
    let keys = credentials(account, user_id);
    let proven = match party.authenticate(&challenge.challenge, response, user_id.as_bytes(), &keys) {
        Ok(proven) => proven,
        Err(refused) => return Ok(Err(refused)),
    };
    let credential_id = BASE64URL_NOPAD.encode(proven.id());
    let held = account.security_keys_of(user_id).find(|key| key.credential_id == credential_id).cloned();
    let held = held.ok_or_else(|| common::internal_failure("a security key is gone"))?;
    account.put(key(held.id.clone(), user_id, held.enabled, &proven)?);
    let serial_number = account.security_key_serial_number(&held);
    serial_number.map(Ok).ok_or_else(|| common::internal_failure("a security key is nobody's"))
}
