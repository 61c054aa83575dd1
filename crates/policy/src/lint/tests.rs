use super::*;

/// Knows no services at all.
struct Nothing;

impl Catalogue for Nothing {
    fn prefixes(&self) -> Vec<&str> {
        Vec::new()
    }

    fn service(&self, _: &str) -> Option<&crate::catalogue::Service> {
        None
    }

    fn services_with_keys(&self, _: &str) -> Vec<&crate::catalogue::Service> {
        Vec::new()
    }

    fn services_with_arns(&self, _: &str) -> Vec<&crate::catalogue::Service> {
        Vec::new()
    }

    fn global_keys(&self) -> &[crate::catalogue::ConditionKey] {
        &[]
    }
}

#[test]
fn patterns_that_cover_others() {
    let check = |wide: &str, narrow: &str, expected: bool| {
        assert_eq!(wildcards::covers(wide, narrow), expected, "{wide} {narrow}");
    };
    check("*", "", true);
    check("*", "a*b?", true);
    check("a*", "a", true);
    check("a*", "b", false);
    check("a?c", "abc", true);
    check("a?c", "a?c", true);
    check("a?c", "a*c", false);
    check("a*c", "a*b*c", true);
    check("a*b*c", "a*c", false);
    check("Get*", "GetObject", true);
    check("*Report", "Get*", false);
    check("a*a*b", "aaab", true);
}

#[test]
fn templates_that_overlap_with_patterns() {
    let check = |template: &str, pattern: &str, expected: bool| {
        assert_eq!(wildcards::overlap(template, pattern), expected, "{template} {pattern}");
    };
    check("${BucketName}", "logs", true);
    check("${BucketName}", "logs*", true);
    check("${BucketName}", "logs/*", false);
    check("${BucketName}/${ObjectName}", "logs", false);
    check("${BucketName}/${ObjectName}", "logs/a/b", true);
    check("${BucketName}/${ObjectName}", "*", true);
    check("role/${RoleNameWithPath}", "role/a/b", true);
    check("role/${RoleNameWithPath}", "rolle/a", false);
    check("role/${RoleNameWithPath}", "r?le/${aws:username}", true);
    check("table/${TableName}/index/${IndexName}", "table/*", true);
    check("table/${TableName}/index/${IndexName}", "table/a/stream/1", false);
    check("accesspoint/${Name}", "job/*", false);
}

#[test]
fn the_nearest_name() {
    let check = |name: &str, expected: Option<&str>| {
        let names = ["GetObject", "GetObjectAcl", "PutObject", "ListBucket"];
        assert_eq!(wildcards::nearest(name, names), expected, "{name}");
    };
    check("GetObjct", Some("GetObject"));
    check("getobjects", Some("GetObject"));
    check("ListBuckets", Some("ListBucket"));
    check("DeleteEverything", None);
    check("", None);
}

/// The example of the command line's reference, `accessanalyzer validate-policy`.
#[test]
fn places_are_counted_as_aws_counts() {
    let text = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {
                "Federated": "cognito-identity.amazonaws.com"
            },
            "Action": [
                "sts:AssumeRole",
                "sts:TagSession"
            ],
            "Condition": {
                "StringEquals": {
                    "cognito-identity.amazonaws.com:aud": "us-west-2_EXAMPLE"
                }
            }
        }
    ]
}"#;
    let findings = lint(text, PolicyType::Resource(None), &Nothing);
    let find = |code: &str| findings.iter().find(|finding| finding.issue_code == code).unwrap().to_json();
    let expected = serde_json::json!([{
        "path": [{ "value": "Statement" }, { "index": 0 }, { "value": "Sid" }],
        "span": {
            "start": { "line": 5, "column": 19, "offset": 79 },
            "end": { "line": 5, "column": 21, "offset": 81 },
        },
    }]);
    let sid = find("EMPTY_SID_VALUE");
    assert_eq!(sid["locations"], expected);
    assert_eq!(sid["findingType"], "SUGGESTION");
    assert_eq!(
        sid["learnMoreLink"],
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html\
         #access-analyzer-reference-policy-checks-suggestion-empty-sid-value"
    );
    let expected = serde_json::json!([
        {
            "path": [{ "value": "Statement" }, { "index": 0 }, { "value": "Action" }, { "index": 0 }],
            "span": {
                "start": { "line": 11, "column": 16, "offset": 258 },
                "end": { "line": 11, "column": 32, "offset": 274 },
            },
        },
        {
            "path": [{ "value": "Statement" }, { "index": 0 }, { "value": "Principal" }, { "value": "Federated" }],
            "span": {
                "start": { "line": 8, "column": 29, "offset": 170 },
                "end": { "line": 8, "column": 61, "offset": 202 },
            },
        },
    ]);
    assert_eq!(find("MISMATCHED_ACTION_FOR_PRINCIPAL")["locations"], expected);
}

#[test]
fn places_of_keys_and_beyond_ascii() {
    let text = "{\n\"é\": 1,\n\"Statement\": []}\n";
    let finding = lint(text, PolicyType::Identity, &Nothing)
        .into_iter()
        .find(|finding| finding.issue_code == "INVALID_POLICY_ELEMENT")
        .unwrap();
    let [place] = finding.locations.as_slice() else { panic!("one place") };
    assert_eq!(place.path, [finding::PathElement::Key("é".to_owned())]);
    assert_eq!((place.span.start.line, place.span.start.column, place.span.start.offset), (2, 0, 2));
    assert_eq!((place.span.end.column, place.span.end.offset), (3, 5));
}

#[test]
fn what_is_no_json_is_one_finding() {
    for text in ["", "{", "[1,", "{\"a\": 1, \"a\": 2}", "\u{feff}{}", "{\n"] {
        let findings = lint(text, PolicyType::Identity, &Nothing);
        let codes: Vec<_> = findings.iter().map(|finding| finding.issue_code).collect();
        assert_eq!(codes, ["JSON_SYNTAX_ERROR"], "{text:?}");
        assert_eq!(findings[0].locations.len(), 1);
    }
}

mod text {
    use super::*;
    use proptest::prelude::*;

    /// Fragments that policies are made of, well-formed or not.
    fn fragments() -> impl Strategy<Value = String> {
        let fragment = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"Version\":\"2012-10-17\"",
            "\"Statement\":",
            "\"Effect\":\"Allow\"",
            "\"Action\":",
            "\"Resource\":",
            "\"*\"",
            "\"iam:*\"",
            "\"arn:aws:s3:::b/${aws:username\"",
            "\"Principal\":",
            "\"AWS\":",
            "\"Condition\":",
            "\"StringLike\":",
            "\"aws:PrincipalTag/é\":",
            "\"IpAddress\":",
            "\"10.0.0.1/8\"",
            "null",
            "1e9",
            "true",
            "\n",
            "\"é\"",
            "\"${\"",
            "\"::/0\"",
            "\"aws:SourceIp\":",
            "\"NumericLessThan\":",
        ]);
        prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in prop_oneof![any::<String>(), fragments()], kind in 0..4_usize) {
            let kinds = [
                PolicyType::Identity,
                PolicyType::Resource(None),
                PolicyType::ServiceControl,
                PolicyType::ResourceControl,
            ];
            for finding in lint(&text, kinds[kind], &Nothing) {
                prop_assert!(!finding.locations.is_empty());
                for place in finding.locations {
                    prop_assert!(place.span.start.offset <= place.span.end.offset);
                    prop_assert!(place.span.end.offset <= text.chars().count());
                }
            }
        }
    }
}
