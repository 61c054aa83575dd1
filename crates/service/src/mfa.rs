//! One-time codes of MFA devices: whether they are right, and that none is good twice.

use doorward_directory::{Account, Guesses, MfaDevice, MfaHolder};
use doorward_federation::totp;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::caller::Who;
use crate::secrets::{Keyring, Purpose};

/// How far a code may be from the device's time, in steps of 30 seconds.
const WINDOW: i64 = 1;
/// How far the clock of a device may be off when it is enabled or synchronized, in steps: an hour. Two codes that belong
/// together are not guessed.
const SEARCH: i64 = 120;

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    /// It was right, and will not be again.
    Right,
    /// It was right before and has been used.
    Used,
    /// It was wrong.
    Wrong,
}

/// The root user or the user who calls; none for everybody else.
pub(crate) fn holder(who: &Who) -> Option<MfaHolder> {
    match who {
        Who::Root => Some(MfaHolder::Root),
        Who::User { id } => Some(MfaHolder::User(id.clone())),
        _ => None,
    }
}

/// Whether somebody must wait before the next guess at a code, at any of the devices.
pub(crate) fn is_barred(account: &Account, holder: &MfaHolder, now: Timestamp) -> bool {
    let guesses = account.mfa_devices_of(holder).map(|device| device.guesses);
    guesses.fold(Guesses::default(), |all, guesses| all.with(guesses, now)).bars_code(now)
}

/// Uses a code of an assigned device; a wrong one counts as a guess. None where the seed does not open.
pub(crate) fn spend(keyring: &Keyring, device: &mut MfaDevice, code: &str, now: Timestamp) -> Option<Spent> {
    let seed = seed(keyring, device)?;
    let drift = device.assignment.as_ref().map_or(0, |assignment| assignment.drift);
    let expected = totp::step(now.as_second()).saturating_add(drift);
    let window = expected.saturating_sub(WINDOW)..=expected.saturating_add(WINDOW);
    Some(match totp::find(&seed, code, window) {
        Some(step) if device.used_step.is_none_or(|used| used < step) => {
            device.used_step = Some(step);
            device.guesses = Guesses::default();
            Spent::Right
        }
        Some(_) => Spent::Used,
        None => {
            device.guesses.count(now);
            Spent::Wrong
        }
    })
}

/// Uses two consecutive codes; by how many steps the device's clock is ahead. None where they are not two unused codes of
/// the device.
pub(crate) fn synchronize(
    keyring: &Keyring,
    device: &mut MfaDevice,
    codes: (&str, &str),
    now: Timestamp,
) -> Option<i64> {
    let seed = seed(keyring, device)?;
    let expected = totp::step(now.as_second());
    let first = expected.saturating_sub(SEARCH).max(device.used_step.map_or(i64::MIN, |used| used.saturating_add(1)));
    let second = totp::find_consecutive(&seed, codes.0, codes.1, first..=expected.saturating_add(SEARCH))?;
    device.used_step = Some(second);
    device.guesses = Guesses::default();
    // Codes that were typed in time are in the window anyhow: people are slow, clocks need not be wrong.
    Some(Some(second.saturating_sub(expected)).filter(|ahead| !(-WINDOW..=WINDOW).contains(ahead)).unwrap_or(0))
}

fn seed(keyring: &Keyring, device: &MfaDevice) -> Option<Zeroizing<Vec<u8>>> {
    let seed = keyring.open_text(Purpose::MfaSeeds, &device.id, &device.sealed_seed);
    if seed.is_none() {
        tracing::error!(device = device.path_and_name, "the sealed seed of an MFA device does not open");
    }
    seed
}

#[cfg(test)]
mod tests;
