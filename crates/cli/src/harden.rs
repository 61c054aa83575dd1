//! Keeps the keys in memory out of files.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Turns core dumps off, and on Linux also keeps other processes of the same user from reading this one's memory.
/// Whatever a system does not permit stays as it is.
pub(crate) fn harden() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
