//! Identity policies: managed, inline and session policies, in the stages in which IAM checks them.

use crate::document::{Condition, Document, Effect, PolicyType, PrincipalClause, Span, Spanned, Statement, Version};
use crate::error::{PolicyError, Problem};
use crate::json::{self, Member, Value};
use crate::operator::Base;
use crate::parse::{self, Fields, List, STATEMENT_ELEMENTS, TOP_ELEMENTS};
use crate::validate::{actions, dates, resources, sids};

#[cfg(test)]
mod tests;

const LEGACY: &str = "The policy failed legacy parsing";
const NO_ACTIONS: &str = "Policy statement must contain actions.";

/// Parses a document of type `Managed`, `Inline` or `Session`.
pub(crate) fn parse(text: &str, kind: PolicyType) -> Result<Document, PolicyError> {
    if text.starts_with([' ', '\t', '\n', '\r']) {
        return Err(Problem::new(Span { start: 0, end: 1 }, "The first character must be `{`.").says(LEGACY));
    }
    let syntax = |problem: Problem| problem.says("Syntax errors in policy.");
    let root = json::parse(text).map_err(|error| syntax(error.into()))?;
    let draft = Draft::read(&root).map_err(syntax)?;
    if kind == PolicyType::Managed {
        draft.check_version()?;
    }
    draft.check_legacy()?;
    draft.check_principals()?;
    draft.check_statements()?;
    draft.into_document(text, |_| None)
}

/// A document whose shape is right and whose contents are still to be judged.
pub(super) struct Draft<'v, 'a> {
    span: Span,
    version: Option<Spanned<Version>>,
    id: Option<Spanned<String>>,
    pub(super) statements: Vec<Part<'v, 'a>>,
}

/// A statement of a [`Draft`].
pub(super) struct Part<'v, 'a> {
    span: Span,
    sid: Option<Spanned<String>>,
    pub(super) effect: Spanned<Effect>,
    effect_in_wrong_case: bool,
    pub(super) principal: Option<&'v Member<'a>>,
    pub(super) action: Option<List>,
    pub(super) resource: Option<List>,
    conditions: Vec<Condition>,
}

impl<'v, 'a> Draft<'v, 'a> {
    /// The first stage: elements, their types, and what may not occur together.
    pub(super) fn read(root: &'v Value<'a>) -> Result<Self, Problem> {
        let fields = Fields::of(root, "A policy")?;
        fields.refuse_unknown(TOP_ELEMENTS)?;
        let version = parse::version(&fields)?;
        let id = fields.string("Id")?;
        let Some(element) = fields.get("Statement") else {
            return Err(Problem::new(root.span, "The element `Statement` is missing."));
        };
        let statements = parse::statements(&element.value)?;
        if statements.is_empty() {
            return Err(Problem::new(element.value.span, "A policy has at least one statement."));
        }
        let statements = statements.into_iter().map(Part::read).collect::<Result<_, _>>()?;
        Ok(Draft { span: root.span, version, id, statements })
    }

    /// `Version` must be present and current.
    pub(super) fn check_version(&self) -> Result<(), PolicyError> {
        let span = match &self.version {
            Some(version) if version.value == Version::V2012 => return Ok(()),
            Some(version) => version.span,
            None => self.span,
        };
        let problem = Problem::new(span, "Add the element `\"Version\": \"2012-10-17\"`.");
        Err(problem.says("Policy document must be version 2012-10-17 or greater."))
    }

    /// What IAM's older parser refuses.
    pub(super) fn check_legacy(&self) -> Result<(), PolicyError> {
        for part in &self.statements {
            if part.effect_in_wrong_case {
                let detail = "`Effect` is case-sensitive: write `Allow` or `Deny`.";
                return Err(Problem::new(part.effect.span, detail).says(LEGACY));
            }
            let dates = part.conditions.iter().filter(|condition| is_date_operator(condition.operator.value.base));
            if let Some(value) = dates.flat_map(|date| &date.values).find(|value| !dates::is_date(&value.value)) {
                let detail = "This is neither an ISO 8601 date-time nor a number of seconds since 1970.";
                return Err(Problem::new(value.span, detail).says(LEGACY));
            }
            let short = part.resources().find(|entry| {
                resources::format_fault(&entry.value).is_none() && resources::fails_legacy_parsing(&entry.value)
            });
            if let Some(entry) = short {
                let detail = "An ARN has six parts: `arn:partition:service:region:account:resource`.";
                return Err(Problem::new(entry.span, detail).says(LEGACY));
            }
        }
        Ok(())
    }

    fn check_principals(&self) -> Result<(), PolicyError> {
        let Some(principal) = self.statements.iter().find_map(|part| part.principal) else { return Ok(()) };
        let detail = "An identity policy applies to whom it is attached to; only resource policies name principals.";
        Err(Problem::new(principal.key.span, detail).says("Policy document should not specify a principal."))
    }

