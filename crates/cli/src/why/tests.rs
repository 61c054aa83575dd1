use super::*;
use crate::output::Style;
use expect_test::{Expect, expect};
use serde_json::json;

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

const READER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::demo/*",
      "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } },
    { "Sid": "NeverDelete", "Effect": "Deny",
      "Action": "s3:DeleteObject",
      "Resource": "arn:aws:s3:::demo/*" }
  ]
}"#;

fn check(questions: Value, expected: &Expect) {
    let explanation = json!({
        "id": "d-7f3a", "time": "2026-11-25T12:00:00Z", "eventName": "Authorize", "eventSource": "doorward",
        "requestId": "1", "errorCode": null, "errorMessage": null, "questions": questions,
    });
    expected.assert_eq(&draw::explanation(&serde_json::from_value(explanation).unwrap(), Style::plain()));
}

/// The place of the `nth` occurrence of `part`, from 0.
fn entry(text: &str, part: &str, nth: usize) -> Value {
    let (start, _) = text.match_indices(part).nth(nth).unwrap();
    json!({ "value": part.trim_matches('"'), "span": { "start": start, "end": start + part.len() } })
}

fn element(name: &str, satisfied: bool, entries: &[Value]) -> Value {
    json!({ "name": name, "satisfied": satisfied, "entries": entries })
}

fn statement(text: &str, index: usize, source: &str, effect: &str, elements: &[Value], conditions: &[Value]) -> Value {
    let span = entry(text, source, 0)["span"].clone();
    json!({
        "document": 0, "statement": index, "policy": "arn:aws:iam::111122223333:policy/DemoReader", "version": "v1", "attachedTo": ALICE,
        "sid": null, "effect": effect, "span": span, "elements": elements, "conditions": conditions,
    })
}

fn rung(layer: &str, state: &str) -> Value {
    json!({ "layer": layer, "level": 0, "state": state, "matched": [], "nearly": [], "omitted": 0, "lacking": null })
}

fn with(mut value: Value, members: Value) -> Value {
    value.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    value
}

fn question(text: &str, action: &str, rung: Value) -> Value {
    json!({
        "decision": "Deny", "kind": "implicit", "layer": "identity-based policies", "principal": ALICE,
        "action": action, "resource": "arn:aws:s3:::demo/report.txt", "context": {},
        "ladder": [self::rung("service control policies", "none"), rung, self::rung("permissions boundary", "none")],
        "documents": [{ "policy": "DemoReader", "attachedTo": ALICE, "text": text }],
        "missingContext": [], "lacking": null,
    })
}

fn statement_text(text: &str, sid: &str) -> String {
    let start = text.find(&format!("{{ \"Sid\": \"{sid}\"")).unwrap();
    let end = text[start..].find("\n    {").map_or(text.rfind("\n  ]").unwrap(), |end| start + end - 1);
    text[start..end].to_owned()
}

#[test]
fn an_explicit_denial_shows_the_statement() {
    let elements = [
        element("Action", true, &[entry(READER, "\"s3:DeleteObject\"", 0)]),
        element("Resource", true, &[entry(READER, "\"arn:aws:s3:::demo/*\"", 1)]),
    ];
    let deny = statement(READER, 1, &statement_text(READER, "NeverDelete"), "Deny", &elements, &[]);
    let lacking = "no statement allows s3:DeleteObject";
    let identity = with(
        rung("identity-based policies", "denied"),
        json!({ "matched": [with(deny, json!({ "sid": "NeverDelete" }))], "lacking": lacking }),
    );
    let place = json!({ "layer": "identity-based policies", "policy": "DemoReader", "statement": 1 });
    let statement = r#"{"Effect":"Allow"}"#;
    let change = json!([
        { "remove": place },
        { "mend": { "layer": "session policies", "policy": null, "statement": null } },
        { "add": { "layer": "service control policies", "level": 1, "statement": statement } },
    ]);
    let change = json!({ "kind": "explicit", "smallestChange": change });
    let question = with(question(READER, "s3:DeleteObject", identity), change);
    check(
        json!([question]),
        &expect![[r#"
            ✗ DENIED  s3:DeleteObject  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · service control policies   none
            ├─ ✗ identity-based policies    explicit deny
            │    policy/DemoReader  v1   statement 2 "NeverDelete"
            │     8 │     { "Sid": "NeverDelete", "Effect": "Deny",
            │     9 │       "Action": "s3:DeleteObject",
            │       │                 ^^^^^^^^^^^^^^^^^ matched
            │    10 │       "Resource": "arn:aws:s3:::demo/*" }
            │       │                   ^^^^^^^^^^^^^^^^^^^^^ matched
            └─ · permissions boundary       none
               also: no statement allows s3:DeleteObject (it would be denied even without statement 2)
               it would be allowed after:
                 - removing statement 2 of DemoReader
                 - detaching or mending session policies
                 - adding to service control policies (level 1): {"Effect":"Allow"}
        "#]],
    );
}

#[test]
fn a_near_miss_shows_what_failed_and_what_was_missing() {
    let elements = [
        element("Action", true, &[entry(READER, "\"s3:GetObject\"", 0)]),
        element("Resource", true, &[entry(READER, "\"arn:aws:s3:::demo/*\"", 0)]),
    ];
    let condition = json!({
        "operator": entry(READER, "\"IpAddress\"", 0), "key": entry(READER, "\"aws:SourceIp\"", 0), "satisfied": false,
        "policyValues": [entry(READER, "\"10.0.0.0/8\"", 0)], "requestValues": [],
    });
    let near = statement(READER, 0, &statement_text(READER, "Read"), "Allow", &elements, &[condition]);
    let lacking =
        "no statement allows s3:GetObject on arn:aws:s3:::demo/report.txt under the conditions of this request";
    let identity = with(
        rung("identity-based policies", "not allowed"),
        json!({ "nearly": [near], "omitted": 2, "lacking": lacking }),
    );
    let missing = json!({ "missingContext": ["aws:SourceIp"], "lacking": lacking });
    check(
        json!([with(question(READER, "s3:GetObject", identity), missing)]),
        &expect![[r#"
            ✗ DENIED  s3:GetObject  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · service control policies   none
            ├─ ✗ identity-based policies    no statement allows s3:GetObject on arn:aws:s3:::demo/report.txt under the conditions of this request
            │    policy/DemoReader  v1   statement 1
            │    4 │     { "Sid": "Read", "Effect": "Allow",
            │    5 │       "Action": "s3:GetObject",
            │      │                 ^^^^^^^^^^^^^^ matched
            │    6 │       "Resource": "arn:aws:s3:::demo/*",
            │      │                   ^^^^^^^^^^^^^^^^^^^^^ matched
            │    7 │       "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } }
            │      │                                     ^^^^^^^^^^^^^^ does not hold: the request has no aws:SourceIp
            │    and 2 more like this (--json shows all)
            └─ · permissions boundary       none
               missing context: aws:SourceIp   (policies ask for it, and the request does not have it)
        "#]],
    );
}

#[test]
fn an_allowed_request_shows_what_allowed_it() {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let elements =
        [element("Action", true, &[entry(text, "\"s3:*\"", 0)]), element("Resource", true, &[entry(text, "\"*\"", 0)])];
    let source = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let allow = statement(text, 0, source, "Allow", &elements, &[]);
    let owner = "arn:aws:iam::111122223333:group/readers";
    let of_group = with(allow, json!({ "policy": "inline", "version": null, "attachedTo": owner }));
    let identity = with(rung("identity-based policies", "allowed"), json!({ "matched": [of_group] }));
    let resource =
        with(rung("resource-based policy", "not allowed"), json!({ "lacking": "no statement allows s3:GetObject" }));
    let mut question = question(text, "s3:GetObject", identity);
    question["ladder"][0] = resource;
    let allowed = json!({ "decision": "Allow", "kind": "allow", "layer": null });
    check(
        json!([with(question, allowed)]),
        &expect![[r#"
            ✓ ALLOWED  s3:GetObject  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · resource-based policy      no statement allows s3:GetObject
            ├─ ✓ identity-based policies    inline policy inline allows
            │    inline policy inline   statement 1   attached to group/readers
            │    1 │ {"Effect":"Allow","Action":"s3:*","Resource":"*"}
            │      │                            ^^^^^^            ^^^ matched
            └─ · permissions boundary       none
        "#]],
    );
}

#[test]
fn a_document_in_one_line_is_broken_after_commas() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":["s3:DeleteObject","s3:DeleteObjectVersion","s3:DeleteBucket","s3:PutBucketPolicy","s3:PutObject, or not"],"Resource":"arn:aws:s3:::demo/*"}]}"#;
    let elements = [
        element("Action", true, &[entry(text, "\"s3:DeleteBucket\"", 0)]),
        element("Resource", true, &[entry(text, "\"arn:aws:s3:::demo/*\"", 0)]),
    ];
    let source = &text[text.find("{\"Sid").unwrap()..text.len() - 2];
    let deny = statement(text, 0, source, "Deny", &elements, &[]);
    let identity = with(rung("identity-based policies", "denied"), json!({ "matched": [deny] }));
    check(
        json!([with(question(text, "s3:DeleteBucket", identity), json!({ "kind": "explicit" }))]),
        &expect![[r#"
            ✗ DENIED  s3:DeleteBucket  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · service control policies   none
            ├─ ✗ identity-based policies    explicit deny
            │    policy/DemoReader  v1   statement 1
            │    1 │ {"Sid":"A",
            │      ┆
            │      │   "s3:DeleteBucket",
            │      │   ^^^^^^^^^^^^^^^^^ matched
            │      │   "s3:PutBucketPolicy",
            │      │   "s3:PutObject, or not"],
            │      │  "Resource":"arn:aws:s3:::demo/*"}
            │      │             ^^^^^^^^^^^^^^^^^^^^^ matched
            └─ · permissions boundary       none
        "#]],
    );
}

#[test]
fn a_long_statement_shows_the_lines_that_matter() {
    let actions: Vec<String> = (0..40).map(|n| format!("        \"s3:Get{n:02}\"")).collect();
    let source = format!(
        "{{ \"Effect\": \"Allow\",\n      \"Action\": [\n{}],\n      \"Resource\": \"*\" }}",
        actions.join(",\n")
    );
    let text = format!("{{ \"Statement\": [\n    {source}\n] }}");
    let elements = [
        element("Action", true, &[entry(&text, "\"s3:Get20\"", 0)]),
        element("Resource", true, &[entry(&text, "\"*\"", 0)]),
    ];
    let allow = statement(&text, 0, &source, "Allow", &elements, &[]);
    let identity = with(rung("identity-based policies", "allowed"), json!({ "matched": [allow] }));
    let allowed = json!({ "decision": "Allow", "kind": "allow", "layer": null });
    check(
        json!([with(question(&text, "s3:Get20", identity), allowed)]),
        &expect![[r#"
            ✓ ALLOWED  s3:Get20  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · service control policies   none
            ├─ ✓ identity-based policies    policy/DemoReader allows
            │    policy/DemoReader  v1   statement 1
            │     2 │     { "Effect": "Allow",
            │       ┆
            │    24 │         "s3:Get20",
            │       │         ^^^^^^^^^^ matched
            │       ┆
            │    44 │       "Resource": "*" }
            │       │                   ^^^ matched
            └─ · permissions boundary       none
        "#]],
    );
}

#[test]
fn g04_a_policy_gives_the_terminal_no_commands() {
    let text = "{\"Statement\":{\"Sid\":\"\u{9b}2J\u{a0}é\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}";
    let elements = [element("Action", true, &[entry(text, "\"*\"", 0)])];
    let source = &text["{\"Statement\":".len()..text.len() - 1];
    let deny = with(statement(text, 0, source, "Deny", &elements, &[]), json!({ "sid": "\u{1b}[2J" }));
    let identity = with(rung("identity-based policies", "denied"), json!({ "matched": [deny] }));
    let question = with(question(text, "s3:\u{1b}[31m", identity), json!({ "kind": "explicit" }));
    check(
        json!([question]),
        &expect![[r#"
            ✗ DENIED  s3:�[31m  arn:aws:s3:::demo/report.txt   as user/alice
            │
            ├─ · service control policies   none
            ├─ ✗ identity-based policies    explicit deny
            │    policy/DemoReader  v1   statement 1 "�[2J"
            │    1 │ {"Sid":"�2J é","Effect":"Deny","Action":"*","Resource":"*"}
            │      │                                         ^^^ matched
            └─ · permissions boundary       none
        "#]],
    );
}

#[test]
fn a_call_that_asked_no_policy_says_how_it_ended() {
    check(
        json!([]),
        &expect![[r#"
        d-7f3a  2026-11-25T12:00:00Z  doorward:Authorize
          No policy was asked. allowed
    "#]],
    );
}
