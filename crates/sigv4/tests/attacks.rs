//! Attacks on signed requests. Names begin with the row of the attack catalogue that they cover.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{ACCESS_KEY_ID, Facts, Owned, SECRET, Signer, TOKEN, at};
use doorward_sigv4::{Error, PathStyle, SigningKey, claim};
use jiff::{SignedDuration, Timestamp};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const NOT_SIGNED_HOST: &str = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
const NOT_SORTED: &str = "'SignedHeaders' must list the headers once each, sorted.";

/// Checks what becomes of a request to the `iam` service, at the time it was signed: `Ok`, or error code and message.
fn check(request: &Owned, expect: Result<(), (&str, &str)>) {
    refused(Signer::default().verify(request), expect, &format!("{request:?}"));
}

fn refused(result: Result<Facts, Error>, expect: Result<(), (&str, &str)>, what: &str) {
    let status = |code: &str| match code {
        "IncompleteSignature" | "AuthorizationQueryParametersError" => 400,
        "SignatureDoesNotMatch" => 403,
        _ => 404,
    };
    match result {
        Ok(_) => assert_eq!(Ok(()), expect, "{what}"),
        Err(error) => {
            assert_eq!(Err((error.code(), error.message())), expect, "{what}");
            assert_eq!(error.status(), status(error.code()));
            assert_eq!(error.to_string(), error.message());
        }
    }
}

fn incomplete(message: &str) -> Result<(), (&str, &str)> {
    Err(("IncompleteSignature", message))
}

fn mismatch(message: &str) -> Result<(), (&str, &str)> {
    Err(("SignatureDoesNotMatch", message))
}

fn signed() -> Owned {
    Owned::get_user().signed(&Signer::default())
}

fn presigned() -> Owned {
    Owned::new("GET", "/?Action=GetUser&Version=2010-05-08", &[("host", "iam.example.com")], "")
        .presigned(&Signer::default(), 900)
}

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

#[test]
fn f06_every_part_of_the_scope_is_exact() {
    let scope = |scope: &str| signed().replace("authorization", "20260101/eu-west-1/iam/aws4_request", scope);
    let service = "Credential should be scoped to correct service: 'iam'. ";
    for (text, expect) in [
        ("20260101/eu-west-1/sts/aws4_request", service.to_owned()),
        ("20260101/eu-west-1/IAM/aws4_request", service.to_owned()),
        ("20260101/eu-west-1//aws4_request", service.to_owned()),
        ("20260101/eu-west-1/iam/x", "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'.".to_owned()),
        ("20260101/eu-west-1/iam/AWS4_REQUEST", "Credential should be scoped with a valid terminator: 'aws4_request', not 'AWS4_REQUEST'.".to_owned()),
        (
            "20260102/eu-west-1/iam/aws4_request",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' != '20260101', from '20260101T002000Z'.".to_owned(),
        ),
        ("20260101/EU-WEST-1/iam/aws4_request", "Credential should be scoped to a valid region, not 'EU-WEST-1'. ".to_owned()),
        ("20260101//iam/aws4_request", "Credential should be scoped to a valid region, not ''. ".to_owned()),
        ("20260101/eu_west_1/iam/aws4_request", "Credential should be scoped to a valid region, not 'eu_west_1'. ".to_owned()),
        (&format!("20260101/{}/iam/aws4_request", "a".repeat(33)), format!("Credential should be scoped to a valid region, not '{}'. ", "a".repeat(33))),
        (
            "b/C/d/e",
            "Credential should be scoped to a valid region, not 'C'. Credential should be scoped to correct service: 'iam'. \
             Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. \
             Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20260101', from '20260101T002000Z'."
                .to_owned(),
        ),
    ] {
        check(&scope(text), mismatch(&expect));
    }
    // A well-formed region is not right yet: the signature is for another.
    check(&scope("20260101/us-east-1/iam/aws4_request"), mismatch(MISMATCH));
    for credential in
        ["20260101/eu-west-1/iam", "20260101/eu-west-1/iam/aws4_request/", "20260101/eu-west-1/iam/aws4_request/x", ""]
    {
        let key_id =
            if credential.is_empty() { ACCESS_KEY_ID.to_owned() } else { format!("{ACCESS_KEY_ID}/{credential}") };
        let whole = format!("{ACCESS_KEY_ID}/20260101/eu-west-1/iam/aws4_request");
        let expect = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{key_id}'"
        );
        check(&signed().replace("authorization", &whole, &key_id), incomplete(&expect));
        check(&presigned().requery(&whole.replace('/', "%2F"), &key_id.replace('/', "%2f")), incomplete(&expect));
    }
    check(
        &signed().replace("authorization", ACCESS_KEY_ID, &"A".repeat(129)),
        incomplete("The access key ID in Credential is too long."),
    );
    for region in ["us-east-1", "eu-west-1", "local", "a", "0-0", &"a".repeat(32)] {
        let signer = Signer { region: region.to_owned(), ..Signer::default() };
        check(&Owned::get_user().signed(&signer), Ok(()));
    }
}

