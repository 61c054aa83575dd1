//! `doorward env`: points every AWS client of a shell at the running `serve --dev`.

use std::process::ExitCode;

use http::Method;
use serde_json::{Map, Value};

use crate::api::{block_on, none_running};
use crate::client::{Ask, Client, REGION, encode};
use crate::failure::{Failure, Result};
use crate::output;
use crate::path;
use crate::secret::{AccessKey, Secret};
use crate::state::{DevServer, Directory, Role};

/// Arguments of `doorward env`.
#[derive(clap::Args)]
pub(crate) struct Env {
    /// As whom: `admin`, `root`, a demo user, or a demo role (`role/NAME` where a user has the same name)
    #[arg(long = "as", value_name = "NAME", default_value = "admin")]
    name: String,
    /// The shell that will read the commands
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    shell: Shell,
    /// Which of several running servers; by default the one started last
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shells that differ in how variables are set.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Shell {
    /// sh, bash, zsh, ksh
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

/// What would send calls elsewhere, or as somebody else, if it stayed set.
const STRAY: [&str; 6] = [
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

impl Env {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let running = Directory::of_user().running()?;
        let several = running.len() > 1 && self.endpoint.is_none();
        let wanted = |server: &DevServer| self.endpoint.as_deref().is_none_or(|url| server.endpoint == url);
        let server = running.into_iter().find(wanted).ok_or_else(none_running)?;
        if several {
            eprintln!(
                "doorward: several servers are running; this is {}, started last (--endpoint chooses)",
                server.endpoint
            );
        }
        let key = key_of(&server, &self.name)?;
        let variables = variables(&server.endpoint, &key);
        if self.json {
            let all: Map<String, Value> =
                variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            output::print_json(&all.into())?;
        } else {
            let folder = path::folder_to_add().map(|folder| reach(self.shell, &folder.display().to_string()));
            output::print(&(script(self.shell, &variables) + &folder.unwrap_or_default()))?;
        }
        crate::done()
    }
}

/// The key of a demo user, or of a new session of a demo role.
fn key_of(server: &DevServer, name: &str) -> Result<AccessKey> {
    let (user, role) = match name.split_once('/') {
        Some(("user", name)) => (server.users.get(name), None),
        Some(("role", name)) => (None, server.roles.get(name)),
        _ => (server.users.get(name), server.roles.get(name)),
    };
    match (user, role) {
        (Some(user), _) => Ok(user.key()),
        (None, Some(role)) => block_on(assume(server, role)),
        (None, None) => Err(unknown(server, name)),
    }
}

/// The name is no demo principal's.
pub(crate) fn unknown(server: &DevServer, name: &str) -> Failure {
    let roles = server.roles.keys().map(|role| format!("role/{role}"));
    let known: Vec<String> = server.users.keys().cloned().chain(roles).collect();
    Failure::new(format!("{} has no {name:?}. Its demo users and roles: {}", server.endpoint, known.join(", ")))
}

/// The credentials of a new session of the role (STS API Reference, AssumeRole).
async fn assume(server: &DevServer, role: &Role) -> Result<AccessKey> {
    let user = server.users.get(&role.assumed_by).ok_or_else(|| unknown(server, &role.assumed_by))?;
    let client = Client::new(&server.endpoint, user.key(), None)?;
    let mut body = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn={}&RoleSessionName={}",
        encode(&role.arn),
        encode(&role.assumed_by)
    );
    if let Some(external_id) = &role.external_id {
        body.push_str(&format!("&ExternalId={}", encode(external_id)));
    }
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let ask = Ask { method: Method::POST, path: "/", query: "", body: Some((form, body)), service: "sts" };
    let (status, bytes) = client.send(&ask).await?;
    let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once("</").map(|(value, _)| value.to_owned())
    };
    // Nothing in credentials needs an XML escape.
    let key = || {
        Some(AccessKey {
            id: element("AccessKeyId")?,
            secret: Secret::new(element("SecretAccessKey")?),
            session_token: Some(Secret::new(element("SessionToken")?)),
        })
    };
    key().filter(|_| status == 200).ok_or_else(|| {
        let said = element("Message").unwrap_or_else(|| format!("HTTP {status}"));
        Failure::new(format!("{} could not be assumed: {said}", role.arn))
    })
}

/// The variables of the AWS clients. Older ones do not know AWS_REGION.
fn variables<'a>(endpoint: &'a str, key: &'a AccessKey) -> Vec<(&'static str, &'a str)> {
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", &key.id),
        ("AWS_SECRET_ACCESS_KEY", key.secret.expose()),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
    ];
    variables.extend(key.session_token.as_ref().map(|token| ("AWS_SESSION_TOKEN", token.expose())));
    variables
}

/// Puts a folder before the others that programs are looked for in.
fn reach(shell: Shell, folder: &str) -> String {
    let folder = quoted(shell, folder);
    match shell {
        Shell::Sh => format!("export PATH={folder}:\"$PATH\"\n"),
        Shell::Fish => format!("set -gx PATH {folder} $PATH\n"),
        Shell::Powershell => format!("$Env:PATH = {folder} + [IO.Path]::PathSeparator + $Env:PATH\n"),
    }
}

