//! What all connections share.

use crate::backend::Backend;
use crate::metrics::Metrics;
use crate::request::PendingBodies;
use crate::seat::Seats;
use crate::{Config, ServeError, tls};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

/// How long the store's answer to "can you be used?" holds. Anybody may ask, so it must not cost anything.
const READINESS: Duration = Duration::from_millis(250);

/// What all connections share.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) metrics: Metrics,
    pub(crate) seats: Arc<Seats>,
    /// Apart, so that operators can look when clients have taken all others.
    pub(crate) metrics_seats: Arc<Seats>,
    pub(crate) bodies: Arc<PendingBodies>,
    readiness: Mutex<Option<(Instant, bool)>>,
}

impl App {
    pub(crate) fn new(config: Config, backend: Arc<dyn Backend>) -> Result<Self, ServeError> {
        config.check()?;
        let tls = config.tls.as_ref().map(tls::load).transpose()?;
        let (seats, metrics_seats, bodies) = (Arc::default(), Arc::default(), Arc::default());
        let metrics = Metrics::new();
        Ok(Self { config, tls, backend, metrics, seats, metrics_seats, bodies, readiness: Mutex::default() })
    }

    /// Whether the store can be used. However many ask, one question at a time reaches it.
    pub(crate) async fn is_ready(&self) -> bool {
        let limit = self.config.limits.request_timeout / 2;
        let ask = async {
            let mut readiness = self.readiness.lock().await;
            match *readiness {
                Some((asked, ready)) if asked.elapsed() < READINESS => ready,
                _ => {
                    let backend = Arc::clone(&self.backend);
                    let ready = spawn_blocking(move || backend.is_ready()).await.unwrap_or(false);
                    *readiness = Some((Instant::now(), ready));
                    ready
                }
            }
        };
        timeout(limit, ask).await.unwrap_or(false)
    }
}
