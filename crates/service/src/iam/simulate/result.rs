//! What a simulation tells (IAM API Reference: EvaluationResult, ResourceSpecificResult, Statement).

use std::collections::BTreeMap;

use doorward_directory::AWS_MANAGED;
use doorward_policy::arn::Arn;
use doorward_policy::display::position;
use doorward_policy::document::Effect;
use doorward_policy::evaluate::{Confusion, Decision, Denial, StatementRef};
use doorward_policy::explain::{Explanation, State, StatementReport};
use doorward_policy::request::{Layer, Layers, Source};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::scene::{Asked, Scene};
use crate::Services;
use api::PolicyEvaluationDecisionType as Verdict;

/// The kinds of policies whose statements are shown, as the details of a decision across accounts name them.
const SHOWN: &[(Layer, &str)] = &[(Layer::Identity, "IAM Policy"), (Layer::Resource, "Resource Policy")];

/// The decision on one resource.
pub(super) struct Judged {
    name: String,
    verdict: Verdict,
    statements: Vec<(StatementRef, api::Statement)>,
    missing: Vec<String>,
    organizations: Option<bool>,
    boundary: Option<bool>,
    /// Of a resource of another account: what each kind of policy says.
    details: Option<BTreeMap<String, Verdict>>,
}

/// What an explanation comes to.
pub(super) fn judged(
    scene: &Scene,
    asked: &Asked,
    layers: &Layers<'_>,
    explanation: Explanation,
) -> Result<Judged, Error> {
    let verdict = verdict(explanation.decision, layers)?;
    let allowed_by = |layer: Layer| {
        let mut rungs = explanation.ladder.iter().filter(|rung| rung.layer == layer).peekable();
        rungs.peek().is_some().then(|| rungs.all(|rung| rung.state == State::Allowed))
    };
    let organizations = scene.service_control.as_ref().and_then(|_| allowed_by(Layer::ServiceControl));
    let is_across = asked.account.as_deref().is_some_and(|account| account != scene.account_id);
    // Where an organization's policies deny, the simulation ends with them.
    let details = (is_across && organizations != Some(false)).then(|| details(&explanation));
    let reports = explanation.ladder.iter().filter(|rung| SHOWN.iter().any(|(layer, _)| *layer == rung.layer));
    let reports =
        reports.flat_map(|rung| &rung.matched).filter(|report| decided(report, explanation.decision, verdict));
    Ok(Judged {
        name: asked.arn.clone(),
        verdict,
        statements: reports.map(|report| (report.at, statement(report, layers))).collect(),
        organizations,
        boundary: scene.boundary.as_ref().and_then(|_| allowed_by(Layer::Boundary)),
        details,
        missing: explanation.missing_keys,
    })
}

fn verdict(decision: Decision, layers: &Layers<'_>) -> Result<Verdict, Error> {
    match decision.denial() {
        None => Ok(Verdict::Allowed),
        Some(Denial::Explicit(_)) => Ok(Verdict::ExplicitDeny),
        Some(Denial::Implicit(_)) => Ok(Verdict::ImplicitDeny),
        Some(Denial::OverBudget) => Err(error::policy_evaluation("The policies take too long to evaluate.")),
        Some(Denial::NotUnderstood(Confusion::Policy { layer, level, policy })) => {
            let name = layers.policies(layer, level).get(policy).and_then(|attached| attached.source.name());
            let name = name.unwrap_or("of the simulation");
            Err(error::policy_evaluation(format!("The policy {name} cannot be found or read.")))
        }
        Some(Denial::NotUnderstood(Confusion::Action)) => {
            Err(error::policy_evaluation("The action is not understood."))
        }
        Some(Denial::NotUnderstood(Confusion::Resource)) => {
            Err(error::policy_evaluation("The resource is not understood."))
        }
        Some(Denial::NotUnderstood(Confusion::Principal)) => {
            Err(error::policy_evaluation("The caller is not understood."))
        }
    }
}

