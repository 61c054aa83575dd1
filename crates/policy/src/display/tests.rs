use super::*;
use crate::document::PolicyType;

const TRUST: &str = r#"{
  "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
      "Service": "ec2.amazonaws.com",
      "AWS": ["arn:aws:iam::111111111111:user/a\u006cice", "111111111111", "arn:aws:iam::111111111111:role/R"]}},
    {"Effect": "Deny", "Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}, "Action": "sts:*"}
  ]
}"#;

fn trust() -> Document {
    Document::parse(TRUST, PolicyType::Trust).unwrap()
}

#[test]
fn positions_count_lines_and_characters() {
    let text = "aé\n\nb😀c\r\n";
    for (offset, line, column) in [
        (0, 1, 1),
        (1, 1, 2),
        (2, 1, 2),
        (3, 1, 3),
        (4, 2, 1),
        (5, 3, 1),
        (6, 3, 2),
        (8, 3, 2),
        (10, 3, 3),
        (11, 3, 4),
        (12, 3, 5),
        (13, 4, 1),
        (99, 4, 1),
    ] {
        assert_eq!(position(text, offset), Position { line, column }, "{offset}");
    }
}

#[test]
fn statement_text_is_the_source() {
    let document = trust();
    let second = r#"{"Effect": "Deny", "Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}, "Action": "sts:*"}"#;
    assert_eq!(document.statement_text(1), Some(second));
    assert_eq!(document.statement_text(2), None);
    assert_eq!(document.source(Span { start: 5, end: 99_999 }), "");
}

#[test]
fn principals_in_the_order_of_the_text() {
    let document = trust();
    let found: Vec<&str> = document.principals().map(|entry| document.source(entry.span)).collect();
    let expect = [
        r#""ec2.amazonaws.com""#,
        r#""arn:aws:iam::111111111111:user/a\u006cice""#,
        r#""111111111111""#,
        r#""arn:aws:iam::111111111111:role/R""#,
        r#""AROADBQP57FF2AEXAMPLE""#,
    ];
    assert_eq!(found, expect);
}

#[test]
fn binding_replaces_users_and_roles_only() {
    let mut document = trust();
    let spans: Vec<Span> = document.principals().map(|entry| entry.span).collect();
    let mut asked = Vec::new();
    document.bind_principals(|pattern| {
        asked.push(pattern.clone());
        matches!(pattern, PrincipalPattern::User(_)).then(|| "AIDACKCEVSQ6C2EXAMPLE".to_owned())
    });
    let alice = PrincipalPattern::User("arn:aws:iam::111111111111:user/alice".to_owned());
    let role = PrincipalPattern::Role("arn:aws:iam::111111111111:role/R".to_owned());
    assert_eq!(asked, [alice, role.clone()]);
    let patterns: Vec<&PrincipalPattern> = document.principals().map(|entry| &entry.value).collect();
    assert_eq!(patterns[1], &PrincipalPattern::UniqueId("AIDACKCEVSQ6C2EXAMPLE".to_owned()));
    assert_eq!(patterns[3], &role);
    assert_eq!(document.principals().map(|entry| entry.span).collect::<Vec<_>>(), spans);
    assert_eq!(&*document.text, TRUST);
}

#[test]
fn rendering_edits_principals_and_nothing_else() {
    let document = trust();
    assert_eq!(document.render_principals(|_| None), TRUST);
    let rendered = document.render_principals(|text| match text {
        "arn:aws:iam::111111111111:user/alice" => Some("AIDACKCEVSQ6C2EXAMPLE".to_owned()),
        "AROADBQP57FF2AEXAMPLE" => Some("say \"R\"\\".to_owned()),
        _ => None,
    });
    let expect = TRUST
        .replace(r"arn:aws:iam::111111111111:user/a\u006cice", "AIDACKCEVSQ6C2EXAMPLE")
        .replace("AROADBQP57FF2AEXAMPLE", r#"say \"R\"\\"#);
    assert_eq!(rendered, expect);
}

/// What is stored (ids) is shown as what was written (names), and means the same when read again.
#[test]
fn rendering_there_and_back() {
    let document = trust();
    let (arn, id) = ("arn:aws:iam::111111111111:role/R", "AROACKCEVSQ6C2EXAMPLE");
    let stored = document.render_principals(|text| (text == arn).then(|| id.to_owned()));
    let stored = Document::parse(&stored, PolicyType::Trust).unwrap();
    assert!(stored.principals().any(|entry| entry.value == PrincipalPattern::UniqueId(id.to_owned())));
    let shown = stored.render_principals(|text| (text == id).then(|| arn.to_owned()));
    assert_eq!(shown, TRUST);
}

#[test]
fn case_213_unknown_principals() {
    let document = trust();
    let messages: Vec<String> = document.principals().map(|entry| document.unknown_principal(entry).message).collect();
    let expect = [
        r#"Invalid principal in policy: "SERVICE":"ec2.amazonaws.com""#,
        r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/alice""#,
        r#"Invalid principal in policy: "AWS":"111111111111""#,
        r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/R""#,
        r#"Invalid principal in policy: "AWS":"AROADBQP57FF2AEXAMPLE""#,
    ];
    assert_eq!(messages, expect);
    let error = document.unknown_principal(document.principals().nth(3).unwrap());
    assert_eq!(document.source(error.span), r#""arn:aws:iam::111111111111:role/R""#);
}
