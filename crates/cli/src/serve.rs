//! `doorward serve`: runs the server.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use doorward_server::{
    Addresses, Cidr, Config, EgressClient, LogFormat, ServeError, TlsFiles, WorkerThreads, init_log,
};
use doorward_service::{Doorward, Egress, Options, RelyingParty, Services, Workers};
use doorward_store::{Durability, EventLog, Sqlite, Store};
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::kek::{Kek, Place};
use crate::world::System;
use crate::{catalogue, dev, harden, output};

const METRICS_PORT: u16 = 4461;

/// Arguments of `doorward serve`.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["data", "dev"])))]
pub(crate) struct Serve {
    /// Directory of the installation, made by `doorward init`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Run on a temporary store with a demo account and fresh credentials, for this machine alone
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key", "allow_plaintext", "trusted_proxy"])]
    dev: bool,
    /// Where every API is served; port 0 takes any free port
    #[arg(long, value_name = "ADDR:PORT", default_value_t = Config::default().listen)]
    pub listen: SocketAddr,
    /// Where /metrics is served: a loopback address. By default 127.0.0.1:4461, or any free port where --listen has port 0
    #[arg(long, value_name = "ADDR:PORT")]
    metrics: Option<SocketAddr>,
    /// Where clients reach the server, such as https://iam.example.com: issuers of web identity tokens are named after it.
    /// By default the address of --listen, unless that is 0.0.0.0 or [::]
    #[arg(long, value_name = "URL", value_parser = public_url)]
    public_url: Option<String>,
    /// The server's certificate in PEM form, followed by the intermediate ones
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve plain HTTP on an address that is not loopback: only where a proxy in front ends TLS
    #[arg(long)]
    allow_plaintext: bool,
    /// Networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed
    #[arg(long, value_name = "CIDR", num_args = 1.., value_delimiter = ',')]
    trusted_proxy: Vec<Cidr>,
    /// Networks that identity providers may be in although they are not public, such as 10.0.0.0/8
    #[arg(long, value_name = "CIDR", num_args = 1.., value_delimiter = ',')]
    allow_egress: Vec<Cidr>,
    /// Where an identity provider is reached, in place of what the name service says: idp.example=10.1.2.3:8443
    #[arg(long, value_name = "HOST=ADDR:PORT", value_parser = route)]
    egress_to: Vec<(String, SocketAddr)>,
    /// The origin of a page that asks for security keys, such as https://iam.example.org; again for more. Without one there
    /// are no security keys; with --dev it is http://localhost with the port of --listen
    #[arg(long, value_name = "URL")]
    webauthn_origin: Vec<String>,
    /// The domain that security keys are bound to: the origins' own, or one above it. It cannot change later
    #[arg(long, value_name = "DOMAIN", requires = "webauthn_origin")]
    webauthn_domain: Option<String>,
    /// Record decisions for resource services also when they allow; denials always are
    #[arg(long)]
    record_allowed: bool,
    /// File with the key-encryption key; by default the systemd credential `kek`, or the file `kek` in the data
    /// directory. A --dev server makes one of its own, in memory alone
    #[arg(long, value_name = "FILE", env = "DOORWARD_KEK_FILE")]
    kek_file: Option<PathBuf>,
    /// Form and level of the log on standard error: text/info, json/debug, …. By default text/info, with --dev text/warn
    #[arg(long, value_name = "FORMAT/LEVEL")]
    log: Option<Log>,
    /// With --dev: the id of the demo account
    #[arg(long, value_name = "ID", requires = "dev", default_value = "111122223333")]
    pub account_id: String,
    /// Print one JSON line when the server is ready
    #[arg(long)]
    pub json: bool,
}

/// `HOST=ADDR:PORT`
fn route(text: &str) -> std::result::Result<(String, SocketAddr), String> {
    let (host, address) = text.split_once('=').ok_or("it must be HOST=ADDR:PORT, such as idp.example=10.1.2.3:8443")?;
    let address = address.parse().map_err(|_| format!("{address:?} is no ADDR:PORT, such as 10.1.2.3:8443"))?;
    Ok((host.to_ascii_lowercase(), address))
}

/// `https://HOST[:PORT]`, or `http://` for this machine alone.
fn public_url(text: &str) -> std::result::Result<String, String> {
    let wrong =
        || "it must be https://HOST or https://HOST:PORT, without a path, such as https://iam.example.com".to_owned();
    let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b);
    if host.is_empty() || !host.bytes().all(is_plain) {
        return Err(wrong());
    }
    let is_here = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':')));
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if is_here => Ok(text.to_owned()),
        _ => Err(wrong()),
    }
}

/// `FORMAT/LEVEL`
#[derive(Clone)]
struct Log {
    format: LogFormat,
    filter: String,
}

