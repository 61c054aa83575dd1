//! The built command, run as a person or a script runs it.

mod dev;
mod harness;
mod installation;
