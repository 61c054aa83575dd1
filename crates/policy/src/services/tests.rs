use super::*;

#[test]
fn labels_are_sorted_and_unique() {
    assert!(LABELS.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn service_principals() {
    for (name, expect) in [
        ("ec2.amazonaws.com", true),
        ("ec2.amazonaws.com.cn", true),
        ("lambda.amazonaws.com", true),
        ("ecs-tasks.amazonaws.com", true),
        ("delivery.logs.amazonaws.com", true),
        ("logs.eu-central-1.amazonaws.com", true),
        ("logs.us-gov-west-1.amazonaws.com", true),
        ("logs.cn-north-1.amazonaws.com.cn", true),
        ("EC2.amazonaws.com", false),
        ("ec2.AMAZONAWS.com", false),
        ("ec2", false),
        ("amazonaws.com", false),
        (".amazonaws.com", false),
        ("*", false),
        ("*.amazonaws.com", false),
        ("ec2.*.amazonaws.com", false),
        ("ec2.eu.amazonaws.com", false),
        ("ec2.eu-central-1.eu-central-1.amazonaws.com", false),
        ("nosuchservice.amazonaws.com", false),
        ("ec2.amazonaws.com.evil.example", false),
        ("ec2.amazonaws.comx", false),
        ("evil.example/ec2.amazonaws.com", false),
        (" ec2.amazonaws.com", false),
        ("", false),
    ] {
        assert_eq!(is_service_principal(name), expect, "{name:?}");
    }
}
