//! `doorward simulate`: what would be allowed, with other policies or to somebody else.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::Value;

use crate::api::{Api, Server, block_on};
use crate::can::{key_value, principal, read_policy};
use crate::failure::{Failure, Result};
use crate::output::{self, Style, safe};

/// Arguments of `doorward simulate`.
#[derive(clap::Args)]
pub(crate) struct Simulate {
    /// Whose policies are simulated: the ARN of a user, group or role, or the name of a demo user or role of a --dev
    /// server. Without one, those of --policy alone
    #[arg(long = "as", value_name = "PRINCIPAL", required_unless_present = "policy")]
    principal: Option<String>,
    /// A policy to add: a file, or `-` for standard input; again for more
    #[arg(long, value_name = "FILE")]
    policy: Vec<String>,
    /// A permissions boundary in place of the principal's
    #[arg(long, value_name = "FILE")]
    boundary: Option<String>,
    /// The policy that every resource is treated as having; for users alone
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<String>,
    /// A resource's ARN; again for more, `*` by default
    #[arg(long, value_name = "ARN")]
    resource: Vec<String>,
    /// A condition key of the request; give a key again for more values
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    context: Vec<(String, String)>,
    /// The actions, such as s3:GetObject
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,
    #[command(flatten)]
    api: Api,
}

impl Simulate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let server = self.api.server()?;
        let operation = if self.principal.is_some() { "SimulatePrincipalPolicy" } else { "SimulateCustomPolicy" };
        let form = self.form(&server)?;
        let (mut results, mut marker) = (Vec::new(), None);
        loop {
            let page = ask(&server, operation, &form, marker.as_deref())?;
            results.extend(page.get("EvaluationResults").and_then(Value::as_array).into_iter().flatten().cloned());
            marker = page.get("Marker").and_then(Value::as_str).map(str::to_owned);
            if marker.is_none() {
                break;
            }
        }
        let allowed = results.iter().all(|result| text(result, "EvalDecision") == "allowed");
        if self.api.json {
            output::print_json(&serde_json::json!({ "results": results }))?;
        } else {
            output::print(&told(&results, Style::of_stdout()))?;
        }
        Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The parameters.
    fn form(&self, server: &Server) -> Result<Vec<(String, String)>> {
        let mut form = Vec::new();
        if let Some(name) = &self.principal {
            form.push(("PolicySourceArn".to_owned(), principal(name, server)?));
        }
        let policies = self.policy.iter().map(|path| read_policy(path)).collect::<Result<Vec<_>>>()?;
        list(&mut form, "PolicyInputList", policies);
        let boundary = self.boundary.as_deref().map(read_policy).transpose()?;
        list(&mut form, "PermissionsBoundaryPolicyInputList", boundary);
        if let Some(path) = &self.resource_policy {
            form.push(("ResourcePolicy".to_owned(), read_policy(path)?));
        }
        list(&mut form, "ActionNames", self.actions.iter().cloned());
        list(&mut form, "ResourceArns", self.resource.iter().cloned());
        let mut context: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (key, value) in &self.context {
            context.entry(key).or_default().push(value.clone());
        }
        for (number, (key, values)) in (1..).zip(context) {
            let entry = format!("ContextEntries.member.{number}");
            let kind = if values.len() > 1 { "stringList" } else { "string" };
            form.push((format!("{entry}.ContextKeyName"), key.to_owned()));
            form.push((format!("{entry}.ContextKeyType"), kind.to_owned()));
            list(&mut form, &format!("{entry}.ContextKeyValues"), values);
        }
        Ok(form)
    }
}

fn list(form: &mut Vec<(String, String)>, name: &str, values: impl IntoIterator<Item = String>) {
    form.extend((1..).zip(values).map(|(number, value)| (format!("{name}.member.{number}"), value)));
}

/// One page.
fn ask(server: &Server, operation: &str, form: &[(String, String)], marker: Option<&str>) -> Result<Value> {
    let marker = marker.map(|marker| ("Marker".to_owned(), marker.to_owned()));
    let form: Vec<(String, String)> = form.iter().cloned().chain(marker).collect();
    let answer = block_on(async { Ok(server.client.query("iam", operation, &form).await?) })?;
    let result = answer.get(format!("{operation}Result")).cloned();
    result.ok_or_else(|| Failure::new("the answer is not one of AWS's IAM API"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A line for each action and resource, and what decided.
fn told(results: &[Value], style: Style) -> String {
    let mut out = String::new();
    for result in results {
        let action = text(result, "EvalActionName");
        let resources = result.get("ResourceSpecificResults").and_then(Value::as_array).filter(|all| !all.is_empty());
        match resources {
            None => line(&mut out, action, (result, "EvalDecision"), style),
            Some(resources) => {
                resources.iter().for_each(|one| line(&mut out, action, (one, "EvalResourceDecision"), style));
            }
        }
    }
    out
}

fn line(out: &mut String, action: &str, (result, decision): (&Value, &str), style: Style) {
    let (word, why) = match text(result, decision) {
        "allowed" => (style.good("✓ allowed"), "allowed by"),
        "explicitDeny" => (style.bad("✗ denied "), "explicit deny by"),
        _ => (style.bad("✗ denied "), "nothing allows it"),
    };
    let (action, resource) = (style.bold(&safe(action)), safe(text(result, "EvalResourceName")));
    out.push_str(&format!("{word}  {action}  {resource}\n"));
    let all = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    for statement in all("MatchedStatements") {
        let start = statement.get("StartPosition").cloned().unwrap_or_default();
        let place = format!("{}:{}", text(&start, "Line"), text(&start, "Column"));
        out.push_str(&format!("  {why} {}, {place}\n", safe(text(&statement, "SourcePolicyId"))));
    }
    let denies = |detail: &str, name: &str| result.get(detail).is_some_and(|detail| text(detail, name) == "false");
    if denies("PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary") {
        out.push_str("  the permissions boundary does not allow it\n");
    }
    let keys: String = all("MissingContextValues")
        .iter()
        .filter_map(Value::as_str)
        .map(|key| format!("  --context {key}=…"))
        .collect();
    if !keys.is_empty() {
        out.push_str(&format!("  it depends on what was not given:{}\n", safe(&keys)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(results: Value, expected: &expect_test::Expect) {
        expected.assert_eq(&told(results.as_array().unwrap(), Style::plain()));
    }

    #[test]
    fn results_are_told_in_lines() {
        let statement = json!({"SourcePolicyId": "DemoReader", "StartPosition": {"Line": "4", "Column": "6"}});
        check(
            json!([
                {"EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "allowed",
                    "MatchedStatements": [statement], "MissingContextValues": ""},
                {"EvalActionName": "s3:DeleteObject", "EvalResourceName": "*", "EvalDecision": "explicitDeny",
                    "ResourceSpecificResults": [
                        {"EvalResourceName": "arn:aws:s3:::a", "EvalResourceDecision": "explicitDeny", "MatchedStatements": [statement]},
                        {"EvalResourceName": "arn:aws:s3:::b", "EvalResourceDecision": "implicitDeny",
                            "MissingContextValues": ["aws:SourceIp"],
                            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": "false"}}]},
            ]),
            &expect_test::expect![[r#"
                ✓ allowed  s3:GetObject  *
                  allowed by DemoReader, 4:6
                ✗ denied   s3:DeleteObject  arn:aws:s3:::a
                  explicit deny by DemoReader, 4:6
                ✗ denied   s3:DeleteObject  arn:aws:s3:::b
                  the permissions boundary does not allow it
                  it depends on what was not given:  --context aws:SourceIp=…
            "#]],
        );
    }
}
