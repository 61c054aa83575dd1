//! Trees without their secrets.

use serde_json::Value;

use crate::{Kind, Shape};

/// The tree without sensitive members, for the audit event.
///
/// A sensitive element of a list or value of a map is dropped with the whole list or map, and what the model does not
/// know is dropped as well.
pub fn redact(shape: &Shape, tree: &Value) -> Value {
    plain(shape, tree).unwrap_or(Value::Null)
}

fn plain(shape: &Shape, tree: &Value) -> Option<Value> {
    if shape.sensitive {
        return None;
    }
    match (&shape.kind, tree) {
        (Kind::Structure(members) | Kind::Union(members), Value::Object(values)) => Some(Value::Object(
            values
                .iter()
                .filter_map(|(name, value)| {
                    let member = members.iter().find(|member| member.name == name)?;
                    Some((name.clone(), plain(member.shape, value)?))
                })
                .collect(),
        )),
        (Kind::List(list), Value::Array(elements)) => {
            elements.iter().map(|element| plain(list.member, element)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        (Kind::Map(map), Value::Object(_)) if map.key.sensitive => None,
        (Kind::Map(map), Value::Object(entries)) => entries
            .iter()
            .map(|(key, value)| Some((key.clone(), plain(map.value, value)?)))
            .collect::<Option<serde_json::Map<_, _>>>()
            .map(Value::Object),
        (Kind::Structure(_) | Kind::Union(_) | Kind::List(_) | Kind::Map(_), _) => None,
        (_, scalar) => Some(scalar.clone()),
    }
}
