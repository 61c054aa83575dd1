//! What the tests and the soak share: the engine behind the reference's types, random questions, and shrinking.

pub mod engine;
pub mod generate;
pub mod hunt;
pub mod policies;
pub mod random;
pub mod shrink;
pub mod words;
