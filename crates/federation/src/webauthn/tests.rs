use super::authenticator::Authenticator;
use super::*;

const ORIGIN: &str = "https://iam.example";
const CHALLENGE: &[u8] = &[7; CHALLENGE_BYTES];
const HANDLE: &[u8] = b"AIDAEXAMPLE";

fn party() -> RelyingParty {
    RelyingParty::new(None, &[ORIGIN.to_owned()]).unwrap()
}

fn options(registered: &[Credential]) -> Value {
    party().creation_options(UserEntity { handle: HANDLE, name: "alice" }, CHALLENGE, registered)
}

/// A registered key, and its authenticator.
fn registered() -> (Authenticator, Credential) {
    let mut key = Authenticator::new(ORIGIN);
    let credential = party().register(CHALLENGE, &key.create(&options(&[])), &[]).unwrap();
    (key, credential)
}

/// What becomes of a registration by a key that does something.
fn check_create(does: impl FnOnce(&mut Authenticator), expect: Result<(), Refused>) {
    let mut key = Authenticator::new(ORIGIN);
    does(&mut key);
    let registered = party().register(CHALLENGE, &key.create(&options(&[])), &[]);
    assert_eq!(registered.map(|_| ()), expect);
}

/// What becomes of an assertion by a registered key that does something.
fn check_get(does: impl FnOnce(&mut Authenticator), expect: Result<(), Refused>) {
    let (mut key, credential) = registered();
    does(&mut key);
    let response = key.get(&party().request_options(CHALLENGE, std::slice::from_ref(&credential)));
    let proven = party().authenticate(CHALLENGE, &response, HANDLE, &[credential]);
    assert_eq!(proven.map(|_| ()), expect);
}

#[test]
fn keys_are_registered_and_prove() {
    check_create(|_| {}, Ok(()));
    check_get(|_| {}, Ok(()));
    check_get(|key| key.user_handle = Some(BASE64URL_NOPAD.encode(HANDLE)), Ok(()));
}

#[test]
fn attestations_are_none_or_packed_and_true() {
    check_create(|key| key.attestation = "packed".to_owned(), Ok(()));
    let forged = |key: &mut Authenticator| {
        key.attestation = "packed".to_owned();
        key.forged = true;
    };
    check_create(forged, Err(Refused::Attestation));
    check_create(|key| key.attestation = "android-safetynet".to_owned(), Err(Refused::Attestation));
    check_create(|key| key.attestation = "unheard-of".to_owned(), Err(Refused::Attestation));
    let mut key = Authenticator::new(ORIGIN);
    key.attestation = "fido-u2f".to_owned();
    assert!(party().register(CHALLENGE, &key.create(&options(&[])), &[]).is_err());
}

#[test]
fn e04_another_origin_is_refused() {
    for origin in [
        "https://evil.example",
        "https://sub.iam.example",
        "https://iam.example:8443",
        "http://iam.example",
        "https://iam.example.evil.example",
    ] {
        check_create(|key| key.origin = origin.to_owned(), Err(Refused::Origin));
        check_get(|key| key.origin = origin.to_owned(), Err(Refused::Origin));
    }
    check_create(|key| key.cross_origin = true, Err(Refused::Origin));
}

#[test]
fn e04_another_domain_is_refused() {
    check_create(|key| key.rp_id = Some("evil.example".to_owned()), Err(Refused::Origin));
    check_get(|key| key.rp_id = Some("evil.example".to_owned()), Err(Refused::Origin));
}

#[test]
fn e04_a_user_who_is_not_verified_is_refused() {
    check_create(|key| key.verified = false, Err(Refused::UserVerification));
    check_create(|key| key.present = false, Err(Refused::UserVerification));
    check_get(|key| key.verified = false, Err(Refused::UserVerification));
    check_get(|key| key.present = false, Err(Refused::UserVerification));
}

#[test]
fn e04_another_challenge_is_refused() {
    let other = || Some(BASE64URL_NOPAD.encode(&[8; CHALLENGE_BYTES]));
    check_create(|key| key.challenge = other(), Err(Refused::Challenge));
    check_get(|key| key.challenge = other(), Err(Refused::Challenge));
    check_get(|key| key.challenge = Some(String::new()), Err(Refused::Challenge));
}

#[test]
fn e04_a_counter_that_has_not_grown_is_refused() {
    check_get(|key| key.counter -= 1, Err(Refused::Counter));
    check_get(|key| key.counter += 100, Ok(()));
    // Each proof raises it.
    let (mut key, credential) = registered();
    let options = party().request_options(CHALLENGE, std::slice::from_ref(&credential));
    let credential = party().authenticate(CHALLENGE, &key.get(&options), HANDLE, &[credential]).unwrap();
    key.counter -= 1;
    let again = party().authenticate(CHALLENGE, &key.get(&options), HANDLE, &[credential]);
    assert_eq!(again.err(), Some(Refused::Counter));
}

