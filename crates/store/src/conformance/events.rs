//! Cases about events.

use super::{Case, append, cases, commit, event};
use crate::{Commit, Cursor, Event, EventFilter, Order, Store};

pub(super) const CASES: &[Case] = cases![
    events_are_kept_whole,
    an_event_is_added_once,
    events_of_commits_arrive_exactly_once,
    filters_select,
    orders_and_pages_are_complete,
    a_late_comer_is_met_in_the_order_of_arrival,
    a_page_and_a_walk_are_bounded,
];

/// Looks up with the filter, page by page, and returns the ids.
fn ids(store: &dyn Store, mut filter: EventFilter) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = store.events(&filter).unwrap();
        assert!(page.events.len() <= filter.limit && page.damaged == 0);
        ids.extend(page.events.into_iter().map(|(_, event)| event.id));
        if !page.more {
            return ids;
        }
        assert_ne!(page.seen, filter.after, "no progress");
        filter.after = page.seen;
    }
}

#[track_caller]
fn check(store: &dyn Store, filter: EventFilter, expect: &str) {
    let found = ids(store, EventFilter { limit: 2, ..filter.clone() }).join(" ");
    assert_eq!(found, expect, "{filter:?}");
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn events_are_kept_whole(store: &dyn Store) {
    let full = Event {
        access_key_id: some("AKIA"),
        user_name: some("älice"),
        principal: some("AIDA1"),
        decision: some("d-1"),
        read_only: true,
        body: b"{\"a\":\"\\u0000\"}".to_vec(),
        ..event("full", -5)
    };
    let bare = event("bare", i64::MAX);
    append(store, &[full.clone(), bare.clone()]);
    let commit = Commit { event: Some(Event { id: "moved".into(), ..full.clone() }), ..commit("a", 0, &[]) };
    store.commit(&[commit]).unwrap()[0].unwrap();
    store.drain_outbox(10).unwrap();
    let page = store.events(&EventFilter { limit: 10, order: Order::Arrival, ..EventFilter::default() }).unwrap();
    let found: Vec<_> = page.events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(found, [full.clone(), bare, Event { id: "moved".into(), ..full }]);
}

fn an_event_is_added_once(store: &dyn Store) {
    append(store, &[]);
    append(store, &[event("a", 1), event("b", 2)]);
    append(store, &[event("b", 9), event("c", 3), event("c", 4)]);
    check(store, EventFilter { order: Order::Arrival, ..EventFilter::default() }, "a b c");
    check(store, EventFilter { id: some("b"), from_ms: Some(3), ..EventFilter::default() }, "");
}

fn events_of_commits_arrive_exactly_once(store: &dyn Store) {
    let with_event = |expected, id: &str| Commit { event: Some(event(id, 1)), ..commit("a", expected, &[]) };
    let all = EventFilter { order: Order::Arrival, ..EventFilter::default() };
    store.commit(&[with_event(0, "a"), with_event(1, "b"), with_event(2, "c")]).unwrap();
    check(store, all.clone(), "");
    assert_eq!(store.drain_outbox(2).unwrap(), 2);
    check(store, all.clone(), "a b");
    store.commit(&[with_event(3, "d")]).unwrap();
    assert_eq!(store.drain_outbox(10).unwrap(), 2);
    assert_eq!(store.drain_outbox(10).unwrap(), 0);
    store.commit(&[with_event(4, "e")]).unwrap();
    assert_eq!(store.drain_outbox(10).unwrap(), 1);
    check(store, all, "a b c d e");
}

fn filters_select(store: &dyn Store) {
    let user = |name: &str, event: Event| Event { user_name: some(name), ..event };
    append(
        store,
        &[
            user("alice", event("1", 10)),
            user("bob", Event { name: "CreateUser".into(), ..event("2", 20) }),
            user("alice", Event { account: "222222222222".into(), ..event("3", 30) }),
            Event { access_key_id: some("AKIA1"), read_only: true, ..user("alice", event("4", 40)) },
            Event {
                source: "sts.amazonaws.com".into(),
                decision: some("d5"),
                principal: some("AROA1"),
                ..event("5", 50)
            },
            Event { access_key_id: some("AKIA1"), account: "222222222222".into(), ..event("6", 60) },
        ],
    );
    let one = || EventFilter { account: some("111111111111"), ..EventFilter::default() };
    let none = EventFilter::default;
    check(store, none(), "6 5 4 3 2 1");
    check(store, EventFilter { order: Order::Oldest, ..none() }, "1 2 3 4 5 6");
    check(store, one(), "5 4 2 1");
    check(store, EventFilter { account: some("333333333333"), ..none() }, "");
    check(store, EventFilter { name: some("CreateUser"), ..one() }, "2");
    check(store, EventFilter { name: some("CreateUser"), ..none() }, "2");
    check(store, EventFilter { name: some("createuser"), ..one() }, "");
    check(store, EventFilter { name: some("GetUser"), user_name: some("alice"), ..one() }, "4 1");
    check(store, EventFilter { user_name: some("alice"), ..one() }, "4 1");
    check(store, EventFilter { user_name: some("alice"), ..none() }, "4 3 1");
    check(store, EventFilter { access_key_id: some("AKIA1"), ..none() }, "6 4");
    check(store, EventFilter { access_key_id: some("AKIA1"), ..one() }, "4");
    check(store, EventFilter { access_key_id: some("AKIA1"), order: Order::Arrival, ..one() }, "4");
    check(store, EventFilter { principal: some("AROA1"), ..none() }, "5");
    check(store, EventFilter { principal: some("AROA"), ..none() }, "");
    check(store, EventFilter { decision: some("d5"), ..none() }, "5");
    check(store, EventFilter { decision: some("d5"), account: some("222222222222"), ..none() }, "");
    check(store, EventFilter { id: some("3"), ..none() }, "3");
    check(store, EventFilter { id: some("3"), ..one() }, "");
    check(store, EventFilter { id: some("3"), order: Order::Arrival, ..none() }, "3");
    check(store, EventFilter { source: some("sts.amazonaws.com"), ..one() }, "5");
    check(store, EventFilter { read_only: Some(true), ..one() }, "4");
    check(store, EventFilter { read_only: Some(false), ..one() }, "5 2 1");
    check(store, EventFilter { from_ms: Some(20), until_ms: Some(40), ..one() }, "4 2");
    check(store, EventFilter { from_ms: Some(20), until_ms: Some(40), ..none() }, "4 3 2");
    check(store, EventFilter { from_ms: Some(21), until_ms: Some(39), ..one() }, "");
    check(store, EventFilter { from_ms: Some(41), until_ms: Some(1), ..one() }, "");
    check(store, EventFilter { account: some("' OR 1=1 --"), ..none() }, "");
}

/// Events that arrive in many batches, in no order of time, several in the same millisecond, against a sorted list.
fn orders_and_pages_are_complete(store: &dyn Store) {
    let time = |n: i64| n * 60 + n * 7_919 % 2_500;
    let events: Vec<_> = (0..240).map(|n| event(&format!("{n:03}"), time(n) / 50 * 50)).collect();
    for batch in events.chunk_by(|a, b| a.time_ms % 300 != 0 && b.time_ms % 200 != 0) {
        append(store, batch);
    }
    let mut by_time = events.clone();
    by_time.sort_by_key(|event| event.time_ms);
    for (from, until) in [(None, None), (Some(3_000), Some(9_000)), (Some(5_050), None), (None, Some(5_050))] {
        let within = |event: &&Event| {
            from.is_none_or(|from| from <= event.time_ms) && until.is_none_or(|until| event.time_ms <= until)
        };
        let ids_of = |events: &[Event]| events.iter().filter(within).map(|event| event.id.clone()).collect::<Vec<_>>();
        let (oldest, arrival) = (ids_of(&by_time), ids_of(&events));
        let newest: Vec<_> = oldest.iter().rev().cloned().collect();
        assert!(oldest.len() > 50 && oldest != arrival);
        for limit in [1, 7, 60, 1_000] {
            for account in [None, some("111111111111")] {
                for (order, expect) in [(Order::Oldest, &oldest), (Order::Newest, &newest), (Order::Arrival, &arrival)]
                {
                    let filter =
                        EventFilter { account: account.clone(), from_ms: from, until_ms: until, ..Default::default() };
                    let found = ids(store, EventFilter { order, limit, ..filter });
                    assert_eq!(found, *expect, "{order:?} by {limit} from {from:?} until {until:?}");
                }
            }
        }
    }
}

fn a_late_comer_is_met_in_the_order_of_arrival(store: &dyn Store) {
    append(store, &[event("a", 10), event("b", 20)]);
    let filter = EventFilter { order: Order::Arrival, limit: 10, ..EventFilter::default() };
    let seen = store.events(&filter).unwrap().seen;
    assert_eq!(seen.map(|cursor| cursor.time_ms), Some(20));
    append(store, &[event("late", 5)]);
    assert_eq!(ids(store, EventFilter { after: seen, ..filter }), ["late"]);
}

fn a_page_and_a_walk_are_bounded(store: &dyn Store) {
    let events: Vec<_> = (0..25_000).map(|n| event(&n.to_string(), n)).collect();
    events.chunks(5_000).for_each(|events| append(store, events));
    let page = store.events(&EventFilter { limit: usize::MAX, ..EventFilter::default() }).unwrap();
    assert_eq!((page.events.len(), page.more), (1_000, true));
    let rare = EventFilter { source: some("none"), account: some("111111111111"), limit: 10, ..EventFilter::default() };
    let page = store.events(&rare).unwrap();
    assert_eq!((page.events.len(), page.more), (0, true));
    assert!(matches!(page.seen, Some(Cursor { time_ms: 1_000.., .. })), "{:?}", page.seen);
    assert_eq!(ids(store, rare), [""; 0]);
    let none = store.events(&EventFilter::default()).unwrap();
    assert_eq!((none.events.len(), none.more), (0, true));
}
