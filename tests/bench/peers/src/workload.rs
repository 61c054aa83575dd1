//! A workload file, with its statements brought into one form.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub struct Workload {
    pub name: String,
    /// Every list of policies that has a say. All guardrails must allow; a grant of one of the others is enough.
    pub guardrails: Vec<Vec<Statement>>,
    pub identity: Vec<Statement>,
    pub resource: BTreeMap<String, Vec<Statement>>,
    pub requests: Vec<Request>,
}

pub struct Request {
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub resource_policy: Option<String>,
    pub context: Map<String, Value>,
    pub expect: String,
}

pub struct Statement {
    pub allow: bool,
    pub principals: Option<Vec<String>>,
    pub not_action: bool,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// Operator, key, values.
    pub conditions: Vec<(String, String, Vec<String>)>,
}

impl Workload {
    pub fn read(path: &str) -> Workload {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let file: Value = serde_json::from_str(&text).expect("a workload is JSON");
        let principal = file["principal"]["arn"].as_str().expect("a principal").to_owned();
        let context = file["baseContext"].as_object().expect("a context");
        let of = |list: &Value| -> Vec<Statement> {
            list.as_array().into_iter().flatten().flat_map(|policy| statements(&policy["policy"], context)).collect()
        };
        let levels = |list: &Value| -> Vec<Vec<Statement>> {
            list.as_array().into_iter().flatten().map(|level| of(&level["policies"])).collect()
        };
        let mut guardrails = levels(&file["serviceControlPolicies"]);
        guardrails.extend(levels(&file["resourceControlPolicies"]));
        let boundary = of(&file["permissionBoundaryPolicies"]);
        if !boundary.is_empty() {
            guardrails.push(boundary);
        }
        let resource = file["resourcePolicies"].as_object().into_iter().flatten();
        Workload {
            name: file["name"].as_str().unwrap_or(path).to_owned(),
            guardrails,
            identity: of(&file["identityPolicies"]),
            resource: resource.map(|(key, policy)| (key.clone(), statements(policy, context))).collect(),
            requests: file["requests"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|request| request_of(request, &principal, context))
                .collect(),
        }
    }
}

fn request_of(request: &Value, principal: &str, base: &Map<String, Value>) -> Request {
    let text = |key: &str| request[key].as_str().map(str::to_owned);
    let mut context = base.clone();
    for (key, value) in request["context"].as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(context.remove(key)),
            value => drop(context.insert(key.clone(), value.clone())),
        }
    }
    Request {
        principal: principal.to_owned(),
        action: text("action").expect("an action").to_lowercase(),
        resource: text("resource").expect("a resource"),
        resource_policy: text("resourcePolicy"),
        context,
        expect: text("expect").expect("an expectation"),
    }
}

fn statements(policy: &Value, context: &Map<String, Value>) -> Vec<Statement> {
    list(&policy["Statement"]).into_iter().map(|statement| statement_of(statement, context)).collect()
}

fn statement_of(statement: &Value, context: &Map<String, Value>) -> Statement {
    let principals = match &statement["Principal"] {
        Value::Null => None,
        Value::String(text) => Some(vec![text.clone()]),
        map => Some(texts(&map["AWS"])),
    };
    let not_action = !statement["NotAction"].is_null();
    let actions = texts(&statement[if not_action { "NotAction" } else { "Action" }]);
    let conditions = statement["Condition"].as_object().into_iter().flatten().flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(|(key, values)| (operator.clone(), key.clone(), texts(values))).collect::<Vec<_>>()
    });
    Statement {
        allow: statement["Effect"] == "Allow",
        principals,
        not_action,
        actions: actions.iter().map(|action| action.to_lowercase()).collect(),
        resources: texts(&statement["Resource"]).iter().map(|pattern| substituted(pattern, context)).collect(),
        conditions: conditions.collect(),
    }
}

/// The peers have no policy variables inside patterns: they get them replaced beforehand, which favours them.
fn substituted(pattern: &str, context: &Map<String, Value>) -> String {
    context.iter().fold(pattern.to_owned(), |pattern, (key, value)| {
        pattern.replace(&format!("${{{key}}}"), value.as_str().unwrap_or_default())
    })
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value).into_iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}
