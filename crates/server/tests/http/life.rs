//! Panics, clients that leave, and the end.

use crate::harness::*;
use doorward_server::{Config, Limits, ServeError};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::sleep;

const SLOW_CALL: &str = "Action=GetSessionToken&Version=2011-06-15";

#[tokio::test]
async fn a_panic_ends_its_request_only() {
    let server = start().await;
    let mut client = server.connect().await;
    client.send(form("Action=GetUser&Version=2010-05-08")).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.code()), (500, "InternalFailure"));
    assert!(!answer.body.contains("on purpose"));
    client.send(form(IDENTITY)).await;
    assert_eq!(client.answer().await.status, 200);
    client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(
        (answer.status, answer.code()),
        (500, "InternalServerException"),
        "in the form that its sender understands"
    );
    assert!(server.metrics().await.contains("doorward_panics_total 2"));
    server.stop().await;
}

#[tokio::test]
async fn a_call_ends_though_its_client_has_left() {
    let server = start().await;
    let mut client = server.connect().await;
    client.send(form(SLOW_CALL)).await;
    sleep(SLOW / 3).await;
    assert_eq!(server.script.calls.load(Ordering::SeqCst), 1);
    drop(client);
    sleep(SLOW).await;
    assert_eq!(server.script.slow_ended.load(Ordering::SeqCst), 1);
    server.stop().await;
}

#[tokio::test]
async fn shutdown_drains_then_closes_the_service() {
    let server = start().await;
    let address = server.addresses.api;
    let script = std::sync::Arc::clone(&server.script);
    let mut busy = server.connect().await;
    busy.send(form(SLOW_CALL)).await;
    let mut idle = server.connect().await;
    idle.send(form(IDENTITY)).await;
    assert_eq!(idle.answer().await.status, 200);
    let stopping = tokio::spawn(server.stop());
    assert!(idle.closed().await.is_empty());
    assert!(TcpStream::connect(address).await.is_err(), "nothing is accepted any more");
    assert!(!script.closed.load(Ordering::SeqCst), "the service is needed to the end");
    assert_eq!(busy.answer().await.status, 200);
    stopping.await.unwrap();
    assert_eq!(script.slow_ended.load(Ordering::SeqCst), 1);
    assert!(script.closed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn shutdown_does_not_wait_for_ever() {
    let limits = Limits { drain_timeout: Duration::from_millis(100), ..limits() };
    let server = start_with(Config { limits, ..config() }).await;
    let script = std::sync::Arc::clone(&server.script);
    let mut busy = server.connect().await;
    busy.send(form(SLOW_CALL)).await;
    sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    server.stop().await;
    assert!(started.elapsed() < SLOW);
    assert!(script.closed.load(Ordering::SeqCst));
    assert!(busy.closed().await.is_empty());
}

/// One test for both, because a signal reaches the whole process.
#[tokio::test]
async fn signals_end_the_server() {
    for (signals, expect) in [(&["TERM"][..], "served"), (&["INT", "TERM"], "interrupted")] {
        let script = std::sync::Arc::<Script>::default();
        let backend = std::sync::Arc::clone(&script);
        let (ready, addresses) = tokio::sync::oneshot::channel();
        let running = std::thread::spawn(move || {
            doorward_server::run(config(), backend, |addresses| ready.send(addresses).unwrap())
        });
        let addresses = addresses.await.unwrap();
        let mut client = Client::new(TcpStream::connect(addresses.api).await.unwrap());
        client.send(form(SLOW_CALL)).await;
        sleep(SLOW / 3).await;
        for signal in signals {
            let process = std::process::id().to_string();
            assert!(std::process::Command::new("kill").args(["-s", signal, &process]).status().unwrap().success());
            sleep(Duration::from_millis(20)).await;
        }
        let ended = tokio::task::spawn_blocking(move || running.join().unwrap()).await.unwrap();
        match expect {
            "served" => {
                assert!(ended.is_ok() && script.closed.load(Ordering::SeqCst));
                assert_eq!(client.answer().await.status, 200);
            }
            _ => {
                assert!(matches!(ended, Err(ServeError::Interrupted)));
                assert_eq!(script.slow_ended.load(Ordering::SeqCst), 0);
            }
        }
    }
}
