//! `doorward can`: may a principal do something?

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{Api, Server, block_on};
use crate::env::unknown;
use crate::failure::{Failure, Result};
use crate::output::{self, Style, account_of, policy_label, safe, short_name};
use crate::state::DevServer;

/// The exit code of a denial that could be otherwise with more context.
const DEPENDS: u8 = 2;
/// The largest resource policy that is read, in bytes. The server's own limit is smaller.
const POLICY_BYTES_MAX: u64 = 1 << 20;

/// Arguments of `doorward can`.
#[derive(clap::Args)]
pub(crate) struct Can {
    /// The principal: an ARN, the name of a demo user or role of a --dev server, a service's name, or `*`; by default
    /// the one whose credentials the environment holds
    #[arg(long = "as", value_name = "PRINCIPAL")]
    principal: Option<String>,
    /// The action, such as s3:GetObject
    action: String,
    /// The resource's ARN, or `*`
    resource: String,
    /// A condition key of the request; give a key again for more values
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    context: Vec<(String, String)>,
    /// The resource's own policy: a file, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<String>,
    #[command(flatten)]
    api: Api,
}

/// The answer of Authorize.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    decision: String,
    kind: String,
    layer: Option<String>,
    id: String,
    reasons: Vec<Reason>,
    missing_context: Vec<String>,
}

/// A statement that decided, or a policy that denies because it cannot be found or read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reason {
    layer: String,
    source: Option<String>,
    text: Option<String>,
    sid: Option<String>,
    statement_index: Option<usize>,
}

impl Can {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let server = self.api.server()?;
        let body = self.body(&server)?;
        let answer = block_on(async { Ok(server.client.json(Method::POST, "/v1/authorize", "", Some(&body)).await?) })?;
        let read: Answer = serde_json::from_value(answer.clone())?;
        if self.api.json {
            output::print_json(&answer)?;
        } else {
            let principal = body.get("principal").and_then(Value::as_str);
            output::print(&self.told(&read, principal, server.dev.as_ref(), Style::of_stdout()))?;
        }
        Ok(exit_code(&read))
    }

    fn body(&self, server: &Server) -> Result<Value> {
        let mut body = json!({ "action": self.action, "resource": self.resource });
        let mut set = |name: &str, value: Value| {
            if let Some(body) = body.as_object_mut() {
                body.insert(name.to_owned(), value);
            }
        };
        match (&self.principal, &server.environment, &server.dev) {
            (Some(name), _, _) => set("principal", principal(name, server)?.into()),
            (None, Some(key), _) => {
                let mut credentials = json!({ "accessKeyId": key.id });
                if let (Some(token), Some(credentials)) = (&key.session_token, credentials.as_object_mut()) {
                    credentials.insert("sessionToken".into(), token.expose().into());
                }
                set("credentials", credentials);
            }
            (None, None, Some(dev)) => set("principal", format!("arn:aws:iam::{}:root", dev.account_id).into()),
            (None, None, None) => return Err(Failure::new("who is to be asked about? Name the principal with --as")),
        }
        let mut context: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (key, value) in &self.context {
            context.entry(key).or_default().push(value);
        }
        if !context.is_empty() {
            set("context", json!(context));
        }
        if let Some(path) = &self.resource_policy {
            set("resourcePolicy", read_policy(path)?.into());
        }
        Ok(body)
    }

    fn told(&self, answer: &Answer, principal: Option<&str>, dev: Option<&DevServer>, style: Style) -> String {
        let allowed = answer.decision == "Allow";
        let word = if allowed { style.good("✓ allowed") } else { style.bad("✗ denied") };
        let home = principal.map(account_of).or(dev.map(|dev| dev.account_id.as_str())).unwrap_or_default();
        let who = principal.map(|arn| format!("   as {}", short_name(arn, home))).unwrap_or_default();
        let mut out = format!("{word}  {}  {}{who}\n", style.bold(&safe(&self.action)), safe(&self.resource));
        let kind = match answer.kind.as_str() {
            "explicit" => "explicit deny by",
            "implicit" => "not allowed by",
            _ => "allowed by",
        };
        for reason in &answer.reasons {
            out.push_str(&format!("  {kind} {}\n", named(reason, home)));
        }
        match &answer.layer {
            _ if !answer.reasons.is_empty() => {}
            Some(layer) => out.push_str(&format!("  {kind} the {}\n", safe(layer))),
            None if allowed => out.push_str("  allowed without a policy, as for root users\n"),
            None => out.push_str("  it could not be decided within its limits\n"),
        }
        let keys: String = answer.depends_on().map(|key| format!("  --context {key}=…")).collect();
        if !keys.is_empty() {
            out.push_str(&format!("  it depends on what was not given:{}\n", safe(&keys)));
        }
        if !allowed || dev.is_some() {
            out.push_str(&format!("  why: doorward why {}\n", safe(&answer.id)));
        }
        out
    }
}