/// Checks a request signed at a time, verified at another.
fn check_clock(request: &Owned, now: Timestamp, expect: Result<(), (&str, &str)>) {
    refused(Signer::default().verify_at(request, now), expect, &now.to_string());
}

#[test]
fn f07_the_clock_may_differ_by_15_minutes() {
    let sign = |time: &str| Owned::get_user().signed(&Signer { time: at(time), ..Signer::default() });
    let early = sign("2026-01-01T00:00:00Z");
    check_clock(&early, at("2026-01-01T00:15:00Z"), Ok(()));
    check_clock(&early, at("2026-01-01T00:15:00.999999999Z"), Ok(()));
    check_clock(
        &early,
        at("2026-01-01T00:15:01Z"),
        mismatch(
            "Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z (20260101T001501Z - 15 min.)",
        ),
    );
    check_clock(
        &early,
        at("2026-01-01T00:25:00Z"),
        mismatch(
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T002500Z - 15 min.)",
        ),
    );
    let late = sign("2026-01-01T00:45:00Z");
    check_clock(&late, at("2026-01-01T00:30:00Z"), Ok(()));
    check_clock(
        &late,
        at("2026-01-01T00:29:59.999999999Z"),
        mismatch(
            "Signature not yet current: 20260101T004500Z is still later than 20260101T004459Z (20260101T002959Z + 15 min.)",
        ),
    );
    check_clock(
        &late,
        at("2026-01-01T00:15:00Z"),
        mismatch(
            "Signature not yet current: 20260101T004500Z is still later than 20260101T003000Z (20260101T001500Z + 15 min.)",
        ),
    );
    // At the ends of time there is nothing to compute with, and still nothing to accept.
    let last = sign("9999-12-30T22:00:00Z");
    check_clock(
        &last,
        at("2026-01-01T00:00:00Z"),
        mismatch(
            "Signature not yet current: 99991230T220000Z is still later than 20260101T001500Z (20260101T000000Z + 15 min.)",
        ),
    );
    check_clock(&last, Timestamp::MAX, Ok(()));
    assert!(Signer::default().verify_at(&last, Timestamp::MIN).is_err());
}

#[test]
fn f07_only_the_basic_format_is_a_date() {
    for date in [
        "2026-01-01T00:20:00Z",
        "20260101",
        "20260101T002000",
        "20260101T002000+0000",
        "20260101T0020Z",
        "20261301T002000Z",
        "20260101T002060Z",
        "99991231T235959Z",
        "1767226800",
        "Thu, 01 Jan 2026 00:20:00 GMT",
    ] {
        let expect =
            format!("Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601");
        check(&signed().replace("x-amz-date", "20260101T002000Z", date), incomplete(&expect));
        let encoded = date.replace('+', "%2B").replace(' ', "%20");
        if !date.contains(' ') {
            check(
                &presigned().requery("X-Amz-Date=20260101T002000Z", &format!("X-Amz-Date={encoded}")),
                incomplete(&expect),
            );
        }
    }
}