impl FromStr for Log {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (format, filter) = text.split_once('/').ok_or("it must be FORMAT/LEVEL, such as json/info")?;
        let format = match format {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => return Err(format!("there is no format {other:?}: it must be text or json")),
        };
        Ok(Self { format, filter: filter.to_owned() })
    }
}

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode> {
        harden::harden();
        let quiet = if self.dev { "warn" } else { "info" };
        let log = self.log.clone().unwrap_or(Log { format: LogFormat::Text, filter: quiet.to_owned() });
        init_log(log.format, &log.filter)?;
        match &self.data {
            Some(data) => self.installation(data)?,
            None => dev::run(&self)?,
        }
        crate::done()
    }

    /// The way out to identity providers. A --dev server may ask this machine, too.
    pub(crate) fn egress(&self) -> Arc<dyn Egress> {
        let loopback = ["127.0.0.0/8", "::1"].iter().filter_map(|network| network.parse().ok());
        let permitted = self.allow_egress.iter().copied().chain(loopback.filter(|_| self.dev)).collect();
        Arc::new(EgressClient::new(permitted, self.egress_to.iter().cloned()))
    }

    /// For which domain security keys are asked, and by which pages.
    pub(crate) fn relying_party(&self) -> Result<Option<RelyingParty>> {
        let own = format!("http://localhost:{}", self.listen.port());
        let origins = match self.webauthn_origin.as_slice() {
            [] if self.dev => std::slice::from_ref(&own),
            [] => return Ok(None),
            origins => origins,
        };
        let party = RelyingParty::new(self.webauthn_domain.as_deref(), origins);
        party.map(Some).map_err(|problem| Failure::new(format!("--webauthn-origin: {problem}")))
    }

    /// Serves an installation until it is told to stop.
    fn installation(&self, data: &Path) -> Result<()> {
        let store_directory = data.join("store");
        if !store_directory.is_dir() {
            let data = data.display();
            return Err(Failure::new(format!(
                "there is no installation in {data}: make one with `doorward init --data {data}`, or try things out with \
                 `doorward serve --dev`"
            )));
        }
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let key = Place::find(self.kek_file.as_deref(), credentials.as_deref(), data).read()?;
        let catalogue = catalogue::of(Some(data))?;
        if catalogue.is_none() {
            let data = data.display();
            tracing::warn!("there are no AWS-managed policies: see `doorward catalogue import --help` (--data {data})");
        }
        let workers: Arc<dyn Workers> = Arc::new(WorkerThreads::start()?);
        let options = Options {
            dev: false,
            record_allowed: self.record_allowed,
            services: Services(Some(doorward_catalogue::aws())),
            catalogue,
            egress: Some(self.egress()),
            relying_party: self.relying_party()?,
            workers: Some(workers),
        };
        let doorward = open(data, Durability::Full, &key, options)?;
        let account_id = doorward.operator().to_owned();
        self.serve(Arc::new(doorward), |addresses| {
            let (endpoint, metrics) = self.urls(addresses);
            let told = if self.json {
                output::print_json(&json!({ "endpoint": endpoint, "metrics": metrics, "accountId": account_id }))
            } else {
                output::print(&format!(
                    "doorward {}\n\n  endpoint   {endpoint}\n  metrics    {metrics}\n  account    {account_id}\n  data       {}\n",
                    env!("CARGO_PKG_VERSION"),
                    data.display(),
                ))
            };
            warn(told);
        })
    }

    /// Serves `doorward` until SIGTERM or SIGINT, and closes it.
    pub(crate) fn serve(&self, doorward: Arc<Doorward>, ready: impl FnOnce(Addresses)) -> Result<()> {
        let config = self.config();
        let (listen, metrics) = (config.listen, config.metrics);
        let reached = Arc::clone(&doorward);
        let ready = |addresses: Addresses| {
            let (endpoint, _) = self.urls(addresses);
            if let Some(url) = self.public_url.clone().or((!addresses.api.ip().is_unspecified()).then_some(endpoint)) {
                reached.reached_at(&url);
            }
            ready(addresses);
        };
        doorward_server::run(config, doorward, ready).map_err(|error| match error {
            ServeError::Listen(address, error) if error.kind() == ErrorKind::AddrInUse => {
                let taken = address.port();
                let (option, mend) = if Some(address) == metrics && address != listen {
                    ("--metrics", "127.0.0.1:0")
                } else {
                    ("--listen", "127.0.0.1:0")
                };
                let whose = if self.dev { " (another `doorward serve --dev`, perhaps)" } else { "" };
                Failure::new(format!(
                    "port {taken} of {} is taken{whose}: stop what listens there, or choose another port with \
                     {option} {mend}, which takes any free one",
                    address.ip()
                ))
            }
            error => error.into(),
        })
    }

    fn config(&self) -> Config {
        let metrics_port = if self.listen.port() == 0 { 0 } else { METRICS_PORT };
        let tls = self.tls_cert.clone().zip(self.tls_key.clone());
        Config {
            listen: self.listen,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            allow_plaintext: self.allow_plaintext,
            metrics: Some(self.metrics.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, metrics_port)))),
            trusted_proxies: self.trusted_proxy.clone(),
            ..Config::default()
        }
    }

    /// The endpoint and the address of the metrics.
    pub(crate) fn urls(&self, addresses: Addresses) -> (String, String) {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let metrics = addresses.metrics.map(|address| format!("http://{address}/metrics"));
        (format!("{scheme}://{}", addresses.api), metrics.unwrap_or_default())
    }
}

/// Opens the installation in a directory.
pub(crate) fn open(directory: &Path, durability: Durability, key: &Kek, options: Options) -> Result<Doorward> {
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&directory.join("store"), durability)?);
    let log = EventLog::open(&directory.join("events"), Arc::clone(&store), durability)?;
    Ok(Doorward::open(store, log, Box::new(System), key, options)?)
}

/// What could not be done while the server goes on.
pub(crate) fn warn(result: Result<()>) {
    if let Err(failure) = result {
        eprintln!("doorward: {failure}");
    }
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn a_public_url_is_https_or_of_this_machine() {
        for good in
            ["https://iam.example.com", "https://[2001:db8::1]:8443", "http://127.0.0.1:4460", "http://localhost"]
        {
            assert_eq!(public_url(good).as_deref(), Ok(good));
        }
        for bad in [
            "iam.example.com",
            "https://",
            "https://iam.example.com/",
            "https://iam.example.com/path",
            "https://iam.example.com?x",
            "https://user@iam.example.com",
            "https://IAM.example.com",
            "http://iam.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://iam.example.com",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
