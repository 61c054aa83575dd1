use proptest::prelude::*;

use super::*;
use crate::document::{Document, PolicyType};

#[test]
fn elements_lists_and_literals() {
    let text = r#"{"Statement":[{"Resource":["a"],"Effect" : "Deny","Action":["b","\u00e9\/"],
      "Condition":{"Bool":{"aws:SecureTransport":false}},"Other":1e2,"Sid":"S"},{}],"Version":"2012-10-17"}"#;
    let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "S",
      "Effect": "Deny",
      "Action": [
        "b",
        "\u00e9\/"
      ],
      "Resource": ["a"],
      "Condition": {
        "Bool": {
          "aws:SecureTransport": false
        }
      },
      "Other": 1e2
    },
    {}
  ]
}
"#;
    assert_eq!(format(text).unwrap(), expected);
    assert_eq!(format(expected).unwrap(), expected);
}

#[test]
fn what_is_no_policy_is_refused_at_its_place() {
    let check = |text: &str, offset: u32| assert_eq!(format(text).unwrap_err().offset, offset, "{text}");
    check("{\"a\": }", 6);
    check("{\"a\": 1, \"a\": 2}", 9);
    check("  []", 2);
    check("", 0);
}

/// A document without the places of its parts.
fn bare(text: &str, kind: PolicyType) -> Option<String> {
    let document = Document::parse(text, kind).ok()?;
    let debug = format!("{:?}{:?}{:?}", document.version, document.id, document.statements);
    let mut out = String::new();
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once("Span { start: ") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    Some(out + rest)
}

fn list(entries: &'static [&'static str]) -> impl Strategy<Value = String> {
    let quoted = |text: &&str| format!("\"{text}\"");
    let one = prop::sample::select(entries).prop_map(move |text| quoted(&text));
    let many = prop::collection::vec(one.clone(), 1..4).prop_map(|texts| format!("[ {}]", texts.join(" ,")));
    prop_oneof![one, many]
}

fn statement() -> impl Strategy<Value = String> {
    let elements = (
        prop::option::of(prop::sample::select(vec!["", "A", "B1"])),
        prop::sample::select(vec!["Allow", "Deny"]),
        list(&["s3:*", "*", "ec2:Run\\u0049nstances"]),
        list(&["*", "arn:aws:s3:::b/${aws:username}", "arn:aws:iam::111122223333:role/x"]),
        prop::option::of(list(&["a", "b*", "\\\"c\\\""])),
        any::<bool>(),
    );
    let members = elements.prop_map(|(sid, effect, action, resource, values, negated)| {
        let not = if negated { "Not" } else { "" };
        let mut members = vec![
            format!("\"Effect\" :\"{effect}\""),
            format!("\"Action\": {action}"),
            format!("\"{not}Resource\":{resource}"),
        ];
        members.extend(sid.map(|sid| format!("\"Sid\":\"{sid}\"")));
        members.extend(values.map(|values| format!("\"Condition\":{{\"StringLike\":{{\"aws:a\":{values}}}}}")));
        members
    });
    members.prop_shuffle().prop_map(|members| format!("{{{}}}", members.join(",\n")))
}

proptest! {
    #[test]
    fn the_document_stays_the_same(
        statements in prop::collection::vec(statement(), 1..4),
        version in any::<bool>(),
        kind in prop::sample::select(vec![PolicyType::Managed, PolicyType::Inline, PolicyType::ServiceControl]),
    ) {
        let version = if version { "\"Version\":\"2012-10-17\"," } else { "" };
        let text = format!("{{{version}\"Statement\":[{}]}}", statements.join(", "));
        let formatted = format(&text).unwrap();
        prop_assert_eq!(&format(&formatted).unwrap(), &formatted);
        prop_assert_eq!(bare(&formatted, kind), bare(&text, kind));
    }

    #[test]
    fn any_text_is_formatted_or_refused(text in any::<String>()) {
        if let Ok(formatted) = format(&text) {
            prop_assert_eq!(format(&formatted).unwrap(), formatted);
        }
    }
}
