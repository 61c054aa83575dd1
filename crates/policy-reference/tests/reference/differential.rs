//! A million random questions, on which engine and reference must agree in everything: allowed or not, by an explicit
//! or an implicit denial, and in the layer that is named.

use std::thread;

use crate::support::hunt::{PER_SCENE, Tally, scene};

const SEED: u64 = 20_260_115;
const SCENES: u64 = 1_000_000 / PER_SCENE;

#[test]
fn the_engine_and_the_reference_decide_alike() {
    let workers = 2;
    let tallies = thread::scope(|scope| {
        let work = |worker| {
            move || -> Result<Tally, String> {
                let mut tally = Tally::default();
                for number in (worker..SCENES).step_by(workers) {
                    tally.add(scene(SEED, number)?);
                }
                Ok(tally)
            }
        };
        let threads: Vec<_> = (0..2).map(|worker| scope.spawn(work(worker))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let mut all = Tally::default();
    for tally in tallies {
        all.add(tally.unwrap_or_else(|disagreement| panic!("{disagreement}")));
    }
    println!("{} questions: {all:?}", all.all());
    assert_eq!(all.all(), 1_000_000);
    // Questions that all end alike would prove little.
    assert!(all.allowed > 50_000 && all.explicit > 50_000 && all.implicit > 50_000, "{all:?}");
}
