//! Reports of single statements.

use super::{ConditionReport, ElementReport, StatementReport};
use crate::context::Context;
use crate::document::{Clause, Condition, Document, Spanned, Statement};
use crate::evaluate::StatementRef;
use crate::evaluate::gates::Findings;
use crate::matching::Finding;
use crate::operator::{Operator, SetOperator};
use crate::request::Attached;

pub(super) fn statement(
    at: StatementRef,
    attached: &Attached,
    document: &Document,
    statement: &Statement,
    findings: &Findings,
    conditions: &[bool],
    context: &Context<'_>,
) -> StatementReport {
    let mut elements = vec![clause(["Action", "NotAction"], &statement.action, findings.action)];
    if let Some(principal) = &statement.principal {
        let entries = principal.entries.iter().map(|entry| entry.span);
        let entries = entries.map(|span| Spanned { value: document.source(span).to_owned(), span }).collect();
        elements.push(ElementReport {
            name: if principal.negated { "NotPrincipal" } else { "Principal" },
            satisfied: findings.principal.strength.is_some(),
            entries: deciding(entries, findings.principal.entry),
        });
    }
    if let Some(resource) = &statement.resource {
        elements.push(clause(["Resource", "NotResource"], resource, findings.resource));
    }
    StatementReport {
        at,
        policy: attached.source.name().map(str::to_owned),
        attached_to: attached.source.attached_to().map(str::to_owned),
        sid: statement.sid.as_ref().map(|sid| sid.value.clone()),
        span: statement.span,
        effect: statement.effect,
        elements,
        conditions: statement
            .conditions
            .iter()
            .zip(conditions)
            .map(|(c, holds)| condition(c, *holds, context))
            .collect(),
    }
}

fn clause([plain, negated]: [&'static str; 2], clause: &Clause, finding: Finding) -> ElementReport {
    ElementReport {
        name: if clause.negated { negated } else { plain },
        satisfied: finding.satisfied,
        entries: deciding(clause.entries.clone(), finding.entry),
    }
}

/// The entry that decided, or all.
fn deciding(entries: Vec<Spanned<String>>, entry: Option<usize>) -> Vec<Spanned<String>> {
    match entry {
        Some(index) => entries.into_iter().skip(index).take(1).collect(),
        None => entries,
    }
}

fn condition(condition: &Condition, satisfied: bool, context: &Context<'_>) -> ConditionReport {
    let key = &condition.key.value;
    let request_values = context
        .iter()
        .filter(|(held, _)| held.eq_ignore_ascii_case(key))
        .map(|(_, values)| values.clone().into_owned())
        .collect();
    ConditionReport {
        operator: Spanned { value: operator_name(condition.operator.value), span: condition.operator.span },
        key: condition.key.clone(),
        satisfied,
        policy_values: condition.values.clone(),
        request_values,
    }
}

fn operator_name(operator: Operator) -> String {
    let set = match operator.set {
        Some(SetOperator::ForAllValues) => "ForAllValues:",
        Some(SetOperator::ForAnyValue) => "ForAnyValue:",
        None => "",
    };
    let suffix = if operator.if_exists { "IfExists" } else { "" };
    format!("{set}{}{suffix}", operator.base.name())
}
