//! Which operation a request reaches, who it seems to come from, and what every answer carries.

use crate::harness::*;
use doorward_server::Config;

/// The answer's status and error code.
async fn check(request: &str, status: u16, code: &str) {
    let server = start().await;
    let answer = server.exchange(request).await;
    assert_eq!((answer.status, answer.code()), (status, code), "{request}");
    server.stop().await;
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn query_operations_by_action_and_version() {
    check(&form(IDENTITY), 200, "none").await;
    check(&get(&format!("/?{IDENTITY}")), 200, "none").await;
    check(&get(&format!("/?{IDENTITY}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0")), 200, "none").await;
    check(&form("Action=ListUsers&Version=2010-05-08"), 403, "AccessDenied").await;
    check(&form("Version=2010-05-08"), 400, "MissingAction").await;
    check(&form("Action=&Version=2010-05-08"), 400, "MissingAction").await;
    check(&form(""), 400, "MissingAction").await;
    check(&form("Action=listUsers&Version=2010-05-08"), 400, "InvalidAction").await;
    check(&form("Action=ListUsers"), 400, "InvalidAction").await;
    check(&form("Action=ListUsers&Version=2011-06-15"), 400, "InvalidAction").await;
    check(&form("Action=GetCallerIdentity&Version=2010-05-08"), 400, "InvalidAction").await;
}

#[tokio::test]
async fn an_unknown_action_is_named() {
    let server = start().await;
    let answer = server.exchange(form("Action=Frobnicate&Version=2010-05-08")).await;
    assert!(answer.body.contains("Could not find operation Frobnicate for version 2010-05-08"), "{}", answer.body);
    server.stop().await;
}

#[tokio::test]
async fn f03_action_in_two_places() {
    let body = IDENTITY;
    let length = body.len();
    let both = format!(
        "POST /?{IDENTITY} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    check(&both, 404, "MalformedQueryString").await;
    check(&form(&format!("{IDENTITY}&Action=GetCallerIdentity")), 404, "MalformedQueryString").await;
}

#[tokio::test]
async fn f10_protocols_are_not_mixed() {
    let target = "POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: AWSNowhereV20161128.ListRoots\r\n\
                  Content-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n\r\n{}";
    check(target, 404, "UnknownOperationException").await;
    let length = IDENTITY.len();
    let target_and_action = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: a.B\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{IDENTITY}"
    );
    check(&target_and_action, 404, "UnknownOperationException").await;
    let json_as_form = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{IDENTITY}"
    );
    check(&json_as_form, 400, "MalformedInput").await;
    check(&get(&format!("/v1/authorize?{IDENTITY}")), 404, "UnknownOperationException").await;
    check(&get("//"), 404, "UnknownOperationException").await;
    check(&get("/a/%2e%2e/"), 404, "UnknownOperationException").await;
    check("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "InvalidAction").await;
    check("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 400, "MalformedHttpRequestException").await;
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "MalformedHttpRequestException").await;
}

#[tokio::test]
async fn f13_an_echoed_input_stays_text() {
    let server = start().await;
    let action = format!("%3C%2FMessage%3E%0D%0AX-Evil%3A1{}", "a".repeat(1000));
    let answer = server.exchange(form(&format!("Action={action}&Version=2010-05-08"))).await;
    assert_eq!(answer.code(), "InvalidAction");
    assert_eq!(answer.body.matches("</Message>").count(), 1);
    assert!(answer.body.contains("&lt;/Message") && !answer.body.contains(&"a".repeat(200)), "{}", answer.body);
    assert!(!answer.head.contains("X-Evil"));
    server.stop().await;
}

#[tokio::test]
async fn the_own_api_by_path() {
    check(&get("/v1/accounts"), 403, "AccessDeniedException").await;
    check(&get("/v1/decisions/d-1"), 403, "AccessDeniedException").await;
    check(&get("/v1/nothing"), 404, "UnknownOperationException").await;
    check(&get("/"), 400, "MissingAction").await;
}

#[tokio::test]
async fn every_answer_carries_its_headers() {
    let server = start().await;
    let answer = server.exchange(form(IDENTITY)).await;
    let id = answer.header("x-amzn-requestid").unwrap();
    assert!(answer.body.contains(&format!("<RequestId>{id}</RequestId>")), "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("text/xml"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-doorward-revision"), Some("111122223333:7"));
    assert_eq!(answer.header("x-doorward-decision"), None);
    assert_eq!(answer.header("strict-transport-security"), None);
    assert!(answer.header("date").unwrap().ends_with("GMT"));
    let denied = server.exchange(form("Action=ListUsers&Version=2010-05-08")).await;
    assert_eq!(denied.header("x-doorward-decision"), Some("d-7f3a"));
    assert_eq!(denied.head.matches("x-amzn-requestid").count(), 1);
    let refused = server.exchange("GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert!(refused.body.contains(refused.header("x-amzn-requestid").unwrap()), "{}", refused.body);
    server.stop().await;
}

const FORWARDED: &str = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n\
                         Forwarded: for=1.1.1.1;proto=https;host=evil\r\nX-Real-IP: 1.1.1.1\r\nX-Forwarded-Port: 443\r\n";

#[tokio::test]
async fn a15_forwarding_headers_of_strangers_have_no_effect() {
    let request = get(&format!("/?{IDENTITY}")).replacen("\r\n\r\n", &format!("\r\n{FORWARDED}\r\n"), 1);
    let server = start().await;
    let body = server.exchange(&request).await.body;
    assert!(body.contains("Some(127.0.0.1)") && body.contains("secure=false tls= host=localhost<"), "{body}");
    server.stop().await;

    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = start_with(Config { trusted_proxies, ..config() }).await;
    let body = server.exchange(&request).await.body;
    assert!(body.contains("Some(192.0.2.7)") && body.contains("secure=true tls= host=localhost<"), "{body}");
    server.stop().await;
}
