//! The policy simulator (IAM API Reference: SimulateCustomPolicy, SimulatePrincipalPolicy, GetContextKeysForCustomPolicy,
//! GetContextKeysForPrincipalPolicy). It asks the engine that authorizes every call, with other policies or for another
//! caller.

mod caller;
mod context;
mod context_keys;
mod documents;
mod exclusion;
mod page;
mod resources;
mod result;
mod scene;
mod source;
#[cfg(test)]
mod tests;

use doorward_directory::Account;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use self::scene::Scene;
use self::source::Held;
use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    let simulations = vec![
        Op::read(
            "SimulateCustomPolicy",
            |scope, _: &api::SimulateCustomPolicyRequest| Ok(vec![scope.any()]),
            simulate_custom_policy,
        ),
        Op::read(
            "SimulatePrincipalPolicy",
            |scope, input: &api::SimulatePrincipalPolicyRequest| target(scope, &input.policy_source_arn),
            simulate_principal_policy,
        ),
    ];
    simulations.into_iter().chain(context_keys::ops()).collect()
}

/// The user, group or role whose policies are looked at.
fn target(scope: &Scope<'_>, policy_source_arn: &str) -> Result<Vec<Target>, Error> {
    let tags = match source::find(scope.account, policy_source_arn) {
        Ok(source) => source.tags(),
        // Whether there is such a one, only those are told who may ask.
        Err(refused) if refused.code == "NoSuchEntity" => None,
        Err(refused) => return Err(refused),
    };
    let target = scope.arn(policy_source_arn);
    Ok(vec![match tags {
        Some(tags) => target.resource_tags(tags, true),
        None => target,
    }])
}

fn simulate_custom_policy(
    cx: &Cx<'_>,
    account: &Account,
    input: api::SimulateCustomPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Error> {
    simulate(cx, account, Held::default(), &input)
}

fn simulate_principal_policy(
    cx: &Cx<'_>,
    account: &Account,
    input: api::SimulatePrincipalPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Error> {
    let mut held = source::find(account, &input.policy_source_arn)?.held(account);
    exclusion::exclude(&mut held, input.policy_exclusion_list.as_deref().unwrap_or_default())?;
    let rest = api::SimulateCustomPolicyRequest {
        policy_input_list: input.policy_input_list.unwrap_or_default(),
        permissions_boundary_policy_input_list: input.permissions_boundary_policy_input_list,
        ordered_organization_policy_input_list: None,
        action_names: input.action_names,
        resource_arns: input.resource_arns,
        resource_policy: input.resource_policy,
        resource_owner: input.resource_owner,
        caller_arn: Some(input.caller_arn.unwrap_or(input.policy_source_arn)),
        context_entries: input.context_entries,
        resource_handling_option: input.resource_handling_option,
        max_items: input.max_items,
        marker: input.marker,
    };
    simulate(cx, account, held, &rest)
}

/// Simulates with the policies that a user, group or role holds and those of the input.
fn simulate(
    cx: &Cx<'_>,
    account: &Account,
    held: Held,
    input: &api::SimulateCustomPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Error> {
    check_actions(&input.action_names)?;
    let scene = Scene::new(account, held, input)?;
    let page = page::page(cx, &scene, input)?;
    let services = cx.doorward.services();
    let results = match cx.worked_out::<Results>() {
        Some(results) => results,
        // It can take long: other calls are not to wait for it.
        None => {
            return Err(cx.work_out(move || {
                page.items.iter().map(|action| scene.simulate(action, services)).collect::<Results>()
            }));
        }
    };
    Ok(api::SimulatePolicyResponse {
        evaluation_results: Some(Results::clone(&results)?),
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

type Results = Result<Vec<api::EvaluationResult>, Error>;

fn check_actions(names: &[String]) -> Result<(), Error> {
    let is_action = |name: &String| {
        let named = name.split_once(':').filter(|(service, action)| !service.is_empty() && !action.is_empty());
        named.is_some_and(|(_, action)| !action.contains(':')) && !name.contains(['*', '?', ' '])
    };
    match names.iter().find(|name| !is_action(name)) {
        None if names.is_empty() => Err(error::invalid_input("ActionNames must hold at least one action.")),
        None => Ok(()),
        Some(name) => Err(error::invalid_input(format!("ActionNames are not in a valid format: {name}."))),
    }
}
