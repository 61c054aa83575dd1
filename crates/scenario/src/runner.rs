//! Runs scenarios.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::file::ExpectedError;
use crate::installation::{ACCOUNT_ID, Events};
use crate::key::Keys;
use crate::{Answer, Credentials, Installation, Scenario, Signing, Step};

/// What is known by a name.
pub(crate) type Saved = BTreeMap<String, Value>;

/// A call that was made, and what it must have left in the trail.
struct Made<'s> {
    request_id: String,
    step: &'s Step,
    number: usize,
    event: Option<Value>,
}

/// Runs a scenario on a fresh installation, and gives the audit events that it left.
///
/// # Errors
/// What was not as it must be, with the number of the step.
pub fn run(text: &str) -> Result<Events, String> {
    let scenario: Scenario = toml::from_str(text).map_err(|error| error.to_string())?;
    run_steps(&scenario).map_err(|problem| format!("{}\n{problem}", scenario.shows))
}

fn run_steps(scenario: &Scenario) -> Result<Events, String> {
    let installation = Installation::new().map_err(|error| error.to_string())?;
    let mut saved = Saved::from([("account".to_owned(), Value::from(ACCOUNT_ID))]);
    for (name, text) in &scenario.texts {
        let text = filled(&Value::from(text.as_str()), &saved);
        saved.insert(name.clone(), text);
    }
    for (name, claims) in &scenario.tokens {
        saved.insert(name.clone(), installation.token(claims)?.into());
    }
    let (mut made, mut keys) = (Vec::new(), Keys::default());
    for (index, step) in scenario.step.iter().enumerate() {
        let number = index + 1;
        installation.advance(step.advance);
        if step.settled {
            installation.settle(made.iter().map(expected_events).sum()).map_err(|error| place(number, step, error))?;
        }
        for round in 1..=step.repeat.unwrap_or(1) {
            if step.repeat.is_some() {
                saved.insert("n".to_owned(), Value::from(round.to_string()));
            }
            for (name, code) in &step.codes {
                let seed = saved.get(&code.of).ok_or(format!("nothing is saved as {}", code.of))?;
                let code = installation.code(seed, code.step).map_err(|error| place(number, step, error))?;
                saved.insert(name.clone(), code.into());
            }
            for (name, asked) in &step.keys {
                let answer = keys.answer(asked, &saved).map_err(|error| place(number, step, error))?;
                saved.insert(name.clone(), answer);
            }
            if let Some(call) = &step.call {
                let request_id =
                    run_step(&installation, step, call, &mut saved).map_err(|problem| place(number, step, problem))?;
                let event = step.event.as_ref().map(|event| filled(event, &saved));
                made.push(Made { request_id, step, number, event });
            }
        }
    }
    let events = installation.events().map_err(|error| error.to_string())?;
    check_events(&made, &events).map(|()| events)
}

fn place(number: usize, step: &Step, problem: impl std::fmt::Display) -> String {
    format!("step {number}, {}: {problem}", step.call.as_deref().unwrap_or("clock"))
}

/// Makes the call and gives its request id.
fn run_step(installation: &Installation, step: &Step, call: &str, saved: &mut Saved) -> Result<String, String> {
    let (service, operation) = call.split_once(':').ok_or("`call` must be service:Operation")?;
    let credentials = credentials(installation, step.caller.as_deref().unwrap_or("root"), saved)?;
    let input: Map<String, Value> =
        step.input.iter().map(|(member, value)| (member.clone(), filled(value, saved))).collect();
    let signing = Signing { credentials: credentials.as_ref(), skew: step.skew, ..Signing::default() };
    let answer = installation.call(signing, service, operation, &input)?;
    match (&answer.result, &step.error) {
        (Ok(output), None) => check_output(output, step, saved)?,
        (Err(error), Some(expected)) => check_error(error, expected, saved)?,
        (Ok(output), Some(expected)) => {
            return Err(format!("must be refused with {}, answered {output}", expected.code));
        }
        (Err(error), None) => return Err(format!("refused: {} {} {:?}", error.code, error.status, error.message)),
    }
    save(step, &answer, saved)?;
    Ok(answer.request_id)
}

