//! Heads that two readers might understand differently are refused, with an answer an AWS client can read, and the
//! connection is closed.

use crate::harness::*;

const MALFORMED: &str = "MalformedHttpRequestException";

/// Each request is answered with this status and code, then the connection ends.
async fn check(status: u16, code: &str, requests: &[&str]) {
    let server = start().await;
    for request in requests {
        let mut client = server.connect().await;
        client.send(request).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code()), (status, code), "{request:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{request:?}");
        assert!(client.closed().await.is_empty(), "one answer: {request:?}");
    }
    assert_eq!(server.script.calls.load(std::sync::atomic::Ordering::SeqCst), 0);
    server.stop().await;
}

#[tokio::test]
async fn one_host_and_only_one() {
    let hosts = [
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://evil/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://evil/x HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: \u{e9}\r\n\r\n",
    ];
    check(400, MALFORMED, &hosts).await;
}

#[tokio::test]
async fn f12_length_and_encoding_together() {
    let both = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n",
    ];
    check(400, MALFORMED, &both).await;
    let chunked = ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"];
    check(411, MALFORMED, &chunked).await;
}

#[tokio::test]
async fn f12_lengths_in_doubt() {
    let lengths = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nab",
    ];
    check(400, MALFORMED, &lengths).await;
}

#[tokio::test]
async fn line_ends_and_odd_bytes() {
    let lines = [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\u{1}b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /#fragment HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
        "PRI * HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    check(400, MALFORMED, &lines).await;
}

#[tokio::test]
async fn headers_that_must_be_single() {
    for name in [
        "Authorization",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "X-Amz-Content-Sha256",
        "x-amz-content-SHA256",
        "Content-Type",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{name}: 1\r\n{name}: 1\r\n\r\n");
        check(400, MALFORMED, &[&request]).await;
    }
    let target = "POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: a\r\nX-Amz-Target: a\r\n\r\n";
    check(400, MALFORMED, &[target]).await;
}

#[tokio::test]
async fn f14_compressed_bodies() {
    let encoded = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b\x08\0",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
    ];
    check(400, MALFORMED, &encoded).await;
}

#[tokio::test]
async fn heads_that_are_too_large() {
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(16 * 1024));
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(500 * 1024));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(64));
    check(431, MALFORMED, &[&long, &path, &many]).await;
    let server = start().await;
    let enough = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(63));
    assert_eq!(server.exchange(enough).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn what_was_sent_before_a_bad_head_is_answered() {
    let server = start().await;
    let mut client = server.connect().await;
    client.send(format!("{}GET / HTTP/1.1\n\n", form(IDENTITY))).await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.answer().await.code(), MALFORMED);
    assert!(client.closed().await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn honest_requests_share_a_connection() {
    let server = start().await;
    let mut client = server.connect().await;
    let dripped = form(IDENTITY);
    for byte in dripped.as_bytes() {
        client.send([*byte]).await;
    }
    assert_eq!(client.answer().await.status, 200);
    client.send(form(IDENTITY)).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (200, None));
    let absolute = "GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send(absolute).await;
    assert_eq!(client.answer().await.status, 200);
    server.stop().await;
}
