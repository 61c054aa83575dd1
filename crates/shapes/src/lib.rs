//! Facts of the AWS APIs (operations, shapes, constraints, errors) and the types generated from them.
//!
//! Three forms of one model: static tables ([`Service`], [`Operation`], [`Shape`]) that drive codecs and checks, a
//! neutral tree ([`serde_json::Value`]) that every protocol is decoded into, and one Rust type per structure and
//! enumeration, which [`FromTree`] and [`ToTree`] convert. All generated from the facts in `models/`.

#![forbid(unsafe_code)]

mod check;
pub mod common;
mod error;
mod facts;
#[rustfmt::skip]
mod generated;
mod pattern;
mod redact;
mod sensitive;
mod tree;

pub use check::check;
pub use error::Error;
pub use facts::{
    Bounds, ErrorShape, Kind, List, Location, Map, Member, Operation, Pagination, Protocol, Service, Shape,
    TimestampFormat,
};
pub use generated::*;
pub use pattern::Pattern;
pub use redact::redact;
pub use sensitive::Sensitive;
pub use tree::{FromTree, ToTree};
