//! Sixteen threads with one secret: one-time codes and guesses at passwords.

use doorward_scenario::Credentials;
use serde_json::{Value, json};

use super::races::{at_once, code};
use crate::common::{ALL, Bench, arn};

/// How often each thread tries.
const EACH: usize = 64;

/// A device that is assigned to a user; its seed.
pub fn device(bench: &Bench, user: &str) -> Value {
    let made = bench.root("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": user}));
    let seed = made["VirtualMFADevice"]["Base32StringSeed"].clone();
    let codes = [-2, -1].map(|steps| bench.installation.code(&seed, steps).unwrap());
    let enable = json!({"UserName": user, "SerialNumber": arn(&format!("mfa/{user}")),
        "AuthenticationCode1": codes[0], "AuthenticationCode2": codes[1]});
    bench.root("iam:EnableMFADevice", enable);
    seed
}

/// The codes of the answers to one input, given by all threads so often.
fn answers(bench: &Bench, caller: &Credentials, call: &str, input: &Value, each: usize) -> Vec<String> {
    let answers = at_once(|_| {
        let answers: Vec<_> = (0..each).map(|_| bench.call(Some(caller), call, input)).collect();
        answers.iter().map(|answer| code(answer).to_owned()).collect::<Vec<_>>()
    });
    answers.into_iter().flatten().collect()
}

fn count(answers: &[String], code: &str) -> usize {
    answers.iter().filter(|answer| *answer == code).count()
}

#[test]
fn e01_of_a_thousand_submits_of_a_code_one_succeeds() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    let seed = device(&bench, "alice");
    let code = bench.installation.code(&seed, 0).unwrap();
    let input = json!({"SerialNumber": arn("mfa/alice"), "TokenCode": code});
    let answers = answers(&bench, &alice, "sts:GetSessionToken", &input, EACH);
    assert_eq!((count(&answers, ""), count(&answers, "AccessDenied")), (1, answers.len() - 1));
    assert!(answers.len() >= 1_000);

    // Nor after a restart. And whoever repeats a code has not guessed: the next one is good at once.
    let bench = Bench::of(bench.installation.restarted().unwrap());
    bench.refused(&alice, "sts:GetSessionToken", input.clone());
    let next = bench.installation.code(&seed, 1).unwrap();
    bench.done(&alice, "sts:GetSessionToken", json!({"SerialNumber": arn("mfa/alice"), "TokenCode": next}));
}

#[test]
fn e01_of_many_who_enable_a_device_one_gets_it() {
    let bench = Bench::new();
    let seed = bench.root("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "one"}))["VirtualMFADevice"]
        ["Base32StringSeed"]
        .clone();
    bench.root("iam:CreateUser", json!({"UserName": "alice"}));
    let codes = [-1, 0].map(|steps| bench.installation.code(&seed, steps).unwrap());
    let input = json!({"UserName": "alice", "SerialNumber": arn("mfa/one"), "AuthenticationCode1": codes[0],
        "AuthenticationCode2": codes[1]});
    let answers = answers(&bench, &bench.root, "iam:EnableMFADevice", &input, 1);
    assert_eq!((count(&answers, ""), count(&answers, "EntityAlreadyExists")), (1, answers.len() - 1));
}

#[test]
fn e02_many_guesses_at_once_are_one() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    bench.root("iam:CreateLoginProfile", json!({"UserName": "alice", "Password": "Passw0rd"}));
    let wrong = json!({"OldPassword": "passw0rd", "NewPassword": "Passw1rd"});
    let answers = answers(&bench, &alice, "iam:ChangePassword", &wrong, 1);
    assert_eq!((count(&answers, "AccessDenied"), count(&answers, "Throttling")), (1, answers.len() - 1));

    // The pause holds over a restart, for the right password as well.
    let bench = Bench::of(bench.installation.restarted().unwrap());
    let right = json!({"OldPassword": "Passw0rd", "NewPassword": "Passw1rd"});
    assert_eq!(bench.refused(&alice, "iam:ChangePassword", right.clone()).code, "Throttling");
    bench.installation.advance(1);
    bench.done(&alice, "iam:ChangePassword", right);
}

#[test]
fn one_of_many_changes_the_password() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    bench.root("iam:CreateLoginProfile", json!({"UserName": "alice", "Password": "Passw0rd"}));
    let change = json!({"OldPassword": "Passw0rd", "NewPassword": "Passw1rd"});
    let answers = answers(&bench, &alice, "iam:ChangePassword", &change, 1);
    assert_eq!(count(&answers, ""), 1, "{answers:?}");
    assert_eq!(count(&answers, "Throttling") + count(&answers, "AccessDenied"), answers.len() - 1, "{answers:?}");
}
