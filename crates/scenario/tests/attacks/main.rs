//! Rows of the attack catalogue through the whole path: each test is named after its row.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "../common/mod.rs"]
mod common;

mod canary;
mod escalation;

mod poison;
mod requests;
mod signer;
mod tokens;
