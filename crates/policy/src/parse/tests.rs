use proptest::prelude::*;

use super::*;
use crate::document::{Effect, PrincipalPattern};
use crate::operator::Base;

mod samples;

const KINDS: [PolicyType; 8] = [
    PolicyType::Managed,
    PolicyType::Inline,
    PolicyType::Session,
    PolicyType::Trust,
    PolicyType::Resource,
    PolicyType::ServiceControl,
    PolicyType::ResourceControl,
    PolicyType::VpcEndpoint,
];

/// Checks that every string of the document stands in the text where its span says, and statements likewise.
#[track_caller]
fn check_spans(document: &Document) {
    let check = |span: Span, expect: &str| {
        let source = document.source(span);
        let found: serde_json::Value = serde_json::from_str(source).unwrap();
        // Numbers and booleans count by their text.
        assert!(found.as_str().unwrap_or(source) == expect, "{source} is not {expect}");
    };
    if let Some(id) = &document.id {
        check(id.span, &id.value);
    }
    for statement in &document.statements {
        let source: serde_json::Value = serde_json::from_str(document.source(statement.span)).unwrap();
        assert!(source.is_object());
        let lists = [Some(&statement.action), statement.resource.as_ref()];
        let entries = lists.into_iter().flatten().flat_map(|clause| &clause.entries);
        for entry in statement.sid.iter().chain(entries) {
            check(entry.span, &entry.value);
        }
        for condition in &statement.conditions {
            check(condition.key.span, &condition.key.value);
            condition.values.iter().for_each(|value| check(value.span, &value.value));
            let operator: String = serde_json::from_str(document.source(condition.operator.span)).unwrap();
            assert_eq!(Operator::parse(&operator), Some(condition.operator.value));
        }
    }
    for entry in document.principals() {
        let text: String = serde_json::from_str(document.source(entry.span)).unwrap();
        let types = ["AWS", "Service", "Federated", "CanonicalUser"];
        assert!(types.iter().any(|kind| PrincipalPattern::parse(kind, &text).as_ref() == Some(&entry.value)), "{text}");
    }
}

#[test]
fn realistic_policies_are_accepted() {
    for (kind, text) in samples::SAMPLES {
        let document = Document::parse(text, *kind).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(&*document.text, *text);
        check_spans(&document);
    }
}

/// Formatting and the order of elements do not matter.
#[test]
fn compact_samples_mean_the_same() {
    let meaning = |document: &Document| -> Vec<String> {
        let describe = |statement: &crate::document::Statement| {
            let values = |list: &Clause| list.entries.iter().map(|entry| entry.value.clone()).collect::<Vec<_>>();
            let conditions: Vec<_> = statement
                .conditions
                .iter()
                .map(|c| {
                    let values: Vec<_> = c.values.iter().map(|value| value.value.as_str()).collect();
                    format!("{:?} {} {values:?}", c.operator.value, c.key.value)
                })
                .collect();
            let principals = statement.principal.as_ref().map(|clause| {
                let patterns: Vec<_> = clause.entries.iter().map(|entry| entry.value.clone()).collect();
                (clause.negated, patterns)
            });
            let action = (statement.action.negated, values(&statement.action));
            let resource = statement.resource.as_ref().map(|list| (list.negated, values(list)));
            format!("{:?} {principals:?} {action:?} {resource:?} {conditions:?}", statement.effect)
        };
        document.statements.iter().map(describe).collect()
    };
    for (kind, text) in samples::SAMPLES {
        let mut tree: serde_json::Value = serde_json::from_str(text).unwrap();
        let root = tree.as_object_mut().unwrap();
        let reversed: serde_json::Map<_, _> = root.clone().into_iter().rev().collect();
        let compact = serde_json::Value::Object(reversed).to_string();
        let pretty = Document::parse(text, *kind).unwrap();
        let compact = Document::parse(&compact, *kind).unwrap();
        assert_eq!(meaning(&pretty), meaning(&compact), "{text}");
        assert_eq!(pretty.version, compact.version);
    }
}

