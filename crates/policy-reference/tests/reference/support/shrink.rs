//! Making a disagreement small enough to read.

use doorward_policy_reference::Question;
use serde_json::Value;

/// Drops members and elements of the policies and the context, whichever can go while it still fails, until none can.
pub fn shrink(question: Question, fails: impl Fn(&Question) -> bool) -> Question {
    let mut smallest = question;
    loop {
        let json = serde_json::to_value(&smallest).unwrap();
        let smaller = places(&json).into_iter().find_map(|place| {
            let mut json = json.clone();
            remove(&mut json, &place);
            serde_json::from_value(json).ok().filter(|question: &Question| *question != smallest && fails(question))
        });
        match smaller {
            Some(question) => smallest = question,
            None => return smallest,
        }
    }
}

/// The ways to all members and elements, the outer ones first.
fn places(json: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut next: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(place) = next.pop() {
        let here = place.iter().fold(json, |json, step| child(json, step));
        let steps: Vec<String> = match here {
            Value::Array(elements) => (0..elements.len()).map(|index| index.to_string()).collect(),
            Value::Object(members) => members.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for step in steps {
            let place: Vec<String> = place.iter().cloned().chain([step]).collect();
            found.push(place.clone());
            next.push(place);
        }
    }
    found.retain(|place| place.len() > 1 && matches!(place[0].as_str(), "policies" | "context"));
    found.sort_by_key(Vec::len);
    found
}

fn child<'a>(json: &'a Value, step: &str) -> &'a Value {
    match json {
        Value::Array(elements) => &elements[step.parse::<usize>().unwrap()],
        json => &json[step],
    }
}

fn remove(json: &mut Value, place: &[String]) {
    let (last, way) = place.split_last().unwrap();
    let holder = way.iter().fold(json, |json, step| match json {
        Value::Array(elements) => &mut elements[step.parse::<usize>().unwrap()],
        json => &mut json[step.as_str()],
    });
    match holder {
        Value::Array(elements) => drop(elements.remove(last.parse().unwrap())),
        Value::Object(members) => drop(members.shift_remove(last)),
        _ => unreachable!("only lists and objects hold something"),
    }
}
