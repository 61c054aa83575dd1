//! Policies in files.

use std::fs::File;
use std::io::{Read, stdin};
use std::ops::Range;
use std::path::Path;

use doorward_policy::json;

use crate::excerpt::{self, Mark};
use crate::failure::{Failure, Result};
use crate::output::Style;

/// The exit code where a file cannot be read.
pub(crate) const UNREADABLE: u8 = 2;

/// Whether the path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The text of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<String> {
    // One byte more than a policy may have is enough for its reader to refuse it.
    let limit = u64::try_from(json::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::of_path("read", path, error))?;
    String::from_utf8(bytes).map_err(|_| Failure::of_path("read", path, "it is not UTF-8 text"))
}

/// The line of a part of the text, with what is said of it under the part.
pub(crate) fn draw(text: &str, part: Range<usize>, says: &str, good: bool, style: Style) -> String {
    // The end of the text is shown at its last character.
    let last = text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
    let part = part.start.min(last)..part.end;
    let before = text.get(..part.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let line_end = line_start + line.len();
    let start = line_start + line.len() - line.trim_start().len();
    // At the end of a line or of the text there is nothing to point at but what came before.
    let from = part.start.min(line_end.saturating_sub(1)).max(start);
    let to = part.end.clamp(from, line_end).max((from + 1).min(line_end));
    let mark = Mark { span: from..to, says: says.to_owned(), good };
    excerpt::draw(text, start..line_end, &[mark], "  ", style)
}
