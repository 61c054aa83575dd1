//! Set-up, tests, code generation, tidy rules and benchmarks.

fn main() {}
