//! `doorward serve --dev`: a temporary installation with a demo account, for this machine alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_server::WorkerThreads;
use doorward_service::{Doorward, Options, Services, Workers};
use doorward_store::{Durability, EventLog, Sqlite, Store};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::catalogue;
use crate::demo::{self, Demo};
use crate::failure::{Failure, Result};
use crate::kek;
use crate::output::{self, Style};
use crate::path;
use crate::secret::{AccessKey, Secret};
use crate::serve::{Serve, warn};
use crate::state::{DATA_PREFIX, DevServer, Directory};
use crate::world::System;

/// Serves a temporary installation until it is told to stop, and removes it.
pub(crate) fn run(serve: &Serve) -> Result<()> {
    if !serve.listen.ip().is_loopback() {
        return Err(Failure::new(format!(
            "refusing --dev on {}: its credentials are printed and this machine's users are trusted, so it listens on \
             loopback addresses alone. Use 127.0.0.1, or `doorward init` and `doorward serve --data DIR`",
            serve.listen
        )));
    }
    let directory = tempfile::Builder::new().prefix(DATA_PREFIX).tempdir()?;
    let (doorward, root) = installation(directory.path(), serve)?;
    let doorward = Arc::new(doorward);
    let demo = demo::create(&doorward, &serve.account_id, root)?;
    let mut published = None;
    let served = serve.serve(doorward, |addresses| {
        let (endpoint, metrics) = serve.urls(addresses);
        let Demo { users, roles } = demo;
        let server = DevServer {
            endpoint,
            pid: std::process::id(),
            started: Timestamp::now(),
            data: directory.path().to_owned(),
            account_id: serve.account_id.clone(),
            users,
            roles,
        };
        match Directory::of_user().publish(&server) {
            Ok(state) => published = Some(state),
            Err(failure) => eprintln!("doorward: `doorward env` will not find this server: {failure}"),
        }
        warn(if serve.json {
            output::print_json(&ready(&server, &metrics))
        } else {
            output::print(&welcome(&server, &metrics, Style::of_stdout()))
        });
    });
    drop(published);
    served
}

/// A new installation, and its root access key.
fn installation(directory: &std::path::Path, serve: &Serve) -> Result<(Doorward, AccessKey)> {
    let key = kek::generate(&System);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&directory.join("store"), Durability::None)?);
    let account = Doorward::initialize(&store, &System, &key, Some(&serve.account_id), "demo")?;
    let log = EventLog::open(&directory.join("events"), Arc::clone(&store), Durability::None)?;
    let workers: Arc<dyn Workers> = Arc::new(WorkerThreads::start()?);
    let options = Options {
        dev: true,
        record_allowed: true,
        services: Services(Some(doorward_catalogue::aws())),
        catalogue: catalogue::of(None)?,
        egress: Some(serve.egress()),
        relying_party: serve.relying_party()?,
        workers: Some(workers),
    };
    let doorward = Doorward::open(store, log, Box::new(System), &key, options)?;
    let secret = Secret::new(account.secret_access_key.as_str());
    Ok((doorward, AccessKey::long_term(account.access_key_id, secret)))
}

fn ready(server: &DevServer, metrics: &str) -> Value {
    let credentials: BTreeMap<_, _> = server.users.iter().map(|(name, user)| (name, user.to_json())).collect();
    let roles: BTreeMap<_, _> = server.roles.iter().map(|(name, role)| (name, &role.arn)).collect();
    json!({
        "endpoint": server.endpoint,
        "metrics": metrics,
        "accountId": server.account_id,
        "credentials": credentials,
        "roles": roles,
    })
}

/// What a person sees first.
fn welcome(server: &DevServer, metrics: &str, style: Style) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut out = format!(
        "{}  dev mode: state in a temporary directory, loopback only, enforcement ON\n\n",
        style.bold(&format!("doorward {version}"))
    );
    let mut line = |name: &str, text: &str| out.push_str(&format!("  {name:<15}{text}\n"));
    line("endpoint", &format!("{}   (metrics {metrics})", server.endpoint));
    line("account", &server.account_id);
    for (label, name) in [("root user", "root"), ("admin user", "admin"), ("demo user", "alice")] {
        if let Some(user) = server.users.get(name) {
            line(label, &format!("{name:<7}{}   secret {}", user.access_key_id, user.secret_access_key.expose()));
        }
    }
    line("", "(secrets are fresh at every start and printed once)");
    out.push('\n');
    for (name, may) in demo::MEANING {
        out.push_str(&format!("  {name:<21}{}\n", style.dim(may)));
    }
    let command = path::command();
    out.push_str(&format!(
        "\n  in another terminal:   {}   then any aws command\n  as somebody else:      {}\n",
        style.bold(&format!("eval \"$({command} env)\"")),
        style.bold("eval \"$(doorward env --as alice)\""),
    ));
    out
}
