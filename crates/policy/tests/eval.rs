//! Decisions, case by case and by their laws.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test code, which may panic"
)]

#[path = "eval/basics.rs"]
mod basics;
#[path = "eval/conditions.rs"]
mod conditions;
#[path = "eval/guardrails.rs"]
mod guardrails;
#[path = "eval/laws.rs"]
mod laws;
#[path = "eval/messages.rs"]
mod messages;
#[path = "eval/resources.rs"]
mod resources;
#[path = "eval/scene.rs"]
mod scene;
#[path = "eval/trust.rs"]
mod trust;
#[path = "eval/workloads.rs"]
mod workloads;
