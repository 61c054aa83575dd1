//! The fixed workloads: every request must come out as written.

use std::path::Path;

use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::decide;
use doorward_policy::explain::explain;
use doorward_policy::request::{Attached, Layers, Principal, Request, Resource, Source, User};
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
    identity: Vec<Document>,
    boundary: Vec<Document>,
    service_control: Vec<Vec<Document>>,
}

fn parse(policy: &Value, kind: PolicyType) -> Document {
    Document::parse(&policy.to_string(), kind).unwrap()
}

fn parse_all(policies: &Value, kind: PolicyType) -> Vec<Document> {
    policies.as_array().unwrap().iter().map(|entry| parse(&entry["policy"], kind)).collect()
}

fn attach(documents: &[Document]) -> Vec<Attached<'_>> {
    let source = Source::Managed { arn: "arn:p", attached_to: "it" };
    documents.iter().map(|document| Attached { source, document: Some(document) }).collect()
}

impl<'a> Workload<'a> {
    fn new(file: &'a Value) -> Self {
        let text = |name: &str| file["principal"][name].as_str().unwrap().to_owned();
        let levels = file["serviceControlPolicies"].as_array().unwrap();
        assert!(file["resourceControlPolicies"].as_array().unwrap().is_empty());
        Workload {
            file,
            principal: Principal::User(User { arn: text("arn"), unique_id: text("userId") }),
            identity: parse_all(&file["identityPolicies"], PolicyType::Managed),
            boundary: parse_all(&file["permissionBoundaryPolicies"], PolicyType::Managed),
            service_control: levels
                .iter()
                .map(|level| parse_all(&level["policies"], PolicyType::ServiceControl))
                .collect(),
        }
    }

    fn context(&self, extra: &Value) -> Context {
        let mut keys = self.file["baseContext"].as_object().unwrap().clone();
        keys.extend(extra.as_object().unwrap().clone());
        let values = keys.into_iter().filter_map(|(key, value)| match value {
            Value::Null => None,
            Value::Array(list) => {
                Some((key, Values::Many(list.iter().map(|value| value.as_str().unwrap().to_owned()).collect())))
            }
            value => Some((key, Values::One(value.as_str().unwrap().to_owned()))),
        });
        values.collect()
    }

    fn check(&self, request: &Value) {
        let text = |name: &str| request[name].as_str().unwrap();
        let context = self.context(&request["context"]);
        let resource = request["resourcePolicy"]
            .as_str()
            .map(|key| parse(&self.file["resourcePolicies"][key], PolicyType::Resource));
        let identity = attach(&self.identity);
        let boundary = attach(&self.boundary);
        let service_control: Vec<_> = self.service_control.iter().map(|level| attach(level)).collect();
        let layers = Layers {
            identity: &identity,
            boundary: (!boundary.is_empty()).then_some(&boundary),
            service_control: (!service_control.is_empty()).then_some(&service_control),
            resource: resource.as_ref().map(|document| Attached {
                source: Source::Resource { arn: text("resource") },
                document: Some(document),
            }),
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
