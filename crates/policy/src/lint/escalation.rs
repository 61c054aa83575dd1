//! Statements with which one can pass any role to a service, or have services make roles of their own.

use super::issue::*;
use super::read::{List, Statement, Text};
use super::wildcards::covers_action;
use super::{Cx, PolicyType};
use crate::arn::split_pattern;

/// An action that is to be given with care.
struct Power {
    action: &'static str,
    tamed_by: &'static str,
    does: &'static str,
    /// For each [`Way`] the issue with `NotResource`, and with a wildcard in `Resource`.
    issues: [[Issue; 2]; 3],
}

/// How a statement names the action.
#[derive(Clone, Copy)]
enum Way {
    Name,
    Wildcard,
    NotAction,
}

const POWERS: [Power; 2] = [
    Power {
        action: "iam:PassRole",
        tamed_by: "iam:PassedToService",
        does: "pass any role to a service",
        issues: [
            [PASS_ROLE_WITH_NOT_RESOURCE, PASS_ROLE_WITH_STAR_IN_RESOURCE],
            [PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE],
            [PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE, PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION],
        ],
    },
    Power {
        action: "iam:CreateServiceLinkedRole",
        tamed_by: "iam:AWSServiceName",
        does: "have any service make its service-linked role",
        issues: [
            [CREATE_SLR_WITH_NOT_RESOURCE, CREATE_SLR_WITH_STAR_IN_RESOURCE],
            [CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE],
            [CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE, CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION],
        ],
    },
];

pub(super) fn check(statement: &Statement<'_>, cx: &mut Cx<'_>) {
    if cx.policy_type != PolicyType::Identity || !statement.allows() {
        return;
    }
    let (Some(actions), Some(resources)) = (&statement.action, &statement.resource) else { return };
    for power in &POWERS {
        let Some((way, action)) = way(actions, power.action) else { continue };
        let resource = match resources.negated {
            true => Some(resources.span),
            false => resources.entries.iter().find(|entry| is_any_role(entry.value)).map(|entry| entry.span),
        };
        let Some(resource) = resource.filter(|_| !statement.tests(power.tamed_by)) else { continue };
        let [not_resource, star] = match (way, power.issues) {
            (Way::Name, [issues, _, _]) | (Way::Wildcard, [_, issues, _]) | (Way::NotAction, [_, _, issues]) => issues,
        };
        let details =
            format!("Whoever has this can {}: name the roles in Resource, or test {}.", power.does, power.tamed_by);
        cx.add(if resources.negated { not_resource } else { star }, details, [action, resource]);
    }
}

/// How the list names an action, and where.
fn way(list: &List<'_>, action: &str) -> Option<(Way, crate::document::Span)> {
    let matching = |entry: &&Text<'_>| covers_action(entry.value, action);
    let found = list.entries.iter().find(matching);
    if list.negated {
        return (found.is_none() && !list.entries.is_empty()).then_some((Way::NotAction, list.key));
    }
    let named = list.entries.iter().find(|entry| entry.value.eq_ignore_ascii_case(action));
    let by_name = named.map(|entry| (Way::Name, entry.span));
    by_name.or_else(|| found.map(|entry| (Way::Wildcard, entry.span)))
}

/// Whether a resource includes roles of every name. A path or the beginning of a name is a limit.
fn is_any_role(resource: &str) -> bool {
    match split_pattern(resource).as_slice() {
        [_, _, _, _, _, resource] => {
            "role/".starts_with(resource.split('*').next().unwrap_or_default()) && resource.contains('*')
        }
        _ => resource == "*",
    }
}
