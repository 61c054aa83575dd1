//! The IAM policy language: documents with source spans, validation, evaluation and explanation.
//!
//! Pure: no I/O, no clock, no randomness. Time is a value in the request's [`Context`].

#![forbid(unsafe_code)]

pub mod document;
pub mod operator;
