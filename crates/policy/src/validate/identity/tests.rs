use super::*;

const SYNTAX: &str = "Syntax errors in policy.";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
const NO_RESOURCES: &str = "Policy statement must contain resources.";
const PRINCIPAL: &str = "Policy document should not specify a principal.";
const SID_UNIQUE: &str = "Statement IDs (SID) in a single policy must be unique.";
const SID_FORM: &str = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                        expression [0-9A-Za-z]*";
const PREFACED: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const ONE_COLON: &str = "Actions/Condition can contain only one colon.";

/// The message with which a document is refused, empty if it is accepted.
#[track_caller]
fn check_as(kind: PolicyType, text: &str, expect: &str) {
    let found = Document::parse(text, kind);
    assert_eq!(found.as_ref().map_or_else(|error| error.message.as_str(), |_| ""), expect, "{text}: {found:?}");
    if let Err(error) = found {
        assert!(!error.detail.is_empty(), "{text}");
        assert!(error.span.start <= error.span.end, "{text}: {error:?}");
        assert!(usize::try_from(error.span.start).unwrap() <= text.len(), "{text}: {error:?}");
    }
}

#[track_caller]
fn check(text: &str, expect: &str) {
    check_as(PolicyType::Managed, text, expect);
}

/// Checks a statement or several, in a document of the current version.
#[track_caller]
fn check_statement(statement: &str, expect: &str) {
    check(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#), expect);
}

/// Checks an `Allow` statement with these further members.
#[track_caller]
fn check_allow(members: &str, expect: &str) {
    check_statement(&format!(r#"{{"Effect":"Allow",{members}}}"#), expect);
}

#[track_caller]
fn check_action(action: &str, expect: &str) {
    check_allow(&format!(r#""Action":{action},"Resource":"*""#), expect);
    check_allow(&format!(r#""NotAction":{action},"Resource":"*""#), expect);
}

#[track_caller]
fn check_resource(resource: &str, expect: &str) {
    check_allow(&format!(r#""Action":"s3:GetObject","Resource":{resource}"#), expect);
    check_allow(&format!(r#""Action":"s3:GetObject","NotResource":{resource}"#), expect);
}

#[track_caller]
fn check_condition(condition: &str, expect: &str) {
    check_allow(&format!(r#""Action":"s3:GetObject","Resource":"*","Condition":{condition}"#), expect);
}

const GOOD: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;

#[test]
fn stage_1_json_and_document() {
    for text in [
        "",
        "This is not JSON",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{}",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-10-17","Statement":null}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Version":"2012-10-17","Statement":"x"}"#,
        r#"{"Version":"2012-10-17","Statement":["x"]}"#,
        r#"{"Version":"2012-10-17","Statement":[null]}"#,
        r#"{"Version":"2012-10-17","Statement":[[]]}"#,
        r#"{"Version":"2012-10-17","Statement":{}}"#,
    ] {
        check(text, SYNTAX);
    }
    for members in [
        r#""Version":"2013-10-17""#,
        r#""Version":"2012-10-18""#,
        r#""Version":"""#,
        r#""Version":20121017"#,
        r#""Version":null"#,
        r#""Version":["2012-10-17"]"#,
        r#""Version":"2012-10-17","Id":{}"#,
        r#""Version":"2012-10-17","Id":["x"]"#,
        r#""Version":"2012-10-17","Id":null"#,
        r#""Version":"2012-10-17","Extra field":"value""#,
        r#""Version":"2012-10-17","Conditions":{}"#,
        r#""version":"2012-10-17""#,
    ] {
        check(&format!("{{{members},\"Statement\":{GOOD}}}"), SYNTAX);
    }
}

#[test]
fn stage_1_statements() {
    for statement in [
        r#"{"Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":"permit","Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":"","Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":true,"Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":["Allow"],"Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Extra":1}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Sid":{}}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Sid":[]}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Sid":1}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","NotAction":"iam:x","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":[],"NotAction":"iam:x","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","NotAction":[],"Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","NotResource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","NotResource":[]}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"*","NotPrincipal":"*"}"#,
    ] {
        check_statement(statement, SYNTAX);
    }
    for value in ["{}", "1", "true", "null", "[[]]", r#"["s3:x",{}]"#, r#"["s3:x",1]"#, r#"{"a":"s3:x"}"#] {
        check_action(value, SYNTAX);
        check_resource(value, SYNTAX);
    }
}

#[test]
fn b02_mistyped_elements_are_refused() {
    for element in ["condition", "Conditions", "CONDITION", "Condition "] {
        let statement =
            format!(r#""Action":"*","Resource":"*","{element}":{{"Bool":{{"aws:SecureTransport":"true"}}}}"#);
        check_allow(&statement, SYNTAX);
    }
    for statement in [
        r#"{"effect":"Allow","Action":"*","Resource":"*"}"#,
        r#"{"Effect":"Allow","action":"*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resources":"*"}"#,
        r#"{"Effect":"Deny","Notaction":"*","Resource":"*"}"#,
    ] {
        check_statement(statement, SYNTAX);
    }
    let error = Document::parse(r#"{"Version":"2012-10-17","statement":[]}"#, PolicyType::Inline).unwrap_err();
    assert_eq!(error.detail, "There is no element `statement`; names are case-sensitive: write `Statement`.");
}

#[test]
fn b01_duplicate_elements_are_refused() {
    check_statement(r#"{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}"#, SYNTAX);
    check_allow(r#""Action":"s3:x","Action":"*","Resource":"*""#, SYNTAX);
    check_condition(r#"{"Bool":{"a":"true"},"Bool":{"b":"true"}}"#, SYNTAX);
    check_condition(r#"{"Bool":{"a":"true","a":"false"}}"#, SYNTAX);
    check(&format!(r#"{{"Version":"2012-10-17","Statement":{GOOD},"Statement":[]}}"#), SYNTAX);
}

#[test]
fn b04_what_no_policy_may_hold() {
    check_allow("\"Action\":\"s3:Get\\u0000\",\"Resource\":\"*\"", SYNTAX);
    check_allow("\"Action\":\"s3:Get\\ud800\",\"Resource\":\"*\"", SYNTAX);
    check_allow("\"Action\":\"s3:Get\n\",\"Resource\":\"*\"", SYNTAX);
    check("\u{feff}{}", SYNTAX);
}

#[test]
fn b05_nesting_is_bounded() {
    let value = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    check_condition(&format!(r#"{{"StringEquals":{{"k":{value}}}}}"#), SYNTAX);
    check(&"{\"Statement\":".repeat(10_000), SYNTAX);
    check(&" ".repeat(2 << 20).replace(' ', "["), SYNTAX);
}

#[test]
fn stage_1_conditions() {
    for condition in [
        "[]",
        "null",
        r#""a""#,
        r#"{"a":"b"}"#,
        r#"{"StringEquals":[]}"#,
        r#"{"StringEquals":null}"#,
        r#"{"StringEquals":{"k":null}}"#,
        r#"{"StringEquals":{"k":[null]}}"#,
        r#"{"StringEquals":{"k":{}}}"#,
        r#"{"StringEquals":{"k":[[]]}}"#,
        r#"{"StringEquals":{"k":["a",{}]}}"#,
        r#"[{"StringEquals":{"k":"v"}}]"#,
        r#"{"x":{"a":"1"}}"#,
        r#"{"StringFoo":{"k":"v"}}"#,
        r#"{"stringequals":{"k":"v"}}"#,
        r#"{"NullIfExists":{"k":"true"}}"#,
        r#"{"ForAnyValue::StringEquals":{"k":"v"}}"#,
        r#"{"ForSomeValue:StringEquals":{"k":"v"}}"#,
        r#"{"foranyvalue:StringEquals":{"k":"v"}}"#,
        r#"{"StringEqualsIfExistsIfExists":{"k":"v"}}"#,
        r#"{"IfExistsStringEquals":{"k":"v"}}"#,
        r#"{"StringEquals ":{"k":"v"}}"#,
        r#"{"StringEquals":{"k":"v"},"x":{"k":[]}}"#,
    ] {
        check_condition(condition, SYNTAX);
    }
    for condition in [
        "{}",
        r#"{"StringEquals":{}}"#,
        r#"{"a":{}}"#,
        r#"{"x":{},"y":{}}"#,
        r#"{"StringEquals":{"k":[]}}"#,
        r#"{"StringEquals":{"k":"v","K":"v","":""}}"#,
        r#"{"StringEquals":{"k":["v",1,1.50,true]}}"#,
        r#"{"Bool":{"aws:SecureTransport":true}}"#,
        r#"{"Null":{"aws:TokenIssueTime":false}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"Department"}}"#,
        r#"{"ForAnyValue:StringEqualsIfExists":{"k":"v"}}"#,
        r#"{"NumericLessThanEquals":{"s3:max-keys":10}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}"#,
        r#"{"StringEquals":{"aws:DoesNotExist":"${nosuch"}}"#,
    ] {
        check_condition(condition, "");
    }
}

#[test]
fn every_operator_is_known_in_every_form() {
    for base in Base::ALL {
        for set in ["", "ForAllValues:", "ForAnyValue:"] {
            let value = if is_date_operator(*base) { "0" } else { "x" };
            check_condition(&format!(r#"{{"{set}{}":{{"k":"{value}"}}}}"#, base.name()), "");
            let if_exists = if *base == Base::Null { SYNTAX } else { "" };
            check_condition(&format!(r#"{{"{set}{}IfExists":{{"k":"{value}"}}}}"#, base.name()), if_exists);
        }
    }
}

#[test]
fn stage_2_version() {
    for text in [
        format!(r#"{{"Statement":{GOOD}}}"#),
        format!(r#"{{"Version":"2008-10-17","Statement":{GOOD}}}"#),
        r#"{"Statement":{"Effect":"denY","Action":"s3:GetObject","Resource":"*"}}"#.to_owned(),
        r#"{"Statement":[{"Effect":"Allow","Sid":"x"},{"Effect":"Allow","Sid":"x"}]}"#.to_owned(),
    ] {
        check(&text, VERSION);
    }
    for version in [Some("2008-10-17"), Some("2012-10-17"), None] {
        let member = version.map(|version| format!(r#""Version":"{version}","#)).unwrap_or_default();
        let text = format!(r#"{{{member}"Statement":{GOOD}}}"#);
        for kind in [PolicyType::Inline, PolicyType::Session] {
            let expect = if version == Some("2012-10-17") { Version::V2012 } else { Version::V2008 };
            assert_eq!(Document::parse(&text, kind).unwrap().version, expect);
        }
    }
}

#[test]
fn stage_3_legacy_parsing() {
    for statement in [
        r#"{"Effect":"allow","Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":"denY","Action":"s3:GetObject","Resource":"*"}"#,
        r#"{"Effect":"ALLOW"}"#,
        r#"{"Effect":"allow","Action":"s3:GetObject","Resource":"arn:aws:s3:us-east-1::b"}"#,
        r#"[{"Effect":"aLLow","Sid":"x","Action":"s3:x","Resource":"*"},{"Effect":"Allow","Sid":"x"}]"#,
        r#"{"Effect":"Allow","Resource":"arn:aws:s3::b"}"#,
        r#"{"Effect":"Allow","Condition":{"DateGreaterThan":{"k":"sdfdsf"}}}"#,
        r#"{"Effect":"Allow","Resource":"arn:error:s3:::b","Condition":{"DateEquals":{"k":["0","x"]}}}"#,
    ] {
        check_statement(statement, LEGACY);
    }
    for resource in [r#""arn:aws:s3::b""#, r#""arn:aws::fdsasf""#, r#""arn:aws::::b""#, r#"["*","arn:aws:s3::b"]"#] {
        check_resource(resource, LEGACY);
    }
    for (value, expect) in [
        ("\"234-13\"", LEGACY),
        ("\"2016-12-13t2:00:00.593194+1\"", LEGACY),
        ("\"9223372036854775808\"", LEGACY),
        ("true", LEGACY),
        ("1.5", LEGACY),
        ("1577836800", ""),
        ("\"01T\"", ""),
        ("\"-292275054\"", ""),
        ("\"2016-12-13t2:00:00.593194+23\"", ""),
        ("[]", ""),
    ] {
        for operator in ["DateLessThan", "ForAnyValue:DateEqualsIfExists"] {
            check_condition(&format!(r#"{{"{operator}":{{"k":{value}}}}}"#), expect);
        }
    }
    check_condition(r#"{"StringEquals":{"k":"234-13"}}"#, "");
}

#[test]
fn leading_white_space_fails_legacy_parsing() {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{GOOD}}}"#);
    for kind in [PolicyType::Managed, PolicyType::Inline, PolicyType::Session] {
        for space in [" ", "\n", "\t", "\r"] {
            check_as(kind, &format!("{space}{text}"), LEGACY);
        }
        check_as(kind, &format!("{text} \n"), "");
    }
}

#[test]
fn principals_are_refused() {
    for principal in [r#""Principal":"*""#, r#""NotPrincipal":{"AWS":"111111111111"}"#, r#""Principal":1"#] {
        check_allow(&format!(r#"{principal},"Action":"s3:GetObject","Resource":"*""#), PRINCIPAL);
    }
    check_allow(r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#, PRINCIPAL);
}

#[test]
fn stage_4_statement_ids() {
    for sid in ["", "a", "0", "AZaz09", "dsfsdfsdfsdfsdfsadfsd"] {
        check_allow(&format!(r#""Sid":"{sid}","Action":"s3:GetObject","Resource":"*""#), "");
    }
    for sid in ["a b", "a-b", "a_b", "é", "a."] {
        check_allow(&format!(r#""Sid":"{sid}","Action":"s3:GetObject","Resource":"*""#), SID_FORM);
    }
    let two = |first: &str, second: &str| {
        let statement = |sid: &str| format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:x","Resource":"*"}}"#);
        format!("[{},{}]", statement(first), statement(second))
    };
    check_statement(&two("x", "x"), SID_UNIQUE);
    check_statement(&two("x", "X"), "");
    check_statement(&two("", ""), "");
    check_statement(r#"[{"Effect":"Allow","Sid":"x","Action":"x"},{"Effect":"Allow","Sid":"x"}]"#, SID_UNIQUE);
}

#[test]
fn stage_5_actions_present() {
    check_statement(r#"{"Effect":"Allow"}"#, NO_ACTIONS);
    check_allow(r#""Resource":"*""#, NO_ACTIONS);
    check_allow(r#""Resource":"bucket/x""#, NO_ACTIONS);
    check_action("[]", NO_ACTIONS);
    check_statement(&format!(r#"[{{"Effect":"Deny"}},{GOOD}]"#), NO_ACTIONS);
    check_statement(&format!(r#"[{GOOD},{{"Effect":"Deny","Action":[],"Resource":"x"}}]"#), NO_ACTIONS);
}

#[test]
fn stage_6_resources() {
    check_resource(r#""bucket/x""#, r#"Resource bucket/x must be in ARN format or "*"."#);
    check_resource(r#"["adf"]"#, r#"Resource adf must be in ARN format or "*"."#);
    check_resource(r#""""#, r#"Resource  must be in ARN format or "*"."#);
    check_resource(r#""a:b:c""#, r#"Partition "b" is not valid for resource "arn:b:c:*:*:*"."#);
    check_resource(r#""arn:aws""#, "Resource vendor must be fully qualified and cannot contain regexes.");
    check_resource(
        r#""arn:aws:iam:us-east-1:111111111111:role/x""#,
        "IAM resource arn:aws:iam:us-east-1:111111111111:role/x cannot contain region information.",
    );
    let smallest = r#"Partition "error" is not valid for resource "arn:error:s3:::example_bucket"."#;
    check_resource(r#"["arn:error:s3:::example_bucket","arn:error:s3::example_bucket"]"#, smallest);
    check_resource(r#"["zzz","*","bbb","aaa"]"#, r#"Resource aaa must be in ARN format or "*"."#);
    check_allow(r#""Action":"s:3:x","Resource":"sdf""#, r#"Resource sdf must be in ARN format or "*"."#);
    let two = r#"[{"Effect":"Allow","Action":"bad","Resource":"*"},{"Effect":"Deny","Action":"s3:x","Resource":"y"}]"#;
    check_statement(two, r#"Resource y must be in ARN format or "*"."#);
}

#[test]
fn stage_7_actions() {
    for (action, expect) in [
        (r#""invalid""#, PREFACED),
        (r#""""#, PREFACED),
        (r#"["s3:x","**"]"#, PREFACED),
        (r#""s3:List:Bucket""#, ONE_COLON),
        (r#""s3::x""#, ONE_COLON),
        (r#""s3:GetObject,s3:PutObject""#, ONE_COLON),
        (r#""${aws:username}:Get*""#, ONE_COLON),
        (r#""a a:ListBucket""#, "Vendor a a is not valid"),
        (r#""s*:GetObject""#, "Vendor s* is not valid"),
        (r#""s?:GetObject""#, "Vendor s? is not valid"),
        (r#"":GetObject""#, "Vendor  is not valid"),
        (r#""${x}:Get*""#, "Vendor ${x} is not valid"),
    ] {
        check_action(action, expect);
    }
    check_allow(r#""Action":"invalid""#, PREFACED);
}

#[test]
fn stage_8_resources_present() {
    check_allow(r#""Action":"s3:GetObject""#, NO_RESOURCES);
    check_resource("[]", NO_RESOURCES);
    check_statement(&format!(r#"[{GOOD},{{"Effect":"Deny","Action":"*"}}]"#), NO_RESOURCES);
}

#[test]
fn accepted_although_useless() {
    for action in [
        r#""*""#,
        r#""*:*""#,
        r#""*:Get*""#,
        r#""iam: asdf safdsf af ""#,
        r#""s3:""#,
        r#""nosuchservice:NoSuchAction""#,
        r#""s3-s:ListBucket""#,
        r#""s3.s:ListBucket""#,
        r#""S3:*?*""#,
        r#"["s3:x",null]"#,
        "[null]",
    ] {
        check_action(action, "");
    }
    for resource in [r#""arn:aws:fdsasf""#, r#""arn:aws:s3""#, r#"["*",null]"#, r#"["arn:aws:s3:::b","*"]"#, "[null]"] {
        check_resource(resource, "");
    }
    check_allow(r#""NotAction":"s3:ListBucket","NotResource":"*""#, "");
    check(&format!(r#"{{"Version":"2012-10-17","Id":"","Statement":[{GOOD},{GOOD}]}}"#), "");
}

#[test]
fn a_null_element_matches_nothing() {
    let text = r#"{"Statement":{"Effect":"Allow","NotAction":[null,"s3:x"],"Resource":[null]}}"#;
    let document = Document::parse(text, PolicyType::Inline).unwrap();
    let statement = &document.statements[0];
    assert_eq!(statement.action.entries.iter().map(|entry| entry.value.as_str()).collect::<Vec<_>>(), ["s3:x"]);
    assert_eq!(statement.resource.as_ref().unwrap().entries, []);
}
