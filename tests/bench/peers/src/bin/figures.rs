//! What the engine takes beyond the time of a decision, on the same workloads: allocations, compiling, memory, building a
//! request's context, explaining, and many principals in turn. One line of JSON for each workload.

use std::hint::black_box;
use std::time::Instant;

use doorward_peers::doorward::{Asked, Doorward};
use doorward_peers::timing;
use doorward_peers::workload::Workload;
use doorward_policy::context::{Context, Key};
use doorward_policy::policy::Policy;
use doorward_policy::request::{PolicySet, Principal, User};
use serde_json::{Value, json};

/// How many principals take turns.
const PRINCIPALS: [usize; 4] = [1, 30, 300, 1500];

fn main() {
    for path in std::env::args().skip(1) {
        let workload = Workload::read(&path);
        let engine = Doorward::new(&path, &workload);
        let count = engine.asked.len();
        let deciding = timing::each(count, |number| {
            black_box(engine.decide(number));
        });
        let explaining = timing::each(count, |number| {
            black_box(engine.explain(&engine.asked[number]));
        });
        let building = timing::each(count, |number| {
            black_box(built(&engine.asked[number]));
        });
        let policies = engine.identity.policies();
        let line = json!({
            "workload": workload.name,
            "decisionNanoseconds": deciding.median,
            "allocationsPerDecision": allocations(&engine),
            "explainNanoseconds": explaining.median,
            "contextNanoseconds": building.median,
            "compileMicrosecondsPerPolicy": compiling(policies.iter().filter_map(|one| one.policy.as_deref())),
            "setMicroseconds": micros(|| { black_box(PolicySet::new(policies.to_vec())); }),
            "setBytes": engine.identity.size(),
            "policies": policies.len(),
            "inTurnNanoseconds": PRINCIPALS.map(|number| json!([number, in_turn(&engine, number)])),
        });
        println!("{line}");
    }
}

/// The most allocations that a decision of the workload makes.
fn allocations(engine: &Doorward) -> u64 {
    let counted = (0..engine.asked.len()).map(|number| {
        allocation_counter::measure(|| {
            black_box(engine.decide(number));
        })
    });
    counted.map(|info| info.count_total).max().unwrap_or_default()
}

/// Builds the request's context as a service does that knows the names of its keys and holds the values.
fn built(asked: &Asked) -> Context<'_> {
    static KEYS: [Key<'static>; 14] = [
        Key::of("aws:username"),
        Key::of("aws:userid"),
        Key::of("aws:PrincipalArn"),
        Key::of("aws:PrincipalAccount"),
        Key::of("aws:PrincipalOrgID"),
        Key::of("aws:PrincipalType"),
        Key::of("aws:PrincipalTag/team"),
        Key::of("aws:SourceIp"),
        Key::of("aws:SecureTransport"),
        Key::of("aws:MultiFactorAuthPresent"),
        Key::of("aws:RequestedRegion"),
        Key::of("aws:CurrentTime"),
        Key::of("aws:EpochTime"),
        Key::of("aws:UserAgent"),
    ];
    let mut context = Context::with_capacity(KEYS.len());
    for (key, (_, value)) in KEYS.iter().zip(&asked.keys) {
        context.insert(key, value.as_str());
    }
    context
}

fn compiling<'a>(policies: impl Iterator<Item = &'a Policy> + Clone) -> f64 {
    let count = policies.clone().count().max(1);
    let all = micros(|| {
        policies.clone().for_each(|policy| {
            black_box(Policy::new(policy.document().clone()));
        })
    });
    all / count as f64
}

fn micros(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..200)
        .map(|_| {
            let before = Instant::now();
            run();
            before.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Nanoseconds of a decision, its context built for it, when so many principals with sets of their own, made of the same
/// policies, ask one after the other.
fn in_turn(engine: &Doorward, number: usize) -> Value {
    let user = |n| {
        Principal::User(User { arn: format!("arn:aws:iam::123456789012:user/user{n}").into(), unique_id: format!("AIDA{n}") })
    };
    let principals: Vec<(Principal, PolicySet)> =
        (0..number).map(|n| (user(n), PolicySet::new(engine.identity.policies().to_vec()))).collect();
    let mut rounds: Vec<f64> = Vec::new();
    let start = Instant::now();
    let mut at = 0;
    while rounds.len() < 5 || start.elapsed().as_secs_f64() < 0.5 {
        let before = Instant::now();
        let goes = 3000;
        for _ in 0..goes {
            let (principal, identity) = &principals[at % number];
            let asked = &engine.asked[at % engine.asked.len()];
            at += 1;
            black_box(engine.decide_as(principal, identity, &built(asked), asked));
        }
        rounds.push(before.elapsed().as_secs_f64() * 1e9 / f64::from(goes));
    }
    rounds.sort_by(f64::total_cmp);
    json!(rounds[rounds.len() / 2])
}
