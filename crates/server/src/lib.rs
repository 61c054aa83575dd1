//! Doorward over HTTP: limits, TLS, routing, metrics.
//!
//! The only crate that knows HTTP, TLS, tokio and signals. A connection's bytes pass the [guard](guard) (what hyper
//! would let through), hyper, the checks of [request], the [route](route) and then the one path of every call.

#![forbid(unsafe_code)]

mod answer;
mod app;
mod backend;
mod call;
mod cidr;
mod config;
mod connection;
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

pub use backend::{Answering, Backend};
pub use cidr::{Cidr, InvalidCidr};
pub use config::{Config, Limits, ServeError, TlsFiles};
pub use log::{LogFormat, init_log};
pub use serve::{Addresses, Server, run, serve};