/// Whether a statement that applies has a part in the decision: of a denial every Deny, of an allowed request every Allow
/// of the kinds of policies that the permission is owed to.
fn decided(report: &StatementReport, decision: Decision, verdict: Verdict) -> bool {
    match (verdict, report.effect) {
        (Verdict::ExplicitDeny, Effect::Deny) => true,
        (Verdict::Allowed, Effect::Allow) => decision.statements.iter().any(|at| at.layer() == report.at.layer()),
        _ => false,
    }
}

fn details(explanation: &Explanation) -> BTreeMap<String, Verdict> {
    let of = |(layer, name): &(Layer, &str)| {
        let rung = explanation.ladder.iter().find(|rung| rung.layer == *layer);
        let verdict = match rung.map(|rung| rung.state) {
            Some(State::Allowed) => Verdict::Allowed,
            Some(State::Denied) => Verdict::ExplicitDeny,
            _ => Verdict::ImplicitDeny,
        };
        ((*name).to_owned(), verdict)
    };
    SHOWN.iter().map(of).collect()
}

/// A statement by its policy and its place: from behind its opening brace to behind its closing one.
fn statement(report: &StatementReport, layers: &Layers<'_>) -> api::Statement {
    let text = layers.text(report.at);
    let place = |offset: u32| {
        let place = position(text, usize::try_from(offset).unwrap_or(usize::MAX));
        let number = |number: usize| i32::try_from(number).ok();
        Some(api::Position { line: number(place.line), column: number(place.column) })
    };
    let (id, kind) = layers.find(report.at).map_or((None, None), |(attached, _)| source(&attached.source));
    api::Statement {
        source_policy_id: id,
        source_policy_type: kind,
        start_position: place(report.span.start.saturating_add(1)),
        end_position: place(report.span.end),
    }
}

/// `SourcePolicyId`, which is a name and no ARN, and `SourcePolicyType`.
fn source(source: &Source) -> (Option<String>, Option<api::PolicySourceType>) {
    use api::PolicySourceType::{AwsManaged, Group, None as NoType, Resource, Role, User, UserManaged};
    let (id, kind) = match source {
        Source::Managed { arn, .. } => {
            let name = arn.rsplit_once('/').map_or(&**arn, |(_, name)| name);
            (name, if arn.starts_with(AWS_MANAGED) { AwsManaged } else { UserManaged })
        }
        Source::Inline { name, owner } => {
            let kind = match Arn::parse(owner).map(|owner| owner.resource_type()) {
                Some("user") => User,
                Some("group") => Group,
                Some("role") => Role,
                _ => NoType,
            };
            (&**name, kind)
        }
        Source::Resource { arn } => (&**arn, Resource),
        Source::Session | Source::Trust { .. } | Source::Endpoint { .. } => return (None, None),
    };
    (Some(id.to_owned()), Some(kind))
}

/// The result for one action: of all its resources the most restrictive decision.
pub(super) fn result(action: &str, judged: Vec<Judged>, services: Services) -> api::EvaluationResult {
    let verdict = judged.iter().map(|one| one.verdict).max_by_key(|verdict| strictness(*verdict)).unwrap_or_default();
    let of_all = |of: fn(&Judged) -> Option<bool>| {
        let mut told = judged.iter().filter_map(of).peekable();
        told.peek().is_some().then(|| told.all(|allowed| allowed))
    };
    let names_resources = judged.iter().any(|one| one.name != "*");
    let name = match judged.as_slice() {
        [only] => only.name.clone(),
        _ => template(action, &judged, services).unwrap_or_else(|| "*".to_owned()),
    };
    api::EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(name),
        eval_decision: verdict,
        matched_statements: Some(united(judged.iter().filter(|one| one.verdict == verdict))),
        missing_context_values: Some(missing(&judged)),
        organizations_decision_detail: of_all(|one| one.organizations)
            .map(|allowed| api::OrganizationsDecisionDetail { allowed_by_organizations: Some(allowed) }),
        permissions_boundary_decision_detail: boundary(of_all(|one| one.boundary)),
        eval_decision_details: strictest(&judged).or(names_resources.then(BTreeMap::new)),
        resource_specific_results: names_resources.then(|| judged.into_iter().map(specific).collect()),
    }
}

