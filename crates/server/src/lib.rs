//! Doorward over HTTP: limits, TLS, routing, metrics.
//!
//! The only crate that knows HTTP, TLS, tokio and signals. A connection's bytes pass `guard` (which sees what hyper
//! would let through), hyper, the checks of `request`, and `call`: routed and decoded by `doorward-wire`, answered on the
//! one path of every call, encoded again. [`run`] is the whole server; [`Server`] is the same in parts.

#![forbid(unsafe_code)]

mod answer;
mod app;
mod backend;
mod call;
mod cidr;
mod config;
mod connection;
mod egress;
mod guard;
mod log;
mod metrics;
mod peer;
mod refusal;
mod request;
mod run_to_end;
mod seat;
mod serve;
mod tls;
mod workers;

pub use backend::{Answering, Backend};
pub use cidr::{Cidr, InvalidCidr};
pub use config::{Config, Limits, ServeError, TlsFiles};
pub use egress::EgressClient;
pub use log::{LogFormat, init_log};
pub use serve::{Addresses, Server, run, serve};
pub use workers::WorkerThreads;
