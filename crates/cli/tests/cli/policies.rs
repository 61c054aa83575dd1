//! `doorward lint` and `doorward fmt`, which need no server.

use expect_test::expect;
use serde_json::Value;

use crate::harness::{Person, text};

const TYPO: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObjct",
      "Resource": "*"
    }
  ]
}
"#;
const GOOD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::demo/*"
    }
  ]
}
"#;

fn person() -> Person {
    let person = Person::new();
    std::fs::write(person.path("typo.json"), TYPO).unwrap();
    std::fs::write(person.path("good.json"), GOOD).unwrap();
    person
}

fn path(person: &Person, name: &str) -> String {
    person.path(name).to_str().unwrap().to_owned()
}

#[test]
fn lint_points_at_what_is_wrong() {
    let person = person();
    let ran = person.feed(&["lint", "-"], TYPO);
    assert_eq!((ran.code, ran.error.as_str()), (1, ""));
    expect![[r#"
        error  INVALID_ACTION  -:6:17
          6 │       "Action": "s3:GetObjct",
            │                 ^^^^^^^^^^^^^ There is no action s3:GetObjct. Did you mean s3:GetObject?

        1 error
    "#]]
    .assert_eq(&ran.out);
    let ran = person.run(&["lint", &path(&person, "good.json")]);
    assert_eq!((ran.code, ran.out.as_str(), ran.error.as_str()), (0, "", ""));
}

#[test]
fn lint_ends_with_two_where_a_file_cannot_be_read() {
    let person = person();
    let ran = person.run(&["lint", &path(&person, "none.json"), &path(&person, "typo.json")]);
    assert_eq!(ran.code, 2);
    assert!(ran.error.contains("cannot read") && ran.out.contains("INVALID_ACTION"), "{ran:?}");
    // What is no JSON can be read.
    let ran = person.feed(&["lint", "-"], "{\n");
    assert_eq!(ran.code, 1);
    expect![[r#"
        error  JSON_SYNTAX_ERROR  -:1:3
          1 │ {
            │ ^ This is not JSON: expected a key in quotes, found the end of the text.

        1 error
    "#]]
    .assert_eq(&ran.out);
}

#[test]
fn lint_knows_the_types_of_policies() {
    let person = person();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
    let (guessed, told): (&[&str], &[&str]) = (&["lint", "-"], &["lint", "--type", "trust", "-"]);
    for arguments in [guessed, told] {
        assert_eq!(person.feed(arguments, trust).code, 0, "{arguments:?}");
    }
    for (kind, code) in [("identity", "UNSUPPORTED_PRINCIPAL"), ("scp", "SCP_SYNTAX_ERROR_PRINCIPAL"), ("rcp", "RCP_")]
    {
        let ran = person.feed(&["lint", "--type", kind, "-"], trust);
        assert!(ran.code == 1 && ran.out.contains(code), "{kind}: {ran:?}");
    }
}

#[test]
fn lint_speaks_json_and_sarif() {
    let person = person();
    let (typo, good) = (path(&person, "typo.json"), path(&person, "good.json"));
    let ran = person.run(&["lint", "--json", &typo, &good]);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second] = lines.as_slice() else { panic!("two lines: {ran:?}") };
    assert_eq!(text(first, "/findings/0/issueCode"), "INVALID_ACTION");
    assert_eq!(text(first, "/policyType"), "IDENTITY_POLICY");
    assert_eq!(second.pointer("/findings"), Some(&Value::Array(Vec::new())));
    let ran = person.run(&["lint", "--sarif", &typo, &good]);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(text(&log, "/version"), "2.1.0");
    assert_eq!(text(&log, "/runs/0/tool/driver/name"), "doorward");
    assert_eq!(text(&log, "/runs/0/tool/driver/rules/0/id"), "INVALID_ACTION");
    let result = log.pointer("/runs/0/results/0").unwrap();
    assert_eq!(text(result, "/ruleId"), "INVALID_ACTION");
    assert_eq!(text(result, "/level"), "error");
    assert!(text(result, "/message/text").contains("s3:GetObject"));
    let place = result.pointer("/locations/0/physicalLocation").unwrap();
    assert_eq!(text(place, "/artifactLocation/uri"), typo);
    let region = serde_json::json!({ "startLine": 6, "startColumn": 17, "endLine": 6, "endColumn": 30 });
    assert_eq!(place.pointer("/region"), Some(&region));
}

#[test]
fn fmt_prints_checks_and_writes() {
    let person = person();
    let compact: Value = serde_json::from_str(GOOD).unwrap();
    std::fs::write(person.path("compact.json"), compact.to_string()).unwrap();
    let (compact, good) = (path(&person, "compact.json"), path(&person, "good.json"));
    assert_eq!(person.run(&["fmt", &compact]).out, GOOD);
    let ran = person.run(&["fmt", "--check", &compact, &good]);
    assert_eq!((ran.code, ran.out), (1, format!("{compact}\n")));
    assert_eq!(person.run(&["fmt", "--write", &compact, &good]).code, 0);
    assert_eq!(std::fs::read_to_string(&compact).unwrap(), GOOD);
    assert_eq!(person.run(&["fmt", "--check", &compact, &good]).code, 0);
}

#[test]
fn fmt_refuses_what_it_cannot_parse() {
    let person = person();
    let ran = person.feed(&["fmt", "-"], "{\n  \"Version\": 2012-10-17\n}");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    expect![[r#"
        doorward: -:2:18: not a policy
          2 │   "Version": 2012-10-17
            │                  ^ expected `,` or `}`, found '-'
    "#]]
    .assert_eq(&ran.error);
}
