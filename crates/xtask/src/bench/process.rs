//! The processes that are measured: how fast they start, and what they use.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::load::{Connection, Target};
use crate::clients::{Server, python_environment};
use crate::run::{self, Result};

/// A request that every server answers at once, if only by refusing it.
const HELLO: &str = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";

const START_MAX: Duration = Duration::from_secs(30);

/// Starts the server on a new data directory and gives the time from the start of the process to its first answer.
pub fn start_doorward(binary: &Path) -> Result<Duration> {
    let server = Server::start(binary, "bench-start")?;
    let target = Target::of_environment(server.id(), &server.environment())?;
    let start = server.started();
    target.hello()?;
    Ok(start.elapsed())
}

impl Target {
    /// Waits for an answer of whatever kind.
    fn hello(&self) -> Result {
        Connection::new(self.host())?.exchange(HELLO.as_bytes()).map(drop)
    }
}

/// moto's server, the baseline that everybody knows. It keeps its state in memory, and by default verifies no
/// signature and enforces no policy.
pub struct Moto {
    process: Child,
    host: String,
    pub started_in: Duration,
}

impl Moto {
    pub fn start() -> Result<Self> {
        let environment = python_environment("bench", &run::root().join("tests/bench/requirements.txt"))?;
        let port = free_port()?;
        let mut command = run::command(environment.join("bin/moto_server"), &["--port", &port.to_string()]);
        let log = super::directory().join("moto.log");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(&log).map_err(|error| format!("cannot write {}: {error}", log.display()))?);
        let start = Instant::now();
        let process = command.spawn().map_err(|error| format!("cannot start moto_server: {error}"))?;
        let mut moto = Self { process, host: format!("127.0.0.1:{port}"), started_in: Duration::ZERO };
        while moto.target().hello().is_err() {
            if start.elapsed() > START_MAX {
                return Err(format!("moto_server does not answer; see {}", log.display()));
            }
            sleep(Duration::from_millis(2));
        }
        moto.started_in = start.elapsed();
        Ok(moto)
    }

    pub fn target(&self) -> Target {
        // Any key does.
        Target::new(self.process.id(), &self.host, "AKIAIOSFODNN7EXAMPLE", "secret")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nothing listens on now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("cannot listen: {error}"))?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

/// The memory that the process holds, in megabytes.
pub fn memory(process: u32) -> Result<f64> {
    let status = run::read(Path::new(&format!("/proc/{process}/status")))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
    kibibytes.map(|kibibytes| f64::from(kibibytes) * 1024.0 / 1e6).ok_or_else(|| "no VmRSS in /proc".into())
}

/// The processor time that the process has used, its own and the kernel's for it.
pub fn cpu(process: u32) -> Result<Duration> {
    /// Linux counts in hundredths of a second, whatever the kernel's own clock.
    const TICK: Duration = Duration::from_millis(10);
    let stat = run::read(Path::new(&format!("/proc/{process}/stat")))?;
    // The program's name, in parentheses, may hold spaces; the fields after it do not.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |field: usize| fields.get(field).and_then(|field| field.parse::<u32>().ok()).ok_or("no times in /proc");
    Ok(TICK * (ticks(11)? + ticks(12)?))
}
