//! Requests whose signature is right for something else, or that two readers could read differently.

use doorward_scenario::{Credentials, Request, Signing};
use doorward_sigv4::presign;
use serde_json::{Map, Value, json};

use crate::common::Bench;
use crate::signer::{self, Recipe};

fn request(operation: &str, input: Value) -> Request {
    let service = if operation.starts_with("GetCaller") { "sts" } else { "iam" };
    Request::new(service, operation, input.as_object().unwrap()).unwrap()
}

/// Signs a request to IAM whose body is `form`, and gives the code that it is answered with.
fn answered(bench: &Bench, form: &str) -> String {
    let mut request = request("ListUsers", json!({}));
    request.body = form.to_owned();
    request.sign(&bench.root, &bench.installation.scope("iam")).unwrap();
    bench.installation.send(&request).result.map_or_else(|error| error.code.into_owned(), |_| String::new())
}

/// Signs GetCallerIdentity by the recipe, and gives the code that it is answered with.
fn signed_by(bench: &Bench, credentials: &Credentials, recipe: &Recipe<'_>, headers: &[(&str, &str)]) -> String {
    let mut request = request("GetCallerIdentity", json!({}));
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    signer::sign(&mut request, credentials, recipe);
    bench.installation.send(&request).result.map_or_else(|error| error.code.into_owned(), |_| String::new())
}

/// GetCallerIdentity, presigned for so long.
fn presigned(bench: &Bench, credentials: &Credentials, expires: u32) -> Request {
    let query = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
    let headers = vec![("host".to_owned(), doorward_scenario::HOST.to_owned())];
    let mut request = Request { method: "GET".to_owned(), path: "/".to_owned(), query, headers, body: String::new() };
    let scope = bench.installation.scope("sts");
    request.query = presign(&request.signable(&request.view()), &credentials.signing(), &scope, expires).unwrap();
    request
}

fn code(bench: &Bench, request: &Request) -> String {
    bench.installation.send(request).result.map_or_else(|error| error.code.into_owned(), |_| String::new())
}

#[test]
fn a12_a_wrong_signature_is_refused_wherever_it_stands_and_whatever_the_payload_mode() {
    let bench = Bench::new();
    let garbage = "0".repeat(64);
    for mode in [None, Some("UNSIGNED-PAYLOAD"), Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), Some(garbage.as_str())] {
        let mut in_header = request("GetCallerIdentity", json!({}));
        in_header.headers.extend(mode.map(|mode| ("x-amz-content-sha256".to_owned(), mode.to_owned())));
        in_header.sign(&bench.root, &bench.installation.scope("sts")).unwrap();
        let (_, authorization) = in_header.headers.last_mut().unwrap();
        let (head, _) = authorization.split_once("Signature=").unwrap();
        *authorization = format!("{head}Signature={garbage}");
        assert_ne!(code(&bench, &in_header), "", "{mode:?} in the header");

        let mut in_query = presigned(&bench, &bench.root, 60);
        let (head, _) = in_query.query.split_once("X-Amz-Signature=").unwrap();
        in_query.query = format!("{head}X-Amz-Signature={garbage}");
        in_query.query.extend(mode.map(|mode| format!("&X-Amz-Content-Sha256={mode}")));
        assert_ne!(code(&bench, &in_query), "", "{mode:?} in the query");
    }
}

#[test]
fn a12_what_was_signed_is_what_is_done() {
    let bench = Bench::new();
    let mut request = request("CreateUser", json!({"UserName": "alice"}));
    request.sign(&bench.root, &bench.installation.scope("iam")).unwrap();
    let mut another = request.clone();
    another.body = another.body.replace("alice", "mallory");
    assert_eq!(code(&bench, &another), "SignatureDoesNotMatch");
    let mut more = request.clone();
    more.query = "Path=/admins/".to_owned();
    assert_eq!(code(&bench, &more), "SignatureDoesNotMatch");
    assert_eq!(code(&bench, &request), "");
    let users = bench.root("iam:ListUsers", json!({}));
    assert_eq!(users["Users"][0]["Arn"], "arn:aws:iam::111111111111:user/alice");
    assert_eq!(users["Users"].as_array().unwrap().len(), 1);
}

#[test]
fn f02_a_signature_in_header_and_query_is_refused() {
    let bench = Bench::new();
    let mut both = presigned(&bench, &bench.root, 60);
    let mut signed = request("GetCallerIdentity", json!({}));
    signed.sign(&bench.root, &bench.installation.scope("sts")).unwrap();
    assert_eq!(code(&bench, &both), "");
    both.headers.extend(signed.headers.into_iter().filter(|(name, _)| name == "authorization"));
    assert_eq!(code(&bench, &both), "SignatureDoesNotMatch");
    for parameter in ["X-Amz-Date=20261125T120000Z", "X-Amz-Security-Token=x", "X-Amz-Expires=60"] {
        let mut mixed = request("GetCallerIdentity", json!({}));
        mixed.query = parameter.to_owned();
        signer::sign(&mut mixed, &bench.root, &Recipe::default());
        assert_eq!(code(&bench, &mixed), "SignatureDoesNotMatch", "{parameter}");
    }
}

