//! How often somebody guessed wrong at a secret, so that guessing takes time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is forgotten of wrong guesses, after the first of them.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);
/// Wrong guesses that are let pass within [`MEMORY`].
const FAILED_MAX: u32 = 100;

/// Wrong guesses at one secret, or at the secrets of one user. The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guesses {
    /// How many there were since `since`.
    pub failed: u32,
    /// When the first was made.
    pub since: Timestamp,
    /// When the last was made.
    pub last: Timestamp,
}

impl Guesses {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.failed == 0
    }

    /// Counts a wrong guess.
    pub fn count(&mut self, now: Timestamp) {
        let current = self.current(now);
        let since = if current.is_empty() { now } else { current.since };
        *self = Guesses { failed: current.failed.saturating_add(1), since, last: now };
    }

    /// These and others, as far as they still count.
    #[must_use]
    pub fn with(self, other: Guesses, now: Timestamp) -> Guesses {
        match (self.current(now), other.current(now)) {
            (none, some) | (some, none) if none.is_empty() => some,
            (one, two) => Guesses {
                failed: one.failed.saturating_add(two.failed),
                since: one.since.min(two.since),
                last: one.last.max(two.last),
            },
        }
    }

    /// Whether the next guess at a password must wait: a second after the first wrong one, twice as long after each
    /// further one, up to a quarter of an hour; and until the day is over after a hundred.
    pub fn bars_password(&self, now: Timestamp) -> bool {
        self.bars(now, |failed| match failed {
            0 => 0,
            failed => 1_i64.checked_shl(failed - 1).unwrap_or(900).clamp(1, 900),
        })
    }

    /// Whether the next guess at a one-time code must wait: a minute after each five wrong ones, and until the day is
    /// over after a hundred.
    pub fn bars_code(&self, now: Timestamp) -> bool {
        self.bars(now, |failed| if failed > 0 && failed % 5 == 0 { 60 } else { 0 })
    }

    fn bars(&self, now: Timestamp, pause_seconds: impl Fn(u32) -> i64) -> bool {
        let current = self.current(now);
        let since_last = now.as_second().saturating_sub(current.last.as_second());
        current.failed >= FAILED_MAX || since_last < pause_seconds(current.failed)
    }

    /// What still counts.
    fn current(&self, now: Timestamp) -> Guesses {
        if now.duration_since(self.since) < MEMORY { *self } else { Guesses::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_795_608_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(START + seconds).unwrap()
    }

    /// How many of one guess a second get through, in so many seconds.
    fn admitted(seconds: i64, bars: fn(&Guesses, Timestamp) -> bool) -> usize {
        let mut guesses = Guesses::default();
        let mut count = 0;
        for now in (0..seconds).map(at) {
            if !bars(&guesses, now) {
                guesses.count(now);
                count += 1;
            }
        }
        count
    }

    #[test]
    fn e02_the_pauses_between_guesses_at_a_password_double() {
        assert_eq!(admitted(1, Guesses::bars_password), 1);
        assert_eq!(admitted(64, Guesses::bars_password), 7);
        assert_eq!(admitted(3_600, Guesses::bars_password), 13);
        let day = admitted(86_400, Guesses::bars_password);
        assert!((100..=106).contains(&day), "{day}");
    }

    #[test]
    fn e02_five_guesses_a_minute_at_codes_and_a_hundred_a_day() {
        assert_eq!(admitted(60, Guesses::bars_code), 5);
        assert_eq!(admitted(120, Guesses::bars_code), 10);
        assert_eq!(admitted(86_400, Guesses::bars_code), 100);
        assert_eq!(admitted(86_405, Guesses::bars_code), 105);
    }

    #[test]
    fn e06_nobody_is_locked_out_for_good() {
        let mut guesses = Guesses::default();
        (0..1_000).for_each(|_| guesses.count(at(0)));
        assert!(guesses.bars_password(at(86_399)) && guesses.bars_code(at(86_399)));
        assert!(!guesses.bars_password(at(86_400)) && !guesses.bars_code(at(86_400)));
    }
}
