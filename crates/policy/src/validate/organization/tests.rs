use super::*;

#[track_caller]
fn check(kind: PolicyType, text: &str, accepted: bool) {
    let found = Document::parse(text, kind);
    assert_eq!(found.is_ok(), accepted, "{text}: {found:?}");
    if let Err(error) = found {
        assert_eq!(error.message, MESSAGE);
        assert!(!error.detail.is_empty());
    }
}

fn document(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#)
}

#[test]
fn service_control_policies() {
    let check = |members: &str, accepted: bool| check(PolicyType::ServiceControl, &document(members), accepted);
    for members in [
        r#""Effect":"Allow","Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"s3:*Object*","Resource":"arn:aws:s3:::b/*","Sid":"x1""#,
        r#""Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#""Effect":"Deny","NotAction":["iam:*"],"NotResource":"arn:aws:s3:::b""#,
        r#""Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2:*""#,
    ] {
        check(members, true);
    }
    for members in [
        r#""Effect":"Deny","Action":"*","Resource":"*","Principal":"*""#,
        r#""Effect":"Deny","Action":"*","Resource":"*","NotPrincipal":{"AWS":"111111111111"}"#,
        r#""Effect":"Deny","Action":"*""#,
        r#""Effect":"Deny","Resource":"*""#,
        r#""Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2""#,
        r#""Effect":"Deny","Action":"nocolon","Resource":"*""#,
        r#""Effect":"Deny","Action":"*","Resource":"bucket""#,
        r#""Effect":"deny","Action":"*","Resource":"*""#,
        r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringFoo":{"k":"v"}}"#,
        r#""Effect":"Deny","Action":"*","Resource":"*","Sid":"a b""#,
        r#""Effect":"Deny","Action":"*","Resource":"*","Extra":1"#,
    ] {
        check(members, false);
    }
}

#[test]
fn resource_control_policies() {
    let check = |members: &str, accepted: bool| check(PolicyType::ResourceControl, &document(members), accepted);
    for members in [
        r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","Action":["s3:*Object*","sts:AssumeRole"],"NotResource":"arn:aws:s3:::b/*""#,
        r#""Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#,
    ] {
        check(members, true);
    }
    for members in [
        r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","NotPrincipal":"*","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":["*"],"Action":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","Action":["s3:x","*:*"],"Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","Action":"s3:*""#,
        r#""Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"arn:aws:ec2:*""#,
        r#""Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"arn:aws:ec2""#,
    ] {
        check(members, false);
    }
}

#[test]
fn both_need_the_current_version_and_good_json() {
    for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let statement = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let statement = if kind == PolicyType::ServiceControl {
            statement.replace(r#""Principal":"*","#, "")
        } else {
            statement.to_owned()
        };
        check(kind, &format!(r#"{{"Version":"2012-10-17","Id":"x","Statement":{statement}}}"#), true);
        check(kind, &format!(r#"{{"Version":"2008-10-17","Statement":{statement}}}"#), false);
        check(kind, &format!(r#"{{"Statement":{statement}}}"#), false);
        check(kind, &format!(r#"{{"Version":"2012-10-17","Version":"2012-10-17","Statement":{statement}}}"#), false);
        check(kind, r#"{"Version":"2012-10-17","Statement":[]}"#, false);
        check(kind, "", false);
    }
}

#[test]
fn the_principal_of_a_resource_control_policy_is_everyone() {
    let text = document(r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#);
    let parsed = Document::parse(&text, PolicyType::ResourceControl).unwrap();
    let clause = parsed.statements[0].principal.as_ref().unwrap();
    assert!(!clause.negated);
    assert_eq!(clause.entries[0].value, PrincipalPattern::Anyone);
    assert_eq!(parsed.source(clause.span), "\"*\"");
}
