//! The recorder that writes an explanation.

use std::collections::BTreeMap;

use super::change::{Applied, Shelf};
use super::{NEAR_MISSES, Rung, State, StatementReport, report};
use crate::context::Lookup;
use crate::document::{Effect, Statement, Version};
use crate::evaluate::StatementRef;
use crate::evaluate::gates::{Findings, Gate, Recorder};
use crate::request::{Attached, Layer, Layers, Request};
use crate::variables::keys;

pub(super) struct Listener<'a> {
    request: &'a Request<'a>,
    layers: &'a Layers<'a>,
    ladder: Vec<Rung>,
    /// What applies, by layer and level.
    shelves: Vec<Shelf>,
    applied: Vec<Applied>,
    incomplete: bool,
    /// Missing keys as written, by their lower-case form.
    missing: BTreeMap<String, String>,
    /// What is known of the rung that is being looked at.
    matched: Vec<StatementReport>,
    nearly: Vec<StatementReport>,
    /// How many near misses there are by the element that failed.
    misses: [usize; 4],
    /// How far the most promising Allow statement got.
    furthest: Progress,
    /// The conditions of the statement that is being looked at.
    conditions: Vec<bool>,
}

/// What has been heard.
pub(super) struct Heard {
    pub(super) ladder: Vec<Rung>,
    pub(super) missing_keys: Vec<String>,
    /// Empty when not everything could be looked at: then nothing is known of what would flip the decision.
    pub(super) shelves: Vec<Shelf>,
}

/// How much of an Allow statement covers the request.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    #[default]
    Nothing,
    Action,
    Resource,
    Principal,
}

impl<'a> Listener<'a> {
    pub(super) fn new(request: &'a Request<'a>, layers: &'a Layers<'a>) -> Self {
        Listener {
            request,
            layers,
            ladder: Vec::new(),
            shelves: Vec::new(),
            applied: Vec::new(),
            incomplete: false,
            missing: BTreeMap::new(),
            matched: Vec::new(),
            nearly: Vec::new(),
            misses: [0; 4],
            furthest: Progress::Nothing,
            conditions: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Heard {
        let missing_keys = self.missing.into_values().collect();
        let shelves = if self.incomplete { Vec::new() } else { self.shelves };
        Heard { ladder: self.ladder, missing_keys, shelves }
    }

    fn note_missing<'k>(&mut self, keys: impl Iterator<Item = &'k str>) {
        for key in keys {
            if self.request.context.get(key) == Lookup::Absent {
                self.missing.entry(key.to_ascii_lowercase()).or_insert_with(|| key.to_owned());
            }
        }
    }

    /// Keeps a report of a statement that one element alone keeps from applying, if there are not too many.
    fn keep_if_near(&mut self, report: impl FnOnce() -> StatementReport, statement: &Statement, findings: &Findings) {
        let failed = [
            !findings.conditions,
            !findings.resource.satisfied,
            findings.principal.strength.is_none(),
            !findings.action.satisfied,
        ];
        let [.., action_failed] = failed;
        if failed.iter().filter(|failed| **failed).count() != 1 || (action_failed && !self.is_same_service(statement)) {
            return;
        }
        for (count, _) in self.misses.iter_mut().zip(failed).filter(|(_, failed)| *failed) {
            *count += 1;
            if *count <= NEAR_MISSES {
                self.nearly.push(report());
                return;
            }
        }
    }

    /// Whether a statement is about the requested action's service.
    fn is_same_service(&self, statement: &Statement) -> bool {
        let service = |action| str::split(action, ':').next().unwrap_or_default();
        let asked = service(self.request.action);
        statement.action.entries.iter().any(|entry| service(&entry.value).eq_ignore_ascii_case(asked))
    }

    fn lacking(&self) -> String {
        let (action, resource) = (self.request.action, self.request.resource.arn);
        match self.furthest {
            Progress::Nothing => format!("no statement allows {action}"),
            Progress::Action => format!("no statement allows {action} on {resource}"),
            Progress::Resource => format!("no statement allows {action} on {resource} to this principal"),
            Progress::Principal => {
                format!("no statement allows {action} on {resource} under the conditions of this request")
            }
        }
    }
}

impl Recorder for Listener<'_> {
    const THOROUGH: bool = true;

