//! Our own engine, in the form in which the service asks it.

use std::collections::BTreeMap;

use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::{Denial, decide};
use doorward_policy::request::{Attached, Layers, Principal, Request, Resource, Source, User};
use serde_json::Value;

use crate::Peer;
use crate::workload::Workload;

pub struct Doorward {
    principal: Principal,
    identity: Vec<Document>,
    boundary: Vec<Document>,
    service_control: Vec<Vec<Document>>,
    resource: BTreeMap<String, Document>,
    asked: Vec<Asked>,
}

struct Asked {
    action: String,
    resource: String,
    account: Option<String>,
    policy: Option<String>,
    context: Context,
}

impl Doorward {
    pub fn new(path: &str, workload: &Workload) -> Doorward {
        let text = std::fs::read_to_string(path).expect("a workload");
        let file: Value = serde_json::from_str(&text).expect("a workload is JSON");
        let list = |list: &Value, kind| -> Vec<Document> {
            list.as_array().into_iter().flatten().map(|entry| parse(&entry["policy"], kind)).collect()
        };
        let levels = file["serviceControlPolicies"].as_array().into_iter().flatten();
        let of_principal = |name: &str| file["principal"][name].as_str().unwrap_or_default().to_owned();
        let resource = file["resourcePolicies"].as_object().into_iter().flatten();
        let asked = file["requests"].as_array().into_iter().flatten().zip(&workload.requests);
        Doorward {
            principal: Principal::User(User { arn: of_principal("arn"), unique_id: of_principal("userId") }),
            identity: list(&file["identityPolicies"], PolicyType::Managed),
            boundary: list(&file["permissionBoundaryPolicies"], PolicyType::Managed),
            service_control: levels.map(|level| list(&level["policies"], PolicyType::ServiceControl)).collect(),
            resource: resource.map(|(key, policy)| (key.clone(), parse(policy, PolicyType::Resource))).collect(),
            asked: asked
                .map(|(raw, request)| Asked {
                    action: raw["action"].as_str().unwrap_or_default().to_owned(),
                    resource: request.resource.clone(),
                    account: raw["resourceAccountId"].as_str().map(str::to_owned),
                    policy: request.resource_policy.clone(),
                    context: request
                        .context
                        .iter()
                        .map(|(key, value)| (key.clone(), Values::One(value.as_str().unwrap_or_default().to_owned())))
                        .collect(),
                })
                .collect(),
        }
    }
}

fn parse(policy: &Value, kind: PolicyType) -> Document {
    Document::parse(&policy.to_string(), kind).expect("a policy")
}

fn attach(documents: &[Document]) -> Vec<Attached<'_>> {
    let source = Source::Managed { arn: "arn:p", attached_to: "it" };
    documents.iter().map(|document| Attached { source, document: Some(document) }).collect()
}

impl Peer for Doorward {
    fn decide(&mut self, number: usize) -> &'static str {
        let asked = &self.asked[number];
        let (identity, boundary) = (attach(&self.identity), attach(&self.boundary));
        let service_control: Vec<_> = self.service_control.iter().map(|level| attach(level)).collect();
        let resource = asked.policy.as_ref().and_then(|key| self.resource.get(key));
        let layers = Layers {
            identity: &identity,
            boundary: (!boundary.is_empty()).then_some(&boundary),
            service_control: (!service_control.is_empty()).then_some(&service_control),
            resource: resource.map(|document| Attached {
                source: Source::Resource { arn: &asked.resource },
                document: Some(document),
            }),
            ..Layers::default()
        };
        let resource = Resource { arn: &asked.resource, account: asked.account.as_deref(), requires_own_grant: false };
        let request = Request { principal: &self.principal, action: &asked.action, resource, context: &asked.context };
        match decide(&request, &layers).denial() {
            None => "Allowed",
            Some(Denial::Explicit(_)) => "ExplicitlyDenied",
            Some(_) => "ImplicitlyDenied",
        }
    }
}
