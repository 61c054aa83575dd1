//! Which server the verbs that ask are for, and as whom they ask.

use std::path::PathBuf;

use crate::client::Client;
use crate::env::unknown;
use crate::failure::{Failure, Result};
use crate::secret::AccessKey;
use crate::state::{DevServer, Directory};

/// Arguments of all verbs that ask a server.
#[derive(clap::Args)]
pub(crate) struct Api {
    /// The server; by default this user's running `serve --dev`
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL")]
    endpoint: Option<String>,
    /// Certificate authorities in PEM form to trust in place of the system's
    #[arg(long, value_name = "FILE", env = "AWS_CA_BUNDLE", hide_env_values = true)]
    ca_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The server that was found, and who asks.
pub(crate) struct Server {
    /// Asks it.
    pub client: Client,
    /// What the environment holds for AWS clients, if anything.
    pub environment: Option<AccessKey>,
    /// The state of a `--dev` server of this user. It is asked as its root user.
    pub dev: Option<DevServer>,
}

impl Api {
    /// Finds the server. One of this user's own `--dev` servers is asked as its root user, whoever the environment's
    /// credentials are of: `doorward why` explains a denial to the person who sits at it. Any other is asked with the
    /// environment's credentials.
    pub(crate) fn server(&self) -> Result<Server> {
        let endpoint = self.endpoint.as_deref().filter(|text| !text.is_empty()).map(|text| text.trim_end_matches('/'));
        let environment = AccessKey::from_environment();
        let running = match (Directory::of_user().running(), endpoint) {
            (Ok(running), _) => running,
            // A server that was named needs no state file.
            (Err(_), Some(_)) => Vec::new(),
            (Err(refused), None) => return Err(refused),
        };
        let dev = running.into_iter().find(|server| endpoint.is_none_or(|endpoint| server.endpoint == endpoint));
        let ca_file = self.ca_file.clone().filter(|path| !path.as_os_str().is_empty());
        let (url, key) = match (&dev, endpoint) {
            (Some(dev), _) => {
                let root = dev.users.get("root").ok_or_else(|| unknown(dev, "root"))?;
                (dev.endpoint.as_str(), root.key())
            }
            (None, Some(endpoint)) => {
                let Some(key) = &environment else {
                    return Err(Failure::new(format!(
                        "no credentials for {endpoint}, which is not a running `doorward serve --dev` of this user: set \
                         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    )));
                };
                (endpoint, key.clone())
            }
            (None, None) => return Err(none_running()),
        };
        Ok(Server { client: Client::new(url, key, ca_file)?, environment, dev })
    }
}

/// Nothing to ask.
pub(crate) fn none_running() -> Failure {
    Failure::new(
        "no `doorward serve --dev` of this user is running: start one with `doorward serve --dev`, or name a server with \
         --endpoint or AWS_ENDPOINT_URL",
    )
}

/// Runs the questions of one verb.
pub(crate) fn block_on<T>(ask: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(ask)
}
