//! Scenario files and their runner.
//!
//! A scenario is a list of steps on a fresh installation: a call in somebody's name, and what it must answer. Requests
//! are encoded and signed as a client does, and go through `wire` and the one path of every call; only HTTP is left
//! out. The clock stands still unless a step moves it. At the end every call must have left exactly its audit events.
//!
//! Decisions that need no installation are cases of their own form, in `scenarios/edge/decisions`; see [`decision`].

#![forbid(unsafe_code)]

mod client;
mod code;
pub mod decision;
mod file;
mod installation;
mod key;
mod provider;
mod runner;

pub use client::{Answer, Credentials, HOST, Request, Signing};
pub use file::{Code, ExpectedError, KeyUse, Scenario, Step};
pub use installation::{ACCOUNT_ID, Events, Installation};
pub use key::{ORIGIN, RP_ID};
pub use runner::run;
