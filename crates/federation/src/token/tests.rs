use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{Provider, encoded};

const NOW: i64 = 1_800_000_000;

fn header(algorithm: &str) -> String {
    let id = if algorithm.starts_with("RS") { "rsa" } else { algorithm };
    json!({ "alg": algorithm, "kid": id, "typ": "JWT" }).to_string()
}

fn claims() -> Value {
    json!({ "iss": "https://idp.example", "aud": "app", "sub": "alice", "iat": NOW - 10, "exp": NOW + 600, "amr": ["pwd"] })
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    claims.to_string()
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims.to_string()
}

fn judge(token: &str, keys: &KeySet) -> Result<VerifiedToken, TokenError> {
    let token = Token::parse(token)?;
    let issuer = token.issuer().to_owned();
    token.addressed(&issuer, |_| true)?.verify(keys, NOW)
}

/// Why it is refused; none where it is not.
fn refusal(token: &str, keys: &KeySet) -> Option<TokenError> {
    judge(token, keys).err()
}

#[test]
fn tokens_of_all_algorithms_are_verified() {
    let provider = Provider::new();
    let keys = provider.keys();
    for algorithm in ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"] {
        let token = provider.sign(&header(algorithm), &claims().to_string());
        let verified = judge(&token, &keys).unwrap_or_else(|error| panic!("{algorithm}: {error:?}"));
        let facts = (verified.issuer(), verified.audience(), verified.subject());
        assert_eq!(facts, ("https://idp.example", "app", "alice"));
        assert_eq!(verified.methods(), Some(["pwd".to_owned()].as_slice()));
    }
}

/// D01: no algorithm but the listed ones, and none with a key that is not of its kind.
#[test]
fn d01_algorithms() {
    let provider = Provider::new();
    let keys = provider.keys();
    let mut refused = 0;
    for name in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "PS256", "PS384", "PS512", "EdDSA", "ES256K",
        "rs256", "RS1", "RSA1_5", "A128KW", "dir", "RS256 ", "ES521",
    ] {
        for signature in [provider.signature("RS256", b"x"), Vec::new(), vec![0; 32], vec![0; 64]] {
            let message = format!(
                "{}.{}",
                encoded(json!({ "alg": name, "kid": "rsa" }).to_string()),
                encoded(claims().to_string())
            );
            for signature in [signature.clone(), provider.signature("RS256", message.as_bytes())] {
                let token = format!("{message}.{}", encoded(signature));
                assert_eq!(refusal(&token, &keys), Some(TokenError::Invalid), "{name}");
                refused += 1;
            }
        }
    }
    // Every algorithm with every key that is not of its kind.
    for algorithm in ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"] {
        for id in ["rsa", "ES256", "ES384", "ES512"] {
            let fits = (id == "rsa") == algorithm.starts_with("RS") && (id == "rsa" || id == algorithm);
            let token = provider.sign(&json!({ "alg": algorithm, "kid": id }).to_string(), &claims().to_string());
            assert_eq!(judge(&token, &keys).is_ok(), fits, "{algorithm} with {id}");
            refused += usize::from(!fits);
        }
    }
    assert!(refused > 170, "{refused}");
}

/// D02: the required claims, of exactly their types.
#[test]
fn d02_claim_types() {
    let provider = Provider::new();
    let keys = provider.keys();
    let strange = [
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(["x", 1]),
        json!({ "a": "b" }),
        json!(1.5),
        json!(-1),
        json!(""),
        json!([["x"]]),
        json!("9".repeat(30)),
        json!(1e300),
    ];
    let mut refused = 0;
    for claim in ["iss", "aud", "sub", "exp", "iat"] {
        let token = provider.sign(&header("RS256"), &without(claim));
        assert_eq!(refusal(&token, &keys), Some(TokenError::MissingClaim(claim)));
        for value in &strange {
            if value.is_string() && value != "" && !matches!(claim, "exp" | "iat") {
                continue;
            }
            let token = provider.sign(&header("RS256"), &with(claim, value.clone()));
            assert!(judge(&token, &keys).is_err(), "{claim}: {value}");
            refused += 1;
        }
    }
    for (claim, value) in
        [("nbf", json!("x")), ("nbf", json!(NOW + 301)), ("iat", json!(NOW + 301)), ("exp", json!(1_800_000_000.5))]
    {
        let token = provider.sign(&header("RS256"), &with(claim, value.clone()));
        assert_eq!(refusal(&token, &keys), Some(TokenError::Invalid), "{claim}: {value}");
        refused += 1;
    }
    for (name, value) in
        [("kid", json!(1)), ("kid", json!(["rsa"])), ("crit", json!(["b64"])), ("alg", json!(["RS256"]))]
    {
        let mut header = json!({ "alg": "RS256", "kid": "rsa" });
        header[name] = value;
        let token = provider.sign(&header.to_string(), &claims().to_string());
        assert_eq!(refusal(&token, &keys), Some(TokenError::Invalid), "{header}");
        refused += 1;
    }
    assert!(refused > 55, "{refused}");
}

#[test]
fn a_token_ends_five_minutes_after_it_says() {
    let provider = Provider::new();
    let keys = provider.keys();
    for (exp, ok) in [(NOW - 299, true), (NOW - 300, false), (NOW - 301, false), (0, false)] {
        let judged = judge(&provider.sign(&header("ES256"), &with("exp", json!(exp))), &keys);
        assert_eq!(judged.is_ok(), ok, "{exp}");
        if let Err(error) = judged {
            assert_eq!(error, TokenError::Expired { now: NOW, expires: exp });
        }
    }
}

