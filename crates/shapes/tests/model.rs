//! The tables and types as a whole.

use std::collections::BTreeSet;

use doorward_shapes::{
    Error, FromTree, Kind, Location, SERVICES, Sensitive, Service, Shape, ToTree, doorward, iam, redact, sts,
};
use serde_json::{Value, json};

/// As many operations as in botocore 1.44.5.
const OPERATIONS: &[(&str, usize)] = &[("doorward", 18), ("iam", 180), ("organizations", 63), ("sts", 11)];

/// All shapes that a service's operations reach.
fn shapes(service: &Service) -> Vec<&'static Shape> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut next: Vec<&'static Shape> =
        service.operations.iter().flat_map(|operation| [operation.input, operation.output]).flatten().collect();
    while let Some(shape) = next.pop() {
        if seen.insert(shape.name) {
            found.push(shape);
            match &shape.kind {
                Kind::List(list) => next.push(list.member),
                Kind::Map(map) => next.extend([map.key, map.value]),
                _ => next.extend(shape.members().iter().map(|member| member.shape)),
            }
        }
    }
    found
}

#[test]
fn every_service_is_complete() {
    for service in SERVICES {
        assert!(service.operations.is_sorted_by(|a, b| a.name < b.name), "{}", service.id);
        for operation in service.operations {
            assert!(std::ptr::eq(service.operation(operation.name).expect("found by name"), operation));
            assert_eq!(service.operation(&operation.name.to_lowercase()).map(|operation| operation.name), None);
            if let Some(input) = operation.input {
                assert!(matches!(input.kind, Kind::Structure(_)), "{}", operation.name);
            }
        }
    }
    let counts: Vec<_> = SERVICES.iter().map(|service| (service.id, service.operations.len())).collect();
    assert_eq!(counts, OPERATIONS);
    let paged = iam::SERVICE.operations.iter().filter_map(|operation| operation.pagination).collect::<Vec<_>>();
    assert!(paged.len() > 30);
    assert!(paged.iter().all(|page| page.input_token == "Marker" && page.more_results == Some("IsTruncated")));
}

#[test]
fn every_pattern_can_be_matched() {
    for shape in SERVICES.iter().flat_map(|service| shapes(service)) {
        if let Kind::String { pattern: Some(pattern), .. } = &shape.kind {
            assert!(pattern.is_valid(), "{}: {}", shape.name, pattern.as_str());
        }
    }
}

#[test]
fn only_federated_operations_are_anonymous() {
    let anonymous = SERVICES.iter().flat_map(|service| service.operations).filter(|operation| operation.anonymous);
    let names: Vec<&str> = anonymous.map(|operation| operation.name).collect();
    assert_eq!(names, ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]);
}

#[test]
fn labels_of_rest_paths_are_members() {
    for operation in doorward::SERVICE.operations {
        let members = operation.input.map_or(&[][..], Shape::members);
        let uri = members.iter().filter(|member| member.location == Location::Uri);
        assert_eq!(uri.count(), operation.uri.matches('{').count(), "{}", operation.name);
    }
}

#[test]
fn errors_have_the_models_code_and_status() {
    let check = |error: Error, code: &str, status: u16, fault: &str| {
        assert_eq!((&*error.code, error.status, error.fault()), (code, status, fault));
    };
    check(iam::error::no_such_entity(""), "NoSuchEntity", 404, "Sender");
    check(iam::error::limit_exceeded(""), "LimitExceeded", 409, "Sender");
    check(iam::error::malformed_policy_document(""), "MalformedPolicyDocument", 400, "Sender");
    check(iam::error::credential_report_not_ready(""), "ReportInProgress", 404, "Sender");
    check(iam::error::service_failure(""), "ServiceFailure", 500, "Receiver");
    check(iam::error::organization_not_found(""), "OrganizationNotFoundException", 400, "Sender");
    check(sts::error::expired_token(""), "ExpiredTokenException", 400, "Sender");
    check(sts::error::idp_rejected_claim(""), "IDPRejectedClaim", 403, "Sender");
    let declared = iam::SERVICE.operation("GetUser").expect("GetUser").errors;
    assert_eq!(declared.iter().map(|error| error.code).collect::<Vec<_>>(), ["NoSuchEntity", "ServiceFailure"]);
}