#[test]
fn f07_the_date_header_counts_only_without_x_amz_date() {
    // With both, `X-Amz-Date` wins, as with AWS.
    check(&Owned::get_user().push("date", "nonsense").signed(&Signer::default()), Ok(()));
    check(&signed().push("date", "Thu, 01 Jan 1970 00:00:00 GMT"), Ok(()));

    // Without it, the `Date` header is the time that was signed, in either of its forms, whether it is signed itself or not.
    let date_only = |date: &str, list: &str| {
        let scope = "20260101/eu-west-1/iam/aws4_request";
        let credential = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{scope}");
        let authorization = format!("{credential}, SignedHeaders={list}, Signature=0");
        Owned::get_user().push("date", date).push("authorization", &authorization)
    };
    for date in ["Thu, 01 Jan 2026 00:20:00 GMT", "20260101T002000Z"] {
        for list in ["content-type;date;host", "content-type;host"] {
            let request = Signer::default().resign(date_only(date, list));
            check(&request, Ok(()));
            let other = if date.contains("GMT") { "Thu, 01 Jan 2026 00:20:01 GMT" } else { "20260101T002001Z" };
            check(&request.replace("date", date, other), mismatch(MISMATCH));
        }
    }
    let expect = "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601";
    check(&date_only("yesterday", "content-type;date;host"), incomplete(expect));
}

#[test]
fn f08_a_presigned_request_that_lacks_something_is_told_what() {
    let include = |name: &str| format!("AWS query-string parameters must include '{name}'. ");
    let names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
    for name in names {
        let expect = format!("{}Re-examine the query-string parameters.", include(name));
        let query = presigned().query;
        let rest: Vec<_> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        check(&Owned { query: rest.join("&"), ..presigned() }, incomplete(&expect));
        check(&Owned { query: format!("{}&{name}=", rest.join("&")), ..presigned() }, incomplete(&expect));
    }
    let all = format!("{}Re-examine the query-string parameters.", names.map(include).concat());
    check(&Owned { query: "X-Amz-Foo=1".to_owned(), ..presigned() }, incomplete(&all));
    check(&Owned { query: "x-amz-foo".to_owned(), ..presigned() }, incomplete(&all));
}

#[test]
fn f08_expires_is_1_to_604800_in_digits() {
    let expires = |text: &str| presigned().requery("X-Amz-Expires=900", &format!("X-Amz-Expires={text}"));
    let error = |message| Err(("AuthorizationQueryParametersError", message));
    for text in ["", "1e3", "%2B5", "+5", "0x10", "1.0", "%205", "5%20", "-", "%D9%A3", "900s", "Infinity"] {
        match text {
            "%205" | "5%20" | "%D9%A3" => check(
                &expires(text),
                Err(("MalformedQueryString", "The value of 'X-Amz-Expires' contains a character that is not allowed.")),
            ),
            _ => check(&expires(text), error("X-Amz-Expires should be a number")),
        }
    }
    for text in ["0", "000", "-1", "-604801", "-0"] {
        check(&expires(text), error("X-Amz-Expires must be non-negative"));
    }
    for text in ["604801", "4294967296", "18446744073709551617", "99999999999999999999999999999999999999999999"] {
        check(
            &expires(text),
            error(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ),
        );
    }
    // In range, but not what was signed.
    for text in ["1", "899", "604800", "0900"] {
        check(&expires(text), mismatch(MISMATCH));
    }
    check(
        &expires("900&X-Amz-Expires=900"),
        incomplete("The query parameter 'X-Amz-Expires' must not occur more than once."),
    );
}

#[test]
fn f08_a_presigned_request_expires_when_it_says() {
    let presign = |expires| {
        Owned::get_user().presigned(&Signer { time: at("2026-01-01T00:00:00Z"), ..Signer::default() }, expires)
    };
    for (expires, unit) in [(1, "1 sec."), (60, "1 min."), (61, "61 sec."), (900, "15 min."), (604_800, "10080 min.")] {
        let end = at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(expires.into());
        check_clock(&presign(expires), end, Ok(()));
        let after = end + SignedDuration::from_secs(1);
        let digits = after.to_string().replace(['-', ':'], "");
        let expect =
            format!("Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z ({digits} - {unit})");
        check_clock(&presign(expires), after, mismatch(&expect));
    }
    let soon = at("2025-12-31T23:45:00Z");
    check_clock(&presign(604_800), soon, Ok(()));
    check_clock(
        &presign(604_800),
        soon - SignedDuration::from_secs(1),
        mismatch(
            "Signature not yet current: 20260101T000000Z is still later than 20251231T235959Z (20251231T234459Z + 15 min.)",
        ),
    );
}

