use super::*;

/// The message with which an ARN is refused; none when it is a managed policy's.
fn check(arn: &str, expect: Option<&str>) {
    assert_eq!(check_arn(arn).err().map(|error| error.message).as_deref(), expect, "{arn}");
}

#[test]
fn arns_of_managed_policies() {
    check("arn:aws:iam::111122223333:policy/Name", None);
    check("arn:aws:iam::111122223333:policy/a/b/Name", None);
    check("arn:aws:iam::aws:policy/service-role/Name", None);
}

#[test]
fn other_texts_are_refused() {
    check("longpolicynamebutnoarn", Some("Invalid ARN:  Could not be parsed!"));
    check("arn:aws:iam::policy/Name1", Some("Invalid ARN:  Could not be parsed!"));
    check("nra:aws:iam::111122223333:policy/Name", Some("Invalid ARN:  Could not be parsed!"));
    check("arn:aws-cn:iam::111122223333:policy/Name", Some("Invalid ARN partition"));
    for arn in [
        "arn:aws:sts::111122223333:policy/Name",
        "arn:aws:iam:us-east-1:111122223333:policy/Name",
        "arn:aws:iam::11112222333:policy/Name",
        "arn:aws:iam:::policy/Name",
        "arn:aws:iam::111122223333:user/Name",
        "arn:aws:iam::111122223333:Policy/Name",
        "arn:aws:iam::111122223333:policy",
        "arn:aws:iam::111122223333:policy/",
        "arn:aws:iam::111122223333:policy/path/",
    ] {
        check(arn, Some(&format!("ARN {arn} is not valid.")));
    }
}

#[test]
fn a_managed_policy_has_at_most_6144_characters_without_white_space() {
    let of_size = |size: usize| {
        let before = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Sid":""#;
        let after = r#""}}"#;
        let sid = "x".repeat(size - before.len() - after.len());
        format!("{before}{sid}{after}")
    };
    assert!(managed(&of_size(6_144)).is_ok());
    assert!(managed(&format!("{}{}", of_size(6_144), " \n".repeat(1_000))).is_ok());
    let error = managed(&of_size(6_145)).err().unwrap();
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    );
}

#[test]
fn a_managed_policy_names_the_current_version_of_the_language() {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let error = managed(text).err().unwrap();
    let expect = "Policy document must be version 2012-10-17 or greater.";
    assert_eq!((error.code.as_ref(), error.message.as_str()), ("MalformedPolicyDocument", expect));
    assert!(parsed(text, PolicyType::Inline).is_ok());
}
