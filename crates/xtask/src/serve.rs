//! `cargo xtask serve`: build, then become the server.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use crate::managed;
use crate::run::{self, Result};

/// How the binary is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Fast to run: what a person uses and what is measured.
    Release,
    /// Fast to build: what the tests use.
    Debug,
}

/// Builds `doorward` and gives its path.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--package", "doorward-cli", "--bin", "doorward"];
    let folder = match profile {
        Profile::Release => {
            arguments.push("--release");
            "release"
        }
        Profile::Debug => "debug",
    };
    run::check(run::cargo(&arguments))?;
    Ok(run::target().join(folder).join("doorward"))
}

/// Builds the server and replaces this process by it.
pub fn run(arguments: &[&str]) -> Result {
    let (profile, arguments) = match arguments {
        ["--debug", rest @ ..] => (Profile::Debug, rest),
        rest => (Profile::Release, rest),
    };
    if profile == Profile::Release && !run::target().join("release/doorward").exists() {
        eprintln!("building doorward (the first time takes some minutes; `cargo xtask serve --debug` builds faster)");
    }
    if let Err(error) = managed::derive() {
        eprintln!("warning: going on without AWS-managed policies: {error}");
    }
    let binary = build(profile)?;
    let mut server = run::command(&binary, &["serve", "--dev"]);
    server.args(arguments);
    if let Ok(here) = std::env::current_dir() {
        server.current_dir(here);
    }
    let error = server.exec();
    Err(format!("cannot start {}: {error}", binary.display()))
}
