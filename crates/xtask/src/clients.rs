//! The stock clients of AWS, set up where they are missing and run against the built binary.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::run::{self, Result};
use crate::suite::{Count, counted};

/// The account that the tests' root keys are of.
pub const ACCOUNT: &str = "111122223333";

/// The client test suites, all against one binary.
pub struct Clients<'a> {
    pub binary: PathBuf,
    pub filter: Option<&'a str>,
}

impl Clients<'_> {
    /// boto3 and the AWS CLI, by pytest. These tests start their own servers.
    pub fn python(&self) -> Result<Count> {
        self.pytest("tests/clients/python")
    }

    /// Kills the server again and again while clients write, and looks for what is lost.
    pub fn kill(&self) -> Result<Count> {
        self.pytest("tests/kill")
    }

    fn pytest(&self, folder: &str) -> Result<Count> {
        if !run::answers("faketime", &["--version"]) {
            run::apt_install("faketime", "faketime is missing, which the tests of expiry move the clock with")?;
        }
        if !run::answers("openssl", &["version"]) {
            run::apt_install(
                "openssl",
                "openssl is missing, which makes the certificates of the tests' identity provider",
            )?;
        }
        let environment = python_environment("clients", &run::root().join("tests/clients/python/requirements.txt"))?;
        let mut pytest = run::command(environment.join("bin/python"), &["-m", "pytest", "-rfE", folder]);
        // Without its cache and byte code the run leaves nothing in the source tree.
        pytest.args(["-p", "no:cacheprovider"]).env("PYTHONDONTWRITEBYTECODE", "1");
        pytest.env("DOORWARD_BINARY", &self.binary).args(self.filter.iter().flat_map(|filter| ["-k", filter]));
        counted(pytest, self.filter)
    }

    /// The AWS SDK for JavaScript, by Node's test runner.
    pub fn javascript(&self) -> Result<Count> {
        let folder = run::root().join("tests/clients/js");
        node_modules(&folder, "clients/js.installed.json")?;
        let server = Server::start(&self.binary, "js")?;
        let mut node = run::command("node", &["--test", "--test-reporter=spec"]);
        if let Some(filter) = self.filter {
            node.arg(format!("--test-name-pattern={filter}"));
        }
        node.arg("clients.test.mjs").current_dir(&folder).envs(server.environment());
        counted(node, self.filter)
    }

    /// The AWS SDK for Rust, in a workspace of its own.
    pub fn rust(&self) -> Result<Count> {
        let server = Server::start(&self.binary, "rust")?;
        let mut cargo =
            run::cargo(&["test", "--locked", "--quiet", "--manifest-path", "tests/clients/rust/Cargo.toml"]);
        cargo.env("CARGO_TARGET_DIR", run::target().join("clients/rust"));
        cargo.args(self.filter).envs(server.environment());
        counted(cargo, self.filter)
    }
}

/// A virtual environment `target/NAME/venv` with exactly the listed packages, made anew when the list changed.
pub fn python_environment(name: &str, requirements: &Path) -> Result<PathBuf> {
    let environment = run::target().join(name).join("venv");
    let stamp = environment.join("installed.txt");
    let wanted = run::read(requirements)?;
    if stamp.exists() && run::read(&stamp)? == wanted {
        return Ok(environment);
    }
    eprintln!("   setting up {}", environment.display());
    run::make_python_environment(&environment)?;
    let mut pip = run::command(environment.join("bin/python"), &["-m", "pip", "install", "--quiet", "--requirement"]);
    pip.arg(requirements).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    run::check(pip)?;
    run::write(&stamp, &wanted)?;
    Ok(environment)
}

/// `node_modules` as the lock file says, made anew when it changed; `stamp`, in the target directory, tells which it is.
pub fn node_modules(folder: &Path, stamp: &str) -> Result {
    let stamp = run::target().join(stamp);
    let wanted = run::read(&folder.join("package-lock.json"))?;
    if folder.join("node_modules").exists() && stamp.exists() && run::read(&stamp)? == wanted {
        return Ok(());
    }
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if !run::answers(program, &["--version"]) {
            run::apt_install(package, &format!("{program} is missing"))?;
        }
    }
    // The package's own `engines` says which Node it needs; npm checks it (engine-strict in .npmrc).
    let mut npm = run::command("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
    npm.current_dir(folder).stdout(Stdio::null());
    run::check(npm)?;
    run::write(&stamp, &wanted)
}

/// A server in production form on a fresh data directory; stopped when dropped.
pub struct Server {
    process: Child,
    started: Instant,
    /// Kept open: a server whose output is gone could stop at its next word.
    _output: BufReader<ChildStdout>,
    endpoint: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Server {
    /// Makes a data directory with a root key, starts the server on it, and waits until it says that it is ready.
    pub fn start(binary: &Path, name: &str) -> Result<Self> {
        let data = run::target().join("clients/data").join(name);
        run::remove_directory(&data)?;
        if let Some(parent) = data.parent() {
            run::make_directory(parent)?;
        }
        let mut init = run::command(binary, &["init", "--account-id", ACCOUNT, "--json", "--data"]);
        init.arg(&data);
        let root = json(&run::output(init)?)?;
        let started = Instant::now();
        let mut serve = run::command(binary, &["serve", "--listen", "127.0.0.1:0", "--json", "--data"]);
        serve.arg(&data);
        let log = data.with_extension("log");
        serve.stderr(File::create(&log).map_err(|error| format!("cannot write {}: {error}", log.display()))?);
        let (process, output, ready) = start_and_read_line(serve)?;
        let mut server = Self {
            process,
            started,
            _output: output,
            endpoint: String::new(),
            access_key_id: text(&root, "accessKeyId")?,
            secret_access_key: text(&root, "secretAccessKey")?,
        };
        server.endpoint = text(&json(&ready)?, "endpoint")?;
        Ok(server)
    }

    /// The server's process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// When the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The variables that point every AWS client at this server, as its root.
    pub fn environment(&self) -> [(&'static str, &str); 6] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the program and gives the first line it prints.
fn start_and_read_line(mut command: Command) -> Result<(Child, BufReader<ChildStdout>, String)> {
    let shown = run::show(&command);
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    let output = process.stdout.take().ok_or_else(|| format!("`{shown}` has no output to read"))?;
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line).map_err(|error| format!("cannot read from `{shown}`: {error}"))?;
    if line.is_empty() {
        let status = process.wait().map_err(|error| error.to_string())?;
        return Err(format!("`{shown}` ended before it was ready ({status})"));
    }
    Ok((process, output, line))
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| format!("doorward did not print JSON: {error}"))
}

fn text(value: &Value, member: &str) -> Result<String> {
    let text = value.get(member).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("doorward did not print `{member}`"))
}
