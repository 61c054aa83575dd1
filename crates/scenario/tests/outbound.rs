//! Accounts as issuers: what tokens say, what is published of the keys and when, and what becomes of both.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "common/mod.rs"]
mod common;

use common::{ALL, Bench};
use data_encoding::BASE64URL_NOPAD;
use doorward_scenario::Credentials;
use serde_json::{Value, json};

const ISSUER: &str = "https://iam.example.org/issuers/111111111111";
const STS: &str = "https://sts.amazonaws.com/";
const DAY: i64 = 86_400;
/// Calls at the same time.
const CALLS: usize = 6;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.root("iam:EnableOutboundWebIdentityFederation", json!({}));
    bench
}

/// Header and claims of a new token.
fn token(bench: &Bench, caller: &Credentials, more: Value) -> (Value, Value) {
    let mut input = json!({"Audience": ["app"], "SigningAlgorithm": "ES384"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = bench.done(caller, "sts:GetWebIdentityToken", input);
    let text = answer["WebIdentityToken"].as_str().unwrap();
    let part = |at: usize| {
        let bytes = BASE64URL_NOPAD.decode(text.split('.').nth(at).unwrap().as_bytes()).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    (part(0), part(1))
}

/// The ids of the published keys.
fn published(bench: &Bench) -> Vec<String> {
    let text = bench.installation.published("/issuers/111111111111/.well-known/jwks.json").unwrap();
    let set: Value = serde_json::from_str(&text).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_token_says_who_calls_and_nothing_that_is_not_so() {
    let bench = bench();
    bench.root("iam:CreateUser", json!({"UserName": "alice", "Tags": [{"Key": "team", "Value": "red"}]}));
    bench.root("iam:PutUserPolicy", json!({"UserName": "alice", "PolicyName": "all", "PolicyDocument": ALL}));
    let alice = bench.key("alice");
    let (header, claims) = token(&bench, &alice, json!({"Tags": [{"Key": "job", "Value": "7"}]}));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES384"), &json!("JWT")));
    let now = bench.installation.now().as_second();
    let user = "arn:aws:iam::111111111111:user/alice";
    assert_eq!(claims["jti"].as_str().unwrap().len(), 36);
    let identity = json!({"aws_account": "111111111111", "source_region": "us-east-1", "principal_id": user,
        "principal_tags": {"team": "red"}, "request_tags": {"job": "7"}});
    let expected = json!({"iss": ISSUER, "aud": "app", "sub": user, "iat": now, "exp": now + 300, "jti": claims["jti"],
        STS: identity});
    assert_eq!(claims, expected);
    let (_, again) = token(&bench, &alice, json!({}));
    assert_ne!(again["jti"], claims["jti"]);
}

#[test]
fn a_token_of_a_session_names_the_role_and_the_end_of_the_session() {
    let bench = bench();
    let alice = bench.user("alice", Some(ALL));
    let role = bench.role("R", ALL);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"]}}"#;
    bench.root("iam:UpdateAssumeRolePolicy", json!({"RoleName": "R", "PolicyDocument": trust}));
    let input = json!({"RoleArn": role, "RoleSessionName": "s1", "SourceIdentity": "ann", "DurationSeconds": 3600,
        "Tags": [{"Key": "team", "Value": "blue"}]});
    let session = common::credentials(&bench.done(&alice, "sts:AssumeRole", input)["Credentials"]);
    let (_, claims) = token(&bench, &session, json!({"Audience": ["app", "other"], "SigningAlgorithm": "RS256"}));
    assert_eq!(claims["sub"], json!(role));
    assert_eq!(claims["aud"], json!(["app", "other"]));
    let identity = json!({"aws_account": "111111111111", "source_region": "us-east-1", "principal_id": role,
        "principal_tags": {"team": "blue"}, "original_session_exp": "2026-11-25T13:00:00Z", "source_identity": "ann"});
    assert_eq!(claims[STS], identity);
}

#[test]
fn keys_are_renewed_with_overlap_and_the_token_does_not_wait() {
    let bench = bench();
    let alice = bench.user("alice", Some(ALL));
    let first = published(&bench);
    assert_eq!(first.len(), 2);
    let kid = |bench: &Bench| token(bench, &alice, json!({})).0["kid"].as_str().unwrap().to_owned();
    let old = kid(&bench);
    assert!(first.contains(&old));

    bench.installation.advance(90 * DAY);
    assert_eq!(kid(&bench), old, "what verifiers do not know yet does not sign");
    let both = published(&bench);
    assert_eq!(both.len(), 4);
    assert!(both.starts_with(&first));
    assert_eq!(kid(&bench), old);
    assert_eq!(published(&bench), both, "once is enough");

    bench.installation.advance(DAY);
    let new = kid(&bench);
    assert!(both[2..].contains(&new));
    assert_eq!(published(&bench), both, "tokens of the old keys are still in force");

    bench.installation.advance(DAY);
    assert_eq!(published(&bench), both[2..]);

    // What is no longer published is no longer kept.
    bench.installation.advance(90 * DAY);
    assert_eq!(kid(&bench), new);
    assert!(published(&bench).starts_with(&both[2..]));
    let (body, secret) = settings(&bench);
    assert!(!body.contains(&old) && body.contains(&new));
    assert!(!secret, "private keys are sealed");
}

/// The stored settings, and whether a private key stands in them.
fn settings(bench: &Bench) -> (String, bool) {
    let store = bench.installation.store();
    let (realm, _) =
        store.realms().unwrap().into_iter().find(|(realm, _)| realm.as_str().ends_with("111111111111")).unwrap();
    let loaded = store.load(&realm, doorward_store::At::Now).unwrap().unwrap();
    let body = loaded.records.iter().find(|record| record.kind == "account").unwrap().body.clone();
    let body = String::from_utf8(body).unwrap();
    let settings: Value = serde_json::from_str(&body).unwrap();
    let is_plain = |key: &Value| {
        let bytes = BASE64URL_NOPAD.decode(key["sealed_key"].as_str().unwrap().as_bytes()).unwrap();
        // PKCS #8 begins with a sequence that holds the version 0.
        bytes.windows(3).take(16).any(|window| window == [2, 1, 0])
    };
    let plain = settings["outbound_federation"]["keys"].as_array().unwrap().iter().any(is_plain);
    (body, plain)
}

#[test]
fn what_is_published_outlives_the_feature_and_a_restart() {
    let bench = bench();
    let before = published(&bench);
    bench.root("iam:DisableOutboundWebIdentityFederation", json!({}));
    assert_eq!(published(&bench), before, "tokens that were issued are not affected");
    let bench = Bench::of(bench.installation.restarted().unwrap());
    assert_eq!(published(&bench), before);
    let alice = bench.user("alice", Some(ALL));
    bench.root("iam:EnableOutboundWebIdentityFederation", json!({}));
    let (header, _) = token(&bench, &alice, json!({}));
    assert!(before.contains(&header["kid"].as_str().unwrap().to_owned()));
}

#[test]
fn nothing_else_is_published() {
    let bench = bench();
    let get = |path: &str| bench.installation.published(path);
    let metadata: Value =
        serde_json::from_str(&get("/issuers/111111111111/.well-known/openid-configuration").unwrap()).unwrap();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
    for path in [
        "/issuers/111111111111",
        "/issuers/111111111111/",
        "/issuers/111111111111/.well-known/",
        "/issuers/111111111111/.well-known/jwks.json/",
        "/issuers/111111111111//.well-known/jwks.json",
        "/issuers/../111111111111/.well-known/jwks.json",
        "/issuers/222222222222/.well-known/jwks.json",
        "/issuers/x/.well-known/jwks.json",
        "/.well-known/jwks.json",
        "",
    ] {
        assert_eq!(get(path), None, "{path}");
    }
    let text = get("/issuers/111111111111/.well-known/jwks.json").unwrap();
    let set: Value = serde_json::from_str(&text).unwrap();
    for key in set["keys"].as_array().unwrap() {
        let mut names: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected: &[&str] = match key["kty"].as_str() {
            Some("RSA") => &["alg", "e", "kid", "kty", "n", "use"],
            _ => &["alg", "crv", "kid", "kty", "use", "x", "y"],
        };
        assert_eq!(names, expected);
    }
}

#[test]
fn a_token_is_bounded() {
    let bench = bench();
    let alice = bench.user("alice", Some(ALL));
    let audience: Vec<String> = (0..10).map(|n| format!("{n}").repeat(1_000)).collect();
    token(&bench, &alice, json!({ "Audience": audience }));
    let tags: Vec<Value> = (0..50).map(|n| json!({"Key": format!("{n:0128}"), "Value": "v".repeat(256)})).collect();
    let input = json!({"Audience": ["app"], "SigningAlgorithm": "RS256", "Tags": tags});
    let error = bench.refused(&alice, "sts:GetWebIdentityToken", input);
    assert_eq!((error.code.as_ref(), error.status), ("JWTPayloadSizeExceededException", 400));
}

/// So many calls at once; how many succeed.
fn at_once(bench: &Bench, caller: &Credentials, call: &str, input: &Value) -> usize {
    let one = || bench.can(caller, call, input.clone());
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(one)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).filter(|succeeded| *succeeded).count()
    })
}

#[test]
fn an_account_gets_one_pair_of_keys_however_many_ask() {
    let bench = Bench::new();
    let root = bench.root.clone();
    assert_eq!(at_once(&bench, &root, "iam:EnableOutboundWebIdentityFederation", &json!({})), 1);
    assert_eq!(published(&bench).len(), 2);
    let alice = bench.user("alice", Some(ALL));
    bench.installation.advance(90 * DAY);
    let input = json!({"Audience": ["app"], "SigningAlgorithm": "ES384"});
    assert_eq!(at_once(&bench, &alice, "sts:GetWebIdentityToken", &input), CALLS);
    assert_eq!(published(&bench).len(), 4);
}
