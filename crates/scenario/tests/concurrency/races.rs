//! Sixteen threads at one account.

use std::collections::{BTreeSet, HashMap};
use std::sync::Barrier;
use std::thread;

use doorward_federation::webauthn::authenticator::Authenticator;
use doorward_scenario::{ACCOUNT_ID, Answer, Credentials, ORIGIN};
use serde_json::{Value, json};

use crate::common::{ALL, Bench, TRUST, credentials};

const THREADS: usize = 16;

/// Runs `work` with the numbers of the threads, all beginning at once.
pub fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(THREADS);
    let begin = |number| {
        barrier.wait();
        work(number)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || begin(number))).collect::<Vec<_>>();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// All users' names, page by page.
fn user_names(bench: &Bench) -> Vec<String> {
    let (mut names, mut marker) = (Vec::new(), Value::Null);
    loop {
        let input = if marker.is_null() { json!({}) } else { json!({"Marker": marker}) };
        let page = bench.root("iam:ListUsers", input);
        let users = page["Users"].as_array().unwrap();
        names.extend(users.iter().map(|user| user["UserName"].as_str().unwrap().to_owned()));
        marker = page["Marker"].clone();
        if marker.is_null() {
            return names;
        }
    }
}

pub fn code(answer: &Answer) -> &str {
    answer.result.as_ref().map_or_else(|error| error.code.as_ref(), |_| "")
}

#[test]
fn what_many_threads_were_told_is_there_once_and_in_order() {
    const EACH: usize = 10;
    let bench = Bench::new();
    let first = bench.installation.revision(ACCOUNT_ID).unwrap();
    let made: Vec<(String, Vec<Answer>, Credentials)> = at_once(|thread| {
        (0..EACH)
            .map(|number| {
                let name = format!("user-{thread}-{number}");
                let user = bench.call(Some(&bench.root), "iam:CreateUser", &json!({"UserName": name}));
                let key = bench.call(Some(&bench.root), "iam:CreateAccessKey", &json!({"UserName": name}));
                let key_credentials = credentials(&key.result.as_ref().unwrap()["AccessKey"]);
                // What was acknowledged is seen by the next call.
                let me = bench.done(&key_credentials, "sts:GetCallerIdentity", json!({}));
                assert_eq!(me["Arn"], format!("arn:aws:iam::{ACCOUNT_ID}:user/{name}"));
                (name, vec![user, key], key_credentials)
            })
            .collect::<Vec<_>>()
    })
    .into_iter()
    .flatten()
    .collect();
    let changes = u64::try_from(THREADS * EACH * 2).unwrap();

    // Each change has its own revision, and there is no gap.
    let answers = || made.iter().flat_map(|(_, answers, _)| answers);
    let revision = |answer: &Answer| answer.revision.as_ref()?.strip_prefix("111111111111:")?.parse::<u64>().ok();
    let revisions: BTreeSet<u64> = answers().map(|answer| revision(answer).unwrap()).collect();
    assert_eq!(revisions, (first + 1..=first + changes).collect());
    assert_eq!(bench.installation.revision(ACCOUNT_ID).unwrap(), first + changes);

    // All of it is there, before and after a restart.
    let mut expected: Vec<String> = made.iter().map(|(name, _, _)| name.clone()).collect();
    expected.sort();
    assert_eq!(user_names(&bench), expected);
    let root = bench.root.clone();
    let bench = Bench::of(bench.installation.restarted().unwrap());
    assert_eq!(bench.root.access_key_id, root.access_key_id);
    assert_eq!(user_names(&bench), expected);
    for (_, _, key) in &made {
        assert!(bench.can(key, "sts:GetCallerIdentity", json!({})));
    }

    // And each call has left one event.
    let events = bench.installation.events().unwrap();
    for answer in answers() {
        assert_eq!(events[&answer.request_id].len(), 1);
    }
}

#[test]
fn one_of_many_gets_a_name() {
    let bench = Bench::new();
    let spellings = |name: &str, thread: usize| -> String {
        let upper =
            |(at, letter): (usize, char)| if thread >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter };
        name.chars().enumerate().map(upper).collect()
    };
    for (call, input) in [
        ("iam:CreateUser", json!({})),
        ("iam:CreateGroup", json!({})),
        ("iam:CreateRole", json!({"AssumeRolePolicyDocument": TRUST})),
        ("iam:CreatePolicy", json!({"PolicyDocument": ALL})),
    ] {
        let member = format!("{}Name", call.trim_start_matches("iam:Create"));
        for name in ["alice", "bravo", "carol"] {
            let answers = at_once(|thread| {
                let mut input = input.clone();
                input[&member] = json!(spellings(name, thread));
                bench.call(Some(&bench.root), call, &input)
            });
            let mut codes = HashMap::<&str, usize>::new();
            for answer in &answers {
                *codes.entry(code(answer)).or_default() += 1;
            }
            assert_eq!(codes, HashMap::from([("", 1), ("EntityAlreadyExists", THREADS - 1)]), "{call} {name}");
        }
    }
    assert_eq!(user_names(&bench).len(), 3);
}