/// `policy/DemoReader, statement 2 "NeverDelete" (identity-based policies)`
fn named(reason: &Reason, home: &str) -> String {
    let source = reason.source.as_deref().map(|source| format!("{}, ", policy_label(source, home))).unwrap_or_default();
    let unread = || "which cannot be found or read".to_owned();
    let number = reason.statement_index.map_or_else(unread, |index| format!("statement {}", index + 1));
    let sid = reason.sid.as_deref().map(|sid| format!(" \"{sid}\"")).unwrap_or_default();
    safe(&format!("{source}{number}{sid} ({})", reason.layer))
}

impl Answer {
    /// The keys that were not given and could have turned a denial: any that a policy asked for where nothing allows it,
    /// those of the statement that denies where one does.
    fn depends_on(&self) -> impl Iterator<Item = &str> {
        let mentions = |reason: &Reason, key: &str| {
            reason.text.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains(&key.to_ascii_lowercase()))
        };
        let can_turn = move |key: &&String| match self.kind.as_str() {
            // One that is owed to a policy which cannot be read stays.
            "implicit" => self.reasons.is_empty(),
            "explicit" => self.reasons.iter().any(|reason| mentions(reason, key)),
            _ => false,
        };
        self.missing_context.iter().filter(can_turn).map(String::as_str)
    }
}

/// An explicit denial is one, even where more context would end it: a key that is not there, is not there.
fn exit_code(answer: &Answer) -> ExitCode {
    match (answer.decision.as_str(), answer.kind.as_str()) {
        ("Allow", _) => ExitCode::SUCCESS,
        (_, "implicit") if answer.depends_on().next().is_some() => ExitCode::from(DEPENDS),
        _ => ExitCode::FAILURE,
    }
}

/// The ARN of a principal. Names without a colon are those of demo users and roles.
pub(crate) fn principal(name: &str, server: &Server) -> Result<String> {
    if name == "*" || name.contains(':') || name.ends_with(".amazonaws.com") {
        return Ok(name.to_owned());
    }
    let Some(dev) = &server.dev else {
        return Err(Failure::new(format!("{name:?} is no ARN; names are for the demo principals of a --dev server")));
    };
    let (kind, bare) = name.split_once('/').unwrap_or(("", name));
    let user = dev.users.get(bare).filter(|_| kind != "role").map(|user| &user.arn);
    let role = dev.roles.get(bare).filter(|_| kind != "user").map(|role| &role.arn);
    match user.or(role) {
        Some(arn) => Ok(arn.clone()),
        None => Err(unknown(dev, name)),
    }
}

pub(crate) fn key_value(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("it must be KEY=VALUE, such as aws:SourceIp=192.0.2.1".to_owned()),
    }
}

