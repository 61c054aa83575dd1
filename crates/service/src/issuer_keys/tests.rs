//! D07: how often a provider is asked.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use futures_executor::block_on;
use futures_util::future::join_all;

use super::*;
use crate::Fetching;

const ISSUER: &str = "https://idp.example";

/// A provider with the key `1` that counts how often its key set is read.
#[derive(Debug, Default)]
struct Idp {
    reads: AtomicUsize,
    down: AtomicBool,
    /// Whether answers are still on their way.
    slow: AtomicBool,
}

impl Egress for Idp {
    fn get<'a>(&'a self, url: &'a str, _: &'a [String]) -> Fetching<'a> {
        Box::pin(async move {
            if url.ends_with("/keys") {
                self.reads.fetch_add(1, Ordering::Relaxed);
            }
            // Others get their turn before there is an answer.
            let mut polls = 0;
            std::future::poll_fn(|context| {
                polls += 1;
                context.waker().wake_by_ref();
                if polls > 3 && !self.slow.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            if self.down.load(Ordering::Relaxed) {
                return Err(EgressError::Unreachable("down".to_owned()));
            }
            let number = "AQ".repeat(200);
            Ok(match url.strip_suffix("/.well-known/openid-configuration") {
                Some(issuer) => format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys"}}"#),
                None => format!(r#"{{"keys":[{{"kty":"RSA","kid":"1","n":"{number}","e":"AQAB"}}]}}"#),
            }
            .into_bytes())
        })
    }
}

fn world() -> (Arc<Idp>, IssuerKeys) {
    let idp = Arc::new(Idp::default());
    let egress: Arc<dyn Egress> = Arc::<Idp>::clone(&idp);
    (idp, IssuerKeys::new(Some(egress)))
}

/// Asks for a key so many seconds after the beginning.
fn ask(keys: &IssuerKeys, id: &str, seconds: i64) -> Result<(), NoKey> {
    block_on(keys.with(ISSUER, &[], id, Timestamp::from_second(seconds).unwrap())).map(drop)
}

#[test]
fn keys_are_used_for_an_hour() {
    let (idp, keys) = world();
    for (seconds, reads) in [(0, 1), (1, 1), (3_599, 1), (3_600, 2), (3_601, 2)] {
        assert_eq!(ask(&keys, "1", seconds), Ok(()));
        assert_eq!(idp.reads.load(Ordering::Relaxed), reads, "after {seconds} s");
    }
}

#[test]
fn d07_unknown_keys_are_looked_for_once_in_five_minutes() {
    let (idp, keys) = world();
    for (seconds, reads) in [(0, 1), (1, 1), (299, 1), (300, 2), (599, 2), (600, 3)] {
        assert_eq!(ask(&keys, "unknown", seconds), Err(NoKey::Unusable));
        assert_eq!(idp.reads.load(Ordering::Relaxed), reads, "after {seconds} s");
        // The provider's own key is there all the while.
        assert_eq!(ask(&keys, "1", seconds), Ok(()));
    }
}

#[test]
fn d07_a_provider_that_is_down_is_left_alone_for_half_a_minute() {
    let (idp, keys) = world();
    idp.down.store(true, Ordering::Relaxed);
    assert_eq!(ask(&keys, "1", 0), Err(NoKey::Unreachable));
    idp.down.store(false, Ordering::Relaxed);
    assert_eq!(ask(&keys, "1", 29), Err(NoKey::Unreachable));
    assert_eq!(ask(&keys, "1", 30), Ok(()));
}

#[test]
fn d07_callers_at_the_same_time_wait_for_one_fetch() {
    let (idp, keys) = world();
    let now = Timestamp::UNIX_EPOCH;
    let all = block_on(join_all((0..50).map(|_| keys.with(ISSUER, &[], "1", now))));
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(idp.reads.load(Ordering::Relaxed), 1);
}

/// Whoever hangs up while the provider is asked for them keeps nobody out.
#[test]
fn d07_a_caller_who_goes_away_blocks_nobody() {
    let (idp, keys) = world();
    idp.slow.store(true, Ordering::Relaxed);
    {
        let mut gone = pin!(keys.with(ISSUER, &[], "1", Timestamp::UNIX_EPOCH));
        for _ in 0..10 {
            assert!(gone.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    }
    idp.slow.store(false, Ordering::Relaxed);
    assert_eq!(ask(&keys, "1", 0), Ok(()));
}