#[test]
fn all_elements_arrive() {
    let text = r#"{"Id":"i","Version":"2012-10-17","Statement":{"Condition":{"StringLike":{"a":["x",1.50],"b":true},
        "Bool":{},"ForAnyValue:DateEqualsIfExists":{"c":"0"}},"Resource":["*","arn:aws:s3:::b"],"NotAction":"s3:*",
        "NotPrincipal":{"AWS":["111111111111"],"Service":"ec2.amazonaws.com"},"Effect":"Deny","Sid":"s s"}}"#;
    let document = Document::parse(text, PolicyType::Resource).unwrap();
    check_spans(&document);
    assert_eq!((document.version, document.id.as_ref().unwrap().value.as_str()), (Version::V2012, "i"));
    let [statement] = document.statements.as_slice() else { panic!() };
    assert_eq!((statement.effect, statement.sid.as_ref().unwrap().value.as_str()), (Effect::Deny, "s s"));
    assert!(statement.action.negated && !statement.resource.as_ref().unwrap().negated);
    let principal = statement.principal.as_ref().unwrap();
    assert!(principal.negated);
    let expect =
        [PrincipalPattern::Account("111111111111".into()), PrincipalPattern::Service("ec2.amazonaws.com".into())];
    assert_eq!(principal.entries.iter().map(|entry| entry.value.clone()).collect::<Vec<_>>(), expect);
    let conditions: Vec<_> = statement
        .conditions
        .iter()
        .map(|c| {
            let values: Vec<&str> = c.values.iter().map(|value| value.value.as_str()).collect();
            (c.operator.value.base, c.operator.value.if_exists, c.key.value.as_str(), values)
        })
        .collect();
    let expect = [
        (Base::StringLike, false, "a", vec!["x", "1.50"]),
        (Base::StringLike, false, "b", vec!["true"]),
        (Base::DateEquals, true, "c", vec!["0"]),
    ];
    assert_eq!(conditions, expect);
}

