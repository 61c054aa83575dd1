//! Policy documents as people write them: elements in AWS's order, one a line, so that an explanation can point at them.

use serde_json::{Map, Value};

/// The elements of documents and statements in the order of AWS's examples (User Guide, "Grammar of the IAM JSON policy
/// language"). Whatever else there is comes after them, by name.
const ORDER: &[&str] = &[
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

const INDENT: &str = "    ";

/// The document as text.
pub(crate) fn laid_out(document: &Value) -> String {
    let mut out = String::new();
    write(&mut out, document, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let member = |out: &mut String, (name, value): (&String, &Value)| {
                out.push_str(&format!("{}: ", Value::from(name.as_str())));
                write(out, value, depth + 1);
            };
            lines(out, depth, ['{', '}'], ordered(members), member);
        }
        Value::Array(items) if !items.is_empty() => {
            lines(out, depth, ['[', ']'], items.iter(), |out, item| write(out, item, depth + 1));
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn lines<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    one: impl Fn(&mut String, T),
) {
    out.push(open);
    for (number, item) in items.into_iter().enumerate() {
        out.push_str(if number == 0 { "\n" } else { ",\n" });
        out.push_str(&INDENT.repeat(depth + 1));
        one(out, item);
    }
    out.push('\n');
    out.push_str(&INDENT.repeat(depth));
    out.push(close);
}

fn ordered(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_in_order_and_mean_the_same() {
        let text = r#"{"Statement":[{"Resource":"*","Effect":"Allow","Action":["a:B","a:\"C"],"Condition":{"Null":{"k":true,"b":[]}}}],"Version":"2012-10-17"}"#;
        let document: Value = serde_json::from_str(text).unwrap();
        let laid_out = laid_out(&document);
        assert_eq!(serde_json::from_str::<Value>(&laid_out).unwrap(), document);
        let expected = [
            "{",
            "    \"Version\": \"2012-10-17\",",
            "    \"Statement\": [",
            "        {",
            "            \"Effect\": \"Allow\",",
            "            \"Action\": [",
            "                \"a:B\",",
            "                \"a:\\\"C\"",
            "            ],",
        ];
        assert_eq!(laid_out.lines().take(expected.len()).collect::<Vec<_>>(), expected);
    }
}
