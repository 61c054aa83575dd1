//! Whether a statement's `Action`, `Resource` and `Principal` elements cover a request.

pub(crate) mod action;
pub(crate) mod principal;
pub(crate) mod resource;

/// What became of one element of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether the element covers the request.
    pub(crate) satisfied: bool,
    /// The entry that matched. For a `Not…` element it is the entry that keeps the statement from applying.
    pub(crate) entry: Option<usize>,
}
