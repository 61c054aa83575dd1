//! Session tokens and markers: forged, changed, cut, swapped, or used for something else.

use doorward_scenario::{Credentials, Installation};
use doorward_shapes::SERVICES;
use serde_json::json;

use crate::common::{ALL, Bench};

const INVALID: (&str, &str) = ("InvalidClientTokenId", "The security token included in the request is invalid");

/// An administrator and a session of a role.
fn bench() -> (Bench, Credentials, Credentials) {
    let bench = Bench::new();
    let admin = bench.user("admin", Some(ALL));
    let role = bench.role("app", ALL);
    let session = bench.session(&admin, &role, "session");
    (bench, admin, session)
}

#[track_caller]
fn check_invalid(bench: &Bench, credentials: &Credentials, why: &str) {
    let error = bench.call(Some(credentials), "sts:GetCallerIdentity", &json!({})).result.expect_err(why);
    assert_eq!((error.code.as_ref(), error.message.as_str()), INVALID, "{why}");
}

fn with_token(session: &Credentials, token: &str) -> Credentials {
    Credentials { session_token: Some(token.to_owned()), ..session.clone() }
}

/// Every text that differs from `text` in one bit, as far as it can be sent in a header.
fn bit_flips(text: &str) -> impl Iterator<Item = String> {
    (0..text.len() * 8).filter_map(|bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = String::from_utf8(bytes).ok()?;
        flipped.bytes().all(|byte| byte.is_ascii_graphic()).then_some(flipped)
    })
}

/// Every text that is `text` without one byte, without its end, or without its beginning.
fn cuts(text: &str) -> impl Iterator<Item = String> {
    let without = (0..text.len()).map(|at| format!("{}{}", &text[..at], &text[at + 1..]));
    let prefixes = (1..text.len()).map(|length| text[..length].to_owned());
    let suffixes = (1..text.len()).map(|from| text[from..].to_owned());
    without.chain(prefixes).chain(suffixes)
}

#[test]
fn a06_no_operation_of_any_service_is_open_to_the_unsigned() {
    let bench = Bench::new();
    let implemented: Vec<_> = bench.installation.implemented().collect();
    for service in SERVICES {
        for operation in service.operations {
            let call = format!("{}:{}", service.id, operation.name);
            let error = bench.call(None, &call, &json!({})).result.expect_err(&call);
            // What AWS leaves unsigned looks for its evidence, or is not there yet and says that.
            let is_there = implemented.contains(&(service.id, operation.name));
            let expected = match (operation.anonymous, is_there) {
                (false, _) => ("MissingAuthenticationToken", 403),
                (true, true) => ("ValidationError", 400),
                (true, false) => ("NotImplemented", 501),
            };
            assert_eq!((error.code.as_ref(), error.status), expected, "{call}");
        }
    }
    assert!(bench.installation.events().unwrap().is_empty());
}

#[test]
fn a06_a_token_that_somebody_made_is_refused() {
    let (bench, _, session) = bench();
    // Another installation's token, of the same account, role and session, with its own right secret.
    let another = Bench::of(Installation::seeded(7).unwrap());
    let admin = another.user("admin", Some(ALL));
    let role = another.role("app", ALL);
    let foreign = another.session(&admin, &role, "session");
    assert!(another.can(&foreign, "sts:GetCallerIdentity", json!({})));
    check_invalid(&bench, &foreign, "another installation's");
    let expires = "2036-11-25T12:00:00Z";
    let plain =
        json!({"access_key_id": session.access_key_id, "account_id": "111111111111", "of": "Root", "expires": expires});
    let json = data_encoding::BASE64URL_NOPAD.encode(plain.to_string().as_bytes());
    for made in [json.as_str(), "x", "AQ", "null", "eyJhbGciOiJub25lIn0.e30.", &"A".repeat(4_096), &"A".repeat(8_000)] {
        check_invalid(&bench, &with_token(&session, made), made);
    }
    let unsessioned = Credentials { session_token: None, ..session };
    check_invalid(&bench, &unsessioned, "a temporary key without its token");
}

