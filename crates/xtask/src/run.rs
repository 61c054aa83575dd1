//! Running other programs, with errors that say what to do.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of every xtask command; an error is the sentence shown to the person who typed it.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The root of the repository.
pub fn root() -> PathBuf {
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_directory.ancestors().nth(2).unwrap_or(crate_directory).to_path_buf()
}

/// The directory where Cargo builds, and where the test environments live.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// `program arguments…`, started in the root of the repository.
pub fn command<S: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// The Cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments);
    // `cargo run` describes its own package in the environment, and some build scripts look there.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// Whether the program exists and answers to the arguments.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    command(program, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs the command and fails unless it succeeds.
pub fn check(mut command: Command) -> Result {
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(&command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", show(&command))) }
}

/// Runs the command and gives what it printed; its errors go to the terminal.
pub fn output(mut command: Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(&command, &error))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({})", show(&command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{}` printed something that is not UTF-8", show(&command)))
}

/// The command as one would type it, the program without its path.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start `{}`: {error}", show(command))
}

/// Reads a text file of the repository or of the target directory.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Writes a file, making its directory first.
pub fn write(path: &Path, text: &str) -> Result {
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Makes a directory and those above it.
pub fn make_directory(path: &Path) -> Result {
    std::fs::create_dir_all(path).map_err(|error| format!("cannot make the directory {}: {error}", path.display()))
}

/// Removes a directory with all in it, if it is there.
pub fn remove_directory(path: &Path) -> Result {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The wheel of a package that is pure Python, fetched from PyPI into the target directory. Its hash is the caller's to
/// check.
pub fn wheel(package: &str, version: &str) -> Result<PathBuf> {
    let folder = target().join("wheels");
    let wheel = folder.join(format!("{package}-{version}-py3-none-any.whl"));
    if wheel.exists() {
        return Ok(wheel);
    }
    let python = python_with_pip()?;
    let mut pip = command(python, &["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]);
    pip.arg(&folder).arg(format!("{package}=={version}")).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    check(pip)?;
    Ok(wheel)
}

/// A Python that has pip: this machine's, or one in an environment made for it. Debian's own comes without.
fn python_with_pip() -> Result<PathBuf> {
    if answers("python3", &["-m", "pip", "--version"]) {
        return Ok("python3".into());
    }
    let environment = target().join("pip/venv");
    if !environment.join("bin/pip").exists() {
        make_python_environment(&environment)?;
    }
    Ok(environment.join("bin/python"))
}

/// Makes a virtual environment, and what it needs of the machine.
pub fn make_python_environment(environment: &Path) -> Result {
    if !answers("python3", &["--version"]) {
        apt_install("python3", "python3 is missing")?;
    }
    if !answers("python3", &["-c", "import ensurepip, venv"]) {
        apt_install("python3-venv", "this Python cannot make virtual environments")?;
    }
    remove_directory(environment)?;
    let mut make = command("python3", &["-m", "venv"]);
    make.arg(environment);
    check(make)
}

/// Installs a Debian package that a test needs, or says who must.
pub fn apt_install(package: &str, why: &str) -> Result {
    let mend = format!("{why}; mend: apt-get install {package}");
    if !answers("apt-get", &["--version"]) || !output(command("id", &["-u"])).is_ok_and(|id| id.trim() == "0") {
        return Err(mend);
    }
    eprintln!("   {why}: installing {package}");
    let quietly = |arguments: &[&str]| {
        let mut apt = command("apt-get", arguments);
        apt.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        check(apt)
    };
    quietly(&["update", "-qq"])?;
    quietly(&["install", "-qq", "--yes", "--no-install-recommends", package])
        .map_err(|error| format!("{error}. {mend}"))
}
