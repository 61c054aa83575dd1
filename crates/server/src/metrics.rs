//! What `/metrics` shows: counts, times and states. Every label comes from a fixed set; nothing a client sent appears.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::backend::Backend;

/// From 50 µs (a decision) to 10 s (a store in trouble).
const BUCKETS: [f64; 12] = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0, 2.5, 10.0];

type Latencies = Family<Call, Histogram, fn() -> Histogram>;

/// The server's metrics.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<Outcome, Counter>,
    latencies: Latencies,
    refused: Family<Reason, Counter>,
    in_flight: Gauge,
    connections: Gauge,
    panics: Counter,
    ready: Gauge,
    /// These two are counted by the service, and read when the metrics are.
    commits: Counter,
    unreadable: Counter,
}

/// Labels of a call's latency.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Call {
    service: &'static str,
    operation: &'static str,
}

/// Labels of a call's outcome: `code` is `OK` or an error code of the service's model.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    service: &'static str,
    operation: &'static str,
    code: Cow<'static, str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// One unit of a gauge, until it is dropped.
pub(crate) struct Held(Gauge);

impl Held {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("doorward");
        let latencies = Latencies::new_with_constructor(|| Histogram::new(BUCKETS));
        let calls = Family::default();
        let refused = Family::default();
        let (in_flight, connections, ready) = (Gauge::default(), Gauge::default(), Gauge::default());
        let panics = Counter::default();
        registry.register("calls", "Calls answered", calls.clone());
        registry.register_with_unit("call", "Time from a call's head to its answer", Unit::Seconds, latencies.clone());
        registry.register("refused", "Connections and requests refused on the level of HTTP", refused.clone());
        registry.register("in_flight", "Requests being answered", in_flight.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register("panics", "Handlers that panicked", panics.clone());
        registry.register("ready", "1 when the store can be used", ready.clone());
        let commits = Counter::default();
        registry.register("commits", "Changes that became durable", commits.clone());
        let unreadable = Counter::default();
        let text = "Decisions that denied because a policy could not be read; any is a reason to look at the log";
        registry.register("unreadable_policies", text, unreadable.clone());
        Self { registry, calls, latencies, refused, in_flight, connections, panics, ready, commits, unreadable }
    }

    pub(crate) fn call(&self, service: &'static str, operation: &'static str, code: Cow<'static, str>, took: Duration) {
        self.calls.get_or_create(&Outcome { service, operation, code }).inc();
        self.latencies.get_or_create(&Call { service, operation }).observe(took.as_secs_f64());
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts a connection as open until the result is dropped.
    pub(crate) fn open_connection(&self) -> Held {
        Held::new(&self.connections)
    }

    /// Counts a request as being answered until the result is dropped.
    pub(crate) fn begin_request(&self) -> Held {
        Held::new(&self.in_flight)
    }

    /// The exposition in OpenMetrics text.
    pub(crate) fn text(&self, ready: bool, backend: &dyn Backend) -> String {
        self.ready.set(i64::from(ready));
        self.commits.inner().store(backend.commits(), Ordering::Relaxed);
        self.unreadable.inner().store(backend.unreadable(), Ordering::Relaxed);
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
