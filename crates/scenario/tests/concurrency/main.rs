//! Many callers at once, and a store that fails: what was acknowledged is there, once, and nothing half done.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "../common/mod.rs"]
mod common;

mod faults;
mod gate;
mod guesses;
mod organizations;
mod races;
