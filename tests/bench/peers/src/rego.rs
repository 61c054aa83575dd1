//! Regorus: one Rego module that reads the statements as data.

use regorus::{Engine, Value};
use serde_json::{Value as Json, json};

use crate::{Peer, Said, concluded};
use doorward_peers::workload::{Request, Statement, Workload};

const MODULE: &str = r#"
package iam

import rego.v1

said(statements) := "Deny" if {
    some statement in statements
    not statement.allow
    applies(statement)
} else := "Allow" if {
    some statement in statements
    statement.allow
    applies(statement)
} else := "Nothing"

applies(statement) if {
    names(statement)
    acts(statement)
    some pattern in statement.resources
    regex.match(pattern, input.resource)
    every condition in statement.conditions { holds(condition) }
}

names(statement) if not statement.principals
names(statement) if "*" in statement.principals
names(statement) if input.principal in statement.principals

acts(statement) if {
    not statement.notAction
    some pattern in statement.actions
    regex.match(pattern, input.action)
}
acts(statement) if {
    statement.notAction
    every pattern in statement.actions { not regex.match(pattern, input.action) }
}

equals(condition) if input.context[condition.key] in condition.values

holds(condition) if { condition.operator in {"StringEquals", "Bool"}; equals(condition) }
holds(condition) if { condition.operator == "StringNotEquals"; not equals(condition) }
holds(condition) if { condition.operator == "BoolIfExists"; not input.context[condition.key] }
holds(condition) if { condition.operator == "BoolIfExists"; equals(condition) }
holds(condition) if {
    condition.operator == "IpAddress"
    some range in condition.values
    net.cidr_contains(range, input.context[condition.key])
}

identity := said(data.identity)
guardrails := [said(level) | some level in data.guardrails]
resource := said(data.resource[input.resourcePolicy])
answer := {"identity": identity, "guardrails": guardrails, "resource": resource} if input.resourcePolicy
else := {"identity": identity, "guardrails": guardrails}
"#;

pub struct Rego {
    engine: Engine,
    inputs: Vec<Value>,
}

impl Rego {
    pub fn new(workload: &Workload) -> Rego {
        let mut engine = Engine::new();
        engine.add_policy("iam.rego".to_owned(), MODULE.to_owned()).expect("the module parses");
        let resource: serde_json::Map<String, Json> =
            workload.resource.iter().map(|(key, statements)| (key.clone(), data(statements))).collect();
        let guardrails: Vec<Json> = workload.guardrails.iter().map(|statements| data(statements)).collect();
        let all = json!({ "identity": data(&workload.identity), "guardrails": guardrails, "resource": resource });
        engine.add_data_json(&all.to_string()).expect("the data loads");
        Rego { engine, inputs: workload.requests.iter().map(input).collect() }
    }
}

impl Peer for Rego {
    fn decide(&mut self, number: usize) -> &'static str {
        self.engine.set_input(self.inputs[number].clone());
        let answer = self.engine.eval_rule("data.iam.answer".to_owned()).expect("the rule evaluates");
        let said = |value: &Value| match value.as_string().expect("a text").as_ref() {
            "Allow" => Said::Allow,
            "Deny" => Said::Deny,
            _ => Said::Nothing,
        };
        let guardrails = answer["guardrails"].as_array().expect("a list");
        let resource = &answer["resource"];
        let resource = (*resource != Value::Undefined).then(|| said(resource));
        concluded(guardrails.iter().map(said), said(&answer["identity"]), resource)
    }
}

fn input(request: &Request) -> Value {
    let mut input = json!({
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": request.context,
    });
    if let Some(key) = &request.resource_policy {
        input["resourcePolicy"] = json!(key);
    }
    Value::from_json_str(&input.to_string()).expect("an input")
}

fn data(statements: &[Statement]) -> Json {
    let one = |statement: &Statement| {
        let conditions = statement.conditions.iter();
        let mut data = json!({
            "allow": statement.allow,
            "notAction": statement.not_action,
            "actions": statement.actions.iter().map(|pattern| regex(pattern)).collect::<Vec<_>>(),
            "resources": statement.resources.iter().map(|pattern| regex(pattern)).collect::<Vec<_>>(),
            "conditions": conditions
                .map(|(operator, key, values)| json!({ "operator": operator, "key": key, "values": values }))
                .collect::<Vec<_>>(),
        });
        if let Some(principals) = &statement.principals {
            data["principals"] = json!(principals);
        }
        data
    };
    statements.iter().map(one).collect()
}

fn regex(pattern: &str) -> String {
    let mut regex = String::from("(?s)^");
    for character in pattern.chars() {
        match character {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '/' | ':' => regex.push(character),
            other => regex.extend(['\\', other]),
        }
    }
    regex.push('$');
    regex
}
