//! What lint answers, in the form of `ValidatePolicyFinding` (IAM Access Analyzer API Reference).

use serde_json::{Value as Tree, json};

use crate::document;
use crate::json::{Json, Value};

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub finding_type: FindingType,
    /// AWS's code, such as `INVALID_ACTION`.
    pub issue_code: &'static str,
    /// What is wrong and how to mend it, in a sentence or two.
    pub finding_details: String,
    /// Where AWS explains the issue.
    pub learn_more_link: String,
    /// The places in the text; never none.
    pub locations: Vec<Location>,
}

/// The impact of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingType {
    /// A part of the policy does not work.
    Error,
    /// The policy allows more than is prudent.
    SecurityWarning,
    /// The policy does not follow good practice; security is not at stake.
    Warning,
    /// Style without effect on access.
    Suggestion,
}

impl FindingType {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            FindingType::Error => "ERROR",
            FindingType::SecurityWarning => "SECURITY_WARNING",
            FindingType::Warning => "WARNING",
            FindingType::Suggestion => "SUGGESTION",
        }
    }
}

/// A place in the policy: the way to it through the JSON, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The way from the document's root; empty for the document itself.
    pub path: Vec<PathElement>,
    /// Start and end as AWS counts.
    pub span: Span,
    /// The same in bytes.
    pub bytes: document::Span,
}

/// A step through the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathElement {
    /// The element of an array, from 0.
    Index(usize),
    /// The key of an object itself.
    Key(String),
    /// A part of a string literal, in characters from 0.
    Substring {
        /// Where it begins.
        start: usize,
        /// How long it is.
        length: usize,
    },
    /// The value of a key.
    Value(String),
}

/// From `start`, inclusive, to `end`, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

/// A position in the text, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 0.
    pub column: usize,
    /// The offset in the text, from 0.
    pub offset: usize,
}

impl Finding {
    /// The finding as the API's JSON has it.
    pub fn to_json(&self) -> Tree {
        json!({
            "findingDetails": self.finding_details,
            "findingType": self.finding_type.name(),
            "issueCode": self.issue_code,
            "learnMoreLink": self.learn_more_link,
            "locations": self.locations.iter().map(Location::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Location {
    fn to_json(&self) -> Tree {
        let position = |at: Position| json!({ "line": at.line, "column": at.column, "offset": at.offset });
        let step = |step: &PathElement| match step {
            PathElement::Index(index) => json!({ "index": index }),
            PathElement::Key(key) => json!({ "key": key }),
            PathElement::Substring { start, length } => json!({ "substring": { "start": start, "length": length } }),
            PathElement::Value(key) => json!({ "value": key }),
        };
        json!({
            "path": self.path.iter().map(step).collect::<Vec<_>>(),
            "span": { "start": position(self.span.start), "end": position(self.span.end) },
        })
    }
}

/// Finds the locations of byte ranges.
pub(super) struct Locator<'t> {
    text: &'t str,
    root: Option<&'t Value<'t>>,
    /// Of each line: the byte and the character that it begins with.
    lines: Vec<(usize, usize)>,
}

impl<'t> Locator<'t> {
    /// `root`: the parsed text, if it could be parsed.
    pub(super) fn new(text: &'t str, root: Option<&'t Value<'t>>) -> Locator<'t> {
        let mut lines = vec![(0, 0)];
        let (mut byte, mut character) = (0, 0);
        for line in text.split_inclusive('\n') {
            byte += line.len();
            character += if line.is_ascii() { line.len() } else { line.chars().count() };
            lines.push((byte, character));
        }
        Locator { text, root, lines }
    }

    pub(super) fn location(&self, bytes: document::Span) -> Location {
        let path = self.root.map(|root| path(root, bytes, self.text)).unwrap_or_default();
        Location { path, span: Span { start: self.position(bytes.start), end: self.position(bytes.end) }, bytes }
    }

    fn position(&self, byte: u32) -> Position {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        // A line feed at the very end begins no line that anything stands on.
        let line = self.lines.partition_point(|(start, _)| *start <= byte).max(1);
        let line = if byte == self.text.len() { line.min(self.lines.len().saturating_sub(1)).max(1) } else { line };
        let (start, character) = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..byte).map_or(0, |part| part.chars().count());
        Position { line, column, offset: character + column }
    }
}

/// The way to a range. Members and elements stand in the order of the text, so each step is a binary search.
fn path(root: &Value<'_>, bytes: document::Span, text: &str) -> Vec<PathElement> {
    let mut path = Vec::new();
    let mut value = root;
    while value.span != bytes {
        match &value.value {
            Json::Array(values) => {
                let index = values.partition_point(|value| value.span.end < bytes.end);
                let Some(inner) = values.get(index).filter(|inner| inner.span.start <= bytes.start) else { break };
                path.push(PathElement::Index(index));
                value = inner;
            }
            Json::Object(members) => {
                let at = members.partition_point(|member| member.value.span.end < bytes.end);
                let Some(member) = members.get(at) else { break };
                let name = member.key.value.clone().into_owned();
                if member.key.span == bytes {
                    path.push(PathElement::Key(name));
                    break;
                }
                if member.value.span.start > bytes.start {
                    break;
                }
                path.push(PathElement::Value(name));
                value = &member.value;
            }
            Json::String(_) => {
                let characters = |start, end| document::Span { start, end }.slice(text).chars().count();
                // The opening quote is not part of the string.
                let start = characters(value.span.start, bytes.start).saturating_sub(1);
                path.push(PathElement::Substring { start, length: characters(bytes.start, bytes.end) });
                break;
            }
            _ => break,
        }
    }
    path
}