#[test]
fn one_ceremony_is_not_the_other() {
    check_create(|key| key.ceremony = Some("webauthn.get".to_owned()), Err(Refused::Malformed));
    check_get(|key| key.ceremony = Some("webauthn.create".to_owned()), Err(Refused::Malformed));
}

#[test]
fn signatures_are_verified() {
    check_get(|key| key.forged = true, Err(Refused::Signature));
}

#[test]
fn only_the_users_own_keys_prove() {
    let ((mut key, _), (_, other)) = (registered(), registered());
    let response = key.get(&party().request_options(CHALLENGE, &[]));
    assert_eq!(party().authenticate(CHALLENGE, &response, HANDLE, &[other]).err(), Some(Refused::UnknownKey));
    assert_eq!(party().authenticate(CHALLENGE, &response, HANDLE, &[]).err(), Some(Refused::UnknownKey));
    check_get(|key| key.user_handle = Some(BASE64URL_NOPAD.encode(b"AIDAOTHER")), Err(Refused::UnknownKey));
}

#[test]
fn a_key_is_registered_once() {
    let (mut key, credential) = registered();
    let response = key.create(&options(std::slice::from_ref(&credential)));
    assert_eq!(party().register(CHALLENGE, &response, &[credential]).err(), Some(Refused::KnownKey));
}

#[test]
fn what_is_no_response_is_refused() {
    for response in [json!(null), json!({}), json!([]), json!("x"), json!({"id": "x".repeat(RESPONSE_BYTES_MAX)})] {
        assert_eq!(party().register(CHALLENGE, &response, &[]).err(), Some(Refused::Malformed));
        assert_eq!(party().authenticate(CHALLENGE, &response, HANDLE, &[]).err(), Some(Refused::Malformed));
    }
    let (mut key, credential) = registered();
    let mut response = key.get(&party().request_options(CHALLENGE, &[]));
    response["type"] = json!("password");
    assert_eq!(party().authenticate(CHALLENGE, &response, HANDLE, &[credential]).err(), Some(Refused::Malformed));
    // Every byte of an attestation object, changed: an error or a key, and no panic.
    let mut key = Authenticator::new(ORIGIN);
    let response = key.create(&options(&[]));
    let object =
        BASE64URL_NOPAD.decode(response["response"]["attestationObject"].as_str().unwrap().as_bytes()).unwrap();
    for at in 0..object.len() {
        for bits in [0x01, 0x80, 0xff] {
            let (mut object, mut response) = (object.clone(), response.clone());
            object[at] ^= bits;
            response["response"]["attestationObject"] = json!(BASE64URL_NOPAD.encode(&object));
            let _ = party().register(CHALLENGE, &response, &[]);
            response["response"]["attestationObject"] = json!(BASE64URL_NOPAD.encode(&object[..at]));
            assert!(party().register(CHALLENGE, &response, &[]).is_err(), "{at}");
        }
    }
}

#[test]
fn credentials_are_kept_as_text() {
    let (mut key, credential) = registered();
    let text = serde_json::to_string(&credential).unwrap();
    let credential: Credential = serde_json::from_str(&text).unwrap();
    let response = key.get(&party().request_options(CHALLENGE, std::slice::from_ref(&credential)));
    assert!(party().authenticate(CHALLENGE, &response, HANDLE, &[credential]).is_ok());
}

#[test]
fn relying_parties_have_a_domain_and_origins_on_it() {
    let check = |id: &str, origin: &str, expect: bool| {
        assert_eq!(RelyingParty::new(Some(id), &[origin.to_owned()]).is_ok(), expect, "{id} {origin}");
    };
    check("iam.example", "https://iam.example", true);
    check("iam.example", "https://console.iam.example:8443", true);
    check("localhost", "http://localhost:4460", true);
    check("iam.example", "http://iam.example", false);
    check("iam.example", "https://example", false);
    check("iam.example", "https://evil-iam.example", false);
    check("iam.example", "https://iam.example/path", false);
    check("iam.example", "https://user@iam.example", false);
    check("iam.example", "iam.example", false);
    check("127.0.0.1", "https://127.0.0.1", false);
    check("", "https://iam.example", true);
    assert!(RelyingParty::new(Some("iam.example"), &[]).is_err());
    let two = ["https://iam.example".to_owned(), "https://other.example".to_owned()];
    assert!(RelyingParty::new(None, &two).is_err());
}
