//! Limits of size, time and number.

use crate::harness::*;
use doorward_server::Config;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A POST that announces `length` bytes and sends `body`.
fn post(length: usize, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let server = start().await;
    // The first is refused for what it announces; the second is sent whole by a client that listens only then.
    for body in ["", &"a".repeat(3 * 1024 * 1024)] {
        let mut client = server.connect().await;
        client.send(post(3 * 1024 * 1024, body)).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code()), (413, "RequestEntityTooLargeException"));
        assert_eq!(answer.header("connection"), Some("close"));
        client.closed().await;
    }
    let enough = server.exchange(post(256 * 1024, &"a".repeat(256 * 1024))).await;
    assert_ne!(enough.status, 413);
    server.stop().await;
}

#[tokio::test]
async fn slowloris_is_told_and_closed() {
    let server = start().await;
    let started = Instant::now();
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\n").await;
    let (mut reader, mut writer) = tokio::io::split(client.stream);
    let dripping = tokio::spawn(async move {
        for n in 0.. {
            sleep(Duration::from_millis(50)).await;
            let line = format!("x-{n}: a\r\n");
            if tokio::io::AsyncWriteExt::write_all(&mut writer, line.as_bytes()).await.is_err() {
                break;
            }
        }
    });
    let mut answer = String::new();
    let _ = tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("RequestTimeoutException"), "{answer}");
    let took = started.elapsed();
    assert!(took >= limits().head_timeout && took < limits().head_timeout * 4, "{took:?}");
    dripping.abort();
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = start().await;
    for said in ["", "P", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = server.connect().await;
        client.send(said).await;
        let started = Instant::now();
        client.closed().await;
        let most = limits().head_timeout * 2 + limits().drain_timeout;
        assert!(started.elapsed() < most, "{said:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let limits = doorward_server::Limits { idle_timeout: Duration::from_millis(200), ..limits() };
    let server = start_with(Config { limits, ..config() }).await;
    let mut client = server.connect().await;
    client.send(form(IDENTITY)).await;
    assert_eq!(client.answer().await.status, 200);
    let started = Instant::now();
    assert!(client.closed().await.is_empty());
    assert!(started.elapsed() >= Duration::from_millis(150) && started.elapsed() < Duration::from_millis(1000));
    // A request that is being answered is not idleness.
    client = server.connect().await;
    client.send(form("Action=GetSessionToken&Version=2011-06-15")).await;
    assert_eq!(client.answer().await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_stops_or_drips() {
    let server = start().await;
    for (begin, drip) in [("", false), ("Action=", false), ("Action=", true)] {
        let started = Instant::now();
        let mut client = server.connect().await;
        client.send(post(1000, begin)).await;
        if drip {
            // 20 bytes a second, where 1,024 are asked for.
            for _ in 0..5 {
                sleep(Duration::from_millis(50)).await;
                client.send("a").await;
            }
        }
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code()), (408, "RequestTimeoutException"));
        assert!(started.elapsed() < limits().request_timeout, "by its rate, before the whole time is over");
        client.closed().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_whole_request_has_its_time() {
    let limits = doorward_server::Limits { request_timeout: SLOW / 2, ..limits() };
    let server = start_with(Config { limits, ..config() }).await;
    let answer = server.exchange(form("Action=GetSessionToken&Version=2011-06-15")).await;
    assert_eq!((answer.status, answer.code()), (503, "ServiceUnavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    // The call itself is not cut off.
    sleep(SLOW).await;
    assert_eq!(server.script.slow_ended.load(std::sync::atomic::Ordering::SeqCst), 1);
    server.stop().await;
}

#[tokio::test]
async fn pending_bodies_are_bounded_together() {
    let limits = doorward_server::Limits { pending_body_bytes: 2500, ..limits() };
    let server = start_with(Config { limits, ..config() }).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut client = server.connect().await;
        client.send(post(1001, &"a".repeat(1000))).await;
        waiting.push(client);
    }
    sleep(Duration::from_millis(50)).await;
    let answer = server.exchange(post(1000, &"a".repeat(1000))).await;
    assert_eq!((answer.status, answer.code()), (503, "ServiceUnavailable"));
    for client in &mut waiting {
        client.send("a").await;
        assert_eq!(client.answer().await.code(), "MissingAction");
    }
    assert_eq!(server.exchange(post(1000, &"a".repeat(1000))).await.code(), "MissingAction");
    server.stop().await;
}

#[tokio::test]
async fn connections_of_one_client_and_of_all_are_bounded() {
    for (connections, connections_per_client) in [(2, 100), (100, 2)] {
        let limits = doorward_server::Limits { connections, connections_per_client, ..limits() };
        let server = start_with(Config { limits, metrics: None, ..config() }).await;
        let mut first = server.connect().await;
        let mut second = server.connect().await;
        for client in [&mut first, &mut second] {
            client.send(form(IDENTITY)).await;
            assert_eq!(client.answer().await.status, 200);
        }
        assert!(server.connect().await.closed().await.is_empty(), "one too many");
        drop(second);
        sleep(Duration::from_millis(50)).await;
        assert_eq!(server.exchange(form(IDENTITY)).await.status, 200);
        server.stop().await;
    }
}

#[tokio::test]
async fn trusted_proxies_are_no_single_client() {
    let limits = doorward_server::Limits { connections_per_client: 1, ..limits() };
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = start_with(Config { limits, trusted_proxies, ..config() }).await;
    let _open = server.connect().await;
    assert_eq!(server.exchange(form(IDENTITY)).await.status, 200);
    server.stop().await;
}