#[track_caller]
fn round_trip<T: FromTree + ToTree>(tree: Value) {
    assert_eq!(T::from_tree(tree.clone()).map(T::to_tree), Ok(tree));
}

#[test]
fn typed_values_and_trees_convert_both_ways() {
    round_trip::<iam::CreateUserRequest>(json!({"Path": "/", "UserName": "a", "Tags": [{"Key": "k", "Value": "v"}]}));
    round_trip::<iam::GetAccountSummaryResponse>(json!({"SummaryMap": {"Groups": 2, "Users": 1}}));
    round_trip::<iam::AccessKey>(json!({
        "UserName": "a", "AccessKeyId": "AKIA", "Status": "Active", "SecretAccessKey": "s", "CreateDate": "2026-01-02T03:04:05Z",
    }));
    round_trip::<iam::GetCredentialReportResponse>(
        json!({"Content": "dXNlcg==", "ReportFormat": "text/csv", "GeneratedTime": "2026-01-02T03:04:05.25Z"}),
    );
    round_trip::<iam::ListUsersRequest>(json!({"MaxItems": 2_147_483_647}));
    round_trip::<doorward::GetDecisionResponse>(json!({"Id": "d", "Explanation": {"any": [1, null, "x"]}}));
    round_trip::<sts::GetCallerIdentityRequest>(json!({}));
}

#[test]
fn trees_that_do_not_fit_are_refused() {
    let user = |tree| iam::CreateUserRequest::from_tree(tree).err().map(|error| error.message).unwrap_or_default();
    assert_eq!(user(json!({"UserName": "a", "username": "b"})), "Unknown member: username");
    assert_eq!(user(json!({"UserName": "a", "Tags": [{"Key": "k", "Value": "v", "X": 1}]})), "Unknown member: X");
    assert_eq!(user(json!({"Path": "/"})), "The member UserName is missing.");
    assert_eq!(user(json!({"UserName": null})), "The member UserName is missing.");
    assert_eq!(user(json!({"UserName": 1})), "A value has the wrong type: expected string.");
    assert_eq!(user(json!([])), "A value has the wrong type: expected structure.");
    let list = |tree| iam::ListUsersRequest::from_tree(tree).is_err();
    assert!(
        list(json!({"MaxItems": 2_147_483_648_u32}))
            && list(json!({"MaxItems": 1.5}))
            && list(json!({"MaxItems": "1"}))
    );
    let key = |status| iam::UpdateAccessKeyRequest::from_tree(json!({"AccessKeyId": "A", "Status": status})).is_err();
    assert!(key("active") && key("") && !key("Active"));
}

#[test]
fn redaction_leaves_no_secret() {
    let shape = |service: &'static Service, name: &str| {
        let operation = service.operation(name).expect("an operation");
        (operation.input.expect("input"), operation.output)
    };
    let (input, _) = shape(&iam::SERVICE, "CreateLoginProfile");
    assert_eq!(
        redact(
            input,
            &json!({"UserName": "a", "Password": "secret", "Unknown": "secret", "PasswordResetRequired": true})
        ),
        json!({"UserName": "a", "PasswordResetRequired": true})
    );
    let (_, output) = shape(&sts::SERVICE, "AssumeRole");
    let credentials =
        json!({"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "secret", "SessionToken": "secret"}});
    let redacted = redact(output.expect("output"), &credentials);
    assert_eq!(redacted["Credentials"]["AccessKeyId"], "ASIA");
    assert_eq!(redacted["Credentials"].get("SecretAccessKey"), None);
    let (input, _) = shape(&sts::SERVICE, "AssumeRoleWithWebIdentity");
    assert_eq!(redact(input, &json!({"WebIdentityToken": "secret"})), json!({}));
    // A value of the wrong type has no known secrets, so nothing of it is shown.
    assert_eq!(redact(input, &json!("secret")), Value::Null);
}

#[test]
fn secrets_can_only_be_exposed() {
    let secret = Sensitive::from("s");
    assert_eq!((secret.expose(), secret.clone().into_exposed()), ("s", "s".to_owned()));
}