    fn condition(&mut self, holds: bool) {
        self.conditions.push(holds);
    }

    fn statement(&mut self, at: StatementRef, attached: &Attached, statement: &Statement, findings: &Findings) {
        let conditions = std::mem::take(&mut self.conditions);
        let Some(document) = attached.policy.as_ref().map(|policy| policy.document()) else { return };
        let progress = if !findings.action.satisfied {
            Progress::Nothing
        } else if !findings.resource.satisfied {
            Progress::Action
        } else if findings.principal.strength.is_none() {
            Progress::Resource
        } else {
            Progress::Principal
        };
        if statement.effect == Effect::Allow {
            self.furthest = self.furthest.max(progress);
        }
        if progress >= Progress::Action {
            self.note_missing(resource_keys(statement, document.version));
        }
        if progress == Progress::Principal {
            self.note_missing(condition_keys(statement, document.version));
        }
        let context = self.request.context;
        let report = || report::statement(at, attached, document, statement, findings, &conditions, context);
        if let Some(applied) = Applied::new(at, statement.effect, findings) {
            self.applied.push(applied);
            self.matched.push(report());
        } else {
            self.keep_if_near(report, statement, findings);
        }
    }

    fn gate(&mut self, layer: Layer, level: usize, gate: &Gate) {
        let state = match gate {
            Gate { deny: Some(_), .. } => State::Denied,
            Gate { unreadable: Some(_), .. } => State::Unreadable,
            Gate { allow: Some(_), .. } => State::Allowed,
            _ => State::NotAllowed,
        };
        let lacking = match gate.unreadable.and_then(|policy| self.layers.policies(layer, level).get(policy)) {
            Some(policy) if state == State::Unreadable => Some(unread(policy)),
            _ => gate.allow.is_none().then(|| self.lacking()),
        };
        self.shelves.push(Shelf { layer, level, applied: std::mem::take(&mut self.applied) });
        let misses: usize = self.misses.iter().sum();
        self.ladder.push(Rung {
            layer,
            level,
            state,
            omitted: misses - self.nearly.len(),
            lacking,
            matched: std::mem::take(&mut self.matched),
            nearly: std::mem::take(&mut self.nearly),
        });
        self.misses = [0; 4];
        self.furthest = Progress::Nothing;
    }

    fn absent(&mut self, layer: Layer) {
        self.ladder.push(Rung {
            layer,
            level: 0,
            state: State::NotApplicable,
            matched: Vec::new(),
            nearly: Vec::new(),
            omitted: 0,
            lacking: None,
        });
    }

    fn incomplete(&mut self) {
        self.incomplete = true;
    }
}

/// What is said of a policy that cannot be read, or that is attached and nowhere to be found.
fn unread(policy: &Attached) -> String {
    let name = policy.source.name().unwrap_or("a policy");
    format!("{name} cannot be found or read, which denies")
}

/// The keys that a statement's conditions need: their own and those of variables in their values.
pub(super) fn condition_keys(statement: &Statement, version: Version) -> impl Iterator<Item = &str> {
    statement.conditions.iter().flat_map(move |condition| {
        let variables = condition.values.iter().flat_map(move |value| variable_keys(&value.value, version));
        std::iter::once(condition.key.value.as_str()).chain(variables)
    })
}

/// The keys of the variables in a statement's resources.
pub(super) fn resource_keys(statement: &Statement, version: Version) -> impl Iterator<Item = &str> {
    let entries = statement.resource.iter().flat_map(|clause| &clause.entries);
    entries.flat_map(move |entry| variable_keys(&entry.value, version))
}

/// In documents before 2012-10-17 there are no variables.
fn variable_keys(text: &str, version: Version) -> impl Iterator<Item = &str> {
    keys(text).filter(move |_| version == Version::V2012)
}
