//! Wildcards, matched by the engine and by the textbook's table of prefixes.

use doorward_policy::context::Context;
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, Source, User};
use serde_json::json;

use crate::support::random::Random;

const PATTERNS: u64 = 40_000;

/// `table[i][j]`: whether the first `i` of the pattern cover the first `j` of the text.
fn covers(pattern: &[char], text: &[char]) -> bool {
    let mut table = vec![vec![false; text.len() + 1]; pattern.len() + 1];
    table[0][0] = true;
    for i in 1..=pattern.len() {
        for j in 0..=text.len() {
            table[i][j] = match pattern[i - 1] {
                '*' => table[i - 1][j] || (j > 0 && table[i][j - 1]),
                '?' => j > 0 && table[i - 1][j - 1],
                c => j > 0 && table[i - 1][j - 1] && c == text[j - 1],
            };
        }
    }
    table[pattern.len()][text.len()]
}

fn random_text(random: &mut Random, alphabet: &[char], most: usize) -> Vec<char> {
    (0..random.below(most + 1)).map(|_| *random.choose(alphabet)).collect()
}

/// Asks the engine about each text, as the name of a resource and as the value of a condition key.
fn check(pattern: &[char], texts: &[Vec<char>]) -> usize {
    let pattern_text: String = pattern.iter().collect();
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{pattern_text}")},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
         "Condition": {"StringLike": {"k": pattern_text}}},
    ]});
    let policy = Policy::parse(&document.to_string(), PolicyType::Inline).unwrap();
    let source = Source::Inline { name: "p".into(), owner: "o".into() };
    let identity = PolicySet::one(source, Some(policy.into()));
    let layers = Layers { identity: &identity, ..Layers::default() };
    let arn = "arn:aws:iam::111111111111:user/u".to_owned();
    let principal = Principal::User(User { arn: arn.into(), unique_id: "AIDA1".into() });
    for text in texts {
        let expected = covers(pattern, text);
        let text: String = text.iter().collect();
        let arn = format!("arn:aws:s3:::{text}");
        let context = Context::new().with("k", text.as_str());
        for action in ["s3:GetObject", "s3:PutObject"] {
            let resource = Resource { arn: &arn, account: None, requires_own_grant: false };
            let request = Request { principal: &principal, action, resource, context: &context };
            let allowed = evaluate::decide(&request, &layers).is_allowed();
            assert_eq!(allowed, expected, "{action}: pattern {pattern_text:?}, text {text:?}");
        }
    }
    texts.len() * 2
}

#[test]
fn wildcards_match_as_in_the_textbook() {
    let mut random = Random::new(4);
    let (mut asked, mut covered) = (0, 0);
    for _ in 0..PATTERNS {
        let pattern = random_text(&mut random, &['a', 'b', 'é', '日', '*', '*', '?'], 9);
        // What the pattern comes to when its wildcards are filled in, and texts of any kind.
        let mut texts: Vec<Vec<char>> = Vec::new();
        for _ in 0..3 {
            texts.push(filled(&mut random, &pattern));
            texts.push(random_text(&mut random, &['a', 'b', 'é', '日', '*', '?'], 9));
        }
        covered += texts.iter().filter(|text| covers(&pattern, text)).count();
        asked += check(&pattern, &texts);
    }
    println!("{asked} comparisons");
    let texts = usize::try_from(PATTERNS).unwrap() * 6;
    assert!(covered > texts / 4 && covered < texts * 3 / 4, "{covered} of {texts} texts are covered");
}

/// The pattern with its wildcards replaced, and now and then one character changed.
fn filled(random: &mut Random, pattern: &[char]) -> Vec<char> {
    let mut text = Vec::new();
    for &c in pattern {
        match c {
            '*' => text.extend(random_text(random, &['a', 'b', 'é', '日', '/', ':'], 3)),
            '?' => text.push(*random.choose(&['a', 'b', 'é', '日', '?'])),
            c => text.push(c),
        }
    }
    if random.percent(30) && !text.is_empty() {
        let index = random.below(text.len());
        text[index] = 'a';
    }
    text
}
