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
    pub(crate) entry: Option<Position>,
}

/// The position of an entry in its list; so small that findings are handed over in registers. No text holds more entries
/// than can be numbered.
pub(crate) type Position = u32;

pub(crate) fn position(index: usize) -> Position {
    Position::try_from(index).unwrap_or(Position::MAX)
}
