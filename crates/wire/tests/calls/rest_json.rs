use doorward_shapes::{FromTree, Sensitive, ToTree, doorward};
use doorward_wire::{encode, rest_json};
use serde_json::{Value, json};

use crate::{rest, send};

#[track_caller]
fn refused(input: Result<Value, String>, expected: &str) {
    assert_eq!(input, Err(expected.to_owned()));
}

#[test]
fn own_api_reads_path_query_and_body() {
    let body = r#"{"principal":"arn:aws:iam::1:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{"aws:username":["a"]}}"#;
    let input = rest("POST", "/v1/authorize", body).unwrap();
    assert_eq!(
        input,
        json!({"Principal": "arn:aws:iam::1:user/a", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k", "Context": {"aws:username": ["a"]}})
    );
    let input = doorward::AuthorizeRequest::from_tree(input).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(input.context.unwrap()["aws:username"], ["a"]);

    assert_eq!(rest("GET", "/v1/decisions/d-81c0", ""), Ok(json!({"DecisionId": "d-81c0"})));
    assert_eq!(rest("GET", "/v1/decisions/d%2D81c0", ""), Ok(json!({"DecisionId": "d-81c0"})));
    assert_eq!(rest("GET", "/v1/events?after=x%20y&limit=5", ""), Ok(json!({"After": "x y", "Limit": 5})));
    assert_eq!(rest("GET", "/v1/accounts", ""), Ok(json!({})));
    assert_eq!(rest("GET", "/v1/accounts?X-Amz-Signature=00", ""), Ok(json!({})));
}

#[test]
fn own_api_answers_in_its_own_names() {
    let response = doorward::AuthorizeResponse {
        decision: doorward::Decision::Deny,
        kind: doorward::DecisionKind::Implicit,
        id: "d-81c0".into(),
        ..Default::default()
    };
    let operation = doorward::SERVICE.operation("Authorize").unwrap();
    let sent = encode(&doorward::SERVICE, operation, &Ok(response.to_tree()), "r-1");
    assert_eq!((sent.status, sent.content_type), (200, "application/json"));
    assert_eq!(
        String::from_utf8(sent.body).unwrap(),
        r#"{"decision":"Deny","kind":"implicit","id":"d-81c0","reasons":[],"missingContext":[]}"#
    );
    let created = doorward::CreateAccountResponse {
        account_id: "123456789012".into(),
        root_access_key_id: "AKIA".into(),
        root_secret_access_key: Sensitive::from("s"),
    };
    let operation = doorward::SERVICE.operation("CreateAccount").unwrap();
    assert_eq!(encode(&doorward::SERVICE, operation, &Ok(created.to_tree()), "r-1").status, 201);
}

#[test]
fn paths_that_fit_no_template_are_unknown() {
    for (method, uri) in [
        ("GET", "/v1/authorize"),
        ("POST", "/v1/authorize/"),
        ("POST", "//v1/authorize"),
        ("POST", "/V1/authorize"),
        ("POST", "/v1/%61uthorize"),
        ("GET", "/v1/decisions/"),
        ("GET", "/v1/decisions"),
        ("GET", "/v1/decisions/a/b"),
        ("GET", "v1/accounts"),
        ("GET", ""),
    ] {
        refused(rest(method, uri, ""), "UnknownOperationException: No operation has this method and path.");
    }
    assert!(rest_json::route(doorward_shapes::SERVICES, "GET", "/v1/decisions/a%2Fb", "").is_some());
}

#[test]
fn what_the_model_does_not_know_is_refused() {
    let authorize = |body| rest("POST", "/v1/authorize", body);
    refused(authorize(r#"{"Action":"a"}"#), "SerializationException: Unknown member: Action");
    refused(authorize(r#"{"decisionId":"a"}"#), "SerializationException: Unknown member: decisionId");
    refused(authorize(r#"{"credentials":{"x":1}}"#), "SerializationException: Unknown member: x");
    refused(authorize(r#"{"action":1}"#), "SerializationException: The value of Action is not of type string.");
    refused(
        authorize(r#"{"context":{"a":[null]}}"#),
        "SerializationException: The value of Context is not of type string.",
    );
    refused(authorize("[]"), "SerializationException: The body must be a JSON object.");
    refused(rest("GET", "/v1/events?After=x", ""), "ValidationError: Unknown parameter: After");
    refused(
        rest("GET", "/v1/events?limit=x", ""),
        "SerializationException: The value of Limit is not of type integer.",
    );
    refused(rest("GET", "/v1/events?limit=1&limit=2", ""), "MalformedQueryString: The parameter limit occurs twice.");
    refused(rest("GET", "/v1/accounts", r#"{"x":1}"#), "SerializationException: Unknown member: x");
    refused(
        rest("GET", "/v1/decisions/%zz", ""),
        "SerializationException: The value of DecisionId is not of type string.",
    );
}

#[test]
fn bodies_are_strict_json() {
    for body in [
        r#"{"action":"a","action":"b"}"#,
        r#"{"action":"a","\u0061ction":"b"}"#,
        r#"{"context":{"a":["x"],"a":["y"]}}"#,
        r#"{"action":"a"} x"#,
        r#"{"action":"a""#,
        r#"{"action":"\ud800"}"#,
        "{\"action\":\"\u{1}\"}",
    ] {
        let error = rest("POST", "/v1/authorize", body).unwrap_err();
        assert!(error.starts_with("SerializationException: The body is not valid JSON: "), "{body}: {error}");
    }
    let deep = |depth: usize| format!(r#"{{"action":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(rest("POST", "/v1/authorize", &deep(20)).unwrap_err().contains("nested too deeply"));
    assert!(rest("POST", "/v1/authorize", &deep(19)).unwrap_err().contains("is not of type string"));
}

#[test]
fn f10_targets_and_paths_do_not_mix() {
    let target = |uri: &str, target: &str| send("POST", uri, &[("x-amz-target", target)], b"{}").err().unwrap();
    for (uri, name) in [("/", "Unknown.CreateUser"), ("/v1/accounts", "x"), ("/", "20100508.GetUser"), ("/", "")] {
        assert_eq!(target(uri, name).code, "UnknownOperationException");
    }
    let both = send("POST", "/?Action=GetUser&Version=2010-05-08", &[("x-amz-target", "X.GetUser")], b"");
    assert_eq!(both.err().unwrap().code, "UnknownOperationException");
}