    /// Statement ids, then actions present, the form of resources, the form of actions, and resources present.
    pub(super) fn check_statements(&self) -> Result<(), PolicyError> {
        let sids = || self.statements.iter().filter_map(|part| part.sid.as_ref());
        if let Some(problem) = sids::malformed(sids()) {
            let rule = "Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(problem.says(format!("Statement IDs (SID) must be alpha-numeric. {rule}")));
        }
        if let Some(problem) = sids::repeated(sids()) {
            return Err(problem.says("Statement IDs (SID) in a single policy must be unique."));
        }
        self.check_present("Action", |part| part.action.as_ref(), NO_ACTIONS)?;
        self.statements.iter().try_for_each(Part::check_resources)?;
        self.statements.iter().try_for_each(Part::check_actions)?;
        self.check_present("Resource", |part| part.resource.as_ref(), "Policy statement must contain resources.")
    }

    fn check_present<'s>(
        &'s self,
        name: &str,
        list: impl Fn(&'s Part<'v, 'a>) -> Option<&'s List>,
        message: &str,
    ) -> Result<(), PolicyError> {
        let lacking = self.statements.iter().find(|part| list(part).is_none_or(|list| list.empty));
        lacking.map_or(Ok(()), |part| {
            let span = list(part).map_or(part.span, |list| list.span);
            Err(missing(span, name).says(message))
        })
    }

    /// The finished document. `principal` says which principals a statement names.
    pub(super) fn into_document(
        self,
        text: &str,
        principal: impl Fn(&Part<'v, 'a>) -> Option<PrincipalClause>,
    ) -> Result<Document, PolicyError> {
        let finish = |part: Part<'v, 'a>| {
            let principal = principal(&part);
            let Some(action) = part.action else { return Err(missing(part.span, "Action").says(NO_ACTIONS)) };
            Ok(Statement {
                span: part.span,
                sid: part.sid,
                effect: part.effect.value,
                principal,
                action: action.clause,
                resource: part.resource.map(|list| list.clause),
                conditions: part.conditions,
            })
        };
        Ok(Document {
            text: text.into(),
            version: self.version.map_or(Version::V2008, |version| version.value),
            id: self.id,
            statements: self.statements.into_iter().map(finish).collect::<Result<_, _>>()?,
        })
    }
}

fn missing(span: Span, name: &str) -> Problem {
    Problem::new(span, format!("A statement needs a non-empty `{name}` or `Not{name}`."))
}

impl<'v, 'a> Part<'v, 'a> {
    fn read(fields: Fields<'v, 'a>) -> Result<Self, Problem> {
        fields.refuse_unknown(STATEMENT_ELEMENTS)?;
        let list = |member: Option<&Member<'a>>| member.map(|member| parse::list(member, true)).transpose();
        let Some(word) = fields.string("Effect")? else {
            return Err(Problem::new(fields.span, "The element `Effect` is missing: `Allow` or `Deny`."));
        };
        let effect = match word.value.to_ascii_lowercase().as_str() {
            "allow" => Effect::Allow,
            "deny" => Effect::Deny,
            _ => return Err(Problem::new(word.span, "`Effect` is `Allow` or `Deny`.")),
        };
        Ok(Part {
            span: fields.span,
            sid: fields.string("Sid")?,
            effect: Spanned { value: effect, span: word.span },
            effect_in_wrong_case: !matches!(word.value.as_str(), "Allow" | "Deny"),
            principal: fields.either("Principal", "NotPrincipal")?,
            action: list(fields.either("Action", "NotAction")?)?,
            resource: list(fields.either("Resource", "NotResource")?)?,
            conditions: parse::conditions(&fields)?,
        })
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.action.iter().flat_map(|list| &list.clause.entries)
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.resource.iter().flat_map(|list| &list.clause.entries)
    }

    /// Of several bad entries IAM reports the smallest.
    fn check_resources(&self) -> Result<(), PolicyError> {
        let bad = self.resources().filter(|entry| resources::format_fault(&entry.value).is_some());
        let Some(entry) = bad.min_by_key(|entry| &entry.value) else { return Ok(()) };
        let detail = format!("`{}` is not the ARN of anything; write the whole ARN, or `*`.", entry.value);
        let message = resources::format_fault(&entry.value).unwrap_or_default();
        Err(Problem::new(entry.span, detail).says(message))
    }

    fn check_actions(&self) -> Result<(), PolicyError> {
        for entry in self.actions() {
            if let Some(message) = actions::fault(&entry.value) {
                let detail = format!("`{}` is not of the form `service:Action`.", entry.value);
                return Err(Problem::new(entry.span, detail).says(message));
            }
        }
        Ok(())
    }
}

fn is_date_operator(base: Base) -> bool {
    base.name().starts_with("Date")
}
