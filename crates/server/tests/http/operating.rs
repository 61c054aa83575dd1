//! What operators see: health, readiness, metrics, logs; and what nobody sees.

use crate::harness::*;
use doorward_server::Config;
use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn health_and_readiness() {
    let server = start().await;
    server.script.broken.store(true, Ordering::SeqCst);
    let answer = server.exchange(get("/healthz")).await;
    assert_eq!((answer.status, &*answer.body), (200, r#"{"status":"alive"}"#));
    let answer = server.exchange(get("/readyz")).await;
    assert_eq!((answer.status, &*answer.body), (503, r#"{"status":"not ready"}"#));
    assert!(server.metrics().await.contains("doorward_ready 0"));
    server.script.broken.store(false, Ordering::SeqCst);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(server.exchange(get("/readyz")).await.status, 200);
    assert!(server.metrics().await.contains("doorward_commits_total 7"));
    assert!(server.metrics().await.contains("doorward_ready 1"));
    server.stop().await;
}

#[tokio::test]
async fn metrics_count_by_operation_and_code() {
    let server = start().await;
    for action in
        ["GetCallerIdentity&Version=2011-06-15", "ListUsers&Version=2010-05-08", "Secret7f&Version=2010-05-08"]
    {
        server.exchange(form(&format!("Action={action}"))).await;
    }
    server.exchange("GET / HTTP/1.1\n\n").await;
    let text = server.metrics().await;
    for line in [
        r#"doorward_calls_total{service="sts",operation="GetCallerIdentity",code="OK"} 1"#,
        r#"doorward_calls_total{service="iam",operation="ListUsers",code="AccessDenied"} 1"#,
        r#"doorward_call_seconds_count{service="iam",operation="ListUsers"} 1"#,
        r#"doorward_refused_total{reason="bare-line-feed"} 1"#,
        r#"doorward_refused_total{reason="no-operation"} 1"#,
        "doorward_in_flight 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("Secret7f"), "what clients write is no label");
    server.stop().await;
}

#[tokio::test]
async fn a11_the_metrics_port_serves_metrics_and_nothing_else() {
    let server = start().await;
    let on_metrics = server.addresses.metrics.unwrap();
    for path in ["/", "/healthz", "/debug/pprof", "/v1/accounts", &format!("/?{IDENTITY}")] {
        let mut client = Client::new(tokio::net::TcpStream::connect(on_metrics).await.unwrap());
        client.send(get(path)).await;
        assert_eq!(client.answer().await.status, 404, "{path}");
    }
    // And the other way round: G07, no debugging routes.
    for path in ["/metrics", "/debug/pprof", "/debug/vars", "/env", "/config", "/minio/bootstrap/v1/verify"] {
        assert_eq!(server.exchange(get(path)).await.status, 404, "{path}");
    }
    assert_eq!(server.script.calls.load(Ordering::SeqCst), 0);
    server.stop().await;
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Runs on one thread, so that the thread's subscriber sees the whole server.
#[tokio::test(flavor = "current_thread")]
async fn g04_the_log_says_what_happened_and_nothing_a_client_wrote() {
    let log = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start_with(Config { metrics: None, ..config() }).await;
    let requests = [
        form("Action=GetCallerIdentity&Version=2011-06-15&Canary7=1"),
        form("Action=Canary7%0D%0Ainfo%1B%5B31m&Version=2010-05-08"),
        get("/Canary7/%0a?Canary7=%1b").replacen(
            "\r\n\r\n",
            "\r\nAuthorization: Canary7\r\nX-Amz-Security-Token: Canary7\r\n\r\n",
            1,
        ),
        get("/healthz?Canary7"),
        "GET /Canary7 HTTP/1.1\nX: Canary7\n\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: Canary7 Canary7\r\n\r\n".to_owned(),
        form("Action=GetUser&Version=2010-05-08&UserName=Canary7"),
    ];
    for request in requests {
        server.exchange(request).await;
    }
    server.stop().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("Canary7"), "{log}");
    let calls: Vec<_> = log.lines().filter(|line| line.contains(" call ")).collect();
    assert_eq!(calls.len(), 1, "{log}");
    for part in [
        "INFO",
        "request_id=",
        "service=\"sts\"",
        "operation=\"GetCallerIdentity\"",
        "status=200",
        "micros=",
        "source_ip=127.0.0.1",
    ] {
        assert!(calls[0].contains(part), "{part} in {log}");
    }
    assert!(log.contains("reason=\"bare-line-feed\"") && log.contains("a handler panicked"), "{log}");
}

#[tokio::test]
async fn what_is_published_is_for_anybody_to_read_and_to_keep() {
    let server = start().await;
    let answer = server.exchange(get(PUBLISHED)).await;
    assert_eq!((answer.status, &*answer.body), (200, r#"{"keys":[]}"#));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_ne!(server.exchange(get(PUBLISHED).replace("GET", "POST")).await.status, 200);
    assert_ne!(server.exchange(get(&format!("{PUBLISHED}/"))).await.status, 200);
    assert_eq!(server.script.calls.load(Ordering::SeqCst), 0);
    server.stop().await;
}
