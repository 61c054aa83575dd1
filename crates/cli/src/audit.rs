//! `doorward audit`: the audit trail.

use std::process::ExitCode;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::sleep;

use crate::api::{Api, Server, block_on};
use crate::client::encode;
use crate::failure::Result;
use crate::output::{self, safe, short_name};

/// Events of one request.
const PAGE: usize = 1_000;
/// How often new events are asked for.
const PAUSE: Duration = Duration::from_secs(1);
/// Reading the trail is an event too. Shown, whoever follows would see little else.
const READING: &str = "ListEvents";

/// Verbs of `doorward audit`.
#[derive(clap::Subcommand)]
pub(crate) enum Audit {
    /// Show the last events, one a line: time, who, what, on what, error, decision. Readings of the trail are left out
    Tail {
        /// How many
        #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 20)]
        lines: usize,
        /// Go on with what happens from now on
        #[arg(short, long)]
        follow: bool,
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Deserialize)]
struct Page {
    events: Vec<Value>,
    next: Option<String>,
}

impl Audit {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let Audit::Tail { lines, follow, api } = self;
        let server = api.server()?;
        block_on(async {
            let (last, mut place) = last(&server, lines).await?;
            show(last.iter(), api.json)?;
            if !follow {
                return crate::done();
            }
            loop {
                let page = after(&server, place.as_deref()).await?;
                show(page.events.iter(), api.json)?;
                if page.events.is_empty() {
                    sleep(PAUSE).await;
                }
                place = page.next.or(place);
            }
        })
    }
}

/// The last events, and where they end. Some more are asked for, since readings of the trail are left out.
async fn last(server: &Server, lines: usize) -> Result<(Vec<Value>, Option<String>)> {
    let page = page(server, &format!("last={}", PAGE.min(2 * lines + 100))).await?;
    let mut last = page.events;
    last.drain(..last.len().saturating_sub(lines));
    Ok((last, page.next))
}

async fn after(server: &Server, place: Option<&str>) -> Result<Page> {
    let after = place.map(|place| format!("&after={}", encode(place))).unwrap_or_default();
    page(server, &format!("limit={PAGE}{after}")).await
}

async fn page(server: &Server, query: &str) -> Result<Page> {
    let answer = server.client.json(Method::GET, "/v1/events", query, None).await?;
    let mut page: Page = serde_json::from_value(answer)?;
    page.events.retain(|event| event.get("eventName").and_then(Value::as_str) != Some(READING));
    Ok(page)
}

fn show<'a>(events: impl Iterator<Item = &'a Value>, json: bool) -> Result<()> {
    let one = |event: &Value| if json { format!("{event}\n") } else { line(event) };
    let text: String = events.map(one).collect();
    if text.is_empty() { Ok(()) } else { output::print(&text) }
}

/// One event, on one line.
fn line(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let home = text("/recipientAccountId").unwrap_or_default();
    let key = || text("/userIdentity/accessKeyId").map(str::to_owned);
    let who = text("/userIdentity/arn").map(|arn| short_name(arn, home)).or_else(key).unwrap_or_default();
    let service = text("/eventSource").and_then(|source| source.split('.').next()).unwrap_or_default();
    let what = format!("{service}:{}", text("/eventName").unwrap_or_default());
    let mut line = format!("{}  {who:<24}  {what:<24}", text("/eventTime").unwrap_or_default());
    let parts = [
        event.get("requestParameters").and_then(|parameters| subject(parameters, home)),
        text("/errorCode").map(str::to_owned),
        text("/additionalEventData/doorward/decision").map(|decision| format!("[{decision}]")),
    ];
    for part in parts.into_iter().flatten() {
        line.push_str("  ");
        line.push_str(&part);
    }
    format!("{}\n", safe(&line).replace('\n', " ").trim_end())
}

/// What the call was about: for a decision its action, resource and principal, else the first name or ARN among the
/// parameters.
fn subject(parameters: &Value, home: &str) -> Option<String> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    if let (Some(action), Some(resource)) = (text("action"), text("resource")) {
        let who = text("principal").map(|arn| format!(" as {}", short_name(arn, home))).unwrap_or_default();
        return Some(format!("{action} {resource}{who}"));
    }
    let mut names = parameters.as_object()?.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        ["name", "arn", "id"].iter().any(|end| name.ends_with(end))
    });
    names.find_map(|(_, value)| value.as_str()).map(|name| short_name(name, home))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn check(arn: &str, source: &str, name: &str, more: &Value, expected: &Expect) {
        let mut event = json!({
            "eventTime": "2026-11-25T12:00:00Z", "eventSource": source, "eventName": name,
            "userIdentity": { "arn": arn }, "recipientAccountId": "111122223333",
            "additionalEventData": { "doorward": { "decision": "d-7f3a" } },
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        expected.assert_eq(&line(&event));
    }

    #[test]
    fn an_event_is_one_line() {
        let alice = "arn:aws:iam::111122223333:user/alice";
        let denied = json!({ "requestParameters": { "path": "/", "userName": "x" }, "errorCode": "AccessDenied" });
        check(
            alice,
            "iam.amazonaws.com",
            "CreateUser",
            &denied,
            &expect![[r#"
            2026-11-25T12:00:00Z  user/alice                iam:CreateUser            x  AccessDenied  [d-7f3a]
        "#]],
        );
        let role = json!({ "requestParameters": { "roleArn": "arn:aws:iam::444455556666:role/x" } });
        check(
            "arn:aws:sts::111122223333:assumed-role/a/b",
            "sts.amazonaws.com",
            "AssumeRole",
            &role,
            &expect![[r#"
                2026-11-25T12:00:00Z  assumed-role/a/b          sts:AssumeRole            444455556666:role/x  [d-7f3a]
            "#]],
        );
        let asked = json!({ "action": "s3:GetObject", "resource": "arn:aws:s3:::demo/x", "principal": alice });
        let root = "arn:aws:iam::111122223333:root";
        check(
            root,
            "doorward",
            "Authorize",
            &json!({ "requestParameters": asked }),
            &expect![[r#"
            2026-11-25T12:00:00Z  root                      doorward:Authorize        s3:GetObject arn:aws:s3:::demo/x as user/alice  [d-7f3a]
        "#]],
        );
        let unknown = json!({ "userIdentity": { "accessKeyId": "AKIAX" }, "requestParameters": null });
        check(
            root,
            "iam.amazonaws.com",
            "ListUsers",
            &unknown,
            &expect![[r#"
            2026-11-25T12:00:00Z  AKIAX                     iam:ListUsers             [d-7f3a]
        "#]],
        );
    }

    #[test]
    fn g04_a_name_does_not_end_the_line() {
        let named = json!({ "requestParameters": { "userName": "a\n2026\u{1b}[2J" } });
        check(
            "arn:aws:iam::111122223333:root",
            "iam.amazonaws.com",
            "GetUser",
            &named,
            &expect![[r#"
            2026-11-25T12:00:00Z  root                      iam:GetUser               a 2026�[2J  [d-7f3a]
        "#]],
        );
    }
}
