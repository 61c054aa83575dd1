//! Cases about realms and settings.

use std::collections::BTreeMap;

use super::{Case, cases, check_state, commit, event, realm, state};
use crate::{At, Change, Commit, MAX_CHANGES, MAX_COMMIT_BYTES, RealmId, Refusal, Revision, Step, Store};

pub(super) const CASES: &[Case] = cases![
    a_new_store_is_empty,
    a_first_commit_makes_the_realm,
    every_commit_raises_the_revision_by_one,
    only_the_expected_revision_is_accepted,
    a_refused_commit_leaves_no_trace_and_the_others_land,
    a_chain_of_commits_lands_in_one_batch,
    what_is_built_on_a_refused_commit_is_refused,
    steps_of_several_realms_are_taken_together_or_not_at_all,
    realms_do_not_touch_each_other,
    a_record_can_end_and_come_back,
    invalid_commits_are_refused,
    odd_names_and_bodies_are_kept,
    a_state_is_found_by_its_time,
    times_never_go_back,
    every_past_state_agrees_with_a_model,
    settings_are_kept,
];

/// Commits the batch and expects the answers: the revision, or the refusal.
#[track_caller]
fn check_commit(store: &dyn Store, batch: &[Commit], expect: &[Result<Revision, Refusal>]) {
    assert_eq!(store.commit(batch).unwrap(), expect);
}

fn a_new_store_is_empty(store: &dyn Store) {
    assert_eq!(store.realms().unwrap(), []);
    check_state(store, "a", At::Now, None);
    check_state(store, "a", At::Revision(0), None);
    check_state(store, "a", At::Time(i64::MAX), None);
    check_commit(store, &[], &[]);
}

fn a_first_commit_makes_the_realm(store: &dyn Store) {
    check_commit(store, &[commit("a", 0, &[("x", Some("1"))])], &[Ok(1)]);
    check_state(store, "a", At::Now, Some((1, "x=1")));
    assert_eq!(store.realms().unwrap(), [(realm("a"), 1)]);
    assert_eq!(store.load(&realm("a"), At::Now).unwrap().unwrap().time_ms, 1000);
}

fn every_commit_raises_the_revision_by_one(store: &dyn Store) {
    check_commit(store, &[commit("a", 0, &[("x", Some("1"))])], &[Ok(1)]);
    check_commit(store, &[commit("a", 1, &[])], &[Ok(2)]);
    check_commit(store, &[commit("a", 2, &[("y", Some("2")), ("x", Some("3"))])], &[Ok(3)]);
    check_state(store, "a", At::Now, Some((3, "x=3 y=2")));
    check_state(store, "a", At::Revision(1), Some((1, "x=1")));
    check_state(store, "a", At::Revision(2), Some((2, "x=1")));
    check_state(store, "a", At::Revision(4), None);
    check_state(store, "a", At::Revision(u64::MAX), None);
}

fn only_the_expected_revision_is_accepted(store: &dyn Store) {
    check_commit(store, &[commit("a", 0, &[])], &[Ok(1)]);
    for expected in [0, 2, u64::from(u32::MAX)] {
        check_commit(store, &[commit("a", expected, &[])], &[Err(Refusal::Conflict)]);
    }
    check_commit(store, &[commit("b", 1, &[])], &[Err(Refusal::Conflict)]);
    check_state(store, "b", At::Now, None);
}

fn a_refused_commit_leaves_no_trace_and_the_others_land(store: &dyn Store) {
    check_commit(store, &[commit("a", 0, &[("x", Some("1"))])], &[Ok(1)]);
    let refused = |expected, changes: &[_]| Commit { event: Some(event("e", 1)), ..commit("a", expected, changes) };
    check_commit(
        store,
        &[
            commit("b", 0, &[("x", Some("b"))]),
            refused(0, &[("x", Some("2"))]),
            refused(1, &[("x", Some("3")), ("missing", None)]),
            commit("c", 0, &[("x", Some("c"))]),
        ],
        &[Ok(1), Err(Refusal::Conflict), Err(Refusal::Conflict), Ok(1)],
    );
    check_commit(
        store,
        &[refused(1, &[("x", Some("3")), ("missing", None)])],
        &[Err(Refusal::Invalid("a record ends that does not exist"))],
    );
    check_state(store, "a", At::Now, Some((1, "x=1")));
    check_state(store, "b", At::Now, Some((1, "x=b")));
    check_state(store, "c", At::Now, Some((1, "x=c")));
    assert_eq!(store.drain_outbox(10).unwrap(), 0);
}

fn a_chain_of_commits_lands_in_one_batch(store: &dyn Store) {
    let chain = [(0, "1"), (1, "2"), (2, "3")].map(|(expected, body)| commit("a", expected, &[("x", Some(body))]));
    check_commit(store, &chain, &[Ok(1), Ok(2), Ok(3)]);
    for (revision, text) in [(1, "x=1"), (2, "x=2"), (3, "x=3")] {
        check_state(store, "a", At::Revision(revision), Some((revision, text)));
    }
}

