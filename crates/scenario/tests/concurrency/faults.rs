//! A store that fails, holds up or refuses commits.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorward_scenario::{ACCOUNT_ID, Answer, Credentials, Installation};
use doorward_store::{Fault, Faulty, Sqlite};
use serde_json::{Value, json};

use crate::common::{ALL, Bench, arn};
use crate::gate::Gate;
use crate::guesses::device;

fn faulty() -> (Bench, Arc<Faulty<Sqlite>>) {
    let (installation, store) = Installation::wrapped(Faulty::new).unwrap();
    (Bench::of(installation), store)
}

fn gated() -> (Bench, Arc<Gate<Sqlite>>) {
    let (installation, store) = Installation::wrapped(Gate::new).unwrap();
    (Bench::of(installation), store)
}

fn create(bench: &Bench, name: &str) -> Answer {
    bench.call(Some(&bench.root), "iam:CreateUser", &json!({"UserName": name}))
}

fn code(answer: &Answer) -> &str {
    answer.result.as_ref().map_or_else(|error| error.code.as_ref(), |_| "")
}

fn users(bench: &Bench) -> Vec<Value> {
    let users = bench.root("iam:ListUsers", json!({}))["Users"].as_array().unwrap().clone();
    users.iter().map(|user| user["UserName"].clone()).collect()
}

const EVERYTHING: std::ops::Range<usize> = 1..usize::MAX;
const NOTHING: std::ops::Range<usize> = 0..0;

#[test]
fn a_change_that_failed_has_not_happened() {
    let (bench, store) = faulty();
    assert_eq!(code(&create(&bench, "before")), "");
    let revision = bench.installation.revision(ACCOUNT_ID).unwrap();
    store.fail(EVERYTHING, Fault::Before);
    for name in ["lost", "lost-too"] {
        let answer = create(&bench, name);
        assert_eq!((code(&answer), answer.result.as_ref().unwrap_err().status), ("ServiceUnavailable", 503));
    }
    // Who is known is still known, and what is there can be read.
    assert_eq!(users(&bench), ["before"]);
    store.fail(NOTHING, Fault::Before);
    assert_eq!(users(&bench), ["before"]);
    assert_eq!(code(&create(&bench, "lost")), "");
    assert_eq!(code(&create(&bench, "after")), "");
    assert_eq!(users(&bench), ["after", "before", "lost"]);
    assert_eq!(bench.installation.revision(ACCOUNT_ID).unwrap(), revision + 2);
    drop(store);
    let bench = Bench::of(bench.installation.restarted().unwrap());
    assert_eq!(users(&bench), ["after", "before", "lost"]);
}

/// The store has made the change and could not say so: the caller is told that it is unknown, and afterwards sees it.
#[test]
fn a_change_whose_answer_was_lost_is_seen() {
    let (bench, store) = faulty();
    assert_eq!(users(&bench), Vec::<Value>::new());
    store.fail(EVERYTHING, Fault::After);
    let answer = create(&bench, "alice");
    assert_eq!(code(&answer), "ServiceUnavailable");
    store.fail(NOTHING, Fault::Before);
    assert_eq!(users(&bench), ["alice"]);
    assert_eq!(code(&create(&bench, "alice")), "EntityAlreadyExists");
    let events = bench.installation.events().unwrap();
    assert_eq!(events[&answer.request_id].len(), 1);
}

/// The same for what takes access away: whatever the answers were, a key that cannot be deleted again no longer works.
#[test]
fn a_key_is_not_said_to_be_gone_while_it_works() {
    for fault in [Fault::Before, Fault::After] {
        let (bench, store) = faulty();
        let key = bench.user("alice", Some(ALL));
        let delete = json!({"UserName": "alice", "AccessKeyId": key.access_key_id});
        let attempt = || bench.call(Some(&bench.root), "iam:DeleteAccessKey", &delete);
        store.fail(EVERYTHING, fault);
        assert_eq!(code(&attempt()), "ServiceUnavailable");
        // Nor is it said as long as the store fails.
        assert_eq!(code(&attempt()), "ServiceUnavailable");
        store.fail(NOTHING, fault);
        let again = attempt();
        assert!(["", "NoSuchEntity"].contains(&code(&again)), "{}", code(&again));
        assert!(!bench.can(&key, "sts:GetCallerIdentity", json!({})), "{fault:?}");
    }
}

#[test]
fn credentials_are_not_issued_when_their_event_cannot_be_recorded() {
    let (bench, store) = faulty();
    let alice = bench.user("alice", None);
    store.fail(EVERYTHING, Fault::Before);
    // Sessions need no store: their events wait in the node's own log until the store takes them.
    let answer = bench.call(Some(&alice), "sts:GetSessionToken", &json!({}));
    assert_eq!(code(&answer), "");
    store.fail(NOTHING, Fault::Before);
    assert_eq!(bench.installation.events().unwrap()[&answer.request_id].len(), 1);
}

