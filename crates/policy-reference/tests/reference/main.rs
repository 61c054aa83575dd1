//! The engine of `doorward-policy` against the second reading of the same rules.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they do not expect"
)]

mod changes;
mod differential;
mod globs;
mod laws;
mod scope;
mod support;
mod workloads;
