//! Makes the calls of a plan.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::task::JoinSet;

use super::plan::{Chain, Plan, Problem};
use crate::client::{ApiError, Client};
use crate::failure::{Failure, Result};

/// How many calls are under way at a time: changes that wait together become durable together.
const CALLS_AT_ONCE: usize = 16;

/// What came of a plan.
#[derive(Default)]
pub(crate) struct Outcome {
    /// How many calls have done what they were to do.
    pub calls: usize,
    /// What could not be made.
    pub problems: Vec<Problem>,
}

/// Makes the calls, phase by phase.
///
/// # Errors
/// The server cannot be talked to. What was made until then stays.
pub(crate) async fn run(client: Arc<Client>, plan: &mut Plan) -> Result<Outcome> {
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let total = plan.phases.iter().flatten().map(Vec::len).sum();
    for phase in std::mem::take(&mut plan.phases) {
        let chains: Arc<Mutex<VecDeque<Chain>>> = Arc::new(Mutex::new(phase.into()));
        let mut workers: JoinSet<Result<()>> = JoinSet::new();
        for _ in 0..CALLS_AT_ONCE {
            let (client, chains, outcome) = (Arc::clone(&client), Arc::clone(&chains), Arc::clone(&outcome));
            workers.spawn(async move {
                while let Some(chain) = { lock(&chains).pop_front() } {
                    follow(&client, chain, &outcome).await?;
                    progress(lock(&outcome).calls, total);
                }
                Ok(())
            });
        }
        while let Some(ended) = workers.join_next().await {
            ended??;
        }
    }
    end_of_progress();
    let mut outcome = lock(&outcome);
    Ok(std::mem::take(&mut *outcome))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn follow(client: &Client, chain: Chain, outcome: &Mutex<Outcome>) -> Result<()> {
    for call in chain {
        match client.query("iam", call.operation, &call.parameters).await {
            Ok(_) => lock(outcome).calls += 1,
            Err(ApiError::Refused { code, message, .. }) => {
                let why = format!("{}: {message} ({code})", call.operation);
                lock(outcome).problems.push(Problem { what: call.what, why });
                if call.needed {
                    return Ok(());
                }
            }
            Err(ApiError::Failed(failure)) => return Err(failure),
        }
    }
    Ok(())
}

/// The account that the client's credentials are of.
pub(crate) async fn account_id(client: &Client) -> Result<String> {
    let answer = client.query("sts", "GetCallerIdentity", &[]).await?;
    let account = answer.pointer("/GetCallerIdentityResult/Account").and_then(Value::as_str);
    account.map(str::to_owned).ok_or_else(|| Failure::new("the server does not say which account this is"))
}

/// The lists that say which names are taken: what the thing is called, the operation's name behind `List`, and the member
/// that is its name.
const LISTS: [(&str, &str, &str); 5] = [
    ("user", "Users", "UserName"),
    ("group", "Groups", "GroupName"),
    ("role", "Roles", "RoleName"),
    ("policy", "Policies", "PolicyName"),
    ("instance profile", "InstanceProfiles", "InstanceProfileName"),
];

/// The names that are taken in the account, in lower case: IAM does not tell names apart by case.
pub(crate) async fn taken(client: &Client) -> Result<Vec<(&'static str, String)>> {
    let mut names = Vec::new();
    for (kind, list, name) in LISTS {
        let mut marker = None;
        loop {
            let mut parameters = vec![("MaxItems".to_owned(), "1000".to_owned())];
            if kind == "policy" {
                parameters.push(("Scope".to_owned(), "Local".to_owned()));
            }
            parameters.extend(marker.map(|marker| ("Marker".to_owned(), marker)));
            let answer = client.query("iam", &format!("List{list}"), &parameters).await?;
            let result = answer.get(format!("List{list}Result"));
            let listed = result.and_then(|result| result.get(list)).and_then(Value::as_array).into_iter().flatten();
            let named = listed.filter_map(|one| one.get(name).and_then(Value::as_str));
            names.extend(named.map(|name| (kind, name.to_ascii_lowercase())));
            marker = result.and_then(|result| result.get("Marker")).and_then(Value::as_str).map(str::to_owned);
            if marker.is_none() {
                break;
            }
        }
    }
    Ok(names)
}

fn progress(calls: usize, total: usize) {
    if stderr().is_terminal() {
        // Nobody needs to know whether it could be shown.
        let _ = write!(stderr(), "\r{calls} of {total} calls");
    }
}

fn end_of_progress() {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}
