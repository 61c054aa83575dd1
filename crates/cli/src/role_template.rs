//! `doorward role-template`: what AcquireRole makes roles from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::{Api, block_on};
use crate::client::encode;
use crate::failure::{Failure, Result};
use crate::{document, output};

const PATH: &str = "/v1/role-templates";

/// Verbs of `doorward role-template`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Add a version of a role template, and the template with its first version.
    Put {
        /// File of the version in JSON; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        api: Api,
    },
    /// List the role templates.
    List {
        #[command(flatten)]
        api: Api,
    },
    /// Let roles be made from a template, or from one of its versions.
    Enable(Which),
    /// Let no more roles be made from a template, or from one of its versions.
    Disable(Which),
    /// Make a version the one of those who name none.
    SetDefault {
        /// ARN of the template
        #[arg(value_name = "ARN")]
        template_arn: String,
        /// The minor version
        minor_version: u32,
        #[command(flatten)]
        api: Api,
    },
    /// Delete a template. Roles that were made from it stay.
    Delete {
        /// ARN of the template
        #[arg(value_name = "ARN")]
        template_arn: String,
        #[command(flatten)]
        api: Api,
    },
}

/// A template, or one of its versions.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// ARN of the template
    #[arg(value_name = "ARN")]
    template_arn: String,
    /// One minor version alone
    #[arg(long, value_name = "NUMBER")]
    minor_version: Option<u32>,
    #[command(flatten)]
    api: Api,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    role_templates: Vec<RoleTemplate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleTemplate {
    template_arn: String,
    enabled: bool,
    default_minor_version: u32,
    minor_versions: Vec<MinorVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MinorVersion {
    minor_version: u32,
    enabled: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Command::Put { file, api } => put(&file, &api)?,
            Command::List { api } => list(&api)?,
            Command::Enable(which) => set_enabled(which, true)?,
            Command::Disable(which) => set_enabled(which, false)?,
            Command::SetDefault { template_arn, minor_version, api } => {
                let body = json!({ "templateArn": template_arn, "minorVersion": minor_version, "setAsDefault": true });
                update(&body, &api)?;
            }
            Command::Delete { template_arn, api } => delete(&template_arn, &api)?,
        }
        crate::done()
    }
}

fn put(file: &Path, api: &Api) -> Result<()> {
    let text = document::read(file)?;
    let body: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{} is not a version in JSON: {error}", file.display())))?;
    let answer = ask(Method::POST, "", Some(&body), api)?;
    if api.json {
        return output::print_json(&answer);
    }
    let text = |name: &str| answer.get(name).map(ToString::to_string).unwrap_or_default();
    let arn = text("templateArn");
    output::print(&output::safe(&format!("{}  minor version {}\n", arn.trim_matches('"'), text("minorVersion"))))
}

fn list(api: &Api) -> Result<()> {
    let answer = ask(Method::GET, "", None, api)?;
    if api.json {
        return output::print_json(&answer);
    }
    let listed: Listed = serde_json::from_value(answer)?;
    output::print(&output::safe(&listed.role_templates.iter().map(line).collect::<String>()))
}

fn line(template: &RoleTemplate) -> String {
    let state = |enabled: bool| if enabled { "" } else { " (disabled)" };
    let minors = template.minor_versions.iter().map(|minor| {
        let default = if minor.minor_version == template.default_minor_version { " (default)" } else { "" };
        format!("{}{default}{}", minor.minor_version, state(minor.enabled))
    });
    let minors: Vec<String> = minors.collect();
    format!("{}{}  minor versions {}\n", template.template_arn, state(template.enabled), minors.join(", "))
}

fn set_enabled(which: Which, enabled: bool) -> Result<()> {
    let mut body =
        Map::from_iter([("templateArn".to_owned(), json!(which.template_arn)), ("enabled".to_owned(), json!(enabled))]);
    if let Some(minor_version) = which.minor_version {
        body.insert("minorVersion".to_owned(), json!(minor_version));
    }
    update(&Value::Object(body), &which.api)
}

fn update(body: &Value, api: &Api) -> Result<()> {
    let answer = ask(Method::PUT, "", Some(body), api)?;
    if api.json {
        return output::print_json(&answer);
    }
    let template = answer.get("roleTemplate").cloned().unwrap_or_default();
    output::print(&output::safe(&line(&serde_json::from_value(template)?)))
}

fn delete(arn: &str, api: &Api) -> Result<()> {
    let answer = ask(Method::DELETE, &format!("templateArn={}", encode(arn)), None, api)?;
    if api.json {
        return output::print_json(&answer);
    }
    output::print(&output::safe(&format!("{arn} is deleted\n")))
}

fn ask(method: Method, query: &str, body: Option<&Value>, api: &Api) -> Result<Value> {
    let server = api.server()?;
    block_on(async { Ok(server.client.json(method, PATH, query, body).await?) })
}
