//! The server's life: listen, accept, stop, drain.

use crate::answer::Role;
use crate::app::App;
use crate::backend::Backend;
use crate::{Config, ServeError, connection};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

/// How long to wait when a connection cannot be accepted, because file descriptors ran out for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often the service is told to do what is to be done now and then.
const UPKEEP_PERIOD: Duration = Duration::from_mins(5);

/// Connections to the metrics' port at the same time.
const METRICS_CONNECTIONS: usize = 16;

/// Where the server listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Every API.
    pub api: SocketAddr,
    /// `/metrics`.
    pub metrics: Option<SocketAddr>,
}

/// A server that listens but does not yet answer.
pub struct Server {
    app: Arc<App>,
    api: TcpListener,
    metrics: Option<TcpListener>,
    addresses: Addresses,
}

impl Server {
    /// Checks `config`, reads the TLS files and listens.
    ///
    /// # Errors
    /// Any `ServeError` of a configuration that is unsafe or cannot be carried out.
    pub async fn bind(config: Config, backend: Arc<dyn Backend>) -> Result<Self, ServeError> {
        let app = Arc::new(App::new(config, backend)?);
        let (api, api_address) = listen(app.config.listen).await?;
        let metrics = match app.config.metrics {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let addresses = Addresses { api: api_address, metrics: metrics.as_ref().map(|(_, address)| *address) };
        Ok(Self { app, api, metrics: metrics.map(|(listener, _)| listener), addresses })
    }

    /// Where the server listens; the ports are the real ones.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Answers until `stop` ends; then accepts no more, lets requests end for as long as the drain timeout, and
    /// closes the backend.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let Self { app, api, metrics, .. } = self;
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::select! {
            () = stop => {}
            () = upkeep(&app) => {}
            () = accept(&app, &api, metrics.as_ref(), &stopped, &mut connections) => {}
        }
        // Clients that come now are refused by the system and can go elsewhere at once.
        drop((api, metrics));
        let _ = stopping.send(true);
        let drained =
            timeout(app.config.limits.drain_timeout, async { while connections.join_next().await.is_some() {} });
        if drained.await.is_err() {
            tracing::warn!(connections = connections.len(), "connections cut off after the drain timeout");
            connections.shutdown().await;
        }
        if spawn_blocking(move || app.backend.close()).await.is_err() {
            tracing::error!("the service could not be closed");
        }
    }
}

/// Lets the service do its upkeep, for ever.
async fn upkeep(app: &Arc<App>) {
    loop {
        sleep(UPKEEP_PERIOD).await;
        let app = Arc::clone(app);
        if spawn_blocking(move || app.backend.upkeep()).await.is_err() {
            tracing::error!("the upkeep of the service failed");
        }
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |error| ServeError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Accepts connections and reaps those that have ended, for ever.
async fn accept(
    app: &Arc<App>,
    api: &TcpListener,
    metrics: Option<&TcpListener>,
    stopped: &watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
) {
    loop {
        let (role, accepted) = tokio::select! {
            accepted = api.accept() => (Role::Api, accepted),
            accepted = accept_on(metrics) => (Role::Metrics, accepted),
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => admit(app, role, stream, peer.ip().to_canonical(), stopped, connections),
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                app.metrics.refused("accept");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn accept_on(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Starts a connection's task, or closes it at once when there are too many.
fn admit(
    app: &Arc<App>,
    role: Role,
    stream: TcpStream,
    peer: IpAddr,
    stopped: &watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
) {
    let limits = &app.config.limits;
    let seat = match role {
        Role::Metrics => app.metrics_seats.take(None, METRICS_CONNECTIONS, METRICS_CONNECTIONS),
        Role::Api => {
            let is_proxy = app.config.trusted_proxies.iter().any(|range| range.contains(peer));
            app.seats.take((!is_proxy).then_some(peer), limits.connections, limits.connections_per_client)
        }
    };
    match seat {
        Ok(seat) => {
            connections.spawn(connection::serve(Arc::clone(app), role, stream, peer, seat, stopped.clone()));
        }
        Err(reason) => app.metrics.refused(reason),
    }
}

/// Serves until SIGTERM or SIGINT; `ready` is told the addresses once connections are accepted.
///
/// # Errors
/// `ServeError::Interrupted` when a second signal ended the draining; any error of [`Server::bind`].
pub async fn serve(config: Config, backend: Arc<dyn Backend>, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    let server = Server::bind(config, backend).await?;
    ready(server.addresses());
    let (stopping, mut stopped) = watch::channel(false);
    let serving = server.serve(async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => return Ok(()),
        () = signals.next() => {}
    }
    tracing::info!("stopping; a second signal ends at once");
    let _ = stopping.send(true);
    tokio::select! {
        () = serving => Ok(()),
        () = signals.next() => Err(ServeError::Interrupted),
    }
}

/// The signals that ask the process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, ServeError> {
        let listen = |kind| signal(kind).map_err(ServeError::Runtime);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Like [`serve`], on a runtime of its own with one worker thread per core.
///
/// # Errors
/// Those of [`serve`].
pub fn run(config: Config, backend: Arc<dyn Backend>, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Runtime)?;
    let result = runtime.block_on(serve(config, backend, ready));
    // What did not end by now was told to end at once.
    runtime.shutdown_background();
    result
}