#[test]
fn a07_the_secret_of_a_session_is_not_in_its_token_nor_the_same_for_the_same_session() {
    let (bench, admin, session) = bench();
    let again = bench.session(&admin, "arn:aws:iam::111111111111:role/app", "session");
    assert_ne!(session.secret_access_key, again.secret_access_key);
    let token = session.session_token.unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    let secret = session.secret_access_key.as_bytes();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    assert!(!token.contains(&session.secret_access_key));
    // Nothing of what the session says can be read from it either.
    assert!(!bytes.windows(5).any(|window| window == b"AROA2" || window == b"11111"));
}

#[test]
fn a08_no_bit_of_a_token_can_be_changed() {
    let (bench, _, session) = bench();
    let token = session.session_token.clone().unwrap();
    let mut flips = 0;
    for changed in bit_flips(&token) {
        check_invalid(&bench, &with_token(&session, &changed), &changed);
        flips += 1;
    }
    assert!(flips > token.len() * 4, "{flips} flips of {} characters", token.len());
    assert!(bench.can(&session, "sts:GetCallerIdentity", json!({})));
}

#[test]
fn a08_e07_no_part_of_a_token_is_a_token() {
    let (bench, _, session) = bench();
    let token = session.session_token.clone().unwrap();
    for cut in cuts(&token) {
        check_invalid(&bench, &with_token(&session, &cut), &cut);
    }
    for longer in [format!("{token}A"), format!("{token}="), format!("A{token}"), format!("{token}{token}")] {
        check_invalid(&bench, &with_token(&session, &longer), &longer);
    }
}

#[test]
fn a09_a_token_is_good_for_its_own_key_alone_and_for_nothing_else() {
    let (bench, admin, session) = bench();
    let other = bench.session(&admin, "arn:aws:iam::111111111111:role/app", "other");
    let token = session.session_token.clone().unwrap();
    check_invalid(&bench, &with_token(&other, &token), "another session's");
    check_invalid(&bench, &with_token(&admin, &token), "with a long-term key");
    let own_secret = Credentials { secret_access_key: admin.secret_access_key.clone(), ..with_token(&admin, &token) };
    check_invalid(&bench, &own_secret, "with a long-term key and its secret");
    // The right token and another session's secret.
    let wrong_secret = Credentials { secret_access_key: other.secret_access_key.clone(), ..session.clone() };
    assert_eq!(bench.refused(&wrong_secret, "sts:GetCallerIdentity", json!({})).code, "SignatureDoesNotMatch");
    // A token as a marker, and a marker as a token.
    let marker = json!({"Marker": token.chars().take(320).collect::<String>()});
    assert_eq!(bench.refused(&admin, "iam:ListUsers", marker).message, "Invalid Marker.");
    bench.root("iam:CreateUser", json!({"UserName": "second"}));
    let page = bench.done(&admin, "iam:ListUsers", json!({"MaxItems": 1}));
    check_invalid(&bench, &with_token(&session, page["Marker"].as_str().unwrap()), "a marker");
    check_invalid(&bench, &with_token(&session, &admin.secret_access_key), "a secret");
}

#[test]
fn a25_no_bit_of_a_marker_can_be_changed() {
    let bench = Bench::new();
    for name in ["a", "b", "c"] {
        bench.root("iam:CreateUser", json!({"UserName": name}));
    }
    let page = bench.root("iam:ListUsers", json!({"MaxItems": 1}));
    let marker = page["Marker"].as_str().unwrap().to_owned();
    for changed in bit_flips(&marker).chain(cuts(&marker)) {
        let error = bench.refused(&bench.root, "iam:ListUsers", json!({"MaxItems": 1, "Marker": changed}));
        assert_eq!((error.code.as_ref(), error.status), ("ValidationError", 400), "{changed}");
    }
    let rest = bench.root("iam:ListUsers", json!({"Marker": marker}));
    assert_eq!(rest["Users"].as_array().unwrap().len(), 2);
}
