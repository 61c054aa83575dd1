//! What the core takes from outside: the time and randomness.

use jiff::Timestamp;

/// The clock and the source of randomness. The core reads neither by itself, so that every run can be repeated.
pub trait World: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}

/// 16 random bytes as a number.
pub(crate) fn random_u128(world: &dyn World) -> u128 {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    u128::from_le_bytes(bytes)
}