/// D03: whom it is for.
#[test]
fn d03_audiences() {
    let check = |aud: Value, azp: Option<Value>, expect: Result<&str, TokenError>| {
        let mut claims = claims();
        claims["aud"] = aud;
        if let Some(azp) = azp {
            claims["azp"] = azp;
        }
        assert_eq!(audience(claims.as_object().unwrap()), expect.map(str::to_owned), "{claims}");
    };
    check(json!("app"), None, Ok("app"));
    check(json!(["app"]), None, Ok("app"));
    check(json!(["app", "other"]), None, Err(TokenError::ManyAudiences));
    check(json!(["app", "other"]), Some(json!("app")), Ok("app"));
    check(json!("app"), Some(json!("party")), Ok("party"));
    check(json!("app"), Some(json!("")), Err(TokenError::Invalid));
    check(json!("app"), Some(json!(["party"])), Err(TokenError::Invalid));
    check(json!([]), Some(json!("party")), Err(TokenError::Invalid));
    check(json!([""]), None, Err(TokenError::Invalid));
}

/// D04: the key is found by its id among the provider's own; what a token brings along is not looked at.
#[test]
fn d04_keys_that_the_token_brings() {
    let (provider, stranger) = (Provider::new(), Provider::new());
    let keys = provider.keys();
    let brought = stranger.jwks()["keys"][0].clone();
    for header in [
        json!({ "alg": "RS256", "kid": "rsa" }),
        json!({ "alg": "RS256", "kid": "rsa", "jwk": brought }),
        json!({ "alg": "RS256", "jku": "https://evil.example/keys", "kid": "rsa" }),
        json!({ "alg": "RS256", "x5u": "https://evil.example/cert", "kid": "rsa" }),
        json!({ "alg": "RS256", "kid": "RSA" }),
        json!({ "alg": "RS256", "kid": "../../dev/null" }),
        json!({ "alg": "RS256", "kid": "' OR 1=1 --" }),
        json!({ "alg": "RS256", "kid": "rsa\u{0}" }),
        json!({ "alg": "RS256", "kid": "" }),
    ] {
        let token = stranger.sign(&header.to_string(), &claims().to_string());
        assert_eq!(refusal(&token, &keys), Some(TokenError::Invalid), "{header}");
    }
    // Without an id no key is meant.
    let token = provider.sign(r#"{"alg":"RS256"}"#, &claims().to_string());
    assert_eq!(refusal(&token, &keys), Some(TokenError::Invalid));
}

/// D09: what is no token is not decoded.
#[test]
fn d09_forms() {
    let provider = Provider::new();
    let good = provider.sign(&header("ES256"), &claims().to_string());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, body) = message.split_once('.').unwrap();
    let dots = ".".repeat(TOKEN_CHARS_MAX);
    let long = format!("{head}.{}.{signature}", encoded(with("x", json!("y".repeat(TOKEN_CHARS_MAX)))));
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "garbage",
        &dots,
        &long,
        &format!("{good}."),
        &format!(".{good}"),
        &format!("{good}="),
        &format!("{head}.{body}"),
        &format!("{head}..{signature}"),
        &format!("{head}.{body}.{signature}.{signature}.{signature}"),
        &format!(" {good}"),
        &format!("{good}\n"),
        &format!("{head}.{}.{signature}", encoded("[]")),
        &format!("{head}.{}.{signature}", encoded(r#"{"iss":"a","iss":"b"}"#)),
        &good.replace('.', ". "),
    ] {
        assert!(matches!(judge(text, &provider.keys()), Err(TokenError::NotAToken)), "{}", &text[..text.len().min(60)]);
    }
    assert!(judge(&good, &provider.keys()).is_ok());
}

#[test]
fn key_sets() {
    let check = |text: &str, expect: Option<usize>| {
        let count = KeySet::parse(text.as_bytes()).ok().map(|keys| format!("{keys:?}").matches("Key {").count());
        assert_eq!(count, expect, "{}", &text[..text.len().min(80)]);
    };
    let set = |keys: Value| json!({ "keys": keys }).to_string();
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        check(text, None);
    }
    check(
        r#"{"keys":[1,null,{"kty":"oct","k":"AA"},{"kty":"RSA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#,
        Some(0),
    );
    let key = |id: usize| json!({ "kty": "RSA", "kid": id.to_string(), "n": encoded([0xff; 256]), "e": "AQAB" });
    let many = |count: usize| set((0..count).map(key).collect());
    check(&many(100), Some(100));
    check(&many(101), None);
    // Too small, too large, for something else, published with its private part; and twice the same id.
    for (name, value) in [
        ("n", json!(encoded([0xff; 128]))),
        ("n", json!(encoded([0xff; 1_025]))),
        ("use", json!("enc")),
        ("alg", json!("HS256")),
        ("key_ops", json!(["sign"])),
        ("d", json!("AQAB")),
        ("kid", json!(null)),
    ] {
        let mut strange = key(1);
        strange[name] = value;
        check(&set(json!([strange])), Some(0));
    }
    check(&set(json!([key(1), key(1), key(2)])), Some(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is changed in a token, it is no longer accepted; and nothing panics.
    #[test]
    fn changed_tokens_are_refused(edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4)) {
        thread_local! {
            static MADE: (String, KeySet) = {
                let provider = Provider::new();
                (provider.sign(&header("ES256"), &claims().to_string()), provider.keys())
            };
        }
        MADE.with(|(good, keys)| {
            let mut bytes = good.clone().into_bytes();
            for (place, byte) in edits {
                let place = usize::from(place) % bytes.len();
                bytes[place] = byte;
            }
            if let Ok(text) = String::from_utf8(bytes) && text != *good {
                prop_assert!(judge(&text, keys).is_err());
            }
            Ok(())
        })?;
    }
}