#[test]
fn a_quota_is_not_exceeded_by_asking_at_once() {
    let bench = Bench::new();
    bench.root("iam:CreateUser", json!({"UserName": "alice"}));
    let answers = at_once(|_| bench.call(Some(&bench.root), "iam:CreateAccessKey", &json!({"UserName": "alice"})));
    assert_eq!(answers.iter().filter(|answer| code(answer).is_empty()).count(), 2);
    assert_eq!(answers.iter().filter(|answer| code(answer) == "LimitExceeded").count(), THREADS - 2);
}

/// Half of the threads delete a user, the others give it a key: either it is gone and no key works, or it is there.
#[test]
fn a_deleted_user_has_no_keys() {
    let bench = Bench::new();
    for round in 0..5 {
        let name = format!("user{round}");
        bench.root("iam:CreateUser", json!({"UserName": name}));
        let answers = at_once(|thread| {
            let call = if thread % 2 == 0 { "iam:DeleteUser" } else { "iam:CreateAccessKey" };
            bench.call(Some(&bench.root), call, &json!({"UserName": name}))
        });
        let there = bench.can(&bench.root, "iam:GetUser", json!({"UserName": name}));
        let keys = answers.iter().filter_map(|answer| answer.result.as_ref().ok()?.get("AccessKey"));
        let keys: Vec<Credentials> = keys.map(credentials).collect();
        assert_eq!(there, !keys.is_empty(), "a user is deleted only while it has no key");
        for key in &keys {
            assert_eq!(bench.can(key, "sts:GetCallerIdentity", json!({})), there);
        }
        let refused: BTreeSet<&str> = answers.iter().map(code).filter(|code| !code.is_empty()).collect();
        assert!(
            refused.iter().all(|code| ["DeleteConflict", "NoSuchEntity", "LimitExceeded"].contains(code)),
            "{refused:?}"
        );
    }
}

#[test]
fn of_two_accounts_that_want_one_alias_one_gets_it() {
    let bench = Bench::new();
    let other = bench.root("doorward:CreateAccount", json!({"accountName": "other", "accountId": "222222222222"}));
    let other = Credentials {
        access_key_id: other["RootAccessKeyId"].as_str().unwrap().to_owned(),
        secret_access_key: other["RootSecretAccessKey"].as_str().unwrap().to_owned(),
        session_token: None,
    };
    for round in 0..20 {
        let alias = json!({"AccountAlias": format!("wanted-{round}")});
        let answers = at_once(|thread| {
            let who = if thread % 2 == 0 { &bench.root } else { &other };
            (thread % 2, bench.call(Some(who), "iam:CreateAccountAlias", &alias))
        });
        let winners: BTreeSet<usize> =
            answers.iter().filter(|(_, answer)| answer.result.is_ok()).map(|(side, _)| *side).collect();
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        let refused = answers.iter().filter(|(_, answer)| answer.result.is_err());
        assert!(refused.map(|(_, answer)| code(answer)).all(|code| code == "EntityAlreadyExists"));
    }
}

#[test]
fn e04_an_answer_to_a_challenge_is_good_once_however_many_give_it_at_once() {
    let bench = Bench::new();
    let user = bench.user("alice", None);
    let mut key = Authenticator::new(ORIGIN);
    let begun = bench.root("doorward:BeginSecurityKeyRegistration", json!({"userName": "alice"}));
    let answer = json!({"registrationId": begun["RegistrationId"], "userName": "alice",
        "credential": key.create(&begun["Options"])});
    let told = at_once(|_| bench.call(Some(&bench.root), "doorward:FinishSecurityKeyRegistration", &answer));
    assert_eq!(told.iter().filter(|answer| code(answer).is_empty()).count(), 1);
    assert_eq!(told.iter().filter(|answer| code(answer) == "ResourceNotFoundException").count(), THREADS - 1);

    let begun = bench.done(&user, "doorward:BeginSecurityKeyAssertion", json!({}));
    let answer = json!({"assertionId": begun["AssertionId"], "credential": key.get(&begun["Options"])});
    let told = at_once(|_| bench.call(Some(&user), "doorward:FinishSecurityKeyAssertion", &answer));
    assert_eq!(told.iter().filter(|answer| code(answer).is_empty()).count(), 1);
    assert_eq!(told.iter().filter(|answer| code(answer) == "ResourceNotFoundException").count(), THREADS - 1);
}
