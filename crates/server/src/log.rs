//! The log: one line per call at `info`, with nothing in it that a client wrote.

use crate::ServeError;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Form of the log's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging to standard error. `filter` is a level (`info`) or a list of targets and levels
/// (`info,doorward_store=debug`).
///
/// Panics go to the log, too: where they were, but not their text, which may hold anything.
///
/// # Errors
/// `ServeError::LogFilter` if `filter` cannot be understood or logging was started before.
pub fn init_log(format: LogFormat, filter: &str) -> Result<(), ServeError> {
    let invalid = |error: &dyn std::fmt::Display| ServeError::LogFilter(error.to_string());
    let filter = EnvFilter::builder().parse(filter).map_err(|error| invalid(&error))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Escaping(io::stderr()));
    match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    }
    .map_err(|error| invalid(&*error))?;
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panic");
    }));
    Ok(())
}

/// Writes lines in which no character can act on the terminal or on the order of the text: each becomes `\uXXXX`, which
/// is right in JSON as well. The subscriber writes one whole line at a time.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut escaped = String::with_capacity(line.len());
        for c in line.chars() {
            if is_active(c) {
                escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                escaped.push(c);
            }
        }
        escaped.push('\n');
        self.0.write_all(escaped.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters, line separators, and marks that change the direction of text.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g04_active_characters_are_escaped() {
        let mut written = Vec::new();
        Escaping(&mut written).write_all("a\r\nb\u{1b}[31m\u{202e}\u{9b}\t é\n".as_bytes()).unwrap();
        let expect = "a\\u000d\\u000ab\\u001b[31m\\u202e\\u009b\\u0009 é\n";
        assert_eq!(String::from_utf8(written).unwrap(), expect);
    }
}