/// Where it cannot be on disk that a code was used, there is no session; and the code is good again only where it is not.
#[test]
fn no_session_leaves_before_its_code_is_used_for_good() {
    for (fault, again) in [(Fault::Before, ""), (Fault::After, "AccessDenied")] {
        let (bench, store) = faulty();
        let alice = bench.user("alice", Some(ALL));
        let seed = device(&bench, "alice");
        let input = json!({"SerialNumber": arn("mfa/alice"), "TokenCode": bench.installation.code(&seed, 0).unwrap()});
        let attempt = || bench.call(Some(&alice), "sts:GetSessionToken", &input);
        store.fail(EVERYTHING, fault);
        assert_eq!(code(&attempt()), "ServiceUnavailable", "{fault:?}");
        store.fail(NOTHING, fault);
        assert_eq!(code(&attempt()), again, "{fault:?}");
        assert_eq!(code(&attempt()), "AccessDenied", "{fault:?}");
    }
}

/// The same for guesses: nobody is told whether one was right before it counts.
#[test]
fn no_guess_is_answered_before_it_counts() {
    let (bench, store) = faulty();
    let alice = bench.user("alice", Some(ALL));
    bench.root("iam:CreateLoginProfile", json!({"UserName": "alice", "Password": "Passw0rd"}));
    store.fail(EVERYTHING, Fault::Before);
    for old in ["Passw0rd", "wrong"] {
        let input = json!({"OldPassword": old, "NewPassword": "Passw1rd"});
        assert_eq!(code(&bench.call(Some(&alice), "iam:ChangePassword", &input)), "ServiceUnavailable");
    }
    store.fail(NOTHING, Fault::Before);
    bench.done(&alice, "iam:ChangePassword", json!({"OldPassword": "Passw0rd", "NewPassword": "Passw1rd"}));
}

#[test]
fn another_nodes_changes_are_taken_in_and_the_call_is_made_again() {
    let (bench, store) = gated();
    store.refuse(3);
    let answer = create(&bench, "alice");
    assert_eq!(code(&answer), "");
    assert_eq!(users(&bench), ["alice"]);
    assert_eq!(bench.installation.events().unwrap()[&answer.request_id].len(), 1);
}

#[test]
fn a_change_that_always_comes_second_is_given_up() {
    let (bench, store) = gated();
    store.refuse(usize::MAX);
    let answer = create(&bench, "alice");
    assert_eq!((code(&answer), answer.result.as_ref().unwrap_err().status), ("ConcurrentModification", 409));
    store.refuse(0);
    assert_eq!(users(&bench), Vec::<Value>::new());
    assert_eq!(code(&create(&bench, "alice")), "");
    assert_eq!(bench.installation.events().unwrap()[&answer.request_id].len(), 1);
}

/// A call that finds its work done by a change that is still on its way to the disk is answered when that is there.
fn second_answer(failing: bool) -> (Bench, Credentials, Answer, Answer) {
    let (bench, store) = gated();
    let key = bench.user("alice", None);
    let delete = json!({"UserName": "alice", "AccessKeyId": key.access_key_id});
    let attempt = || bench.call(Some(&bench.root), "iam:DeleteAccessKey", &delete);
    store.close();
    let (first, second, early, still_works) = thread::scope(|scope| {
        let first = scope.spawn(attempt);
        store.wait_for_one();
        let second = scope.spawn(attempt);
        thread::sleep(Duration::from_millis(100));
        let (early, still_works) = (second.is_finished(), bench.can(&key, "sts:GetCallerIdentity", json!({})));
        store.open(failing);
        (first.join().unwrap(), second.join().unwrap(), early, still_works)
    });
    assert!(still_works, "until the change is durable, readers see what was before");
    assert!(!early, "answered by what is not durable");
    (bench, key, first, second)
}

#[test]
fn an_answer_waits_for_the_change_that_it_is_about() {
    let (bench, key, first, second) = second_answer(false);
    assert_eq!((code(&first), code(&second)), ("", "NoSuchEntity"));
    assert!(!bench.can(&key, "sts:GetCallerIdentity", json!({})));
    let events = bench.installation.events().unwrap();
    assert_eq!((events[&first.request_id].len(), events[&second.request_id].len()), (1, 1));
}

#[test]
fn an_answer_is_made_again_when_the_change_that_it_is_about_fails() {
    let (bench, key, first, second) = second_answer(true);
    assert_eq!((code(&first), code(&second)), ("ServiceUnavailable", ""));
    assert!(!bench.can(&key, "sts:GetCallerIdentity", json!({})));
}
