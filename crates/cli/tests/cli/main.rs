//! The built command, run as a person or a script runs it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what must hold, and helpers outside of test functions are tests as well"
)]

mod dev;
mod harness;
mod installation;
mod policies;