#[test]
fn the_detail_names_the_place() {
    for (kind, text, place) in [
        (PolicyType::Inline, r#"{"Statement":[{"Effect":"Allow","Action":"x","Resource":"*"}]}"#, r#""x""#),
        (PolicyType::Inline, r#"{"Statement":[{"Effect":"allow"}]}"#, r#""allow""#),
        (PolicyType::Inline, r#"{"Statement":[{"Effect":"Allow","Action":[]}]}"#, "[]"),
        (PolicyType::Inline, r#"{"Statement":[{"Effect":"Allow"}]}"#, r#"{"Effect":"Allow"}"#),
        (PolicyType::Inline, r#"{"Statements":[]}"#, r#""Statements""#),
        (PolicyType::Inline, r#"{"Statement":[}"#, "}"),
        (PolicyType::Trust, r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["*","x"]}}}"#, r#""x""#),
        (PolicyType::Trust, r#"{"Statement":{"Resource":"*"}}"#, r#""Resource""#),
    ] {
        let error = Document::parse(text, kind).unwrap_err();
        assert_eq!(error.span.slice(text), place, "{error:?}");
    }
}

/// Documents of the API's greatest length that have as much as possible of something. The bound is generous for machines
/// under load: anything quadratic takes far longer.
#[test]
fn b05_validation_takes_linear_time() {
    let many = |piece: &str| vec![piece; 120_000 / (piece.len() + 1)].join(",");
    let numbered = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<Vec<_>>().join(",");
    let keys = numbered(5000, &|i| format!(r#""k{i}":"v""#));
    let statement = r#""Effect":"Allow","Action":"s3:x","Resource""#;
    let github = r#""arn:aws:iam::111111111111:oidc-provider/gitlab.com""#;
    let pinned = format!(r#""Condition":{{"StringLike":{{{keys},"gitlab.com:sub":"x"}}}}"#);
    let start = std::time::Instant::now();
    for text in [
        format!(r#"{{{statement}:[{}]}}"#, many(r#""*""#)),
        format!(r#"{{{statement}:[{}]}}"#, many(r#""x""#)),
        format!(r#"{{{statement}:"arn:aws:s3:::{}"}}"#, "${".repeat(60_000)),
        format!(r#"{{{statement}:"arn:{}"}}"#, "${:}".repeat(30_000)),
        many(&format!(r#"{{{statement}:"*"}}"#)),
        numbered(2000, &|i| format!(r#"{{"Sid":"s{i}",{statement}:"*"}}"#)),
        format!(r#"{{{statement}:"*","Condition":{{"StringEquals":{{{keys}}}}}}}"#),
        format!(r#"{{{statement}:"*",{}}}"#, numbered(10_000, &|i| format!(r#""x{i}":0"#))),
        format!(r#"{{"Effect":"Allow","Action":"sts:*","Principal":{{"Federated":[{}]}},{pinned}}}"#, many(github)),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
        for kind in KINDS {
            let _result = Document::parse(&text, kind);
        }
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

/// A JSON tree of the names and values that policies are made of, mostly in places where they belong.
fn near_policy() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "2012-10-17",
        "2008-10-17",
        "Allow",
        "Deny",
        "allow",
        "*",
        "s3:GetObject",
        "sts:AssumeRole",
        "s3:",
        "",
        "x",
        "arn:aws:s3:::b/${aws:username}",
        "arn:aws:iam::111111111111:user/alice",
        "111111111111",
        "é",
        "${",
        "::",
        "ec2.amazonaws.com",
        "true",
        "2020-01-01T00:00:00Z",
        "arn:aws:",
        "cognito-identity.amazonaws.com",
    ]);
    let scalar = prop_oneof![
        8 => word.prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
        1 => any::<i32>().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
    ];
    let list = prop_oneof![
        2 => scalar.clone(),
        2 => prop::collection::vec(scalar.clone(), 0..3).prop_map(serde_json::Value::from),
    ];
    let object = |keys: Vec<&'static str>, value: BoxedStrategy<serde_json::Value>, most: usize| {
        prop::collection::btree_map(prop::sample::select(keys), value, 0..=most)
            .prop_map(|map| serde_json::Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()))
            .boxed()
    };
    let keys = object(vec!["aws:SourceIp", "k", ""], list.clone().boxed(), 2);
    let operators = vec!["StringEquals", "DateLessThan", "ForAllValues:StringLike", "Null", "NullIfExists", "x"];
    let condition = object(operators, prop_oneof![9 => keys, 1 => scalar.clone()].boxed(), 2);
    let principals = object(vec!["AWS", "Service", "Federated", "aws"], list.clone().boxed(), 2);
    let member = prop_oneof![4 => list.clone(), 1 => condition, 1 => principals].boxed();
    let statement = object([STATEMENT_ELEMENTS, &["x"]].concat(), member, 7);
    let statements = prop_oneof![
        statement.clone(),
        prop::collection::vec(statement, 0..3).prop_map(serde_json::Value::from),
        scalar.clone(),
    ];
    (prop::option::of(scalar), statements).prop_map(|(version, statements)| {
        let mut root = serde_json::Map::new();
        root.extend(version.map(|version| ("Version".to_owned(), version)));
        root.insert("Statement".to_owned(), statements);
        serde_json::Value::Object(root).to_string()
    })
}

fn check_any(text: &str) {
    for kind in KINDS {
        match Document::parse(text, kind) {
            Ok(document) => check_spans(&document),
            Err(error) => {
                assert!(!error.message.is_empty() && !error.detail.is_empty());
                assert!(usize::try_from(error.span.start).unwrap() <= text.len(), "{text}: {error:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn never_panics_on_text(text in any::<String>()) {
        check_any(&text);
    }

    #[test]
    fn never_panics_on_near_policies(text in near_policy()) {
        check_any(&text);
    }

    /// Damage to one character: mostly refused, and what is still accepted has right spans.
    #[test]
    fn never_panics_on_damaged_samples(
        sample in prop::sample::select(samples::SAMPLES), at: prop::sample::Index, junk in "\\PC|[\\x00-\\x1f]",
    ) {
        let mut characters: Vec<char> = sample.1.chars().collect();
        *at.get_mut(&mut characters) = junk.chars().next().unwrap();
        check_any(&characters.iter().collect::<String>());
    }
}
