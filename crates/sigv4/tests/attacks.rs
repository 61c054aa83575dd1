//! Attacks on the form of signed requests. Names begin with the row of the attack catalogue that they cover.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{ACCESS_KEY_ID, Facts, MISMATCH, Owned, Signer, TOKEN, check, incomplete, mismatch, presigned, signed};
use doorward_sigv4::{Error, PathStyle, claim};

const NOT_SIGNED_HOST: &str = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
const NOT_SORTED: &str = "'SignedHeaders' must list the headers once each, sorted.";

fn with_token() -> Signer {
    Signer { token: Some(TOKEN.to_owned()), ..Signer::default() }
}

/// The claim of a request, without checking it any further.
fn claimed(request: &Owned) -> Result<bool, Error> {
    request.with(|request| Ok(claim(request, PathStyle::Normalised)?.is_some()))
}

#[test]
fn a_signed_request_verifies_and_says_who_sent_it() {
    let facts = Signer::default().verify(&signed()).unwrap();
    assert_eq!(
        facts,
        Facts {
            access_key_id: ACCESS_KEY_ID.to_owned(),
            region: "eu-west-1".to_owned(),
            service: "iam".to_owned(),
            token: None,
            presigned: false,
            signed_headers: vec!["content-type".to_owned(), "host".to_owned(), "x-amz-date".to_owned()],
        }
    );
    let facts = Signer::default().verify(&presigned()).unwrap();
    assert!(facts.presigned);
    let facts = with_token().verify(&Owned::get_user().signed(&with_token())).unwrap();
    assert_eq!(facts.token.as_deref(), Some(TOKEN));
    let facts = with_token().verify(&Owned::get_user().presigned(&with_token(), 60)).unwrap();
    assert_eq!(facts.token.as_deref(), Some(TOKEN));
}

#[test]
fn a_request_without_a_signature_makes_no_claim() {
    assert_eq!(claimed(&Owned::get_user()), Ok(false));
    assert_eq!(claimed(&Owned::new("GET", "/?Action=A&x-id=1&X-Am=2", &[("host", "a")], "")), Ok(false));
    assert_eq!(claimed(&Owned::new("GET", "/", &[("x-amz-date", "20260101T000000Z")], "")), Ok(false));
}

#[test]
fn an_authorization_header_that_lacks_something_is_told_what() {
    let header = |value: &str| Owned::get_user().push("x-amz-date", "20260101T002000Z").push("authorization", value);
    let (c, s, h) = (
        "Authorization header requires 'Credential' parameter. ",
        "Authorization header requires 'Signature' parameter. ",
        "Authorization header requires 'SignedHeaders' parameter. ",
    );
    let d = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    for (value, expect) in [
        ("AWS4-HMAC-SHA256", format!("{c}{s}{h}Authorization=AWS4-HMAC-SHA256")),
        ("AWS4-HMAC-SHA256 ", format!("{c}{s}{h}Authorization=AWS4-HMAC-SHA256")),
        ("AWS4-HMAC-SHA256 Signature=a", format!("{c}{h}Authorization=AWS4-HMAC-SHA256 Signature=a")),
        ("AWS4-HMAC-SHA256 Credential=", format!("{c}{s}{h}Authorization=AWS4-HMAC-SHA256 Credential=")),
        (
            "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host",
            format!("{s}Authorization=AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host"),
        ),
        ("", format!("{c}{s}{h}Authorization=")),
        // What is no signature is not repeated: it may be a password or a token.
        ("Basic YWxhZGRpbjpvcGVuc2VzYW1l", format!("{c}{s}{h}Authorization=Basic")),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", format!("{c}{s}{h}Authorization=Bearer")),
        ("AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", format!("{c}{s}{h}Authorization=AWS")),
        (
            "AWS4-HMAC-SHA256 Credential",
            "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'.".to_owned(),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a,",
            "'' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=a,'.".to_owned(),
        ),
    ] {
        check(&header(value), incomplete(&expect));
    }
    let no_date = Owned::get_user().push("authorization", "AWS4-HMAC-SHA256");
    check(&no_date, incomplete(&format!("{c}{s}{h}{d}Authorization=AWS4-HMAC-SHA256")));
    check(
        &signed().without("x-amz-date"),
        incomplete(&format!(
            "{d}Authorization={}",
            &String::from_utf8(signed().header("authorization").clone()).unwrap()[..200]
        )),
    );
}