fn what_is_built_on_a_refused_commit_is_refused(store: &dyn Store) {
    check_commit(store, &[commit("a", 0, &[("x", Some("mine"))])], &[Ok(1)]);
    // The first was computed from nothing and is refused. The second would fit, but was computed from the first.
    let chain = [commit("a", 0, &[("x", Some("other"))]), commit("a", 1, &[("y", Some("other"))])];
    check_commit(store, &chain, &[Err(Refusal::Conflict); 2]);
    check_state(store, "a", At::Now, Some((1, "x=mine")));
    check_commit(store, &[commit("a", 1, &[])], &[Ok(2)]);
}

fn steps_of_several_realms_are_taken_together_or_not_at_all(store: &dyn Store) {
    let both = |own: Revision, other: Revision, key: &str| {
        let also = commit("b", other, &[(key, Some("b"))]);
        let also = vec![Step { realm: also.realm, expected: also.expected, changes: also.changes }];
        Commit { also, event: Some(event(key, 1)), ..commit("a", own, &[(key, Some("a"))]) }
    };
    check_commit(store, &[both(0, 0, "x")], &[Ok(1)]);
    check_state(store, "a", At::Now, Some((1, "x=a")));
    check_state(store, "b", At::Now, Some((1, "x=b")));
    for (own, other) in [(0, 1), (1, 0), (2, 1), (1, 2)] {
        check_commit(store, &[both(own, other, "y")], &[Err(Refusal::Conflict)]);
    }
    // Whichever realm a later commit is of, it was built on the refused one.
    let chain = [both(0, 1, "y"), commit("b", 2, &[]), commit("a", 1, &[])];
    check_commit(store, &chain, &[Err(Refusal::Conflict); 3]);
    let twice = Step { realm: realm("a"), expected: 1, changes: Vec::new() };
    let twice = Commit { also: vec![twice], ..commit("a", 1, &[]) };
    check_commit(store, &[twice], &[Err(Refusal::Invalid("a realm is stepped twice"))]);
    let ended = commit("b", 1, &[("missing", None)]);
    let ended = vec![Step { realm: ended.realm, expected: 1, changes: ended.changes }];
    let ended = Commit { also: ended, ..commit("a", 1, &[("y", Some("a"))]) };
    check_commit(store, &[ended], &[Err(Refusal::Invalid("a record ends that does not exist"))]);
    check_state(store, "a", At::Now, Some((1, "x=a")));
    check_state(store, "b", At::Now, Some((1, "x=b")));
    assert_eq!(store.drain_outbox(10).unwrap(), 1);
    check_commit(store, &[both(1, 1, "y")], &[Ok(2)]);
    check_state(store, "b", At::Now, Some((2, "x=b y=b")));
}

fn realms_do_not_touch_each_other(store: &dyn Store) {
    let both = [commit("a", 0, &[("x", Some("a")), ("z", Some("a"))]), commit("ab", 0, &[("x", Some("ab"))])];
    check_commit(store, &both, &[Ok(1), Ok(1)]);
    check_commit(store, &[commit("a", 1, &[("x", None)])], &[Ok(2)]);
    check_state(store, "a", At::Now, Some((2, "z=a")));
    check_state(store, "ab", At::Now, Some((1, "x=ab")));
    let mut realms = store.realms().unwrap();
    realms.sort();
    assert_eq!(realms, [(realm("a"), 2), (realm("ab"), 1)]);
}

fn a_record_can_end_and_come_back(store: &dyn Store) {
    for (expected, body) in (0..).zip([Some("1"), None, Some("2"), None]) {
        check_commit(store, &[commit("a", expected, &[("x", body)])], &[Ok(expected + 1)]);
    }
    for (revision, records) in [(1, "x=1"), (2, ""), (3, "x=2"), (4, "")] {
        check_state(store, "a", At::Revision(revision), Some((revision, records)));
    }
    check_state(store, "a", At::Now, Some((4, "")));
}

fn invalid_commits_are_refused(store: &dyn Store) {
    let change = |kind, key: &str, body| Change { kind, key: key.into(), body };
    let invalid = |changes: Vec<Change>| {
        let answers = store.commit(&[Commit { changes, ..commit("a", 0, &[]) }]).unwrap();
        assert!(matches!(answers[..], [Err(Refusal::Invalid(_))]), "{answers:?}");
    };
    invalid(vec![change("user", "x", None)]);
    invalid(vec![change("user", "x", Some(vec![1])), change("role", "x", None)]);
    invalid(vec![change("user", "x", Some(vec![1])), change("user", "x", Some(vec![2]))]);
    invalid(vec![change("", "x", Some(vec![1]))]);
    invalid(vec![change("user", "", Some(vec![1]))]);
    invalid(vec![change("user", &"x".repeat(5_000), Some(vec![1]))]);
    invalid(vec![change("user", "x", Some(vec![0; MAX_COMMIT_BYTES + 1]))]);
    invalid((0..=MAX_CHANGES).map(|n| change("user", &n.to_string(), Some(vec![1]))).collect());
    let huge = Commit { event: Some(crate::Event { body: vec![0; 300_000], ..event("e", 1) }), ..commit("a", 0, &[]) };
    assert!(matches!(store.commit(&[huge]).unwrap()[..], [Err(Refusal::Invalid(_))]));
    check_state(store, "a", At::Now, None);
    // Two kinds may use the same key.
    let changes = vec![change("user", "x", Some(vec![b'1'])), change("role", "x", Some(vec![b'2']))];
    check_commit(store, &[Commit { changes, ..commit("a", 0, &[]) }], &[Ok(1)]);
}

