//! The IAM policy language: documents with source spans, validation, evaluation and explanation.
//!
//! Pure: no I/O, no clock, no randomness. Time is a value in the request's [`Context`](context::Context).
//!
//! # Embedding
//!
//! 1. [`Policy::parse`](policy::Policy::parse) reads a text and compiles it: once, shared by all that it is attached to.
//! 2. [`PolicySet`](request::PolicySet) puts together the policies of one layer, such as all that hold for a user: once for
//!    each state of them. Its index makes many statements as quick as few.
//! 3. [`decide`](evaluate::decide) answers a [`Request`](request::Request) under [`Layers`](request::Layers) of sets. It
//!    never fails: what cannot be understood is denied. It allocates nothing, but for patterns with more than some dozen
//!    variables and wildcards.
//! 4. [`explain`](explain::explain) draws the same decision and says why, and what would flip it.
//!
//! The examples of this crate are `decide`, `many` and `explain`. What is not its business: who the caller is, which
//! policies hold for it, and what the request's condition keys are.

#![forbid(unsafe_code)]

pub mod arn;
mod asked;
pub mod catalogue;
mod condition;
pub mod context;
pub mod display;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod format;
pub mod json;
pub mod lint;
mod matching;
pub mod message;
pub mod operator;
mod parse;
mod pattern;
pub mod policy;
pub mod principal;
pub mod request;
pub mod services;
mod set;
pub mod size;
mod validate;
pub mod value;
mod variables;
