//! The fixed workloads: every request must come out as written.

use std::path::Path;

use doorward_policy::context::{Context, Values};
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate::decide;
use doorward_policy::explain::explain;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, Layers, PolicySet, Principal, Request, Resource, Source, User};
use serde_json::Value;

use crate::scene::{Allow, DenyE, DenyI, Expect, outcome};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/workloads");

fn check(name: &str, expect_requests: usize) {
    let path = Path::new(FOLDER).join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let workload = Workload::new(&file);
    let requests = file["requests"].as_array().unwrap();
    assert_eq!(requests.len(), expect_requests);
    for request in requests {
        workload.check(request);
    }
}

struct Workload<'a> {
    file: &'a Value,
    principal: Principal,
    identity: PolicySet,
    boundary: PolicySet,
    service_control: Vec<PolicySet>,
}

fn parse(policy: &Value, kind: PolicyType) -> Policy {
    Policy::parse(&policy.to_string(), kind).unwrap()
}

fn parse_all(policies: &Value, kind: PolicyType) -> PolicySet {
    let source = Source::Managed { arn: "arn:p".into(), attached_to: "it".into() };
    let policies = policies.as_array().unwrap().iter();
    policies.map(|entry| Attached::new(source.clone(), parse(&entry["policy"], kind))).collect()
}

impl<'a> Workload<'a> {
    fn new(file: &'a Value) -> Self {
        let text = |name: &str| file["principal"][name].as_str().unwrap().to_owned();
        let levels = file["serviceControlPolicies"].as_array().unwrap();
        assert!(file["resourceControlPolicies"].as_array().unwrap().is_empty());
        Workload {
            file,
            principal: Principal::User(User { arn: text("arn").into(), unique_id: text("userId") }),
            identity: parse_all(&file["identityPolicies"], PolicyType::Managed),
            boundary: parse_all(&file["permissionBoundaryPolicies"], PolicyType::Managed),
            service_control: levels
                .iter()
                .map(|level| parse_all(&level["policies"], PolicyType::ServiceControl))
                .collect(),
        }
    }

    fn context(&self, extra: &Value) -> Context<'static> {
        let mut keys = self.file["baseContext"].as_object().unwrap().clone();
        keys.extend(extra.as_object().unwrap().clone());
        let values = keys.into_iter().filter_map(|(key, value)| match value {
            Value::Null => None,
            Value::Array(list) => {
                Some((key, Values::Many(list.iter().map(|value| value.as_str().unwrap().to_owned()).collect())))
            }
            value => Some((key, value.as_str().unwrap().to_owned().into())),
        });
        values.collect()
    }

    fn check(&self, request: &Value) {
        let text = |name: &str| request[name].as_str().unwrap();
        let context = self.context(&request["context"]);
        let resource = request["resourcePolicy"].as_str().map(|key| {
            let policy = parse(&self.file["resourcePolicies"][key], PolicyType::Resource);
            PolicySet::one(Source::Resource { arn: text("resource").into() }, Some(policy.into()))
        });
        let layers = Layers {
            identity: &self.identity,
            boundary: Some(&self.boundary).filter(|boundary| !boundary.policies().is_empty()),
            service_control: Some(self.service_control.as_slice()).filter(|levels| !levels.is_empty()),
            resource: resource.as_ref(),
            ..Layers::default()
        };
        let asked = Request {
            principal: &self.principal,
            action: text("action"),
            resource: Resource {
                arn: text("resource"),
                account: request["resourceAccountId"].as_str(),
                requires_own_grant: false,
            },
            context: &context,
        };
        let expect: Expect = match text("expect") {
            "Allowed" => Allow,
            "ExplicitlyDenied" => DenyE,
            "ImplicitlyDenied" => DenyI,
            other => panic!("{other}"),
        };
        let decision = decide(&asked, &layers);
        assert_eq!(outcome(&decision), expect, "{} ({})", text("id"), text("why"));
        assert_eq!(explain(&asked, &layers).decision, decision, "{}", text("id"));
    }
}

#[test]
fn small() {
    check("W1", 4);
}

#[test]
fn typical() {
    check("W2", 24);
}

#[test]
fn many_statements_over_services() {
    check("W3", 6);
}

#[test]
fn many_statements_of_one_action() {
    check("W3S", 3);
}

#[test]
fn adversarial_wildcards() {
    for name in ["W4a", "W4b", "W4c"] {
        check(name, 2);
    }
}
