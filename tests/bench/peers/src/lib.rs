//! The engine's workloads, our engine loaded with them, and how time is taken: what both programs share.

pub mod doorward;
pub mod timing;
pub mod workload;
