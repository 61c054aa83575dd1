//! A server on a free port, a service behind it that can be made to fail, and clients that send what they are told.

use doorward_server::{Addresses, Answering, Backend, Config, Limits, Server};
use doorward_service::{Call, Reply};
use doorward_shapes::common;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long the slow operation takes.
pub const SLOW: Duration = Duration::from_millis(300);

/// The path that something is published at.
pub const PUBLISHED: &str = "/issuers/111122223333/.well-known/jwks.json";

/// What any test waits for at most.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Answers by operation: `GetCallerIdentity` says what the server said of the client, `GetSessionToken` is slow,
/// `GetUser` and `ListEvents` panic, everything else is denied.
#[derive(Default)]
pub struct Script {
    pub calls: AtomicUsize,
    pub slow_ended: AtomicUsize,
    pub closed: AtomicBool,
    pub broken: AtomicBool,
}

impl Backend for Script {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::SeqCst);
            let peer = &call.peer;
            let result = match call.operation.name {
                "GetCallerIdentity" => {
                    let tls = peer.tls.as_ref().map(|tls| format!("{} {}", tls.version, tls.cipher_suite));
                    let user_id =
                        format!("secure={} tls={} host={}", peer.secure_transport, tls.unwrap_or_default(), peer.host);
                    let headers = call.http.headers.iter().filter(|(name, _)| *name == "host").count();
                    let arn = format!("{:?} hosts={headers} {:?}", peer.source_ip, call.input);
                    Ok(json!({"Account": "111122223333", "Arn": arn, "UserId": user_id}))
                }
                "GetSessionToken" => {
                    sleep(SLOW).await;
                    self.slow_ended.fetch_add(1, Ordering::SeqCst);
                    Ok(json!({}))
                }
                "GetUser" | "ListEvents" => panic!("on purpose"),
                _ => Err(common::access_denied("no")),
            };
            Reply { result, decision: Some("d-7f3a".into()), revision: Some("111122223333:7".into()) }
        })
    }

    fn published(&self, path: &str) -> Option<String> {
        (path == PUBLISHED).then(|| r#"{"keys":[]}"#.to_owned())
    }

    fn is_ready(&self) -> bool {
        !self.broken.load(Ordering::SeqCst)
    }

    fn commits(&self) -> u64 {
        7
    }

    fn unreadable(&self) -> u64 {
        0
    }

    fn upkeep(&self) {}

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

/// A server that runs until it is told to stop.
pub struct Running {
    pub addresses: Addresses,
    pub script: Arc<Script>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }

    pub async fn connect(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.addresses.api).await.unwrap())
    }

    /// Sends `request` on a connection of its own and reads the answer.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    /// The exposition of the metrics.
    pub async fn metrics(&self) -> String {
        let mut client = Client::new(TcpStream::connect(self.addresses.metrics.unwrap()).await.unwrap());
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        client.answer().await.body
    }
}

/// Limits short enough for tests.
pub fn limits() -> Limits {
    Limits {
        head_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_millis(1000),
        body_grace: Duration::from_millis(300),
        handshake_timeout: Duration::from_millis(300),
        drain_timeout: Duration::from_millis(1000),
        ..Limits::default()
    }
}

pub fn config() -> Config {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    Config { listen: any_port, metrics: Some(any_port), limits: limits(), ..Config::default() }
}

pub async fn start() -> Running {
    start_with(config()).await
}

pub async fn start_with(config: Config) -> Running {
    let script = Arc::<Script>::default();
    let server = Server::bind(config, script.clone()).await.unwrap();
    let addresses = server.addresses();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(server.serve(async move {
        let _ = stopped.await;
    }));
    Running { addresses, script, stop, serving }
}

/// One connection of a client.
pub struct Client<S> {
    pub stream: S,
    /// What was read beyond the last answer.
    rest: Vec<u8>,
}

impl<S> Client<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, rest: Vec::new() }
    }
}

/// An answer over HTTP/1.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The error code in the body, of XML or JSON.
    pub fn code(&self) -> &str {
        let between = |start: &str, end: &str| {
            let rest = self.body.split_once(start)?.1;
            Some(rest.split_once(end)?.0)
        };
        between("<Code>", "</Code>").or_else(|| between("\"__type\":\"", "\"")).unwrap_or("none")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

impl<S: AsyncRead + AsyncWriteExt + Unpin> Client<S> {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads one answer, its body by its `Content-Length`.
    pub async fn answer(&mut self) -> Answer {
        let mut bytes = std::mem::take(&mut self.rest);
        let head_length = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            let read = timeout(PATIENCE, self.stream.read_buf(&mut bytes)).await.expect("an answer in time").unwrap();
            assert_ne!(read, 0, "closed without an answer: {:?}", String::from_utf8_lossy(&bytes));
        };
        let head = String::from_utf8(bytes[..head_length].to_vec()).unwrap();
        let status = head[9..12].parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length: usize = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while bytes.len() < head_length + length {
            assert_ne!(timeout(PATIENCE, self.stream.read_buf(&mut bytes)).await.unwrap().unwrap(), 0);
        }
        self.rest = bytes.split_off(head_length + length);
        answer.body = String::from_utf8(bytes[head_length..].to_vec()).unwrap();
        answer
    }

    /// Waits until the server closes the connection, and returns what it still sent.
    pub async fn closed(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.rest);
        // A reset is a close, too.
        let _ = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await.expect("a close in time");
        rest
    }
}

/// A request with a form as its body.
pub fn form(form: &str) -> String {
    let length = form.len();
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    )
}

pub const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
