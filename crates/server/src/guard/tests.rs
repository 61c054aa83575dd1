//! The guard over an in-memory stream: what hyper gets to see, and when.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

const BOUNDS: Bounds = Bounds {
    head_bytes: 128,
    headers: 4,
    head_timeout: Duration::from_millis(50),
    write_timeout: Duration::from_millis(50),
};

fn guarded(seen: &[u8]) -> (DuplexStream, Guard<DuplexStream>, Arc<Link>) {
    let (peer, stream) = duplex(1024);
    let link = Arc::<Link>::default();
    let guard = Guard::http1(stream, seen.to_vec(), Arc::clone(&link), BOUNDS);
    (peer, guard, link)
}

/// What one read hands over, or `None` while there is nothing.
async fn read(guard: &mut Guard<DuplexStream>) -> Option<String> {
    let mut bytes = [0; 512];
    let count = timeout(Duration::from_millis(10), guard.read(&mut bytes)).await.ok()?.unwrap();
    Some(String::from_utf8(bytes[..count].to_vec()).unwrap())
}

#[tokio::test]
async fn requests_are_handed_over_one_at_a_time() {
    let (mut peer, mut guard, link) = guarded(b"POST ");
    let one = "POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello";
    let two = "GET /two HTTP/1.1\r\n\r\n";
    peer.write_all(format!("{}{two}POST /", &one[5..]).as_bytes()).await.unwrap();
    assert_eq!(read(&mut guard).await.as_deref(), Some(one));
    assert_eq!(read(&mut guard).await.as_deref(), Some(two));
    assert_eq!(read(&mut guard).await, None);
    peer.write_all(b" HTTP/1.1\r\nContent-Length: 3\r\n\r\na").await.unwrap();
    assert_eq!(read(&mut guard).await.as_deref(), Some("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na"));
    peer.write_all(b"bcGET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(read(&mut guard).await.as_deref(), Some("bc"));
    assert_eq!(read(&mut guard).await.as_deref(), Some("GET / HTTP/1.1\r\n\r\n"));
    assert_eq!(link.refusal.get(), None);
}

#[tokio::test]
async fn a_small_reader_gets_everything() {
    let (mut peer, mut guard, _) = guarded(b"");
    let request = b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello";
    peer.write_all(request).await.unwrap();
    for byte in request {
        assert_eq!(guard.read_u8().await.unwrap(), *byte);
    }
}

#[tokio::test]
async fn a_refused_head_is_replaced_and_nothing_follows() {
    let (mut peer, mut guard, link) = guarded(b"");
    peer.write_all(b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\nx: y\r\n\r\nGET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(read(&mut guard).await.as_deref(), Some("GET / HTTP/1.1\r\n\r\n"));
    assert_eq!(link.refusal.get(), None, "the request before is answered as it deserves");
    assert_eq!(read(&mut guard).await.unwrap().as_bytes(), SUBSTITUTE);
    assert_eq!(link.refusal.get(), Some(&&refusal::BARE_LINE_FEED));
    assert_eq!(read(&mut guard).await, None);
    drop(peer);
    assert_eq!(read(&mut guard).await, None, "an end of stream would cut the answer short");
}

#[tokio::test]
async fn half_a_head_is_never_seen() {
    let (mut peer, mut guard, _) = guarded(b"");
    peer.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    drop(peer);
    assert_eq!(read(&mut guard).await.as_deref(), Some(""));
}

#[tokio::test]
async fn a_slow_head_is_refused_but_an_idle_peer_and_a_busy_server_are_not() {
    let (mut peer, mut guard, link) = guarded(b"");
    peer.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(read(&mut guard).await.is_some());
    let mut bytes = [0; 512];
    assert!(timeout(BOUNDS.head_timeout * 3, guard.read(&mut bytes)).await.is_err(), "idle");
    peer.write_all(b"GET /").await.unwrap();
    link.in_flight.store(1, Ordering::Relaxed);
    assert!(timeout(BOUNDS.head_timeout * 3, guard.read(&mut bytes)).await.is_err(), "sent ahead");
    link.in_flight.store(0, Ordering::Relaxed);
    let count = timeout(BOUNDS.head_timeout * 3, guard.read(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(&bytes[..count], SUBSTITUTE);
    assert_eq!(link.refusal.get(), Some(&&refusal::HEAD_TIMEOUT));
}

#[tokio::test]
async fn a_first_head_must_come_in_time() {
    let (_peer, mut guard, link) = guarded(b"");
    let mut bytes = [0; 512];
    assert!(timeout(BOUNDS.head_timeout * 3, guard.read(&mut bytes)).await.is_ok());
    assert_eq!(link.refusal.get(), Some(&&refusal::HEAD_TIMEOUT));
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_left() {
    let (_peer, mut guard, _) = guarded(b"");
    let error = timeout(Duration::from_secs(5), guard.write_all(&[0; 4096])).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn an_early_answer_is_not_lost_to_a_reset() {
    let (mut peer, mut guard, _) = guarded(b"");
    peer.write_all(b"POST / HTTP/1.1\r\ncontent-length: 2000\r\n\r\n").await.unwrap();
    assert!(read(&mut guard).await.is_some());
    let sending = tokio::spawn(async move {
        peer.write_all(&[b'x'; 2000]).await.unwrap();
        let mut answer = String::new();
        peer.read_to_string(&mut answer).await.unwrap();
        answer
    });
    guard.write_all(b"too large").await.unwrap();
    timeout(Duration::from_secs(1), guard.shutdown()).await.unwrap().unwrap();
    assert_eq!(sending.await.unwrap(), "too large");
}
