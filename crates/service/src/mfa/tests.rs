//! What codes are good for.

use doorward_directory::MfaAssignment;

use super::*;
use crate::testing::TestWorld;

const START: i64 = 1_795_608_000;
const SEED: &[u8] = b"12345678901234567890";
/// The codes of the first steps after `START`, made by another implementation (Python's `hmac`).
const CODES: [&str; 6] = ["834822", "475576", "109707", "563086", "055624", "883396"];

struct Bench {
    keyring: Keyring,
    device: MfaDevice,
}

fn at(steps: i64) -> Timestamp {
    Timestamp::from_second(START + steps * totp::STEP_SECONDS).unwrap()
}

impl Bench {
    fn new() -> Bench {
        let world = TestWorld::default();
        let keyring = Keyring::generate(&world);
        let sealed_seed = keyring.seal_text(Purpose::MfaSeeds, &world, "MFAV1", SEED).unwrap();
        let assignment = Some(MfaAssignment { holder: MfaHolder::Root, enabled: at(0), drift: 0 });
        let (id, path_and_name, tags) = ("MFAV1".to_owned(), "/phone".to_owned(), Default::default());
        let (used_step, guesses) = (None, Guesses::default());
        let device = MfaDevice { id, path_and_name, created: at(0), sealed_seed, assignment, used_step, guesses, tags };
        Bench { keyring, device }
    }

    /// Uses the code of one step at another.
    fn check(&mut self, code: usize, now: i64, expect: Spent) {
        assert_eq!(spend(&self.keyring, &mut self.device, CODES[code], at(now)), Some(expect), "{code} at {now}");
    }

    /// Synchronizes by the codes of two steps at another.
    fn check_synchronize(&mut self, codes: (usize, usize), now: i64, expect: Option<i64>) {
        let found = synchronize(&self.keyring, &mut self.device, (CODES[codes.0], CODES[codes.1]), at(now));
        assert_eq!(found, expect, "{codes:?} at {now}");
        if let (Some(drift), Some(assignment)) = (found, &mut self.device.assignment) {
            assignment.drift = drift;
        }
    }
}

#[test]
fn a_code_is_good_one_step_early_or_late() {
    for (now, expect) in [(0, Spent::Wrong), (1, Spent::Right), (2, Spent::Right), (3, Spent::Right), (4, Spent::Wrong)]
    {
        Bench::new().check(2, now, expect);
    }
}

#[test]
fn e01_a_code_is_good_once_and_none_before_it_is_good_after() {
    let mut bench = Bench::new();
    bench.check(1, 1, Spent::Right);
    bench.check(1, 1, Spent::Used);
    bench.check(1, 2, Spent::Used);
    bench.check(0, 1, Spent::Used);
    bench.check(2, 1, Spent::Right);
    assert!(bench.device.guesses.is_empty(), "a code that was used is no guess");
    bench.check(5, 2, Spent::Wrong);
    assert_eq!(bench.device.guesses.failed, 1);
    bench.check(3, 3, Spent::Right);
    assert!(bench.device.guesses.is_empty());
}

#[test]
fn two_codes_tell_how_far_the_clock_is_off() {
    Bench::new().check_synchronize((0, 1), 1, Some(0));
    Bench::new().check_synchronize((0, 1), 0, Some(0));
    Bench::new().check_synchronize((0, 1), 2, Some(0));
    Bench::new().check_synchronize((0, 1), 3, Some(-2));
    Bench::new().check_synchronize((0, 1), 121, None);
    Bench::new().check_synchronize((0, 1), 120, Some(-119));
    Bench::new().check_synchronize((0, 1), -119, Some(120));
    Bench::new().check_synchronize((0, 1), -121, None);
    Bench::new().check_synchronize((0, 2), 1, None);
    Bench::new().check_synchronize((1, 0), 1, None);
    let mut late = Bench::new();
    late.check_synchronize((0, 1), 61, Some(-60));
    late.check(2, 62, Spent::Right);
    late.check(4, 62, Spent::Wrong);
}

#[test]
fn e01_codes_that_synchronized_are_used() {
    let mut bench = Bench::new();
    bench.check_synchronize((0, 1), 1, Some(0));
    bench.check(0, 1, Spent::Used);
    bench.check(1, 1, Spent::Used);
    bench.check_synchronize((0, 1), 1, None);
    bench.check_synchronize((1, 2), 2, None);
    bench.check_synchronize((2, 3), 3, Some(0));
    bench.check_synchronize((4, 5), 5, Some(0));
}

#[test]
fn g11_a_seed_is_bound_to_its_device() {
    let mut bench = Bench::new();
    bench.device.id = "MFAV2".to_owned();
    assert_eq!(spend(&bench.keyring, &mut bench.device, CODES[0], at(0)), None);
}
