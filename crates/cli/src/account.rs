//! `doorward account`: accounts, which AWS's IAM API cannot make.

use std::process::ExitCode;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{Api, block_on};
use crate::failure::Result;
use crate::output;
use crate::secret::Secret;

/// Verbs of `doorward account`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make an account and print its root access key, once.
    Create {
        /// Account id, 12 digits; random by default
        #[arg(long, value_name = "ID")]
        account_id: Option<String>,
        /// Name of the account; its id by default
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        api: Api,
    },
    /// List the accounts.
    List {
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    account_id: String,
    root_access_key_id: String,
    root_secret_access_key: Secret,
}

#[derive(Deserialize)]
struct Listed {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_id: String,
    account_name: String,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Command::Create { account_id, name, api } => create(account_id, name, &api)?,
            Command::List { api } => list(&api)?,
        }
        crate::done()
    }
}

fn create(account_id: Option<String>, name: Option<String>, api: &Api) -> Result<()> {
    let server = api.server()?;
    let name = name.or_else(|| account_id.clone()).unwrap_or_else(|| "account".into());
    let mut body = json!({ "accountName": name });
    if let (Some(id), Some(body)) = (account_id, body.as_object_mut()) {
        body.insert("accountId".into(), id.into());
    }
    let answer = block_on(async { Ok(server.client.json(Method::POST, "/v1/accounts", "", Some(&body)).await?) })?;
    let made: Created = serde_json::from_value(answer)?;
    let (id, access_key_id, secret) =
        (made.account_id, made.root_access_key_id, made.root_secret_access_key.expose().to_owned());
    if api.json {
        let made = json!({ "accountId": id, "accessKeyId": access_key_id, "secretAccessKey": secret });
        return output::print_json(&made);
    }
    output::print(&output::safe(&format!(
        "account          {id} ({name})\nroot access key  {access_key_id}\nsecret           {secret}     (this is the only time that it is shown)\n"
    )))
}

fn list(api: &Api) -> Result<()> {
    let server = api.server()?;
    let answer: Value = block_on(async { Ok(server.client.json(Method::GET, "/v1/accounts", "", None).await?) })?;
    if api.json {
        return output::print_json(&answer);
    }
    let listed: Listed = serde_json::from_value(answer)?;
    let line = |account: &Account| format!("{}  {}\n", account.account_id, account.account_name);
    output::print(&output::safe(&listed.accounts.iter().map(line).collect::<String>()))
}
