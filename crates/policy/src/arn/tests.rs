use proptest::prelude::*;

use super::*;

#[test]
fn parse_takes_six_parts() {
    let arn = Arn::parse("arn:aws:iam::111111111111:role/a/b/R").unwrap();
    let expect = Arn { partition: "aws", service: "iam", region: "", account: "111111111111", resource: "role/a/b/R" };
    assert_eq!(arn, expect);
    assert_eq!(Arn::parse("arn:aws:s3:::b/a:b:c").unwrap().resource, "b/a:b:c");
    for text in ["", "*", "arn", "arn:aws:s3", "arn:aws:s3::b", "ARN:aws:s3:::b", "xarn:aws:s3:::b"] {
        assert_eq!(Arn::parse(text), None, "{text:?}");
    }
}

#[test]
fn iam_resources_have_type_path_and_name() {
    for (resource, kind, path, name) in [
        ("root", "root", None, None),
        ("user/alice", "user", Some("/"), Some("alice")),
        ("user/div/dev/alice", "user", Some("/div/dev/"), Some("alice")),
        ("policy//x", "policy", Some("//"), Some("x")),
        ("role/", "role", Some("/"), Some("")),
    ] {
        let text = format!("arn:aws:iam::111111111111:{resource}");
        let arn = Arn::parse(&text).unwrap();
        assert_eq!((arn.resource_type(), arn.path(), arn.name()), (kind, path, name), "{resource}");
        assert_eq!(arn.role_session(), None);
    }
}

#[test]
fn role_sessions_have_a_role_and_a_name() {
    let session = |text: &'static str| Arn::parse(text).unwrap().role_session();
    assert_eq!(session("arn:aws:sts::111111111111:assumed-role/R/s1"), Some(("R", "s1")));
    assert_eq!(session("arn:aws:sts::111111111111:assumed-role/R"), None);
    assert_eq!(session("arn:aws:iam::111111111111:assumed-role/R/s1"), None);
}

#[test]
fn account_ids_and_partitions() {
    assert!(is_account_id("012345678901"));
    for text in ["", "01234567890", "0123456789012", "01234567890a", "０１２３", "+12345678901", "012345678901 "] {
        assert!(!is_account_id(text), "{text:?}");
    }
    assert!(is_partition("aws") && is_partition("aws-us-gov") && !is_partition("AWS") && !is_partition(""));
}

#[test]
fn split_pattern_keeps_variables_whole() {
    for (pattern, parts) in [
        ("*", &["*"][..]),
        ("", &[""]),
        ("arn:aws:s3", &["arn", "aws", "s3"]),
        ("arn:aws:s3:::b/x:y", &["arn", "aws", "s3", "", "", "b/x:y"]),
        (
            "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:username}",
            &["arn", "aws", "iam", "", "${aws:PrincipalAccount}", "role/${aws:username}"],
        ),
        ("a:${x:y}${z:w}b:c", &["a", "${x:y}${z:w}b", "c"]),
        ("a:${x:y", &["a", "${x", "y"]),
        ("a:$b:{c:d}", &["a", "$b", "{c", "d}"]),
        ("${${a:b}:c}", &["${${a:b}", "c}"]),
        ("é:ü:$", &["é", "ü", "$"]),
    ] {
        assert_eq!(split_pattern(pattern), parts, "{pattern:?}");
    }
}

proptest! {
    #[test]
    fn split_pattern_loses_nothing(pattern in "[a:${}é]{0,40}") {
        let parts = split_pattern(&pattern);
        prop_assert!(parts.len() <= 6);
        prop_assert_eq!(parts.join(":"), pattern);
    }

    #[test]
    fn split_pattern_is_a_plain_split_without_variables(pattern in "[a:$}é]{0,40}") {
        prop_assert_eq!(split_pattern(&pattern), pattern.splitn(6, ':').collect::<Vec<_>>());
    }

    #[test]
    fn parse_loses_nothing(text in "(arn)?[a:/]{0,20}") {
        if let Some(arn) = Arn::parse(&text) {
            let Arn { partition, service, region, account, resource } = arn;
            prop_assert_eq!(format!("arn:{partition}:{service}:{region}:{account}:{resource}"), text);
        }
    }
}
