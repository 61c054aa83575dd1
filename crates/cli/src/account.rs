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
    /// List the quotas of an account that can be set.
    Quotas {
        /// Account id
        #[arg(value_name = "ACCOUNT", value_parser = segment)]
        account_id: String,
        #[command(flatten)]
        api: Api,
    },
    /// Set a quota of an account.
    SetQuota {
        /// Account id
        #[arg(value_name = "ACCOUNT", value_parser = segment)]
        account_id: String,
        /// The quota, as `quotas` and the errors of operations name it: RolesPerAccount and so on
        #[arg(value_parser = segment)]
        quota: String,
        /// Its value; that of `default` sets it back
        value: u32,
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

#[derive(Deserialize)]
struct Quotas {
    quotas: Vec<Quota>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quota {
    quota_name: String,
    value: u32,
    default: u32,
    maximum: u32,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Command::Create { account_id, name, api } => create(account_id, name, &api)?,
            Command::List { api } => list(&api)?,
            Command::Quotas { account_id, api } => quotas(&account_id, &api)?,
            Command::SetQuota { account_id, quota, value, api } => set_quota(&account_id, &quota, value, &api)?,
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

fn quotas(account_id: &str, api: &Api) -> Result<()> {
    let server = api.server()?;
    let path = format!("/v1/accounts/{account_id}/quotas");
    let answer: Value = block_on(async { Ok(server.client.json(Method::GET, &path, "", None).await?) })?;
    if api.json {
        return output::print_json(&answer);
    }
    let listed: Quotas = serde_json::from_value(answer)?;
    let line = |quota: &Quota| {
        let Quota { quota_name, value, default, maximum } = quota;
        format!("{quota_name:33} {value:>6}   default {default}, at most {maximum}\n")
    };
    output::print(&output::safe(&listed.quotas.iter().map(line).collect::<String>()))
}

fn set_quota(account_id: &str, quota: &str, value: u32, api: &Api) -> Result<()> {
    let server = api.server()?;
    let path = format!("/v1/accounts/{account_id}/quotas/{quota}");
    let body = json!({ "value": value });
    let answer: Value = block_on(async { Ok(server.client.json(Method::PUT, &path, "", Some(&body)).await?) })?;
    if api.json {
        return output::print_json(&answer);
    }
    output::print(&output::safe(&format!("{quota} of {account_id} is {value}\n")))
}

/// A part of a path.
fn segment(text: &str) -> std::result::Result<String, &'static str> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { Ok(text.to_owned()) } else { Err("it has letters and digits alone") }
}