#[test]
fn f08_without_expires_a_presigned_request_is_valid_for_15_minutes() {
    // AWS's services other than S3 do not ask for the parameter.
    let request = Owned::new("GET", "/?Action=GetUser", &[("host", "iam.example.com")], "");
    let stripped = request.presigned(&Signer::default(), 900).requery("&X-Amz-Expires=900", "");
    check(&stripped, mismatch(MISMATCH));
    let presigned = Signer::default().resign(stripped);
    check(&presigned, Ok(()));
    let end = Signer::default().time + SignedDuration::from_secs(900);
    check_clock(&presigned, end, Ok(()));
    let expect =
        "Signature expired: 20260101T002000Z is now earlier than 20260101T002001Z (20260101T003501Z - 15 min.)";
    check_clock(&presigned, end + SignedDuration::from_secs(1), mismatch(expect));
}

#[test]
fn f08_the_body_of_a_presigned_post_is_signed() {
    let mut request = Owned::get_user().presigned(&Signer::default(), 900);
    check(&request, Ok(()));
    request.body = b"Action=DeleteUser&Version=2010-05-08".to_vec();
    check(&request, mismatch(MISMATCH));
    request.body.clear();
    check(&request, mismatch(MISMATCH));
}

#[test]
fn f08_a_token_added_after_presigning_is_refused() {
    let request = presigned();
    let query = format!("{}&X-Amz-Security-Token={TOKEN}", request.query);
    check(&Owned { query, ..request }, mismatch(MISMATCH));
    let long = Signer { token: Some("a".repeat(8 * 1024 + 1)), ..Signer::default() };
    check(&Owned::get_user().signed(&long), incomplete("The session token is too long."));
    check(&Owned::get_user().presigned(&long, 60), incomplete("The session token is too long."));
    let longest = Signer { token: Some("a".repeat(8 * 1024)), ..Signer::default() };
    check(&Owned::get_user().signed(&longest), Ok(()));
}

/// A dummy secret for an access key that does not exist leads through the same steps to the same error as a wrong secret.
#[test]
fn f09_a_dummy_secret_fails_like_a_wrong_one() {
    for request in [signed(), presigned()] {
        request.with(|request| {
            let claim = claim(request, PathStyle::Normalised).unwrap().unwrap();
            let checked = claim.check(at("2026-01-01T00:20:00Z"), "iam").unwrap();
            assert_eq!(checked.claim().access_key_id(), ACCESS_KEY_ID);
            for secret in ["", "wrong", "dummy secret of an access key that does not exist", &SECRET[1..]] {
                let error = checked.verify(&checked.signing_key(secret)).err().unwrap();
                assert_eq!(error, Error::SignatureDoesNotMatch(MISMATCH.into()));
            }
            assert!(checked.verify(&checked.signing_key(SECRET)).is_ok());
            assert!(checked.verify(&SigningKey::derive(SECRET, "20260101", "eu-west-1", "iam")).is_ok());
            for (date, region, service) in
                [("20260102", "eu-west-1", "iam"), ("20260101", "eu-west-2", "iam"), ("20260101", "eu-west-1", "sts")]
            {
                assert!(checked.verify(&SigningKey::derive(SECRET, date, region, service)).is_err());
            }
        });
    }
}

#[test]
fn signing_what_is_signed_already_is_refused() {
    let signer = Signer::default();
    for request in [
        signed(),
        presigned(),
        Owned::get_user().push("x-amz-date", "20260101T002000Z"),
        Owned::new("GET", "/", &[], ""),
    ] {
        let failed =
            request.with(|request| doorward_sigv4::sign(request, &signer.credentials(), &signer.scope()).is_err());
        assert!(failed, "{request:?}");
        assert!(
            request
                .with(|request| doorward_sigv4::presign(request, &signer.credentials(), &signer.scope(), 60).is_err())
        );
    }
}
