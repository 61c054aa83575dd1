//! Our own engine, in the form in which the service asks it.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_policy::context::{Context, Values};
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate::{Decision, Denial, decide};
use doorward_policy::explain::{Explanation, explain};
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, Layers, PolicySet, Principal, Request, Resource, Source, User};
use serde_json::Value;

use crate::workload::Workload;

pub struct Doorward {
    pub principal: Principal,
    pub identity: PolicySet,
    boundary: Option<PolicySet>,
    service_control: Option<Vec<PolicySet>>,
    resource: BTreeMap<String, PolicySet>,
    pub asked: Vec<Asked>,
}

pub struct Asked {
    pub action: String,
    pub resource: String,
    account: Option<String>,
    policy: Option<String>,
    /// The keys and their values, as a caller has them before it builds the context.
    pub keys: Vec<(String, String)>,
    pub context: Context<'static>,
}

impl Doorward {
    pub fn new(path: &str, workload: &Workload) -> Doorward {
        let text = std::fs::read_to_string(path).expect("a workload");
        let file: Value = serde_json::from_str(&text).expect("a workload is JSON");
        let set = |list: &Value, kind| -> PolicySet {
            list.as_array().into_iter().flatten().map(|entry| attached(parse(&entry["policy"], kind))).collect()
        };
        let levels = file["serviceControlPolicies"].as_array().into_iter().flatten();
        let levels: Vec<_> = levels.map(|level| set(&level["policies"], PolicyType::ServiceControl)).collect();
        let of_principal = |name: &str| file["principal"][name].as_str().unwrap_or_default().to_owned();
        let resource = file["resourcePolicies"].as_object().into_iter().flatten();
        let own = |key: &str, policy| {
            let source = Source::Resource { arn: key.into() };
            PolicySet::one(source, Some(Arc::new(parse(policy, PolicyType::Resource))))
        };
        let asked = file["requests"].as_array().into_iter().flatten().zip(&workload.requests);
        Doorward {
            principal: Principal::User(User { arn: of_principal("arn").into(), unique_id: of_principal("userId") }),
            identity: set(&file["identityPolicies"], PolicyType::Managed),
            boundary: Some(set(&file["permissionBoundaryPolicies"], PolicyType::Managed))
                .filter(|boundary| !boundary.policies().is_empty()),
            service_control: Some(levels).filter(|levels| !levels.is_empty()),
            resource: resource.map(|(key, policy)| (key.clone(), own(key, policy))).collect(),
            asked: asked
                .map(|(raw, request)| {
                    let values = request.context.iter();
                    let keys: Vec<(String, String)> = values
                        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
                        .collect();
                    Asked {
                        action: raw["action"].as_str().unwrap_or_default().to_owned(),
                        resource: request.resource.clone(),
                        account: raw["resourceAccountId"].as_str().map(str::to_owned),
                        policy: request.resource_policy.clone(),
                        context: keys.iter().cloned().map(|(key, value)| (key, Values::from(value))).collect(),
                        keys,
                    }
                })
                .collect(),
        }
    }

    fn layers<'a>(&'a self, identity: &'a PolicySet, asked: &Asked) -> Layers<'a> {
        Layers {
            identity,
            boundary: self.boundary.as_ref(),
            service_control: self.service_control.as_deref(),
            resource: asked.policy.as_ref().and_then(|key| self.resource.get(key)),
            ..Layers::default()
        }
    }

    /// Decides as somebody with these policies.
    pub fn decide_as(
        &self,
        principal: &Principal,
        identity: &PolicySet,
        context: &Context<'_>,
        asked: &Asked,
    ) -> Decision {
        decide(&request(principal, context, asked), &self.layers(identity, asked))
    }

    pub fn explain(&self, asked: &Asked) -> Explanation {
        explain(&request(&self.principal, &asked.context, asked), &self.layers(&self.identity, asked))
    }
}

fn request<'a>(principal: &'a Principal, context: &'a Context<'a>, asked: &'a Asked) -> Request<'a> {
    let resource = Resource { arn: &asked.resource, account: asked.account.as_deref(), requires_own_grant: false };
    Request { principal, action: &asked.action, resource, context }
}

fn parse(policy: &Value, kind: PolicyType) -> Policy {
    Policy::parse(&policy.to_string(), kind).expect("a policy")
}

fn attached(policy: Policy) -> Attached {
    Attached::new(Source::Managed { arn: "arn:p".into(), attached_to: "it".into() }, policy)
}

/// The decision in the workloads' terms.
pub fn outcome(decision: &Decision) -> &'static str {
    match decision.denial() {
        None => "Allowed",
        Some(Denial::Explicit(_)) => "ExplicitlyDenied",
        Some(_) => "ImplicitlyDenied",
    }
}

impl Doorward {
    pub fn decide(&self, number: usize) -> &'static str {
        let asked = &self.asked[number];
        outcome(&self.decide_as(&self.principal, &self.identity, &asked.context, asked))
    }
}
