//! `doorward audit`: the audit trail.

use std::collections::VecDeque;
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
const PAUSE: Duration = Duration::from_millis(500);

/// Verbs of `doorward audit`.
#[derive(clap::Subcommand)]
pub(crate) enum Audit {
    /// Show the last events, one a line: time, who, what, on what, error, decision
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
            let (last, mut after) = last(&server, lines).await?;
            show(last.iter(), api.json)?;
            if !follow {
                return crate::done();
            }
            loop {
                let page = page(&server, after.as_deref()).await?;
                show(page.events.iter(), api.json)?;
                if page.events.is_empty() {
                    sleep(PAUSE).await;
                }
                after = page.next.or(after);
            }
        })
    }
}

/// The last events, and where they end.
async fn last(server: &Server, lines: usize) -> Result<(VecDeque<Value>, Option<String>)> {
    let mut last = VecDeque::new();
    let mut after = None;
    loop {
        let page = page(server, after.as_deref()).await?;
        let is_end = page.next.is_none() || page.next == after;
        after = page.next.or(after);
        last.extend(page.events);
        last.drain(..last.len().saturating_sub(lines));
        if is_end {
            return Ok((last, after));
        }
    }
}

async fn page(server: &Server, after: Option<&str>) -> Result<Page> {
    let after = after.map(|after| format!("&after={}", encode(after))).unwrap_or_default();
    let answer = server.client.json(Method::GET, "/v1/events", &format!("limit={PAGE}{after}"), None).await?;
    Ok(serde_json::from_value(answer)?)
}

fn show<'a>(events: impl Iterator<Item = &'a Value>, json: bool) -> Result<()> {
    let one = |event: &Value| if json { format!("{event}\n") } else { line(event) };
    let text: String = events.map(one).collect();
    if text.is_empty() { Ok(()) } else { output::print(&text) }
}

/// One event, on one line.
fn line(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let account = text("/userIdentity/accountId");
    let who = match text("/userIdentity/arn") {
        "" => text("/userIdentity/accessKeyId").to_owned(),
        arn => short_name(arn, text("/recipientAccountId")),
    };
    let who = if who.is_empty() { account.to_owned() } else { who };
    let service = text("/eventSource").split('.').next().unwrap_or_default();
    let mut parts =
        vec![text("/eventTime").to_owned(), format!("{who:<24}"), format!("{service}:{}", text("/eventName"))];
    parts.extend(subject(event.get("requestParameters").unwrap_or(&Value::Null)));
    match (text("/errorCode"), text("/eventName")) {
        ("", _) => {}
        (code, _) => parts.push(code.to_owned()),
    }
    if let Some(decision) = event.pointer("/additionalEventData/doorward/decision").and_then(Value::as_str) {
        parts.push(format!("[{decision}]"));
    }
    let line = safe(&parts.join("  ")).replace('\n', " ");
    format!("{}\n", line.trim_end())
}

/// What the call was about: for a decision its action and resource, else the first name or ARN among the parameters.
fn subject(parameters: &Value) -> Option<String> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    if let (Some(action), Some(resource)) = (text("action"), text("resource")) {
        let principal = text("principal").map(|principal| format!(" as {principal}")).unwrap_or_default();
        return Some(format!("{action} on {resource}{principal}"));
    }
    let names = parameters.as_object()?.iter().filter(|(name, _)| {
        let lower = name.to_ascii_lowercase();
        lower.ends_with("name") || lower.ends_with("arn") || lower.ends_with("id")
    });
    names.filter_map(|(_, value)| value.as_str()).next().map(str::to_owned)
}