#[test]
fn f13_an_error_repeats_at_most_200_printable_characters_of_the_request() {
    let long = format!("AWS4-HMAC-SHA256 Credential={}", "a".repeat(4000));
    let error = Signer::default().verify(&Owned::get_user().push("authorization", &long)).unwrap_err();
    assert!(error.message().ends_with(&format!("Authorization={}", &long[..200])), "{error}");
    let error =
        Signer::default().verify(&signed().replace("authorization", "AWS4-HMAC", &"A".repeat(9000))).unwrap_err();
    assert_eq!(error.message(), "The header 'authorization' is too long.");
    let evil =
        presigned().requery("X-Amz-Algorithm=AWS4-HMAC-SHA256", &format!("X-Amz-Algorithm={}", "%3C".repeat(300)));
    check(
        &evil,
        incomplete(&format!("Unsupported AWS 'algorithm': '{}' (only AWS4-HMAC-SHA256 for now). ", "<".repeat(200))),
    );
    let control = presigned().requery("AWS4-HMAC-SHA256", "AWS4%0d%0aX");
    check(
        &control,
        Err(("MalformedQueryString", "The value of 'X-Amz-Algorithm' contains a character that is not allowed.")),
    );
    check(
        &signed().replace("authorization", "Credential", "\u{1b}[2J"),
        incomplete("The header 'authorization' contains a character that is not allowed."),
    );
}

#[test]
fn another_algorithm_is_refused() {
    for algorithm in
        ["AWS4-ECDSA-P256-SHA256", "AWS4-X509-RSA-SHA256", "AWS4-HMAC-SHA1", "AWS4-HMAC-SHA256x", "AWS4-hmac-sha256"]
    {
        let expect = format!("Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). ");
        check(&signed().replace("authorization", "AWS4-HMAC-SHA256", algorithm), incomplete(&expect));
        check(&presigned().requery("AWS4-HMAC-SHA256", algorithm), incomplete(&expect));
    }
    check(
        &presigned().requery("AWS4-HMAC-SHA256", "none"),
        incomplete("Unsupported AWS 'algorithm': 'none' (only AWS4-HMAC-SHA256 for now). "),
    );
}

#[test]
fn a_second_or_unknown_parameter_of_the_authorization_header_is_refused() {
    for (from, to, expect) in [
        ("Credential=", "Credential=x, Credential=", "Authorization header has more than one 'Credential' parameter."),
        ("Signature=", "Signature=x, Signature=", "Authorization header has more than one 'Signature' parameter."),
        (
            "SignedHeaders=",
            "SignedHeaders=host, SignedHeaders=",
            "Authorization header has more than one 'SignedHeaders' parameter.",
        ),
        ("Credential=", "Credential=, Credential=", "Authorization header has more than one 'Credential' parameter."),
        ("Credential=", "Extra=1, Credential=", "Authorization header has the unknown parameter 'Extra'."),
        ("Credential=", "credential=", "Authorization header has the unknown parameter 'credential'."),
    ] {
        check(&signed().replace("authorization", from, to), incomplete(expect));
    }
    // Commas alone separate as well as commas with spaces.
    check(&signed().replace("authorization", ", ", ",").replace("authorization", ", ", ",  "), Ok(()));
}

#[test]
fn a_second_deciding_header_is_refused() {
    let request = Owned::get_user().push("content-length", "33").push("x-amz-target", "t").push("date", "d");
    let hash = "4c4a1dc2b7cf2b4ee1ec1eb5f2b1c2a7a0d1a5cb5d8f4f8b32ad5e05cfe33a66";
    let request = request.signed(&with_token()).push("x-amz-content-sha256", hash);
    for name in [
        "authorization",
        "content-length",
        "content-type",
        "date",
        "host",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
    ] {
        let value = String::from_utf8(request.clone().header(name).clone()).unwrap();
        let expect = format!("The header '{name}' must not occur more than once.");
        check(&request.clone().push(name, &value), incomplete(&expect));
    }
    check(
        &signed().push("X-Amz-Target", "t"),
        incomplete("The name of a header contains a character that is not allowed."),
    );
}

#[test]
fn a12_no_place_and_no_payload_mode_skips_the_signature() {
    let hash = "63cdc6da6b76dfdbbd82fe53059afd80e08926740ab5436bd2d4196da1af20db";
    for mode in [
        None,
        Some(hash),
        Some(""),
        Some("UNSIGNED-PAYLOAD"),
        Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
    ] {
        let request = match mode {
            None => Owned::get_user(),
            Some(mode) => Owned::get_user().push("x-amz-content-sha256", mode),
        };
        let signer = Signer::default();
        for request in [request.clone().signed(&signer), request.presigned(&signer, 900)] {
            assert_eq!(signer.verify(&request).is_ok(), mode.is_none_or(|mode| mode == hash), "{request:?}");
            let forged =
                ["0".repeat(64), "0".repeat(63), "0".repeat(65), "F".repeat(64), String::new(), "x".to_owned()];
            for forged in forged {
                let request = request.clone().forged(&forged);
                assert!(signer.verify(&request).is_err(), "{request:?}");
            }
        }
    }
}

