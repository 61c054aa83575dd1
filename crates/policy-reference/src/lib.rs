//! A second reading of AWS's rules of evaluation, written from their description alone, in obvious code.
//!
//! It decides on raw JSON, one statement after another, and knows nothing of the engine in `doorward-policy`. Where both
//! come to the same decision on everything that can be thought of, a mistake would have to have been made twice.
//! Documents must be valid for the place where they stand: what the engine's validation refuses has no meaning here.

#![forbid(unsafe_code)]

mod compare;
mod condition;
mod date;
mod decide;
mod principal;
mod question;
mod statement;
mod text;

pub use decide::{Decision, Layer, decide};
pub use question::{Policies, Principal, Question, Resource, RoleSession, User, Values};
