//! PEM, read strictly: blocks of one kind with nothing around them but white space (RFC 7468, section 3).

use std::io::Cursor;

use data_encoding::BASE64;
use x509_parser::pem::Pem;

#[cfg(test)]
mod tests;

/// Whether a text begins with a block of this kind.
pub(super) fn begins(text: &str, label: &str) -> bool {
    text.trim_start().lines().next().is_some_and(|line| line.trim_end() == format!("-----BEGIN {label}-----"))
}

/// What is in the one block that a text is.
pub(super) fn block(text: &str, label: &str) -> Option<Vec<u8>> {
    let [block] = blocks(text, label, 1)?.try_into().ok()?;
    Some(block)
}

/// What is in the blocks that a text is, one to `max` of them.
pub(super) fn blocks(text: &str, label: &str, max: usize) -> Option<Vec<Vec<u8>>> {
    let end = format!("-----END {label}-----");
    let mut rest = text.trim();
    let mut out = Vec::new();
    while !rest.is_empty() {
        if out.len() == max || !begins(rest, label) {
            return None;
        }
        let (pem, read) = Pem::read(Cursor::new(rest)).ok()?;
        let (block, after) = rest.split_at_checked(read)?;
        if block.lines().last().map(str::trim_end) != Some(end.as_str()) {
            return None;
        }
        out.push(pem.contents);
        rest = after.trim_start();
    }
    (!out.is_empty()).then_some(out)
}

/// A block.
pub(super) fn text(label: &str, contents: &[u8]) -> String {
    let encoded = BASE64.encode(contents);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----"));
    out
}