#[test]
fn f02_a_signature_in_header_and_query_is_refused() {
    let both = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    let mut request = signed();
    for query in [
        presigned().query,
        "X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned(),
        "x-amz-anything".to_owned(),
        "X%2DAmz%2DDate=".to_owned(),
    ] {
        request.query = query;
        check(&request, mismatch(both));
    }
    check(&presigned().push("authorization", "Bearer x"), mismatch(both));
    // Nor may a presigned request say anything twice.
    let twice = "'X-Amz-Date' must not be both a query parameter and a header.";
    check(&presigned().push("x-amz-date", "20260101T002000Z"), mismatch(twice));
    let twice = "'X-Amz-Security-Token' must not be both a query parameter and a header.";
    let request = Owned::get_user().presigned(&with_token(), 900);
    check(&request.push("x-amz-security-token", TOKEN), mismatch(twice));
    let never = "A presigned request must not have the headers 'x-amz-date', 'x-amz-security-token'.";
    check(&presigned().push("x-amz-security-token", TOKEN), mismatch(never));
}

#[test]
fn f03_duplicate_parameter_is_refused() {
    for name in ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"] {
        let query = presigned().query;
        let pair = query.split('&').find(|pair| pair.starts_with(&format!("X-Amz-{name}="))).unwrap();
        let expect = format!("The query parameter 'X-Amz-{name}' must not occur more than once.");
        check(&presigned().requery(pair, &format!("{pair}&{pair}")), incomplete(&expect));
        check(&presigned().requery(pair, &format!("X-Amz-{name}=x&{pair}")), incomplete(&expect));
    }
    let query = "X-Amz-Date=20260101T002000Z";
    check(
        &presigned().requery(query, &format!("{query}&%58-Amz-Date=1")),
        incomplete("The query parameter 'X-Amz-Date' must not occur more than once."),
    );
    let many: String = (0..40).map(|index| format!("&X-Amz-Meta-{index}=")).collect();
    check(
        &presigned().requery("&X-Amz-Date", &format!("{many}&X-Amz-Date")),
        incomplete("The query string has too many 'X-Amz-' parameters."),
    );
}

#[test]
fn a19_a_parameter_in_another_case_is_refused() {
    for (name, variant) in [
        ("X-Amz-Credential", "X-Amz-credential"),
        ("X-Amz-Date", "x-amz-date"),
        ("X-Amz-Expires", "X-AMZ-EXPIRES"),
        ("X-Amz-Signature", "X-Amz-SIGNATURE"),
        ("X-Amz-SignedHeaders", "X-Amz-Signedheaders"),
    ] {
        let spelled = format!("The query parameter '{variant}' must be spelled '{name}'.");
        check(&presigned().requery(name, variant), incomplete(&spelled));
        let query = format!("{variant}=1&{name}");
        let error = Signer::default().verify(&presigned().requery(name, &query)).unwrap_err();
        assert!(error.message().ends_with("must not occur more than once."), "{error}");
    }
}

#[test]
fn f04_a_payload_that_is_not_signed_is_refused() {
    for mode in ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let expect = format!("The payload must be signed: 'x-amz-content-sha256' must not be '{mode}'.");
        let request = Owned::get_user().push("x-amz-content-sha256", mode);
        check(&request.clone().signed(&Signer::default()), incomplete(&expect));
        check(&request.presigned(&Signer::default(), 900), incomplete(&expect));
        check(
            &presigned().requery("X-Amz-Date", &format!("X-Amz-Content-Sha256={mode}&X-Amz-Date")),
            incomplete(&expect),
        );
    }
}

