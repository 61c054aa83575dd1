//! The command doorward.

fn main() {}
