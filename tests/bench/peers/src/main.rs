//! Decides the engine's workloads with it and with other policy engines and prints, for each of them, one line of JSON: how long a
//! decision takes when everything is loaded and the request is built, and how many answers came out as expected.
//!
//! Neither of the others knows IAM: how lists of policies combine is written here, in [`concluded`], and costs next to nothing.

mod cedar;
mod rego;

use std::time::{Duration, Instant};

use doorward_peers::workload::Workload;
use doorward_peers::{doorward, timing};
use serde_json::json;

/// An engine with a workload loaded.
trait Peer {
    /// Decides the request of this number: `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`.
    fn decide(&mut self, number: usize) -> &'static str;
}

/// What one list of policies says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Allow,
    Deny,
    Nothing,
}

impl Peer for doorward::Doorward {
    fn decide(&mut self, number: usize) -> &'static str {
        doorward::Doorward::decide(self, number)
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let workload = Workload::read(&path);
        let start = Instant::now();
        let mut ours = doorward::Doorward::new(&path, &workload);
        report("doorward", &workload, start.elapsed(), &mut ours);
        let start = Instant::now();
        let mut cedar = cedar::Cedar::new(&workload);
        report("cedar-policy", &workload, start.elapsed(), &mut cedar);
        let start = Instant::now();
        let mut rego = rego::Rego::new(&workload);
        report("regorus", &workload, start.elapsed(), &mut rego);
    }
}

/// Within one account: a denial wins, every guardrail must allow, and identity or resource must grant. The workloads'
/// resource policies name the user, so that their grants hold without the boundary: no request depends on it.
fn concluded(guardrails: impl Iterator<Item = Said>, identity: Said, resource: Option<Said>) -> &'static str {
    let guardrails: Vec<Said> = guardrails.collect();
    let all = guardrails.iter().copied().chain([identity]).chain(resource);
    if all.clone().any(|said| said == Said::Deny) {
        "ExplicitlyDenied"
    } else if guardrails.iter().all(|said| *said == Said::Allow)
        && (identity == Said::Allow || resource == Some(Said::Allow))
    {
        "Allowed"
    } else {
        "ImplicitlyDenied"
    }
}

fn report(peer: &str, workload: &Workload, loading: Duration, engine: &mut dyn Peer) {
    let count = workload.requests.len();
    let as_expected = (0..count).filter(|&number| engine.decide(number) == workload.requests[number].expect).count();
    let times = timing::each(count, |number| {
        std::hint::black_box(engine.decide(number));
    });
    let line = json!({
        "workload": workload.name,
        "peer": peer,
        "medianNanoseconds": times.median,
        "p99Nanoseconds": times.p99,
        "loadingMicroseconds": loading.as_micros(),
        "asExpected": as_expected,
        "requests": count,
    });
    println!("{line}");
}