#[test]
fn f04_a_stated_payload_hash_must_be_that_of_the_body() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let get = |hash: &str| Owned::new("GET", "/?Action=A", &[("host", "a"), ("x-amz-content-sha256", hash)], "");
    let wrong = mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.");
    check(&get(empty).signed(&Signer::default()), Ok(()));
    check(&get(empty).presigned(&Signer::default(), 1), Ok(()));
    for hash in ["", "unsigned-payload", &empty.to_uppercase(), &empty.replace('e', "f"), &empty[1..]] {
        check(&get(hash).signed(&Signer::default()), wrong);
        check(&get(hash).presigned(&Signer::default(), 1), wrong);
    }
    let mut request = get(empty).signed(&Signer::default());
    request.body.push(0);
    check(&request, wrong);
    let mut request = signed();
    request.body.push(b'&');
    check(&request, mismatch(MISMATCH));
}

#[test]
fn f05_a_header_that_decides_something_must_be_signed() {
    let unsigned = |name: &str| format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.");
    for name in ["x-amz-target", "x-amz-security-token", "x-amz-content-sha256", "x-amz-anything", "x-amz-"] {
        check(&signed().push(name, "v"), mismatch(&unsigned(name)));
    }
    check(&presigned().push("x-amz-target", "v"), mismatch(&unsigned("x-amz-target")));
    check(&signed().replace("authorization", ";x-amz-date", ""), mismatch(&unsigned("x-amz-date")));
    check(&signed().replace("authorization", "host;", ""), mismatch(NOT_SIGNED_HOST));
    let other = presigned().push("hosts", "iam.example.com").requery("SignedHeaders=host", "SignedHeaders=hosts");
    check(&other, mismatch(NOT_SIGNED_HOST));
    check(&signed().replace("authorization", "content-type;", ""), mismatch(&unsigned("content-type")));

    let later = |method: &str, body: &str| {
        let request = Owned::new(method, "/", &[("host", "iam.example.com")], body);
        request.signed(&Signer::default()).push("content-type", "application/json")
    };
    check(&later("POST", ""), mismatch(&unsigned("content-type")));
    check(&later("PUT", "x"), mismatch(&unsigned("content-type")));
    check(&later("GET", ""), Ok(()));
    // Others may come and go on the way.
    check(&signed().push("user-agent", "a").push("x-amzn-trace-id", "b").push("x-forwarded-for", "c"), Ok(()));
}

#[test]
fn f05_a_list_of_signed_headers_has_one_form() {
    let list = |list: &str| signed().replace("authorization", "content-type;host;x-amz-date", list);
    for bad in [
        "host;content-type;x-amz-date",
        "content-type;host;host;x-amz-date",
        ";host;x-amz-date",
        "content-type;;host;x-amz-date",
    ] {
        assert!(Signer::default().verify(&list(bad)).is_err(), "{bad}");
    }
    check(&list("content-type;host;x-amz-date;"), incomplete(NOT_SORTED));
    check(&list("host;content-type;x-amz-date"), incomplete(NOT_SORTED));
    check(&list("Content-Type;host;x-amz-date"), mismatch("The signed header 'Content-Type' is not in the request."));
    check(&list("content-type;host;host;x-amz-date"), incomplete(NOT_SORTED));
    check(&list("accept;content-type;host;x-amz-date"), mismatch("The signed header 'accept' is not in the request."));
    let many: String = (10..80).map(|index| format!("a{index};")).collect();
    let mut request = Owned::get_user();
    for index in 10..80 {
        request = request.push(&format!("a{index}"), "v");
    }
    let request = Owned { headers: request.headers, ..signed() }.push("x-amz-date", "20260101T002000Z");
    let value = String::from_utf8(signed().header("authorization").clone()).unwrap();
    let request = request.push("authorization", &value.replace("SignedHeaders=", &format!("SignedHeaders={many}")));
    check(&request, incomplete("'SignedHeaders' must not list more than 64 headers."));
    let mut request = signed();
    for _ in 0..130 {
        request = request.push("x-many", "v");
    }
    check(&request, incomplete("The request has too many headers."));
}

#[test]
fn f05_a_line_break_within_a_signed_value_is_refused() {
    let request = Owned::get_user().push("x-a", "1").signed(&Signer::default());
    for value in ["1\nx-b:2", "1\r\n 2", "1\0", "\x7f1"] {
        check(
            &request.clone().replace("x-a", "1", value),
            incomplete("The header 'x-a' contains a character that is not allowed."),
        );
    }
    check(&request.clone().replace("x-a", "1", " \t1  "), Ok(()));
    check(&request.replace("x-a", "1", "1\t1"), mismatch(MISMATCH));
    let get = Owned::new("GET /?a HTTP/1.1\nGET", "/", &[("host", "iam.example.com")], "");
    check(
        &Owned { method: get.method, ..signed() },
        incomplete("The method contains a character that is not allowed."),
    );
}