fn quoted(shell: Shell, text: &str) -> String {
    match shell {
        Shell::Sh => format!("'{}'", text.replace('\'', r"'\''")),
        Shell::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        Shell::Powershell => format!("'{}'", text.replace('\'', "''")),
    }
}

fn script(shell: Shell, variables: &[(&str, &str)]) -> String {
    let stray = STRAY.iter().filter(|name| variables.iter().all(|(set, _)| set != *name));
    let set = |(name, value): &(&str, &str)| match shell {
        Shell::Sh => format!("export {name}={}\n", quoted(shell, value)),
        Shell::Fish => format!("set -gx {name} {}\n", quoted(shell, value)),
        Shell::Powershell => format!("$Env:{name} = {}\n", quoted(shell, value)),
    };
    let unset = |name: &&str| match shell {
        Shell::Sh => format!("unset {name}\n"),
        Shell::Fish => format!("set -e {name}\n"),
        Shell::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"),
    };
    variables.iter().map(set).chain(stray.map(unset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(shell: Shell, token: Option<&str>, expected: &Expect) {
        let session_token = token.map(Secret::new);
        let key = AccessKey { id: "AKIAX".into(), secret: Secret::new(r"it's\"), session_token };
        expected.assert_eq(&script(shell, &variables("http://127.0.0.1:4460", &key)));
    }

    #[test]
    fn the_search_path_is_extended_in_every_shell() {
        assert_eq!(reach(Shell::Sh, "/a b"), "export PATH='/a b':\"$PATH\"\n");
        assert_eq!(reach(Shell::Fish, "/a b"), "set -gx PATH '/a b' $PATH\n");
        assert_eq!(reach(Shell::Powershell, "/a"), "$Env:PATH = '/a' + [IO.Path]::PathSeparator + $Env:PATH\n");
    }

    #[test]
    fn sh() {
        check(
            Shell::Sh,
            None,
            &expect![[r#"
            export AWS_ENDPOINT_URL='http://127.0.0.1:4460'
            export AWS_ACCESS_KEY_ID='AKIAX'
            export AWS_SECRET_ACCESS_KEY='it'\''s\'
            export AWS_REGION='us-east-1'
            export AWS_DEFAULT_REGION='us-east-1'
            unset AWS_SESSION_TOKEN
            unset AWS_PROFILE
            unset AWS_DEFAULT_PROFILE
            unset AWS_ENDPOINT_URL_IAM
            unset AWS_ENDPOINT_URL_STS
            unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
        "#]],
        );
    }

    #[test]
    fn sh_with_a_session() {
        check(
            Shell::Sh,
            Some("token"),
            &expect![[r#"
            export AWS_ENDPOINT_URL='http://127.0.0.1:4460'
            export AWS_ACCESS_KEY_ID='AKIAX'
            export AWS_SECRET_ACCESS_KEY='it'\''s\'
            export AWS_REGION='us-east-1'
            export AWS_DEFAULT_REGION='us-east-1'
            export AWS_SESSION_TOKEN='token'
            unset AWS_PROFILE
            unset AWS_DEFAULT_PROFILE
            unset AWS_ENDPOINT_URL_IAM
            unset AWS_ENDPOINT_URL_STS
            unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
        "#]],
        );
    }

    #[test]
    fn fish() {
        check(
            Shell::Fish,
            None,
            &expect![[r#"
            set -gx AWS_ENDPOINT_URL 'http://127.0.0.1:4460'
            set -gx AWS_ACCESS_KEY_ID 'AKIAX'
            set -gx AWS_SECRET_ACCESS_KEY 'it\'s\\'
            set -gx AWS_REGION 'us-east-1'
            set -gx AWS_DEFAULT_REGION 'us-east-1'
            set -e AWS_SESSION_TOKEN
            set -e AWS_PROFILE
            set -e AWS_DEFAULT_PROFILE
            set -e AWS_ENDPOINT_URL_IAM
            set -e AWS_ENDPOINT_URL_STS
            set -e AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
        "#]],
        );
    }

    #[test]
    fn powershell() {
        check(
            Shell::Powershell,
            None,
            &expect![[r#"
            $Env:AWS_ENDPOINT_URL = 'http://127.0.0.1:4460'
            $Env:AWS_ACCESS_KEY_ID = 'AKIAX'
            $Env:AWS_SECRET_ACCESS_KEY = 'it''s\'
            $Env:AWS_REGION = 'us-east-1'
            $Env:AWS_DEFAULT_REGION = 'us-east-1'
            Remove-Item Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue
            Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue
            Remove-Item Env:AWS_DEFAULT_PROFILE -ErrorAction SilentlyContinue
            Remove-Item Env:AWS_ENDPOINT_URL_IAM -ErrorAction SilentlyContinue
            Remove-Item Env:AWS_ENDPOINT_URL_STS -ErrorAction SilentlyContinue
            Remove-Item Env:AWS_IGNORE_CONFIGURED_ENDPOINT_URLS -ErrorAction SilentlyContinue
        "#]],
        );
    }
}
