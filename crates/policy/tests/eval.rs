//! Decisions by their laws, under attack and under load. Case by case they are in `scenarios/edge/decisions`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test code, which may panic"
)]

#[path = "eval/hostile.rs"]
mod hostile;
#[path = "eval/laws.rs"]
mod laws;
#[path = "eval/scene.rs"]
mod scene;
#[path = "eval/workloads.rs"]
mod workloads;
