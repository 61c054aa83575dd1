//! Why a request is allowed or denied: the whole ladder of layers with the statements that matched or nearly did.

mod change;
mod listen;
mod report;

use crate::asked::Asked;
use crate::context::Values;
use crate::document::{Document, Effect, Span, Spanned};
use crate::evaluate::{Confusion, Decision, Denial, StatementRef, evaluate};
use crate::message::without_article;
use crate::pattern::STEP_BUDGET;
use crate::request::{Layer, Layers, Request};
pub use change::Change;
use change::{Shelf, Thought};
use listen::{Heard, Listener};

/// At most this many statements per layer are shown for each element that alone kept them from applying.
pub const NEAR_MISSES: usize = 8;

/// Decides as [`decide`](crate::evaluate::decide) does, and says why.
pub fn explain(request: &Request<'_>, layers: &Layers<'_>) -> Explanation {
    let mut listener = Listener::new(request, layers);
    let decision = evaluate(request, layers, &mut listener, STEP_BUDGET);
    let Heard { ladder, missing_keys, shelves } = listener.finish();
    let lacking = lacking(request, decision, &ladder);
    let (deciding, smallest_change) = changes(request, layers, decision, &shelves);
    Explanation { decision, ladder, missing_keys, lacking, deciding, smallest_change }
}

/// What single statements the decision hangs on, and the smallest change that flips it. Where no policy was looked at, no
/// change to policies could.
fn changes(
    request: &Request<'_>,
    layers: &Layers<'_>,
    decision: Decision,
    shelves: &[Shelf],
) -> (Vec<StatementRef>, Vec<Change>) {
    let mut asked = Asked::default();
    // What takes too many steps may do so after a change too.
    let too_much = decision.denial() == Some(Denial::OverBudget);
    if shelves.is_empty() || too_much || asked.read(request).is_err() {
        return (Vec::new(), Vec::new());
    }
    let thought = Thought { request, asked: &asked, layers, shelves };
    let deciding = thought.deciding(decision);
    let smallest = thought.smallest(decision, &deciding);
    (deciding, smallest)
}

/// The decision and what led to it. All spans are of the text of the policy that the report names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Always what [`decide`](crate::evaluate::decide) returns.
    pub decision: Decision,
    /// The layers, in the order of [`Layer`]; one rung per level where a layer has levels. Empty when no policy was
    /// looked at: for operations that need no permission and requests that could not be understood.
    pub ladder: Vec<Rung>,
    /// Condition keys that matching conditions or resources refer to and the request does not have, sorted.
    pub missing_keys: Vec<String>,
    /// For an implicit denial, what is missing: `no statement allows s3:DeleteObject`; or which policy cannot be read.
    pub lacking: Option<String>,
    /// The statements of which each alone makes the decision what it is: without it, it would be the other one. None where
    /// several statements say the same, or none does.
    pub deciding: Vec<StatementRef>,
    /// The fewest changes that together turn the decision into the other one; none where no change to the policies that
    /// take part does.
    pub smallest_change: Vec<Change>,
}

/// One layer, or one level of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The layer.
    pub layer: Layer,
    /// The level, the root being 0; otherwise 0.
    pub level: usize,
    /// What it says.
    pub state: State,
    /// Statements that apply.
    pub matched: Vec<StatementReport>,
    /// Statements that one element alone keeps from applying; those whose action is of another service left out.
    pub nearly: Vec<StatementReport>,
    /// How many more there are of the latter.
    pub omitted: usize,
    /// When no statement allows the request: what is missing. When a policy cannot be read: which one.
    pub lacking: Option<String>,
}

/// What a layer says to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It takes no part.
    NotApplicable,
    /// A statement allows the request.
    Allowed,
    /// A statement denies it.
    Denied,
    /// No statement allows it. Whether that matters depends on the other layers.
    NotAllowed,
    /// One of its policies cannot be read.
    Unreadable,
}

/// One statement and what became of its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementReport {
    /// Where it stands.
    pub at: StatementRef,
    /// The policy's ARN, name or id, if it has one.
    pub policy: Option<String>,
    /// What the policy is attached to or part of.
    pub attached_to: Option<String>,
    /// `Sid`.
    pub sid: Option<String>,
    /// The whole statement.
    pub span: Span,
    /// `Effect`.
    pub effect: Effect,
    /// `Action`, `Principal` and `Resource` or their `Not…` forms, as far as the statement has them.
    pub elements: Vec<ElementReport>,
    /// The conditions.
    pub conditions: Vec<ConditionReport>,
}

/// One element of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementReport {
    /// `Action`, `NotAction`, `Principal`, `NotPrincipal`, `Resource` or `NotResource`.
    pub name: &'static str,
    /// Whether it covers the request.
    pub satisfied: bool,
    /// The entry that decided, or all entries where none did.
    pub entries: Vec<Spanned<String>>,
}

/// One condition of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionReport {
    /// The operator, as the policy has it.
    pub operator: Spanned<String>,
    /// The key, as the policy has it.
    pub key: Spanned<String>,
    /// Whether it holds.
    pub satisfied: bool,
    /// The policy's values.
    pub policy_values: Vec<Spanned<String>>,
    /// The request's values; none when the key is missing, several when it is there in several cases.
    pub request_values: Vec<Values<'static>>,
}

/// For an implicit denial, what the named layer lacks, or which policy cannot be read. Where no policy of that kind takes
/// part, or one does but counts for nothing because the resource is in another partition, it is such a policy.
fn lacking(request: &Request<'_>, decision: Decision, ladder: &[Rung]) -> Option<String> {
    match decision.denial()? {
        Denial::Implicit(layer) => {
            let text = ladder.iter().filter(|rung| rung.layer == layer).find_map(|rung| rung.lacking.clone());
            Some(text.unwrap_or_else(|| format!("no {} allows {}", without_article(layer), request.action)))
        }
        Denial::NotUnderstood(Confusion::Policy { layer, level, .. }) => {
            ladder.iter().find(|rung| (rung.layer, rung.level) == (layer, level))?.lacking.clone()
        }
        Denial::Explicit(_) | Denial::NotUnderstood(_) | Denial::OverBudget => None,
    }
}

/// The condition keys that a document's conditions and variables refer to, as written, without repetition (the answer of
/// GetContextKeysForCustomPolicy).
pub fn context_keys(document: &Document) -> Vec<String> {
    let mut found = std::collections::BTreeMap::new();
    for statement in &document.statements {
        let keys = listen::condition_keys(statement, document.version);
        for key in keys.chain(listen::resource_keys(statement, document.version)) {
            found.entry(key.to_ascii_lowercase()).or_insert_with(|| key.to_owned());
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests;
