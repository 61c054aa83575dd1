//! Cedar: one policy set for each list of policies, statement by statement.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Response, RestrictedExpression,
};

use crate::{Peer, Said, concluded};
use doorward_peers::workload::{self, Statement, Workload};

pub struct Cedar {
    authorizer: Authorizer,
    entities: Entities,
    guardrails: Vec<PolicySet>,
    identity: PolicySet,
    resource: Vec<(String, PolicySet)>,
    requests: Vec<(Request, Option<String>)>,
}

impl Cedar {
    pub fn new(workload: &Workload) -> Cedar {
        Cedar {
            authorizer: Authorizer::new(),
            entities: Entities::empty(),
            guardrails: workload.guardrails.iter().map(|statements| set(statements)).collect(),
            identity: set(&workload.identity),
            resource: workload.resource.iter().map(|(key, statements)| (key.clone(), set(statements))).collect(),
            requests: workload.requests.iter().map(|request| (ask(request), request.resource_policy.clone())).collect(),
        }
    }

    fn said(&self, set: &PolicySet, request: &Request) -> Said {
        let response: Response = self.authorizer.is_authorized(request, set, &self.entities);
        assert!(response.diagnostics().errors().next().is_none(), "a translated policy must not fail");
        match response.decision() {
            Decision::Allow => Said::Allow,
            Decision::Deny if response.diagnostics().reason().next().is_some() => Said::Deny,
            Decision::Deny => Said::Nothing,
        }
    }
}

impl Peer for Cedar {
    fn decide(&mut self, number: usize) -> &'static str {
        let (request, key) = &self.requests[number];
        let resource = self.resource.iter().find(|(name, _)| Some(name) == key.as_ref());
        concluded(
            self.guardrails.iter().map(|set| self.said(set, request)),
            self.said(&self.identity, request),
            resource.map(|(_, set)| self.said(set, request)),
        )
    }
}

fn uid(text: &str) -> EntityUid {
    text.parse().expect("an entity")
}

fn ask(request: &workload::Request) -> Request {
    let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
    let mut pairs = vec![
        ("principal".to_owned(), text(&request.principal)),
        ("action".to_owned(), text(&request.action)),
        ("resource".to_owned(), text(&request.resource)),
    ];
    for (key, value) in &request.context {
        let value = value.as_str().expect("single values only");
        pairs.push((key.clone(), text(value)));
        if key == "aws:SourceIp" {
            pairs.push((format!("ip:{key}"), RestrictedExpression::new_ip(value)));
        }
    }
    let context = Context::from_pairs(pairs).expect("a context");
    Request::new(uid("Iam::\"p\""), uid("Action::\"a\""), uid("Iam::\"r\""), context, None).expect("a request")
}

fn set(statements: &[Statement]) -> PolicySet {
    let text: String = statements.iter().map(policy).collect();
    text.parse().expect("a translated policy set")
}

fn policy(statement: &Statement) -> String {
    let mut tests = Vec::new();
    if let Some(principals) = statement.principals.as_ref().filter(|names| !names.iter().any(|name| name == "*")) {
        tests.push(format!("[{}].contains(context.principal)", quoted(principals)));
    }
    let actions = any(&statement.actions, "action");
    tests.push(if statement.not_action { format!("!({actions})") } else { actions });
    tests.push(any(&statement.resources, "resource"));
    tests.extend(statement.conditions.iter().map(|(operator, key, values)| condition(operator, key, values)));
    let effect = if statement.allow { "permit" } else { "forbid" };
    format!("{effect}(principal, action, resource) when {{ {} }};\n", tests.join(" && "))
}

fn any(patterns: &[String], attribute: &str) -> String {
    let tests = patterns.iter().map(|pattern| format!("context.{attribute} like {pattern:?}"));
    format!("({})", tests.collect::<Vec<_>>().join(" || "))
}

fn condition(operator: &str, key: &str, values: &[String]) -> String {
    let has = format!("context has {key:?}");
    let equals = format!("[{}].contains(context[{key:?}])", quoted(values));
    match operator {
        "StringEquals" | "Bool" => format!("({has} && {equals})"),
        "StringNotEquals" => format!("!({has} && {equals})"),
        "BoolIfExists" => format!("(!({has}) || {equals})"),
        "IpAddress" => {
            let ranges = values.iter().map(|range| format!("context[\"ip:{key}\"].isInRange(ip({range:?}))"));
            format!("({has} && ({}))", ranges.collect::<Vec<_>>().join(" || "))
        }
        _ => panic!("{operator} is not translated"),
    }
}

fn quoted(values: &[String]) -> String {
    values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ")
}
