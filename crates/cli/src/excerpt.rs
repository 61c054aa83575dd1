//! Source lines of a policy with marks under what mattered.

use std::ops::Range;

use crate::output::{Style, safe};

/// A row of source wider than this is broken after commas, the outermost first.
const WIDTH: usize = 96;
/// Rows without marks are left out between rows with marks when there are more of them.
const PLAIN_ROWS: usize = 2;

/// A mark: these bytes, and what is said of them.
pub(crate) struct Mark {
    pub span: Range<usize>,
    pub says: String,
    /// Whether it speaks for the request.
    pub good: bool,
}

/// One row: a part of one source line.
struct Row {
    /// The number of the source line, on the first row of it.
    line: Option<usize>,
    /// Bytes of the text.
    range: Range<usize>,
    /// Spaces before them, where a line was broken.
    indent: usize,
}

/// Draws `span` of `text`, each line after `margin`.
pub(crate) fn draw(text: &str, span: Range<usize>, marks: &[Mark], margin: &str, style: Style) -> String {
    let rows = rows(text, &span);
    let width = rows.iter().filter_map(|row| row.line).max().unwrap_or(1).to_string().len();
    let under: Vec<String> = rows.iter().map(|row| carets(text, row, marks, style)).collect();
    let shown = |at: usize| at == 0 || under.get(at).is_some_and(|carets| !carets.is_empty());
    let mut out = String::new();
    let mut last = 0;
    for (at, (row, carets)) in rows.iter().zip(&under).enumerate().filter(|(at, _)| shown(*at)) {
        let between = rows.get(last + 1..at).unwrap_or_default();
        if between.len() <= PLAIN_ROWS {
            between.iter().for_each(|row| out.push_str(&source(text, row, width, margin, style)));
        } else {
            out.push_str(&format!("{margin}{:>width$} {}\n", "", style.dim("┆")));
        }
        last = at;
        out.push_str(&source(text, row, width, margin, style));
        for line in carets.lines() {
            out.push_str(&format!("{margin}{:>width$} {} {line}\n", "", style.dim("│")));
        }
    }
    out
}

fn source(text: &str, row: &Row, width: usize, margin: &str, style: Style) -> String {
    let number = row.line.map(|line| line.to_string()).unwrap_or_default();
    let code = safe(text.get(row.range.clone()).unwrap_or_default());
    let indent = " ".repeat(row.indent);
    let line = format!("{margin}{} {} {indent}{code}", style.dim(&format!("{number:>width$}")), style.dim("│"));
    format!("{}\n", line.trim_end())
}

/// The lines of carets under a row: marks that say the same share one.
fn carets(text: &str, row: &Row, marks: &[Mark], style: Style) -> String {
    let columns = |range: Range<usize>| text.get(range).map_or(0, |part| part.chars().count());
    let mut lines: Vec<(String, &Mark)> = Vec::new();
    for mark in marks {
        let (start, end) = (mark.span.start.max(row.range.start), mark.span.end.min(row.range.end));
        if start >= end {
            continue;
        }
        let (column, length) = (row.indent + columns(row.range.start..start), columns(start..end));
        let found = lines.iter_mut().find(|(line, other)| other.says == mark.says && line.chars().count() <= column);
        let line = match found {
            Some((line, _)) => line,
            None => {
                lines.push((String::new(), mark));
                let Some((line, _)) = lines.last_mut() else { continue };
                line
            }
        };
        let gap = column.saturating_sub(line.chars().count());
        line.push_str(&" ".repeat(gap));
        line.push_str(&"^".repeat(length));
    }
    let paint = |(line, mark): &(String, &Mark)| {
        let text = format!("{} {}", line.trim_start(), safe(&mark.says));
        let indent = " ".repeat(line.len() - line.trim_start().len());
        format!("{indent}{}\n", if mark.good { style.good(&text) } else { style.bad(&text) })
    };
    lines.iter().map(paint).collect()
}

/// The rows of a statement or another part: its source lines, broken where they are too wide. What stands before it on its first line is
/// shown only if it is white space.
fn rows(text: &str, span: &Range<usize>) -> Vec<Row> {
    let Some(statement) = text.get(span.start..span.end) else { return Vec::new() };
    let line_start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let indented = text.get(line_start..span.start).is_some_and(|before| before.trim().is_empty());
    let first = text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
    let mut start = if indented { line_start } else { span.start };
    let commas = commas(statement, span.start);
    let mut rows = Vec::new();
    let lines = text.get(start..span.end).unwrap_or_default().split_inclusive('\n');
    for (number, line) in (first..).zip(lines) {
        let range = start..start + line.trim_end().len();
        let mut parts = Vec::new();
        broken(text, &Row { line: Some(number), range, indent: 0 }, &commas, 1, &mut parts);
        rows.extend(parts);
        start += line.len();
    }
    rows
}

/// Breaks a row that is too wide after the commas of this depth, and the parts after those of the next ones.
fn broken(text: &str, row: &Row, commas: &[(usize, usize)], depth: usize, parts: &mut Vec<Row>) {
    let deepest = commas.iter().map(|(_, depth)| *depth).max().unwrap_or_default();
    let Row { line, range, indent } = row;
    if text.get(range.clone()).is_none_or(|row| row.chars().count() <= WIDTH) || depth > deepest {
        parts.push(Row { range: range.clone(), ..*row });
        return;
    }
    let ends = commas.iter().filter(|(at, of)| *of == depth && range.contains(at)).map(|(at, _)| at + 1);
    let mut start = range.start;
    for end in ends.chain([range.end]) {
        let part = text.get(start..end).unwrap_or_default();
        if start == range.start {
            broken(text, &Row { line: *line, range: start..end, indent: *indent }, commas, depth + 1, parts);
        } else if !part.trim().is_empty() {
            // The white space after a comma would only shift the row.
            let range = start + part.len() - part.trim_start().len()..end;
            broken(text, &Row { line: None, range, indent: depth }, commas, depth + 1, parts);
        }
        start = end;
    }
}

/// The commas outside of strings: where each is, and how many brackets are open there. `offset` is added.
fn commas(json: &str, offset: usize) -> Vec<(usize, usize)> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut found = Vec::new();
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => found.push((offset + at, depth)),
            _ => {}
        }
    }
    found
}
