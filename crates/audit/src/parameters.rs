//! Request parameters and response elements as CloudTrail spells them.

use doorward_shapes::{Kind, Shape, redact};
use serde_json::{Map, Value};

/// The tree without sensitive members, its member names beginning with a lower-case letter as in CloudTrail's records.
/// Null where the operation has no such structure, or the tree is empty.
pub fn parameters(shape: Option<&'static Shape>, tree: &Value) -> Value {
    let Some(shape) = shape else { return Value::Null };
    match respelled(shape, &redact(shape, tree)) {
        Value::Object(members) if members.is_empty() => Value::Null,
        value => value,
    }
}

fn respelled(shape: &'static Shape, tree: &Value) -> Value {
    match (&shape.kind, tree) {
        (Kind::Structure(_) | Kind::Union(_), Value::Object(members)) => {
            let member = |(name, value): (&String, &Value)| {
                let value = shape.member(name).map_or_else(|| value.clone(), |member| respelled(member.shape, value));
                (lower_camel(name), value)
            };
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        (Kind::List(list), Value::Array(elements)) => {
            Value::Array(elements.iter().map(|element| respelled(list.member, element)).collect())
        }
        (Kind::Map(map), Value::Object(entries)) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), respelled(map.value, value));
            Value::Object(entries.iter().map(entry).collect())
        }
        _ => tree.clone(),
    }
}

fn lower_camel(name: &str) -> String {
    // Only the first letter changes: `SAMLProviderArn` is `sAMLProviderArn` in CloudTrail's records.
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use doorward_shapes::iam;
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_respelled_and_secrets_left_out() {
        let output = iam::SERVICE.operation("CreateAccessKey").unwrap().output;
        let tree = json!({"AccessKey": {"UserName": "alice", "AccessKeyId": "AKIA1", "SecretAccessKey": "s3cret"}});
        let spelled = parameters(output, &tree);
        assert_eq!(spelled["accessKey"]["userName"], "alice");
        assert!(!spelled.to_string().contains("s3cret"));
    }

    #[test]
    fn session_tokens_are_left_out() {
        let output = doorward_shapes::sts::SERVICE.operation("AssumeRole").unwrap().output;
        let spelled = parameters(output, &json!({"Credentials": {"AccessKeyId": "ASIA1", "SessionToken": "t0ken"}}));
        assert_eq!(spelled, json!({"credentials": {"accessKeyId": "ASIA1"}}));
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(parameters(None, &json!({})), Value::Null);
        let input = iam::SERVICE.operation("ListUsers").unwrap().input;
        assert_eq!(parameters(input, &json!({})), Value::Null);
    }
}