fn check_output(output: &Value, step: &Step, saved: &Saved) -> Result<(), String> {
    if let Some(expected) = &step.expect {
        contains(output, &filled(expected, saved), "")?;
    }
    match step.absent.iter().find(|path| find(output, path).is_some()) {
        Some(path) => Err(format!("the answer has a {path}: {output}")),
        None => Ok(()),
    }
}

fn check_error(error: &doorward_shapes::Error, expected: &ExpectedError, saved: &Saved) -> Result<(), String> {
    let message = expected.message.as_ref().map(|text| filled(&Value::from(text.as_str()), saved));
    let same = error.code == expected.code
        && error.status == expected.status
        && message.is_none_or(|text| text.as_str() == Some(&error.message));
    if same { Ok(()) } else { Err(format!("answered {} {} {:?}", error.code, error.status, error.message)) }
}

fn save(step: &Step, answer: &Answer, saved: &mut Saved) -> Result<(), String> {
    if let Some(name) = &step.decision {
        let decision = answer.decision.as_deref().ok_or("there was no decision")?;
        saved.insert(name.clone(), Value::from(decision));
    }
    let Ok(output) = &answer.result else { return Ok(()) };
    for (name, path) in &step.save {
        let value = find(output, path).ok_or(format!("the answer has no {path}: {output}"))?;
        saved.insert(name.clone(), value.clone());
    }
    Ok(())
}

fn expected_events(made: &Made<'_>) -> usize {
    made.step.events.unwrap_or(1)
}

/// Whether each call has left as many events as it must, and what they must hold.
fn check_events(made: &[Made<'_>], events: &Events) -> Result<(), String> {
    for call in made {
        let left = events.get(&call.request_id).map(Vec::as_slice).unwrap_or_default();
        let expected = expected_events(call);
        if left.len() != expected {
            let problem = format!("must leave {expected} audit events, left {}: {left:?}", left.len());
            return Err(place(call.number, call.step, problem));
        }
        for (event, expected) in left.iter().zip(call.event.iter().cycle()) {
            contains(event, expected, "event").map_err(|problem| place(call.number, call.step, problem))?;
        }
    }
    let total: usize = events.values().map(Vec::len).sum();
    let expected: usize = made.iter().map(expected_events).sum();
    if total == expected { Ok(()) } else { Err(format!("{total} audit events for calls that make {expected}")) }
}

fn credentials(installation: &Installation, name: &str, saved: &Saved) -> Result<Option<Credentials>, String> {
    match name {
        "root" => Ok(Some(installation.root.clone())),
        "nobody" => Ok(None),
        name => {
            let value = saved.get(name).ok_or(format!("nothing is saved as {name}"))?;
            serde_json::from_value(value.clone()).map(Some).map_err(|error| format!("{name} cannot sign: {error}"))
        }
    }
}

/// The value with `${name}` filled in: alone it stands for what is saved, within a text for the text.
pub(crate) fn filled(value: &Value, saved: &Saved) -> Value {
    let whole = |text: &str| saved.get(text.strip_prefix("${")?.strip_suffix('}')?);
    match value {
        Value::String(text) if whole(text).is_some_and(|saved| !saved.is_string()) => {
            whole(text).cloned().unwrap_or_default()
        }
        Value::String(text) if text.contains("${") => {
            let texts = saved.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
            Value::String(texts.fold(text.clone(), |out, (name, value)| out.replace(&format!("${{{name}}}"), value)))
        }
        Value::Array(elements) => Value::Array(elements.iter().map(|element| filled(element, saved)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), filled(value, saved))).collect())
        }
        other => other.clone(),
    }
}

/// What is at a dotted path; `.` is all of it.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(value, |value, part| match part.parse::<usize>() {
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
