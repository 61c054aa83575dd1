use super::*;

#[track_caller]
fn check(resource: &str, expect: Option<&str>) {
    assert_eq!(format_fault(resource).as_deref(), expect, "{resource:?}");
}

#[test]
fn resources_of_good_form() {
    for resource in [
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3",
        "arn:aws:fdsasf",
        "arn:aws:sqs:*:q1",
        "arn:aws:dynamodb:us-east-1:*",
        "arn:*:ec2:*:*:instance/*",
        "arn:aws-cn:s3:::b",
        "arn:aws:ec2:*:*:security-group*/*",
        "arn:aws:nosuchservice:us-east-1::x",
        "arn:aws:secretsmanager:${aws:RequestedRegion}:${aws:PrincipalAccount}:secret:*",
        "arn:aws:iam::*:root",
        "arn:aws:iam::111111111111:*",
        "arn:aws:iam:::user/x",
        "arn:aws:iam::${aws:PrincipalAccount}:role/x",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::111111111111:delegation-request/*",
        "arn:aws:s3:us-east-1:111111111111:accesspoint/p",
        "arn:aws:s3:*:*:job/*",
        "arn:aws:s3:*:*:*",
    ] {
        check(resource, None);
        assert!(!fails_legacy_parsing(resource), "{resource:?}");
    }
}

#[test]
fn resources_of_bad_form() {
    let vendor = Some("Resource vendor must be fully qualified and cannot contain regexes.");
    let path = Some(
        "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
         instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, \
         access-report/.",
    );
    for (resource, expect) in [
        ("", Some(r#"Resource  must be in ARN format or "*"."#)),
        ("bucket/x", Some(r#"Resource bucket/x must be in ARN format or "*"."#)),
        ("foo:aws:s3:::b", Some(r#"Resource foo:aws:s3:::b must be in ARN format or "*"."#)),
        ("ARN:aws:s3:::b", Some(r#"Resource ARN:aws:s3:::b must be in ARN format or "*"."#)),
        ("a:b", Some(r#"Partition "b" is not valid for resource "arn:b:*:*:*:*"."#)),
        ("a:b:", Some(r#"Partition "b" is not valid for resource "arn:b:*:*:*:*"."#)),
        ("a:b:c", Some(r#"Partition "b" is not valid for resource "arn:b:c:*:*:*"."#)),
        ("a:b::", Some(r#"Partition "b" is not valid for resource "arn:b:::*:*"."#)),
        ("a:b:c:d:e:f:g:h", Some(r#"Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h"."#)),
        ("aws:s3:::b", Some(r#"Partition "s3" is not valid for resource "arn:s3:::b:*"."#)),
        ("arn:aws*:s3:::b", Some(r#"Partition "aws*" is not valid for resource "arn:aws*:s3:::b"."#)),
        ("arn:AWS:s3:::b", Some(r#"Partition "AWS" is not valid for resource "arn:AWS:s3:::b"."#)),
        ("arn:aws", vendor),
        ("arn:*", vendor),
        ("arn:aws:*", vendor),
        ("arn:aws:*:us-east-1:111111111111:x", vendor),
        ("arn:aws:s?:::b", vendor),
        ("*:*", vendor),
        (
            "arn:aws:iam:us-east-1:111111111111:role/x",
            Some("IAM resource arn:aws:iam:us-east-1:111111111111:role/x cannot contain region information."),
        ),
        (
            "arn:aws:iam:*:111111111111:role/x",
            Some("IAM resource arn:aws:iam:*:111111111111:role/x cannot contain region information."),
        ),
        ("arn:aws:s3:us-east-1::b", Some("Resource arn:aws:s3:us-east-1::b can not contain region information.")),
        ("arn:aws:s3:us-east-1", Some("Resource arn:aws:s3:us-east-1 can not contain region information.")),
        ("arn:aws:iam:::example_bucket", path),
        ("arn:aws:iam::111111111111:u*", path),
        ("arn:aws:iam::111111111111:", path),
        ("arn:aws:iam::111111111111:rootx", path),
    ] {
        check(resource, expect);
    }
}

#[test]
fn resources_that_fail_legacy_parsing() {
    for resource in
        ["arn:aws:s3::b", "arn:aws::fdsasf", "arn:aws::::b", "arn:aws::us-east-1:111111111111:x", "arn:aws:"]
    {
        check(resource, None);
        assert!(fails_legacy_parsing(resource), "{resource:?}");
    }
}
