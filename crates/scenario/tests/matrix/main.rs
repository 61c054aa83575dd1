//! The authorization matrix: every implemented operation for every class of caller, answered with exactly one code and
//! exactly so many audit events; and nothing that was refused has changed anything.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "../common/mod.rs"]
mod common;

#[path = "../common/keys.rs"]
mod keys;
mod rows;
mod scene;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use doorward_scenario::{ACCOUNT_ID, Installation};
use doorward_shapes::SERVICES;
use rows::{ALWAYS_ALLOWED, OK, ROWS, Row};
use scene::{CLASSES, Class, Scene, expected};
use serde_json::{Map, Value};

/// The input with which an allowed call succeeds: required members by their names, and what the row adds.
fn input(row: &Row, scene: &Scene) -> Value {
    let service = SERVICES.iter().find(|service| service.id == row.service).unwrap();
    let members = service.operation(row.operation).unwrap().input.map_or(&[][..], |shape| shape.members());
    let mut input = Map::new();
    for member in members.iter().filter(|member| member.required) {
        let name = if row.service == "doorward" { member.location_name.unwrap_or(member.name) } else { member.name };
        let value = rows::value(row.operation, member.name, scene);
        let value = value.unwrap_or_else(|| panic!("{}: nothing is known to give for {name}", row.operation));
        input.insert(name.to_owned(), value);
    }
    for (name, value) in row.with {
        let wanted = members.iter().any(|member| [Some(member.name), member.location_name].contains(&Some(name)));
        if wanted {
            input.insert((*name).to_owned(), Value::from(*value));
        }
    }
    Value::Object(input)
}

/// All cells of an operation; what was not as it must be.
fn check(row: &Row, keys: &Mutex<keys::Told>) -> Vec<String> {
    let scene = Scene::new(row);
    let input = input(row, &scene);
    let always_allowed = ALWAYS_ALLOWED.iter().any(|(name, _)| *name == row.operation);
    // Of all realms: a refused call could have changed any, or made one. Another account may change what is its own.
    let revision = |class: Class| {
        let realms = scene.bench.installation.store().realms().unwrap().into_iter();
        let counts = |name: &str| class != Class::AnotherAccount || name.ends_with(ACCOUNT_ID);
        realms.filter(|(realm, _)| counts(realm.as_str())).map(|(_, at)| at).sum::<u64>()
    };
    let mut wrong = Vec::new();
    let mut told = Vec::new();
    for class in CLASSES.iter().filter(|class| class.is_asked(row)) {
        let call = format!("{}:{}", row.service, row.operation);
        let cell = format!("{call} by {class:?}");
        let before = revision(*class);
        let (code, events) = expected(*class, row, always_allowed);
        let answer = scene.bench.call(scene.caller(*class).as_ref(), &call, &input);
        let (answered, message) = match &answer.result {
            Ok(_) => (OK, ""),
            Err(error) => (error.code.as_ref(), error.message.as_str()),
        };
        if answered != code {
            wrong.push(format!("{cell}: answered {answered:?} {message:?}, must be {code:?}"));
        }
        // Others whom policies allow it may change something as well, but not by IAM and STS.
        let of_iam = matches!(row.service, "iam" | "sts");
        let may_change = match class {
            Class::Allowed => true,
            Class::AnotherAccount => false,
            _ => code == OK && !of_iam,
        };
        if !may_change && revision(*class) != before {
            wrong.push(format!("{cell}: has changed the account"));
        }
        told.push((cell, answer.request_id, events));
    }
    let left = scene.bench.installation.events().unwrap();
    keys::note(&left, &mut keys.lock().unwrap());
    for (cell, request_id, expected) in told {
        let count = left.get(&request_id).map_or(0, Vec::len);
        if count != expected {
            wrong.push(format!("{cell}: left {count} audit events, must be {expected}"));
        }
    }
    wrong
}

#[test]
fn sg4_every_operation_for_every_class_of_caller() {
    let (next, keys) = (AtomicUsize::new(0), Mutex::new(keys::Told::new()));
    let work = || -> Vec<String> {
        std::iter::from_fn(|| ROWS.get(next.fetch_add(1, Ordering::Relaxed)))
            .flat_map(|row| check(row, &keys))
            .collect()
    };
    let threads = thread::available_parallelism().map_or(2, NonZeroUsize::get) * 2;
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let cells = ROWS.len() * CLASSES.len();
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    keys::check(&keys.into_inner().unwrap(), keys::OF_RESOURCES, &[]);
}

#[test]
fn every_implemented_operation_has_its_row() {
    let installation = Installation::new().unwrap();
    let implemented: BTreeSet<(&str, &str)> = installation.implemented().collect();
    let rows: BTreeSet<(&str, &str)> = ROWS.iter().map(|row| (row.service, row.operation)).collect();
    assert_eq!(rows.len(), ROWS.len(), "an operation has two rows");
    let difference: Vec<_> = implemented.symmetric_difference(&rows).collect();
    assert!(difference.is_empty(), "implemented without a row, or not implemented and with one: {difference:?}");
}
