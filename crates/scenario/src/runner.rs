//! Runs scenarios.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::installation::ACCOUNT_ID;
use crate::{Credentials, Installation, Scenario, Signing, Step};

/// Runs a scenario on a fresh installation.
///
/// # Errors
/// What was not as it must be, with the number of the step.
pub fn run(text: &str) -> Result<(), String> {
    let scenario: Scenario = toml::from_str(text).map_err(|error| error.to_string())?;
    let installation = Installation::new().map_err(|error| error.to_string())?;
    let mut saved = BTreeMap::from([("account".to_owned(), Value::from(ACCOUNT_ID))]);
    for (number, step) in scenario.step.iter().enumerate() {
        run_step(&installation, step, &mut saved)
            .map_err(|problem| format!("{}\nstep {}, {}: {problem}", scenario.shows, number + 1, name(step)))?;
    }
    Ok(())
}

fn name(step: &Step) -> &str {
    step.call.as_deref().unwrap_or("clock")
}

fn run_step(installation: &Installation, step: &Step, saved: &mut BTreeMap<String, Value>) -> Result<(), String> {
    installation.advance(step.advance);
    let Some(call) = &step.call else { return Ok(()) };
    let (service, operation) = call.split_once(':').ok_or("`call` must be service:Operation")?;
    let credentials = credentials(installation, step.caller.as_deref().unwrap_or("root"), saved)?;
    let mut input = Map::new();
    for (member, value) in &step.input {
        input.insert(member.clone(), filled(value, saved)?);
    }
    let signing = Signing { credentials: credentials.as_ref(), ..Signing::default() };
    let answer = installation.call(signing, service, operation, &input)?;
    match (&answer.result, &step.error) {
        (Ok(output), None) => {
            if let Some(expected) = &step.expect {
                contains(output, &filled(expected, saved)?, "")?;
            }
            for (name, path) in &step.save {
                let value = find(output, path).ok_or(format!("the answer has no {path}: {output}"))?;
                saved.insert(name.clone(), value.clone());
            }
        }
        (Err(error), Some(expected)) => {
            let message =
                expected.message.as_ref().map(|text| filled(&Value::from(text.as_str()), saved)).transpose()?;
            let same = error.code == expected.code
                && error.status == expected.status
                && message.is_none_or(|text| text.as_str() == Some(&error.message));
            if !same {
                return Err(format!("answered {} {} {:?}", error.code, error.status, error.message));
            }
        }
        (Ok(output), Some(expected)) => {
            return Err(format!("must be refused with {}, answered {output}", expected.code));
        }
        (Err(error), None) => return Err(format!("refused: {} {} {:?}", error.code, error.status, error.message)),
    }
    let expected = step.events.unwrap_or(1);
    let events = installation.new_events(expected).map_err(|error| error.to_string())?;
    if events.len() != expected {
        let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
        return Err(format!("must leave {expected} audit events, left {names:?}"));
    }
    Ok(())
}

fn credentials(
    installation: &Installation,
    name: &str,
    saved: &BTreeMap<String, Value>,
) -> Result<Option<Credentials>, String> {
    match name {
        "root" => Ok(Some(installation.root.clone())),
        "nobody" => Ok(None),
        name => {
            let value = saved.get(name).ok_or(format!("nothing is saved as {name}"))?;
            serde_json::from_value(value.clone()).map(Some).map_err(|error| format!("{name} cannot sign: {error}"))
        }
    }
}

/// The value with `${name}` filled in.
fn filled(value: &Value, saved: &BTreeMap<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => {
            let mut out = text.clone();
            for (name, value) in saved {
                if let Some(value) = value.as_str() {
                    out = out.replace(&format!("${{{name}}}"), value);
                }
            }
            Value::String(out)
        }
        Value::Array(elements) => {
            Value::Array(elements.iter().map(|element| filled(element, saved)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| Ok((name.clone(), filled(value, saved)?));
            Value::Object(members.iter().map(member).collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| match part.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(part),
    })
}

/// Whether `actual` has all that `expected` has.
fn contains(actual: &Value, expected: &Value, path: &str) -> Result<(), String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().try_for_each(|(name, value)| {
            let path = format!("{path}.{name}");
            match actual.get(name) {
                Some(actual) => contains(actual, value, &path),
                None => Err(format!("{path} is missing")),
            }
        }),
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => actual
            .iter()
            .zip(expected)
            .enumerate()
            .try_for_each(|(index, (actual, expected))| contains(actual, expected, &format!("{path}.{index}"))),
        _ if actual == expected => Ok(()),
        _ => Err(format!("{path} is {actual}, must be {expected}")),
    }
}