#[test]
fn f03_a19_parameters_that_two_readers_could_read_differently_are_refused() {
    let bench = Bench::new();
    let create = "Action=CreateUser&Version=2010-05-08";
    let cases = [
        ("UserName=alice&UserName=bob", "MalformedQueryString"),
        ("UserName=alice&username=bob", "ValidationError"),
        ("UserName=alice&USERNAME=bob", "ValidationError"),
        ("UserName=alice&UserName.member.1=bob", "ValidationError"),
        ("UserName=alice&%55serName=bob", "MalformedQueryString"),
        ("UserName=alice&Action=DeleteUser", "MalformedQueryString"),
        ("UserName=alice&action=DeleteUser", "ValidationError"),
        ("UserName=alice&Version=2011-06-15", "MalformedQueryString"),
        ("UserName=alice&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.1.Key=b", "MalformedQueryString"),
        (
            "UserName=alice&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.3.Key=b&Tags.member.3.Value=2",
            "MalformedInput",
        ),
        ("UserName=alice&Tags.member.0.Key=a&Tags.member.0.Value=1", "MalformedInput"),
        ("UserName=alice&Tags.member.01.Key=a&Tags.member.01.Value=1", "MalformedInput"),
        ("UserName=alice&Tags.member.4294967297.Key=a&Tags.member.4294967297.Value=1", "MalformedInput"),
        ("UserName=alice&Tags.member.99999999999999999999.Key=a", "MalformedInput"),
        ("UserName=alice&Tags.1.Key=a&Tags.1.Value=1", "ValidationError"),
        ("UserName=alice&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.1.Extra=x", "ValidationError"),
        ("UserName=alice&Tags=x", "MalformedInput"),
        ("UserName=ali%zzce", "MalformedQueryString"),
        ("UserName=alice&=x", "MalformedQueryString"),
        ("UserName=alice&", "MalformedQueryString"),
        ("UserName=%ff%fe", "MalformedQueryString"),
        ("UserName=alice;Path=/x/", "ValidationError"),
        ("UserName=alice%00", "ValidationError"),
    ];
    for (parameters, code) in cases {
        assert_eq!(answered(&bench, &format!("{create}&{parameters}")), code, "{parameters}");
    }
    // The same name in query and body, each signed.
    let mut split = request("CreateUser", json!({"UserName": "alice"}));
    split.query = "UserName=bob".to_owned();
    split.sign(&bench.root, &bench.installation.scope("iam")).unwrap();
    assert_eq!(code(&bench, &split), "MalformedQueryString");
    assert_eq!(bench.root("iam:ListUsers", json!({}))["Users"], json!([]));
}

#[test]
fn f04_a_payload_outside_of_the_signature_is_refused() {
    let bench = Bench::new();
    let right = Recipe::default();
    assert_eq!(signed_by(&bench, &bench.root, &right, &[]), "", "the signer signs as it must");
    for mode in ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let recipe = Recipe { payload_hash: Some(mode), ..Recipe::default() };
        let stated = [("x-amz-content-sha256", mode)];
        assert_eq!(signed_by(&bench, &bench.root, &recipe, &stated), "IncompleteSignature", "{mode}");
        assert_eq!(signed_by(&bench, &bench.root, &recipe, &[]), "SignatureDoesNotMatch", "{mode}, not stated");
    }
    // The hash of nothing, rightly signed, over a body that is something.
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let recipe = Recipe { payload_hash: Some(nothing), ..Recipe::default() };
    assert_ne!(signed_by(&bench, &bench.root, &recipe, &[("x-amz-content-sha256", nothing)]), "");
}

#[test]
fn f05_what_decides_something_must_be_signed() {
    let bench = Bench::new();
    let user = bench.user("alice", None);
    let token = bench.done(&user, "sts:GetSessionToken", json!({}));
    let session = crate::common::credentials(&token["Credentials"]);
    for header in ["host", "content-type", "x-amz-date", "x-amz-security-token"] {
        let recipe = Recipe { leave_out: &[header], ..Recipe::default() };
        assert_eq!(signed_by(&bench, &session, &recipe, &[]), "SignatureDoesNotMatch", "{header}");
    }
    let recipe = Recipe { leave_out: &["x-amz-meta-note"], ..Recipe::default() };
    let note = [("x-amz-meta-note", "x")];
    assert_eq!(signed_by(&bench, &session, &recipe, &note), "SignatureDoesNotMatch");
    assert_eq!(signed_by(&bench, &session, &Recipe::default(), &note), "");
}