/// The form of the ARNs of an action's resources, if it has such and that is known: of several the one that a resource has.
fn template(action: &str, judged: &[Judged], services: Services) -> Option<String> {
    let (prefix, name) = action.split_once(':')?;
    let service = services.0?.service(&prefix.to_ascii_lowercase())?;
    let templates: Vec<&str> = service.resources_of(service.action(name)?).map(|kind| kind.arn.as_str()).collect();
    let fitting = templates.iter().find(|template| judged.iter().any(|one| is_of(template, &one.name)));
    fitting.or(templates.first()).map(|template| (*template).to_owned())
}

/// Whether an ARN is of a form: whether what stands between the `${…}` is in it, in order.
fn is_of(template: &str, arn: &str) -> bool {
    let mut literals = template.split("${").map(|part| part.split_once('}').map_or(part, |(_, literal)| literal));
    let Some(mut rest) = literals.next().and_then(|start| arn.strip_prefix(start)) else { return false };
    let mut last = "";
    for literal in literals {
        let Some((_, after)) = rest.split_once(literal) else { return false };
        (rest, last) = (after, literal);
    }
    rest.is_empty() || last.is_empty()
}

fn specific(one: Judged) -> api::ResourceSpecificResult {
    api::ResourceSpecificResult {
        eval_resource_name: one.name,
        eval_resource_decision: one.verdict,
        matched_statements: Some(one.statements.into_iter().map(|(_, statement)| statement).collect()),
        missing_context_values: Some(one.missing),
        eval_decision_details: one.details,
        permissions_boundary_decision_detail: boundary(one.boundary),
    }
}

fn boundary(allowed: Option<bool>) -> Option<api::PermissionsBoundaryDecisionDetail> {
    allowed.map(|allowed| api::PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(allowed) })
}

fn strictness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    }
}

/// The statements of all resources, each once.
fn united<'a>(judged: impl Iterator<Item = &'a Judged>) -> Vec<api::Statement> {
    let all: BTreeMap<StatementRef, &api::Statement> =
        judged.flat_map(|one| &one.statements).map(|(at, statement)| (*at, statement)).collect();
    all.into_values().cloned().collect()
}

/// The missing keys of all resources, each once.
fn missing(judged: &[Judged]) -> Vec<String> {
    let keys = judged.iter().flat_map(|one| &one.missing);
    let all: BTreeMap<String, &String> = keys.map(|key| (key.to_ascii_lowercase(), key)).collect();
    all.into_values().cloned().collect()
}

/// The details of all resources of other accounts: of each kind of policy the most restrictive decision.
fn strictest(judged: &[Judged]) -> Option<BTreeMap<String, Verdict>> {
    let mut all = BTreeMap::<String, Verdict>::new();
    for (name, verdict) in judged.iter().filter_map(|one| one.details.as_ref()).flatten() {
        let held = all.entry(name.clone()).or_insert(*verdict);
        if strictness(*held) < strictness(*verdict) {
            *held = *verdict;
        }
    }
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn arns_have_forms() {
        let check =
            |template: &str, arn: &str, expect: bool| assert_eq!(is_of(template, arn), expect, "{template} {arn}");
        check("arn:${Partition}:s3:::${Bucket}/${Object}", "arn:aws:s3:::b/o", true);
        check("arn:${Partition}:s3:::${Bucket}/${Object}", "arn:aws:s3:::b", false);
        check("arn:${Partition}:s3:${Region}:${Account}:accesspoint/${Name}", "arn:aws:s3:::b/o", false);
        check("arn:${Partition}:iam::${Account}:user/${Name}", "arn:aws:iam::111122223333:user/a", true);
        check("arn:${Partition}:iam::${Account}:root", "arn:aws:iam::111122223333:root", true);
        check("arn:${Partition}:iam::${Account}:root", "arn:aws:iam::111122223333:rooted", false);
    }
}