fn odd_names_and_bodies_are_kept(store: &dyn Store) {
    let keys = ["a'b\"c", "%_*?", "\0nul\0", "ünïcödé \u{1F511}", " ", "A", "a", &"k".repeat(4_000)];
    let changes: Vec<_> = keys.iter().map(|key| (*key, Some(*key))).collect();
    check_commit(store, &[commit("odd 'realm'; --", 0, &changes)], &[Ok(1)]);
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let blob = |key: &str, body: &[u8]| Change { kind: "blob", key: key.into(), body: Some(body.to_vec()) };
    let blobs = Commit { changes: vec![blob("long", &bytes), blob("empty", b"")], ..commit("odd 'realm'; --", 1, &[]) };
    check_commit(store, &[blobs], &[Ok(2)]);
    let records = store.load(&realm("odd 'realm'; --"), At::Now).unwrap().unwrap().records;
    for record in &records {
        match record.key.as_str() {
            "long" => assert_eq!(record.body, bytes),
            "empty" => assert_eq!(record.body, b""),
            key => assert_eq!((record.kind.as_str(), record.body.as_slice()), ("user", key.as_bytes())),
        }
    }
    assert_eq!(records.len(), keys.len() + 2);
}

fn a_state_is_found_by_its_time(store: &dyn Store) {
    for expected in 0..3 {
        check_commit(store, &[commit("a", expected, &[("x", Some("v"))])], &[Ok(expected + 1)]);
    }
    for (time_ms, revision) in [(1000, 1), (1999, 1), (2000, 2), (3000, 3), (i64::MAX, 3)] {
        check_state(store, "a", At::Time(time_ms), Some((revision, "x=v")));
    }
    check_state(store, "a", At::Time(999), None);
    check_state(store, "a", At::Time(i64::MIN), None);
}

fn times_never_go_back(store: &dyn Store) {
    for (expected, time_ms) in (0..).zip([5000, 4000, 5000, 6000]) {
        let commit = Commit { time_ms, ..commit("a", expected, &[]) };
        check_commit(store, &[commit], &[Ok(expected + 1)]);
    }
    check_state(store, "a", At::Time(4500), None);
    check_state(store, "a", At::Time(5000), Some((3, "")));
    check_state(store, "a", At::Time(6000), Some((4, "")));
    assert_eq!(store.load(&realm("a"), At::Revision(2)).unwrap().unwrap().time_ms, 5000);
}

/// Random commits on three realms against a plain map, every state compared afterwards.
fn every_past_state_agrees_with_a_model(store: &dyn Store) {
    const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let mut seed = 42_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut now: [BTreeMap<&str, String>; 3] = Default::default();
    let mut past: Vec<(RealmId, Revision, Vec<String>)> = Vec::new();
    let mut heads = [0; 3];
    for round in 0..150 {
        let mut batch = Vec::new();
        for _ in 0..=random(3) {
            let n = random(3);
            let name = ["r0", "r1", "r2"][n];
            let mut changes = BTreeMap::new();
            for _ in 0..random(4) {
                let key = KEYS[random(KEYS.len())];
                let ends = random(3) == 0;
                match now[n].contains_key(key) {
                    true if ends => drop(changes.insert(key, None)),
                    false if ends => {}
                    _ => drop(changes.insert(key, Some(round.to_string()))),
                }
            }
            for (key, body) in &changes {
                match body {
                    Some(body) => drop(now[n].insert(key, body.clone())),
                    None => drop(now[n].remove(key)),
                }
            }
            let changes: Vec<_> = changes.iter().map(|(key, body)| (*key, body.as_deref())).collect();
            batch.push(commit(name, heads[n], &changes));
            heads[n] += 1;
            let records = now[n].iter().map(|(key, body)| format!("{key}={body}")).collect();
            past.push((realm(name), heads[n], records));
        }
        assert!(store.commit(&batch).unwrap().iter().all(Result::is_ok));
    }
    for (realm, revision, records) in past {
        let at = i64::try_from(revision).unwrap() * 1000;
        assert_eq!(state(store, realm.as_str(), At::Revision(revision)), Some((revision, records.clone())));
        assert_eq!(state(store, realm.as_str(), At::Time(at)), Some((revision, records)));
    }
}

fn settings_are_kept(store: &dyn Store) {
    assert_eq!(store.setting("keyring").unwrap(), None);
    store.put_setting("keyring", b"one").unwrap();
    store.put_setting("other", b"").unwrap();
    store.put_setting("keyring", b"two").unwrap();
    assert_eq!(store.setting("keyring").unwrap(), Some(b"two".to_vec()));
    assert_eq!(store.setting("other").unwrap(), Some(Vec::new()));
    assert_eq!(store.setting("Keyring").unwrap(), None);
}
