//! A simulation, ready to be asked: who, under which policies, about which resources, in which context.

use doorward_directory::Account;
use doorward_policy::arn::Arn;
use doorward_policy::context::Context;
use doorward_policy::document::PolicyType;
use doorward_policy::explain::explain;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, Source};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::source::Held;
use super::{caller, context, documents, resources, result};
use crate::Services;

/// A resource that is asked about.
pub(super) struct Asked {
    pub arn: String,
    /// The account that owns it; none for `*`.
    pub account: Option<String>,
    context: Context<'static>,
}

/// All that the answers depend on but the action.
pub(super) struct Scene {
    pub principal: Principal,
    pub account_id: String,
    pub identity: PolicySet,
    pub boundary: Option<PolicySet>,
    resource: Option<PolicySet>,
    pub service_control: Option<Vec<PolicySet>>,
    pub resources: Vec<Asked>,
}

impl Scene {
    pub fn new(account: &Account, held: Held, input: &api::SimulateCustomPolicyRequest) -> Result<Scene, Error> {
        let caller = caller::caller(account, input.caller_arn.as_deref(), held.arn.as_deref())?;
        let mut identity = held.identity;
        identity.extend(documents::listed("PolicyInputList", &input.policy_input_list, PolicyType::Inline)?);
        let boundary = documents::boundary(input.permissions_boundary_policy_input_list.as_deref())?;
        let arns = resources::resources(input.resource_arns.as_deref())?;
        if let Some(option) = &input.resource_handling_option {
            resources::check_scenario(option, &arns)?;
        }
        let resource = match &input.resource_policy {
            None => None,
            Some(_) if input.caller_arn.is_none() => {
                return Err(error::invalid_input("Invalid caller - Caller cannot be null or empty."));
            }
            Some(_) if !caller.is_user => {
                return Err(error::invalid_input("Invalid caller - Caller must be an IAM user in this context."));
            }
            Some(text) => {
                let policy = documents::resource_policy(text, &arns)?;
                Some(PolicySet::one(Source::Resource { arn: "ResourcePolicy".into() }, Some(policy.into())))
            }
        };
        let owner = input.resource_owner.as_deref().map(resources::owner).transpose()?;
        let owner = owner.unwrap_or(&caller.account_id);
        let given = context::entries(input.context_entries.as_deref().unwrap_or_default())?;
        let asked = |arn: String| {
            let account = match Arn::parse(&arn) {
                None => None,
                Some(arn) if arn.account.is_empty() => Some(owner.to_owned()),
                Some(arn) => Some(arn.account.to_owned()),
            };
            let mut known = caller.context.clone();
            if let Some(account) = &account {
                known.insert("aws:ResourceAccount", account.clone());
            }
            Asked { context: context::with_known(&given, &known), arn, account }
        };
        Ok(Scene {
            resources: arns.into_iter().map(asked).collect(),
            principal: caller.principal,
            account_id: caller.account_id,
            identity: identity.into_iter().collect(),
            boundary: boundary.or(held.boundary),
            resource,
            service_control: documents::service_control(input.ordered_organization_policy_input_list.as_deref())?,
        })
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            resource: self.resource.as_ref(),
            service_control: self.service_control.as_deref(),
            ..Layers::default()
        }
    }

    /// The result for one action.
    pub fn simulate(&self, action: &str, services: Services) -> Result<api::EvaluationResult, Error> {
        let layers = self.layers();
        let judge = |asked: &Asked| {
            let resource = Resource { arn: &asked.arn, account: asked.account.as_deref(), requires_own_grant: false };
            let request = Request { principal: &self.principal, action, resource, context: &asked.context };
            let mut explanation = explain(&request, &layers);
            if self.service_control.is_some() {
                // Keys that only organizations' policies refer to are not told.
                let without = Layers { service_control: None, ..layers };
                explanation.missing_keys = explain(&request, &without).missing_keys;
            }
            result::judged(self, asked, &layers, explanation)
        };
        let judged = self.resources.iter().map(judge).collect::<Result<Vec<_>, _>>()?;
        Ok(result::result(action, judged, services))
    }

    /// How much may be compared for one action, at most: characters of policies with characters of requests.
    pub fn work(&self) -> u64 {
        let layers = [Some(&self.identity), self.boundary.as_ref(), self.resource.as_ref()];
        let sets = layers.into_iter().flatten().chain(self.service_control.iter().flatten());
        let policies: usize =
            sets.flat_map(|set| documents::texts(set.policies())).map(|policy| policy.document().text.len()).sum();
        let compared = |asked: &Asked| {
            let keys = asked.context.iter().map(|(key, values)| key.len() + values.iter().map(str::len).sum::<usize>());
            asked.arn.len() + keys.sum::<usize>() + FIXED
        };
        let requests: usize = self.resources.iter().map(compared).sum();
        u64::try_from(policies.max(FIXED).saturating_mul(requests)).unwrap_or(u64::MAX)
    }
}

/// What even the smallest policy or request counts, in characters.
const FIXED: usize = 64;
