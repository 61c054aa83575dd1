//! A load generator: kept connections that send signed requests one after another.
//!
//! Requests are signed before the clock starts, so that what is measured is the server and not this program.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use doorward_sigv4::{Credentials, PathStyle, Request, Scope, sign};
use jiff::Timestamp;

use super::process;
use crate::run::Result;

/// An API of the server.
#[derive(Clone, Copy)]
struct Api {
    service: &'static str,
    path: &'static str,
    content_type: &'static str,
}

const IAM: Api = Api { service: "iam", path: "/", content_type: "application/x-www-form-urlencoded; charset=utf-8" };
const AUTHORIZE: Api = Api { service: "doorward", path: "/v1/authorize", content_type: "application/json" };

/// No answer of these benchmarks is longer, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// A server to send to.
pub struct Target {
    /// The process whose CPU and memory count.
    pub process: u32,
    host: String,
    access_key_id: String,
    secret_access_key: String,
    api: Api,
}

/// What one run measured.
pub struct Load {
    pub per_second: f64,
    /// Of the server, for one request.
    pub cpu_micros: f64,
    pub p99: Duration,
}

impl Target {
    pub fn new(process: u32, host: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        let (host, id, secret) = (host.into(), access_key_id.into(), secret_access_key.into());
        Self { process, host, access_key_id: id, secret_access_key: secret, api: IAM }
    }

    /// The server that the variables of an AWS client point at.
    pub fn of_environment(process: u32, environment: &[(&'static str, &str)]) -> Result<Self> {
        let variable = |name: &str| {
            let found = environment.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
            found.ok_or_else(|| format!("{name} is not set"))
        };
        let endpoint = variable("AWS_ENDPOINT_URL")?;
        let host = endpoint.strip_prefix("http://").ok_or("the endpoint is not plain HTTP")?;
        Ok(Self::new(process, host, variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?))
    }

    /// The same server, asked for decisions.
    pub fn deciding(self) -> Self {
        Self { api: AUTHORIZE, ..self }
    }

    /// Where it listens, as in a `host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Creates a user, so that there is one to read.
    pub fn create_user(&self, name: &str) -> Result {
        let body = format!("Action=CreateUser&Version=2010-05-08&UserName={name}");
        let request = self.request(&body)?;
        Connection::new(&self.host)?.send(&request)
    }

    /// The bytes of a signed request with this body.
    fn request(&self, body: &str) -> Result<Vec<u8>> {
        let Api { service, path, content_type } = self.api;
        let headers = [("content-type", content_type.as_bytes()), ("host", self.host.as_bytes())];
        let request = Request { method: "POST", path, query: "", headers: &headers, body: body.as_bytes() };
        let credentials = Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: &self.secret_access_key,
            session_token: None,
        };
        let scope = Scope { region: "us-east-1", service, time: Timestamp::now(), style: PathStyle::default() };
        let added = sign(&request, &credentials, &scope).map_err(|error| error.to_string())?;
        let mut head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\n", self.host);
        for (name, value) in added {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n{body}", body.len());
        Ok(head.into_bytes())
    }
}

/// Sends `count` requests on each connection; `body` makes them from the connection's and the request's number.
pub fn run(target: &Target, connections: u32, count: u32, body: &dyn Fn(u32, u32) -> String) -> Result<Load> {
    let mut work = Vec::new();
    for connection in 0..connections {
        let requests = (0..count).map(|number| target.request(&body(connection, number)));
        work.push((Connection::new(&target.host)?, requests.collect::<Result<Vec<_>>>()?));
    }
    let cpu = process::cpu(target.process)?;
    let start = Instant::now();
    let threads: Vec<_> =
        work.into_iter().map(|(connection, list)| thread::spawn(|| send_all(connection, list))).collect();
    let mut times = Vec::new();
    for thread in threads {
        times.extend(thread.join().map_err(|_| "a client thread panicked")??);
    }
    let elapsed = start.elapsed();
    let cpu = process::cpu(target.process)?.saturating_sub(cpu);
    let total = f64::from(connections * count);
    Ok(Load {
        per_second: total / elapsed.as_secs_f64(),
        cpu_micros: cpu.as_secs_f64() * 1e6 / total,
        p99: quantile(times, 99),
    })
}

fn send_all(mut connection: Connection, requests: Vec<Vec<u8>>) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(requests.len());
    for request in requests {
        let start = Instant::now();
        connection.send(&request)?;
        times.push(start.elapsed());
    }
    Ok(times)
}

pub fn median(times: Vec<Duration>) -> Duration {
    quantile(times, 50)
}

fn quantile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// One connection; opened anew where the server closes it after an answer.
pub struct Connection {
    host: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn new(host: &str) -> Result<Self> {
        let mut connection = Self { host: host.into(), stream: None, buffer: Vec::new() };
        connection.stream = Some(connection.open()?);
        Ok(connection)
    }

    fn open(&self) -> Result<TcpStream> {
        let open = || {
            let stream = TcpStream::connect(&self.host)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            Ok(stream)
        };
        open().map_err(|error: std::io::Error| format!("cannot connect to {}: {error}", self.host))
    }

    /// Sends the request and reads its answer, which must be a success.
    pub fn send(&mut self, request: &[u8]) -> Result {
        let status = self.exchange(request)?;
        if status == "200" {
            return Ok(());
        }
        Err(format!("{} answered {status}: {}", self.host, String::from_utf8_lossy(&self.buffer)))
    }

    /// Sends the request and gives the status of the answer, whatever it is.
    pub fn exchange(&mut self, request: &[u8]) -> Result<String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open()?,
        };
        stream.write_all(request).map_err(|error| format!("cannot send: {error}"))?;
        let (head, length) = self.read_head(&mut stream)?;
        self.read_until(&mut stream, head.len() + length)?;
        if !head.contains("connection: close") {
            self.stream = Some(stream);
        }
        Ok(head.split(' ').nth(1).unwrap_or_default().into())
    }

    /// The head of the answer in lower case, and the length of its body.
    fn read_head(&mut self, stream: &mut TcpStream) -> Result<(String, usize)> {
        self.buffer.clear();
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.buffer.get(..end + 4).unwrap_or_default();
                let head = String::from_utf8_lossy(head).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
                return Ok((head, length.ok_or("an answer without its length")?));
            }
            let have = self.buffer.len();
            self.read_until(stream, have + 1)?;
        }
    }

    /// Reads until the buffer holds so many bytes.
    fn read_until(&mut self, stream: &mut TcpStream, length: usize) -> Result {
        if length > ANSWER_MAX {
            return Err("an answer too long".into());
        }
        let mut part = [0; 4096];
        while self.buffer.len() < length {
            let read = stream.read(&mut part).map_err(|error| format!("cannot read: {error}"))?;
            if read == 0 {
                return Err("the server closed the connection in an answer".into());
            }
            self.buffer.extend_from_slice(part.get(..read).unwrap_or_default());
        }
        Ok(())
    }
}
