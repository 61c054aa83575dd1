//! A policy ready for evaluation: the document, and its statements read once for all requests.

use crate::condition::Test;
use crate::document::{Document, Effect, PolicyType, Statement, Version};
use crate::error::PolicyError;
use crate::matching::action::Actions;
use crate::matching::resource::Resources;

/// A policy version in the form in which requests are compared with it. Made once and shared by all that it is attached
/// to.
#[derive(Clone, Debug)]
pub struct Policy {
    document: Document,
    rules: Box<[Rule]>,
}

/// A statement, read.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) effect: Effect,
    pub(crate) actions: Actions,
    /// None in trust policies: they are about their role.
    pub(crate) resources: Option<Resources>,
    pub(crate) conditions: Box<[Test]>,
}

impl Policy {
    /// Reads and compiles a text; see [`Document::parse`].
    pub fn parse(text: &str, kind: PolicyType) -> Result<Policy, PolicyError> {
        Document::parse(text, kind).map(Policy::new)
    }

    /// Compiles a document.
    pub fn new(document: Document) -> Policy {
        let rules = document.statements.iter().map(|statement| Rule::new(statement, document.version)).collect();
        Policy { document, rules }
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = (&Rule, &Statement)> {
        self.rules.iter().zip(&self.document.statements)
    }

    pub(crate) fn rule(&self, index: usize) -> Option<(&Rule, &Statement)> {
        self.rules.get(index).zip(self.document.statements.get(index))
    }
}

impl Rule {
    fn new(statement: &Statement, version: Version) -> Rule {
        Rule {
            effect: statement.effect,
            actions: Actions::new(&statement.action),
            resources: statement.resource.as_ref().map(|clause| Resources::new(clause, version)),
            conditions: statement.conditions.iter().map(|condition| Test::new(condition, version)).collect(),
        }
    }
}
