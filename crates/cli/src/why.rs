//! `doorward why`: explains a decision.

mod draw;
mod explanation;

#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::api::{Api, Server, block_on};
use crate::client::{ApiError, encode};
use crate::failure::{Failure, Result};
use crate::output::{self, Style};
use explanation::Explanation;

/// Events can be looked up within a second of the call.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Arguments of `doorward why`.
#[derive(clap::Args)]
pub(crate) struct Why {
    /// The decision: `d-…`, from the end of a message of a --dev server or the header `x-doorward-decision`
    #[arg(value_name = "DECISION")]
    id: String,
    #[command(flatten)]
    api: Api,
}

impl Why {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let server = self.api.server()?;
        let answer = block_on(fetch(&server, &self.id))?;
        let mut explanation = answer.get("explanation").cloned().unwrap_or_default();
        if self.api.json {
            output::print_json(&explanation)?;
            return crate::done();
        }
        let explanation: Explanation = serde_json::from_value(explanation.take())
            .map_err(|error| Failure::new(format!("the server's explanation is of another version: {error}")))?;
        output::print(&draw::explanation(&explanation, Style::of_stdout()))?;
        crate::done()
    }
}

/// The answer of GetDecision, waited for as long as the event may be on its way to the event store.
async fn fetch(server: &Server, id: &str) -> Result<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        match server.client.json(Method::GET, &format!("/v1/decisions/{}", encode(id)), "", None).await {
            Err(ApiError::Refused { status: 404, .. }) if Instant::now() < until => sleep(PAUSE).await,
            Err(ApiError::Refused { status: 404, message, .. }) => {
                let mend = "denials are recorded always, what was allowed only with --record-allowed or in --dev";
                return Err(Failure::new(format!("{message} ({mend})")));
            }
            answer => return Ok(answer?),
        }
    }
}
