//! What goes to the terminal.

use std::io::{ErrorKind, IsTerminal, Write, stdout};

use crate::failure::{Failure, Result};

/// Prints to standard output. A reader that has gone away (`| head`) ends the process quietly.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"))),
    }
}

/// Prints one JSON value on a line of its own.
pub(crate) fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&format!("{value}\n"))
}

/// The text without what a terminal would obey: control characters (ESC and the C1 range among them) and the marks that
/// turn the direction of writing. Line feeds stay.
pub(crate) fn safe(text: &str) -> String {
    let replace = |c: char| match c {
        '\n' => '\n',
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(replace).collect()
}

/// Colours, where they are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    color: bool,
}

impl Style {
    /// Colours on a terminal, unless NO_COLOR is set (<https://no-color.org>) or the terminal has none.
    pub(crate) fn of_stdout() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { color: stdout().is_terminal() && !is_set("NO_COLOR") && !dumb }
    }

    /// No colours.
    pub(crate) fn plain() -> Self {
        Self { color: false }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What denies.
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// What allows.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// What people call a principal or policy: the resource of its ARN, and the whole of what is no ARN. Names of two
/// accounts can be the same, so those of another account than `home` keep the account id.
pub(crate) fn short_name(arn: &str, home: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let name = match parts.as_slice() {
        ["arn", _, "iam" | "sts", _, account, resource] if *account == home || *account == "aws" => *resource,
        ["arn", _, "iam" | "sts", _, account, resource] => return safe(&format!("{account}:{resource}")),
        _ => arn,
    };
    safe(name)
}

/// What people call a policy that has an ARN or, being inline, only a name.
pub(crate) fn policy_label(policy: &str, home: &str) -> String {
    if policy.starts_with("arn:") { short_name(policy, home) } else { safe(&format!("inline policy {policy}")) }
}

/// The account id of an ARN, or nothing.
pub(crate) fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g04_terminals_get_no_commands() {
        assert_eq!(safe("a\x1b[31mb\u{9b}2Jc\u{202e}d\re\nf"), "a\u{fffd}[31mb\u{fffd}2Jc\u{fffd}d\u{fffd}e\nf");
    }

    #[test]
    fn names_are_short_at_home() {
        let check = |arn: &str, expected: &str| assert_eq!(short_name(arn, "111122223333"), expected);
        check("arn:aws:iam::111122223333:user/team/alice", "user/team/alice");
        check("arn:aws:sts::111122223333:assumed-role/app/i-1", "assumed-role/app/i-1");
        check("arn:aws:iam::444455556666:role/x", "444455556666:role/x");
        check("arn:aws:iam::aws:policy/ReadOnlyAccess", "policy/ReadOnlyAccess");
        check("ec2.amazonaws.com", "ec2.amazonaws.com");
        check("arn:aws:s3:::demo/a:b", "arn:aws:s3:::demo/a:b");
    }
}
