//! The real clock and the system's randomness.

use doorward_service::World;
use jiff::Timestamp;

/// The world as it is.
pub(crate) struct System;

impl World for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Keys that are not random would be worse than none.
            eprintln!("doorward: the system gives no randomness: {error}");
            std::process::abort();
        }
    }
}
