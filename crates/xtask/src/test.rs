//! `cargo xtask test`: set up what is missing and run every test.

use crate::clients::Clients;
use crate::managed;
use crate::run::{self, Result};
use crate::serve::{self, Profile};
use crate::suite::{Count, Suite, counted};

/// What was asked for.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Options {
    fast: bool,
    filter: Option<String>,
}

impl Options {
    /// Reads `[--fast] [FILTER]`.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        for word in words {
            match *word {
                "--fast" => options.fast = true,
                flag if flag.starts_with('-') => {
                    return Err(format!("test does not know `{flag}`; see cargo xtask --help"));
                }
                _ if options.filter.is_some() => return Err("test takes one filter; see cargo xtask --help".into()),
                filter => options.filter = Some(filter.into()),
            }
        }
        Ok(options)
    }
}

/// Runs the suite; an error if anything failed.
pub fn run(options: Options) -> Result {
    let filter = options.filter.as_deref();
    let mut suite = Suite::default();
    suite.step("AWS-managed policies", || managed::derive().map(|_| Count::ONE));
    if filter.is_none() {
        checks(&mut suite);
    }
    suite.step("Rust tests", || {
        let mut cargo = run::cargo(&["test", "--workspace", "--no-fail-fast"]);
        cargo.args(filter);
        counted(cargo, filter)
    });
    if !options.fast {
        real_clients(&mut suite, filter);
    }
    suite.finish()
}

/// The checks of the text of the code, where the toolchain has them.
fn checks(suite: &mut Suite) {
    if run::answers("cargo", &["fmt", "--version"]) {
        suite.step("format", || run::check(run::cargo(&["fmt", "--all", "--check"])).map(|()| Count::ONE));
    } else {
        eprintln!("── format: left out, this toolchain has no rustfmt; mend: rustup component add rustfmt");
    }
    if run::answers("cargo", &["clippy", "--version"]) {
        suite.step("clippy", || {
            let clippy = run::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
            run::check(clippy).map(|()| Count::ONE)
        });
    } else {
        eprintln!("── clippy: left out, this toolchain has none; mend: rustup component add clippy");
    }
}

/// The stock clients against the real binary. It is the debug build: the tests before have built nearly all of it.
fn real_clients(suite: &mut Suite, filter: Option<&str>) {
    let mut binary = None;
    suite.step("build doorward", || {
        binary = Some(serve::build(Profile::Debug)?);
        Ok(Count::ONE)
    });
    let Some(binary) = binary else { return };
    let clients = Clients { binary, filter };
    suite.step("boto3 and the AWS CLI", || clients.python());
    suite.step("AWS SDK for JavaScript", || clients.javascript());
    suite.step("AWS SDK for Rust", || clients.rust());
    suite.step("kill at any moment", || clients.kill());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let read = |words: &[&str]| Options::parse(words);
        assert_eq!(read(&[]), Ok(Options::default()));
        assert_eq!(read(&["--fast", "user"]), Ok(Options { fast: true, filter: Some("user".into()) }));
        assert!(read(&["--slow"]).is_err());
        assert!(read(&["a", "b"]).is_err());
    }
}