pub(crate) fn read_policy(path: &str) -> Result<String> {
    let mut text = String::new();
    let read = match path {
        "-" => std::io::stdin().take(POLICY_BYTES_MAX).read_to_string(&mut text),
        _ => std::fs::File::open(path).and_then(|file| file.take(POLICY_BYTES_MAX).read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::of_path("read the policy", Path::new(path), error))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: Value, exit: ExitCode, expected: &expect_test::Expect) {
        let answer: Answer = serde_json::from_value(answer).unwrap();
        assert_eq!(format!("{:?}", exit_code(&answer)), format!("{exit:?}"));
        let command =
            <crate::Command as clap::Parser>::parse_from(["doorward", "can", "s3:DeleteObject", "arn:aws:s3:::demo/x"]);
        let crate::Verb::Can(can) = command.verb else { panic!("another verb") };
        let alice = Some("arn:aws:iam::111122223333:user/alice");
        expected.assert_eq(&can.told(&answer, alice, None, Style::plain()));
    }

    #[test]
    fn an_explicit_denial() {
        let reason = json!({"layer": "identity-based policies", "source": "arn:aws:iam::111122223333:policy/DemoReader",
            "sid": "NeverDelete", "effect": "Deny", "statementIndex": 1});
        let answer = |text: &str| {
            let mut reason = reason.clone();
            reason["text"] = json!(text);
            json!({"decision": "Deny", "kind": "explicit", "layer": "identity-based policies", "id": "d-7f3a",
                "reasons": [reason], "missingContext": ["aws:MultiFactorAuthPresent"]})
        };
        // Another policy asks for the key; nothing that it may hold undoes this denial.
        check(
            answer(r#"{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}"#),
            ExitCode::from(1),
            &expect_test::expect![[r#"
            ✗ denied  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
              explicit deny by policy/DemoReader, statement 2 "NeverDelete" (identity-based policies)
              why: doorward why d-7f3a
        "#]],
        );
        check(
            answer(r#"{"Effect":"Deny","Condition":{"BoolIfExists":{"aws:multifactorauthpresent":"false"}}}"#),
            ExitCode::from(1),
            &expect_test::expect![[r#"
            ✗ denied  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
              explicit deny by policy/DemoReader, statement 2 "NeverDelete" (identity-based policies)
              it depends on what was not given:  --context aws:MultiFactorAuthPresent=…
              why: doorward why d-7f3a
        "#]],
        );
    }

    #[test]
    fn an_implicit_denial() {
        let answer = |missing: Value| {
            json!({"decision": "Deny", "kind": "implicit", "layer": "identity-based policies", "id": "d-7f3a",
                "reasons": [], "missingContext": missing})
        };
        check(
            answer(json!([])),
            ExitCode::from(1),
            &expect_test::expect![[r#"
            ✗ denied  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
              not allowed by the identity-based policies
              why: doorward why d-7f3a
        "#]],
        );
        check(
            answer(json!(["aws:SourceIp"])),
            ExitCode::from(2),
            &expect_test::expect![[r#"
            ✗ denied  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
              not allowed by the identity-based policies
              it depends on what was not given:  --context aws:SourceIp=…
              why: doorward why d-7f3a
        "#]],
        );
    }

    /// No context would turn it.
    #[test]
    fn a_denial_by_a_policy_that_cannot_be_read() {
        let reason =
            json!({"layer": "identity-based policies", "source": "arn:aws:iam::aws:policy/Gone", "effect": "Deny"});
        check(
            json!({"decision": "Deny", "kind": "implicit", "layer": "identity-based policies", "id": "d-7f3a",
                "reasons": [reason], "missingContext": ["aws:SourceIp"]}),
            ExitCode::from(1),
            &expect_test::expect![[r#"
                ✗ denied  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
                  not allowed by policy/Gone, which cannot be found or read (identity-based policies)
                  why: doorward why d-7f3a
            "#]],
        );
    }

    #[test]
    fn an_allowed_request() {
        let reason =
            json!({"layer": "identity-based policies", "source": "inline", "effect": "Allow", "statementIndex": 0});
        let answer =
            json!({"decision": "Allow", "kind": "allow", "id": "d-7f3a", "reasons": [reason], "missingContext": []});
        check(
            answer,
            ExitCode::SUCCESS,
            &expect_test::expect![[r#"
                ✓ allowed  s3:DeleteObject  arn:aws:s3:::demo/x   as user/alice
                  allowed by inline policy inline, statement 1 (identity-based policies)
            "#]],
        );
    }

    #[test]
    fn context_is_key_and_value() {
        assert_eq!(key_value("aws:a=b=c"), Ok(("aws:a".into(), "b=c".into())));
        assert_eq!(key_value("aws:a="), Ok(("aws:a".into(), String::new())));
        assert!(key_value("aws:a").is_err());
        assert!(key_value("=b").is_err());
    }
}
