//! The running server, spoken to over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say what must hold, and helpers outside of test functions are tests as well"
)]

mod harness;
mod head;
mod http2;
mod life;
mod limits;
mod operating;
mod routing;
mod tls;
