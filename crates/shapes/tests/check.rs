//! Constraint texts, as AWS writes them.

#![expect(clippy::expect_used, reason = "a test stops at what it does not expect")]

use doorward_shapes::{Service, check, doorward, iam, sts};
use serde_json::{Value, json};

#[track_caller]
fn ok(service: &Service, operation: &str, input: Value) {
    let shape = service.operation(operation).and_then(|operation| operation.input).expect("an operation with input");
    assert_eq!(check(service, shape, &input), Ok(()));
}

#[track_caller]
fn refused(service: &Service, operation: &str, input: Value, expected: &str) {
    let shape = service.operation(operation).and_then(|operation| operation.input).expect("an operation with input");
    let error = check(service, shape, &input).expect_err("a violation");
    assert_eq!((&*error.code, error.status, &*error.message), ("ValidationError", 400, expected));
}

#[track_caller]
fn one(service: &Service, operation: &str, input: Value, expected: &str) {
    refused(service, operation, input, &format!("1 validation error detected: {expected}"));
}

#[test]
fn valid_input_passes() {
    ok(&iam::SERVICE, "CreateUser", json!({"UserName": "a", "Path": "/", "Tags": [{"Key": "é ", "Value": ""}]}));
    ok(&iam::SERVICE, "CreateUser", json!({"UserName": "a".repeat(64), "Path": null}));
    ok(&iam::SERVICE, "CreateAccountAlias", json!({"AccountAlias": "a-b-c"}));
    ok(&iam::SERVICE, "ListUsers", json!({"MaxItems": 1000}));
    ok(&sts::SERVICE, "AssumeRole", json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "s."}));
    ok(&doorward::SERVICE, "Authorize", json!({"Action": "s3:Get", "Resource": "*", "Context": {"aws:x": ["", "y"]}}));
}

#[test]
fn sts_repeats_the_value_and_iam_does_not() {
    let session = |name: &str| json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": name});
    one(
        &sts::SERVICE,
        "AssumeRole",
        session("Session1:2"),
        r"Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*",
    );
    one(
        &iam::SERVICE,
        "DeleteServiceSpecificCredential",
        json!({"ServiceSpecificCredentialId": "x".repeat(19) + "-"}),
        r"Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+",
    );
    one(
        &iam::SERVICE,
        "UpdateAccessKey",
        json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "active"}),
        "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
    );
    one(
        &sts::SERVICE,
        "AssumeRole",
        json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "ss", "DurationSeconds": 1}),
        "Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
}

#[test]
fn missing_members_are_null() {
    for service in [&iam::SERVICE, &sts::SERVICE] {
        let (operation, member) =
            if service.id == "iam" { ("CreateUser", "userName") } else { ("GetFederationToken", "name") };
        let text = format!("Value null at '{member}' failed to satisfy constraint: Member must not be null");
        one(service, operation, json!({}), &text);
    }
    let nulls = "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null";
    refused(&sts::SERVICE, "AssumeRole", json!({}), &format!("2 validation errors detected: {nulls}"));
}

#[test]
fn lengths_count_characters_and_elements() {
    let long = |count| json!({"UserName": "a".repeat(count)});
    one(
        &iam::SERVICE,
        "CreateUser",
        long(65),
        "Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
    );
    ok(&iam::SERVICE, "CreateUser", json!({"UserName": "a", "Tags": [{"Key": "é".repeat(128), "Value": "v"}]}));
    one(
        &iam::SERVICE,
        "CreateUser",
        json!({"UserName": "a", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "é".repeat(129), "Value": "v"}]}),
        "Value at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
    );
    let tags = vec![json!({"Key": "k", "Value": "v"}); 51];
    one(
        &iam::SERVICE,
        "CreateUser",
        json!({"UserName": "a", "Tags": tags}),
        "Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
    one(
        &iam::SERVICE,
        "PutUserPolicy",
        json!({"UserName": "a", "PolicyName": "p", "PolicyDocument": "a".repeat(131_073)}),
        "Value at 'policyDocument' failed to satisfy constraint: Member must have length less than or equal to 131072",
    );
}

#[test]
fn iam_has_texts_of_its_own() {
    for (operation, input, expected) in [
        (
            "CreateUser",
            json!({"UserName": "a b"}),
            "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        ),
        (
            "CreateUser",
            json!({"UserName": "a", "Path": "x"}),
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ),
        (
            "CreatePolicy",
            json!({"PolicyName": "a", "Path": "//", "PolicyDocument": "{}"}),
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ),
        (
            "CreatePolicy",
            json!({"PolicyName": "a", "PolicyDocument": "{\u{100}}"}),
            "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.",
        ),
    ] {
        refused(&iam::SERVICE, operation, input, expected);
    }
    // With another violation beside it, the general form lists both.
    refused(
        &iam::SERVICE,
        "CreateUser",
        json!({"UserName": "a b", "Path": "x"}),
        r"2 validation errors detected: Value at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F); Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+",
    );
}

#[test]
fn secrets_are_never_repeated() {
    one(
        &sts::SERVICE,
        "AssumeRoleWithWebIdentity",
        json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "ss", "WebIdentityToken": "abc"}),
        "Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
    );
    one(
        &doorward::SERVICE,
        "Authorize",
        json!({"Action": "s3:Get", "Resource": "*", "Credentials": {"AccessKeyId": "A".repeat(16), "SessionToken": ""}}),
        "Value at 'credentials.sessionToken' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
}

#[test]
fn f13_texts_are_bounded() {
    let shape = sts::SERVICE.operation("AssumeRole").and_then(|operation| operation.input).expect("input");
    let error = check(&sts::SERVICE, shape, &json!({"RoleArn": "é".repeat(100_000), "RoleSessionName": "ss"}));
    let message = error.expect_err("a violation").message;
    assert!(message.contains(&format!("Value '{}' at", "é".repeat(200))), "{message}");

    let tags = vec![json!({}); 10_000];
    let input = json!({"RoleArn": "a".repeat(20), "RoleSessionName": "ss", "Tags": tags});
    let message = check(&sts::SERVICE, shape, &input).expect_err("violations").message;
    assert!(message.starts_with("20 validation errors detected: Value at 'tags' failed"), "{message}");
    assert_eq!(message.matches("; ").count(), 19);
}

#[test]
fn unions_have_one_member() {
    let shape = iam::SERVICE.operations.iter().filter_map(|operation| operation.input);
    let union = |input: Value| {
        let shape = shape.clone().find(|shape| shape.member("PolicyExclusionList").is_some()).expect("AcquireRole");
        let error = check(&iam::SERVICE, shape, &json!({"PolicyExclusionList": [input]})).expect_err("violations");
        error.message.contains(
            "'policyExclusionList.1.member' failed to satisfy constraint: Member must have exactly one member set",
        )
    };
    assert!(union(json!({})));
    assert!(union(json!({"PolicyArn": "a", "InlinePolicyIdentifier": "b"})));
    assert!(!union(json!({"PolicyArn": "a"})));
}
