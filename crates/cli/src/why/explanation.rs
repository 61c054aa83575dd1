//! The explanation, as the server gives it. Members that the drawing does not need are left out.

use serde::Deserialize;

/// What was decided in one call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Explanation {
    pub id: String,
    pub time: String,
    pub event_name: String,
    pub event_source: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub questions: Vec<Question>,
}

/// One question to the engine, asked again as of then.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    /// `Allow` or `Deny`.
    pub decision: String,
    /// `explicit`, `implicit` or `allow`.
    pub kind: String,
    /// The layer that a denial is owed to.
    pub layer: Option<String>,
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub ladder: Vec<Rung>,
    pub documents: Vec<Document>,
    pub missing_context: Vec<String>,
    pub lacking: Option<String>,
    /// What would turn the decision into the other one.
    #[serde(default)]
    pub smallest_change: Vec<Change>,
}

/// A change to the policies.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Change {
    /// Taking out a statement.
    Remove(Place),
    /// Adding a statement to a layer's policies.
    Add { layer: String, level: usize, statement: Option<String> },
    /// Detaching or mending a policy that cannot be read.
    Mend(Place),
}

/// A policy, or a statement of it by its position.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub layer: String,
    pub policy: Option<String>,
    pub statement: Option<usize>,
}

impl Question {
    pub(super) fn is_allowed(&self) -> bool {
        self.decision == "Allow"
    }
}

/// A layer, or a level of one.
#[derive(Deserialize)]
pub(super) struct Rung {
    pub layer: String,
    pub level: usize,
    /// `none`, `allowed`, `denied`, `not allowed` or `unreadable`.
    pub state: String,
    pub matched: Vec<Statement>,
    pub nearly: Vec<Statement>,
    pub omitted: usize,
    pub lacking: Option<String>,
}

/// The text of a policy.
#[derive(Deserialize)]
pub(super) struct Document {
    pub text: Option<String>,
}

/// A statement that applies, or nearly does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statement {
    /// Index of the document.
    pub document: usize,
    /// Its number in the document, from 0.
    pub statement: usize,
    pub policy: Option<String>,
    /// The version of a managed policy.
    pub version: Option<String>,
    pub attached_to: Option<String>,
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    pub span: Span,
    pub elements: Vec<Element>,
    pub conditions: Vec<Condition>,
}

/// `Action`, `Principal` or `Resource`, or its `Not…` form.
#[derive(Deserialize)]
pub(super) struct Element {
    pub name: String,
    pub satisfied: bool,
    /// What decided, or all.
    pub entries: Vec<Entry>,
}

/// A condition.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    pub key: Entry,
    pub satisfied: bool,
    pub request_values: Vec<String>,
}

/// A text of the document and where it stands.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub value: String,
    pub span: Span,
}

/// A place in a document, in bytes.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl From<Span> for std::ops::Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}
