//! The IAM policy language: documents with source spans, validation, evaluation and explanation.
//!
//! Pure: no I/O, no clock, no randomness. Time is a value in the request's [`Context`](context::Context).

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
mod variables;