#[test]
fn f06_the_scope_is_exact() {
    let bench = Bench::new();
    let check = |recipe: Recipe<'_>, expect: &str| {
        let scope = format!("{}/{}/{}/{}", recipe.date, recipe.region, recipe.service, recipe.terminator);
        assert_eq!(signed_by(&bench, &bench.root, &recipe, &[]), expect, "{scope}");
    };
    let wrong = "SignatureDoesNotMatch";
    check(Recipe { date: "20261124", ..Recipe::default() }, wrong);
    check(Recipe { date: "2026-11-25", ..Recipe::default() }, wrong);
    check(Recipe { service: "iam", ..Recipe::default() }, wrong);
    check(Recipe { service: "STS", ..Recipe::default() }, wrong);
    check(Recipe { service: "", ..Recipe::default() }, wrong);
    check(Recipe { terminator: "aws4_Request", ..Recipe::default() }, wrong);
    check(Recipe { terminator: "aws3_request", ..Recipe::default() }, wrong);
    check(Recipe { region: "", ..Recipe::default() }, wrong);
    // Clients with an own endpoint sign for whatever region they are set to.
    check(Recipe { region: "eu-west-1", ..Recipe::default() }, "");
}

#[test]
fn f07_the_clock_may_be_off_by_fifteen_minutes() {
    let bench = Bench::new();
    let check = |skew: i64, expect: &str| {
        let signing = Signing { credentials: Some(&bench.root), skew, ..Signing::default() };
        let answer = bench.installation.call(signing, "sts", "GetCallerIdentity", &Map::new()).unwrap();
        let code = answer.result.map_or_else(|error| error.code.into_owned(), |_| String::new());
        assert_eq!(code, expect, "{skew} seconds");
    };
    for skew in [0, 899, 900, -899, -900] {
        check(skew, "");
    }
    // A day, and up to the year 9999.
    for skew in [901, -901, 86_400, -86_400, 251_000_000_000, -1_795_608_000] {
        check(skew, "SignatureDoesNotMatch");
    }
}

#[test]
fn f08_presigned_requests_are_good_for_their_time_and_as_they_are() {
    let bench = Bench::new();
    for expires in [1, 60, 604_800] {
        assert_eq!(code(&bench, &presigned(&bench, &bench.root, expires)), "", "{expires}");
    }
    for expires in [0, 604_801, u32::MAX] {
        let refused = code(&bench, &presigned(&bench, &bench.root, expires));
        assert_eq!(refused, "AuthorizationQueryParametersError", "{expires}");
    }
    let good = presigned(&bench, &bench.root, 60);
    for (expires, expect) in [
        ("-1", "AuthorizationQueryParametersError"),
        ("1e3", "AuthorizationQueryParametersError"),
        ("60.0", "AuthorizationQueryParametersError"),
        ("18446744073709551677", "AuthorizationQueryParametersError"),
        ("", "AuthorizationQueryParametersError"),
        ("61", "SignatureDoesNotMatch"),
    ] {
        let mut changed = good.clone();
        changed.query = changed.query.replace("X-Amz-Expires=60", &format!("X-Amz-Expires={expires}"));
        assert_eq!(code(&bench, &changed), expect, "{expires:?}");
    }
    let mut posted = good.clone();
    posted.method = "POST".to_owned();
    assert_eq!(code(&bench, &posted), "SignatureDoesNotMatch");
    let mut more = good.clone();
    more.body = "DurationSeconds=900".to_owned();
    assert_ne!(code(&bench, &more), "");
    bench.installation.advance(60);
    assert_eq!(code(&bench, &good), "");
    bench.installation.advance(1);
    assert_ne!(code(&bench, &good), "");
    // From the future, beyond the clock's fifteen minutes.
    let late = presigned(&bench, &bench.root, 60);
    bench.installation.advance(-961);
    assert_ne!(code(&bench, &late), "");
}

#[test]
fn f08_a_presigned_request_ends_with_its_session() {
    let bench = Bench::new();
    let user = bench.user("alice", None);
    let token = bench.done(&user, "sts:GetSessionToken", json!({"DurationSeconds": 900}));
    let session = crate::common::credentials(&token["Credentials"]);
    let url = presigned(&bench, &session, 3_600);
    assert_eq!(code(&bench, &url), "");
    bench.installation.advance(900);
    assert_eq!(code(&bench, &url), "ExpiredToken");
}

#[test]
fn f09_an_unknown_key_is_refused_alike_whether_its_signature_could_be_right() {
    let bench = Bench::new();
    let ids = ["AKIAAAAAAAAAAAAAAAAA", "ASIAAAAAAAAAAAAAAAAA", "AKIA", "AIDAAAAAAAAAAAAAAAAA", "XYZ"];
    for access_key_id in ids {
        for secret in ["0".repeat(40), "wrong".to_owned(), bench.root.secret_access_key.clone()] {
            let access_key_id = access_key_id.to_owned();
            let unknown = Credentials { access_key_id, secret_access_key: secret, session_token: None };
            let error = bench.refused(&unknown, "sts:GetCallerIdentity", json!({}));
            let expect = ("InvalidClientTokenId", "The security token included in the request is invalid");
            assert_eq!((error.code.as_ref(), error.message.as_str()), expect);
        }
    }
    assert!(bench.installation.events().unwrap().is_empty());
}
