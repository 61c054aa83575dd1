//! Looking for a question that the engine and the reference answer differently.

use doorward_policy_reference::{Decision, Question, decide};

use super::engine::{self, Documents};
use super::generate;
use super::random::Random;
use super::shrink::shrink;

/// How many questions are asked about the same policies.
pub const PER_SCENE: u64 = 20;

/// How often each decision was come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub allowed: u64,
    pub explicit: u64,
    pub implicit: u64,
}

impl Tally {
    pub fn all(&self) -> u64 {
        self.allowed + self.explicit + self.implicit
    }

    pub fn add(&mut self, other: Tally) {
        self.allowed += other.allowed;
        self.explicit += other.explicit;
        self.implicit += other.implicit;
    }
}

/// Asks the questions of one scene; the first disagreement, shrunk, is the error.
pub fn scene(seed: u64, number: u64) -> Result<Tally, String> {
    let mut random = Random::new(seed ^ Random::new(number).next());
    let mut question = generate::question(&mut random);
    let documents = Documents::new(&question.policies).expect("only valid documents are made");
    let mut tally = Tally::default();
    for _ in 0..PER_SCENE {
        generate::request(&mut random, &mut question);
        let reference = decide(&question);
        if documents.decide(&question) != Ok(reference) {
            return Err(report(seed, number, question));
        }
        match reference {
            Decision::Allowed => tally.allowed += 1,
            Decision::Explicit(_) => tally.explicit += 1,
            Decision::Implicit(_) => tally.implicit += 1,
        }
    }
    Ok(tally)
}

fn report(seed: u64, number: u64, question: Question) -> String {
    let question = shrink(question, disagree);
    let json = serde_json::to_string_pretty(&question).unwrap();
    let (engine, reference) = (engine::decide(&question).unwrap(), decide(&question));
    format!("seed {seed}, scene {number}: the engine says {engine:?}, the reference {reference:?}, of\n{json}")
}

/// Whether the two answer differently. Questions with documents that are not valid have no answer.
pub fn disagree(question: &Question) -> bool {
    engine::decide(question).is_some_and(|engine| engine != Ok(decide(question)))
}
