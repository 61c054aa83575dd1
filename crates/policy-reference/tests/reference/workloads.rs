//! The fixed workloads: the reference, too, answers every request as written.

use std::path::Path;

use doorward_policy_reference::{Decision, Policies, Principal, Question, Resource, User, Values, decide};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/workloads");

fn check(name: &str) {
    let path = Path::new(FOLDER).join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let documents =
        |list: &Value| list.as_array().unwrap().iter().map(|entry| entry["policy"].clone()).collect::<Vec<_>>();
    let levels = |list: &Value| {
        let levels: Vec<_> = list.as_array().unwrap().iter().map(|level| documents(&level["policies"])).collect();
        if levels.is_empty() { None } else { Some(levels) }
    };
    let boundary = documents(&file["permissionBoundaryPolicies"]);
    let principal = User { arn: text(&file["principal"]["arn"]), id: text(&file["principal"]["userId"]) };
    let mut question = Question {
        principal: Principal::User(principal),
        action: String::new(),
        resource: Resource { arn: String::new(), account: None, requires_own_grant: false },
        context: Vec::new(),
        policies: Policies {
            identity: documents(&file["identityPolicies"]),
            boundary: if boundary.is_empty() { None } else { Some(boundary) },
            service_control: levels(&file["serviceControlPolicies"]),
            resource_control: levels(&file["resourceControlPolicies"]),
            ..Policies::default()
        },
    };
    for request in file["requests"].as_array().unwrap() {
        question.action = text(&request["action"]);
        question.resource.arn = text(&request["resource"]);
        question.resource.account = request["resourceAccountId"].as_str().map(str::to_owned);
        question.policies.resource =
            request["resourcePolicy"].as_str().map(|key| file["resourcePolicies"][key].clone());
        let mut context = file["baseContext"].as_object().unwrap().clone();
        context.extend(request["context"].as_object().unwrap().clone());
        let entries = context.iter().filter(|(_, value)| !value.is_null());
        question.context = entries
            .map(|(key, value)| (key.clone(), serde_json::from_value::<Values>(value.clone()).unwrap()))
            .collect();
        let decision = match decide(&question) {
            Decision::Allowed => "Allowed",
            Decision::Explicit(_) => "ExplicitlyDenied",
            Decision::Implicit(_) => "ImplicitlyDenied",
        };
        assert_eq!(decision, request["expect"], "{name}: {}", request["id"]);
    }
}

#[test]
fn every_request_of_the_workloads_comes_out_as_written() {
    for name in ["W1", "W2", "W3", "W3S", "W4a", "W4b", "W4c"] {
        check(name);
    }
}
