//! HTTP/2, with prior knowledge: the same answers and limits as HTTP/1.

use crate::harness::*;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn client(server: &Running) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(server.addresses.api).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn send(client: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> (StatusCode, String) {
    let response = client.send_request(request).await.unwrap();
    let status = response.status();
    assert!(!response.headers().contains_key("connection"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn post(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post("http://localhost/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(body.into()))
        .unwrap()
}

#[tokio::test]
async fn calls_are_answered_at_the_same_time() {
    let server = start().await;
    let mut client = client(&server).await;
    let (mut slow, slow_request) = (client.clone(), post("Action=GetSessionToken&Version=2011-06-15"));
    let slow = tokio::spawn(async move { send(&mut slow, slow_request).await });
    let (status, body) = send(&mut client, post(IDENTITY)).await;
    assert_eq!(status, 200);
    // The signature covers `host`, which HTTP/2 calls `:authority`.
    assert!(body.contains("hosts=1") && body.contains("host=localhost<"), "{body}");
    assert!(!slow.is_finished());
    assert_eq!(slow.await.unwrap().0, 200);
    server.stop().await;
}

#[tokio::test]
async fn the_checks_hold_here_too() {
    let server = start().await;
    let mut client = client(&server).await;
    let refused = [("host", "evil", 400), ("content-encoding", "gzip", 400), ("x-large", &*"a".repeat(16 * 1024), 431)];
    for (name, value, status) in refused {
        let mut request = post(IDENTITY);
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(send(&mut client, request).await.0, status, "{name}");
    }
    let mut twice = post(IDENTITY);
    for _ in 0..2 {
        twice.headers_mut().append("x-amz-date", "20260102T030405Z".parse().unwrap());
    }
    assert_eq!(send(&mut client, twice).await.0, 400);
    let (status, body) = send(&mut client, post(vec![b'a'; 300 * 1024])).await;
    assert_eq!(status, 413);
    assert!(body.contains("RequestEntityTooLargeException"), "{body}");
    assert_eq!(send(&mut client, post(IDENTITY)).await.0, 200, "the connection goes on");
    server.stop().await;
}

#[tokio::test]
async fn shutdown_says_goodbye() {
    let server = start().await;
    let mut client = client(&server).await;
    assert_eq!(send(&mut client, post(IDENTITY)).await.0, 200);
    server.stop().await;
    assert!(client.ready().await.is_err());
}

/// A frame: length, type, flags, stream, payload.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Sends frames until the server has had enough; true if it ends the connection.
async fn flood(server: &Running, frames: impl Iterator<Item = Vec<u8>>) -> bool {
    let stream = TcpStream::connect(server.addresses.api).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let reading = tokio::spawn(async move {
        let _ = tokio::time::timeout(PATIENCE, reader.read_to_end(&mut Vec::new())).await.expect("an end");
    });
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, b""));
    for frame in frames {
        bytes.extend(frame);
        if bytes.len() > 16 * 1024 {
            if writer.write_all(&bytes).await.is_err() {
                break;
            }
            bytes.clear();
        }
    }
    let _ = writer.write_all(&bytes).await;
    reading.await.is_ok()
}

/// HPACK for `GET http://a/`, by the static table and one literal.
const GET: &[u8] = b"\x82\x84\x86\x41\x01a";

#[tokio::test]
async fn f11_rapid_reset() {
    let server = start().await;
    let resets = (0..2000).flat_map(|n| {
        let stream = 2 * n + 1;
        [frame(1, 0x5, stream, GET), frame(3, 0, stream, &8_u32.to_be_bytes())]
    });
    assert!(flood(&server, resets).await);
    assert_eq!(server.exchange(form(IDENTITY)).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn f11_continuation_flood() {
    let server = start().await;
    let start = frame(1, 0x1, 1, GET);
    let more = std::iter::repeat_with(|| frame(9, 0, 1, b"\0\x01x\x01y")).take(200_000);
    assert!(flood(&server, std::iter::once(start).chain(more)).await);
    assert_eq!(server.exchange(form(IDENTITY)).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn f11_a_path_without_a_slash_reaches_no_service() {
    let server = start().await;
    // :method GET, :path "a", :scheme http, :authority a
    let headers = frame(1, 0x5, 1, b"\x82\x04\x01a\x86\x41\x01a");
    let mut stream = TcpStream::connect(server.addresses.api).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&[frame(4, 0, 0, b""), headers].concat()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(server.script.calls.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(server.exchange(form(IDENTITY)).await.status, 200);
    server.stop().await;
}
