//! The AWS SDK for Rust against a running Doorward: everything is in `tests/`.
