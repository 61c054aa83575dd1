use std::collections::BTreeMap;

use doorward_shapes::{FromTree, ToTree, iam, sts};
use doorward_wire::query;
use serde_json::{Value, json};

use crate::{IAM, STS, form, send};

#[track_caller]
fn check(form: Result<Value, String>, expected: Value) {
    assert_eq!(form, Ok(expected));
}

#[track_caller]
fn refused(form: Result<Value, String>, expected: &str) {
    assert_eq!(form, Err(expected.to_owned()));
}

#[test]
fn form_becomes_a_tree_of_the_models_names() {
    let body = format!(
        "{IAM}CreateUser&UserName=ann+b&Path=%2Fx%2F&Tags.member.2.Key=b&Tags.member.2.Value=&Tags.member.1.Key=a&Tags.member.1.Value=%C3%A9"
    );
    check(
        form(&body),
        json!({"Path": "/x/", "UserName": "ann b", "Tags": [{"Key": "a", "Value": "é"}, {"Key": "b", "Value": ""}]}),
    );
    check(form(&format!("{IAM}ListUsers&MaxItems=5")), json!({"MaxItems": 5}));
    check(form(&format!("{IAM}GetAccountSummary")), json!({}));
    check(form(&format!("{IAM}UntagUser&UserName=a&TagKeys=")), json!({"UserName": "a", "TagKeys": []}));
    check(
        form(&format!("{IAM}UpdateLoginProfile&UserName=a&PasswordResetRequired=false")),
        json!({"UserName": "a", "PasswordResetRequired": false}),
    );
}

#[test]
fn maps_are_read_by_key() {
    let one = "AccountProperties.entry.1.key=a&AccountProperties.entry.1.value=x";
    let input = iam::SERVICE.operation("PutAccountProperties").unwrap().input.unwrap();
    let name = input.members()[0].name;
    let body = |entries: &str| format!("{IAM}PutAccountProperties&{}", entries.replace("AccountProperties", name));
    check(form(&body(one)), json!({name: {"a": "x"}}));
    let twice = format!("{one}&AccountProperties.entry.2.key=a&AccountProperties.entry.2.value=y");
    refused(form(&body(&twice)), &format!("MalformedInput: The map {name}.entry has a key twice."));
    refused(
        form(&body("AccountProperties.entry.1.key=a")),
        &format!("MalformedInput: The value of {name}.entry.1.value is not of type string."),
    );
}

#[test]
fn presigned_get_is_read_without_the_signature() {
    let uri = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260102%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260102T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Security-Token=t";
    let routed = send("GET", uri, &[], b"").ok().unwrap();
    assert_eq!((routed.service.id, routed.operation.name), ("sts", "GetCallerIdentity"));
    check(routed.input.map_err(|error| error.to_string()), json!({}));
    // In a body they are parameters like others.
    refused(
        form(&format!("{STS}GetCallerIdentity&X-Amz-Date=20260102T000000Z")),
        "ValidationError: Unknown parameter: X-Amz-Date",
    );
}

#[test]
fn action_and_version_choose_the_operation() {
    let error = |body: &str| send("POST", "/", &[], body.as_bytes()).err().unwrap();
    let missing = "MissingAction: The request is missing an action or a required parameter.";
    assert_eq!(error("").to_string(), missing);
    assert_eq!(error("Version=2010-05-08").to_string(), missing);
    assert_eq!(error("Action=&Version=2010-05-08").to_string(), missing);
    for (body, text) in [
        ("Action=GetUserr&Version=2010-05-08", "Could not find operation GetUserr for version 2010-05-08"),
        ("Action=getUser&Version=2010-05-08", "Could not find operation getUser for version 2010-05-08"),
        ("Action=GetUser", "Could not find operation GetUser for version NO_VERSION_SPECIFIED"),
        ("Action=GetUser&Version=2011-06-15", "Could not find operation GetUser for version 2011-06-15"),
        ("Action=CreateAccount&Version=2026-01-01", "Could not find operation CreateAccount for version 2026-01-01"),
    ] {
        assert_eq!(error(body).to_string(), format!("InvalidAction: {text}"));
    }
    let put = send("PUT", "/", &[], b"Action=GetUser&Version=2010-05-08").err().unwrap();
    assert_eq!(put.code, "InvalidAction");
    let json = send("POST", "/", &[("content-type", "application/json")], b"Action=GetUser&Version=2010-05-08");
    assert_eq!(json.err().unwrap().code, "MalformedInput");
}

#[test]
fn f03_duplicate_parameter_is_refused() {
    refused(
        form(&format!("{IAM}GetUser&UserName=a&UserName=b")),
        "MalformedQueryString: The query string is malformed: the parameter UserName occurs twice.",
    );
    refused(
        form(&format!("{IAM}TagUser&UserName=a&Tags.member.1.Key=a&Tags.member.1.Key=b")),
        "MalformedQueryString: The query string is malformed: the parameter Tags.member.1.Key occurs twice.",
    );
    // The same name percent-encoded differently is the same name.
    assert!(form(&format!("{IAM}GetUser&UserName=a&User%4Eame=b")).unwrap_err().contains("occurs twice"));
}

#[test]
fn a19_a_plus_sign_in_a_query_string_is_what_the_signature_takes_it_for() {
    let name = |target: &str| send("GET", target, &[], b"").unwrap().input.unwrap()["UserName"].clone();
    assert_eq!(name("/?Action=GetUser&Version=2010-05-08&UserName=a+b"), "a+b");
    assert_eq!(name("/?Action=GetUser&Version=2010-05-08&UserName=a%2Bb"), "a+b");
    check(form(&format!("{IAM}GetUser&UserName=a+b")), json!({"UserName": "a b"}));
}

#[test]
fn f03_action_in_query_and_body_is_refused() {
    let error = send("POST", "/?Action=GetUser", &[], b"Action=DeleteUser&Version=2010-05-08").err().unwrap();
    assert_eq!((&*error.code, error.status), ("MalformedQueryString", 404));
    let error = send("POST", "/?UserName=a", &[], b"Action=GetUser&UserName=b&Version=2010-05-08").err().unwrap();
    assert_eq!(error.code, "MalformedQueryString");
}

#[test]
fn f03_unknown_and_case_variant_parameters_are_refused() {
    for (parameters, name) in [
        ("userName=a", "userName"),
        ("UserName=a&username=b", "username"),
        ("UserName.x=a", "UserName.x"),
        ("UserName=a&UserName.x=b", "UserName.x"),
        ("UserName=a&Foo.member.1=b", "Foo"),
        ("UserName=a&Tags.1.Key=b", "Tags.1"),
        ("UserName=a&Tags.entry.1.Key=b", "Tags.entry"),
        ("UserName=a&Tags.member.1.key=b", "Tags.member.1.key"),
        ("UserName=a&.=b", ""),
    ] {
        refused(form(&format!("{IAM}CreateUser&{parameters}")), &format!("ValidationError: Unknown parameter: {name}"));
    }
}

#[test]
fn f03_list_numbers_are_dense_from_one() {
    let list = |parameters: &str| form(&format!("{IAM}UntagUser&UserName=a&{parameters}"));
    for (parameters, missing) in [
        ("TagKeys.member.0=a", 1),
        ("TagKeys.member.2=a", 1),
        ("TagKeys.member.1=a&TagKeys.member.3=b", 2),
        ("TagKeys.member.01=a", 1),
        ("TagKeys.member.%2B1=a", 1),
        ("TagKeys.member.-1=a", 1),
        ("TagKeys.member.x=a", 1),
        ("TagKeys.member.18446744073709551617=a", 1),
        ("TagKeys.member.4294967295=a", 1),
    ] {
        let text =
            format!("MalformedInput: TagKeys.member.{missing} is missing: elements are numbered from 1 without gaps.");
        refused(list(parameters), &text);
    }
    refused(list("TagKeys=x"), "MalformedInput: The value of TagKeys is not of type list.");
    refused(list("TagKeys=&TagKeys.member.1=a"), "MalformedInput: The value of TagKeys is not of type list.");
    refused(list("TagKeys.member=a"), "MalformedInput: The value of TagKeys.member is not of type list.");
}

#[test]
fn f03_lists_and_forms_are_bounded() {
    let keys = |count: usize| (1..=count).map(|n| format!("&TagKeys.member.{n}=a")).collect::<String>();
    let list = |count| form(&format!("{IAM}UntagUser&UserName=a{}", keys(count)));
    assert_eq!(list(1_000).unwrap()["TagKeys"].as_array().unwrap().len(), 1_000);
    refused(list(1_001), "MalformedInput: TagKeys.member has more than 1000 elements.");
    refused(list(10_000), "MalformedQueryString: The query string is malformed: there are more than 10000 parameters.");
    let deep = format!("{IAM}GetUser&UserName{}=a", ".a".repeat(100_000));
    assert!(form(&deep).unwrap_err().starts_with("ValidationError: Unknown parameter: UserName.a.a"));
}

#[test]
fn malformed_forms_are_refused() {
    for body in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff", "%ff=a", "=a", "&a=b", "a=b&", "a=b&&c=d", "a=%C3%28"] {
        let error = doorward_wire::parse_form(body.as_bytes()).err().unwrap();
        assert_eq!((&*error.code, error.status), ("MalformedQueryString", 404), "{body}");
    }
    let params = doorward_wire::parse_form(b"a=1%3d2=3&b&c=").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(params.iter().collect::<Vec<_>>(), [("a", "1=2=3"), ("b", ""), ("c", "")]);
}

#[test]
fn f14_compressed_bodies_are_refused() {
    for encoding in ["gzip", "aws-chunked", "identity, gzip", ""] {
        let body = format!("{IAM}GetUser");
        let error = send("POST", "/", &[("content-encoding", encoding)], body.as_bytes()).err().unwrap();
        assert_eq!(error.to_string(), "MalformedInput: Request bodies must not be compressed.");
    }
}

#[test]
fn scalars_must_have_their_type() {
    for (parameters, name, kind) in [
        ("ListUsers&MaxItems=abc", "MaxItems", "integer"),
        ("ListUsers&MaxItems=", "MaxItems", "integer"),
        ("ListUsers&MaxItems=1.5", "MaxItems", "integer"),
        ("ListUsers&MaxItems=1e3", "MaxItems", "integer"),
        ("ListUsers&MaxItems=%2B1", "MaxItems", "integer"),
        ("ListUsers&MaxItems=+1", "MaxItems", "integer"),
        ("ListUsers&MaxItems=2147483648", "MaxItems", "integer"),
        ("ListPolicies&OnlyAttached=True", "OnlyAttached", "boolean"),
        ("ListPolicies&OnlyAttached=1", "OnlyAttached", "boolean"),
        ("ListPolicies&OnlyAttached=", "OnlyAttached", "boolean"),
        ("ListUsers&MaxItems.member.1=1", "", ""),
    ] {
        let expected = match kind {
            "" => "ValidationError: Unknown parameter: MaxItems.member".to_owned(),
            kind => format!("MalformedInput: The value of {name} is not of type {kind}."),
        };
        refused(form(&format!("{IAM}{parameters}")), &expected);
    }
    check(form(&format!("{IAM}ListUsers&MaxItems=-1")), json!({"MaxItems": -1}));
}

fn encoded(service: &doorward_shapes::Service, operation: &str, output: &Value) -> String {
    String::from_utf8(query::encode(service, service.operation(operation).unwrap(), output, "r-1")).unwrap()
}

#[test]
fn responses_have_awss_form() {
    let user = iam::User {
        path: "/".into(),
        user_name: "a&<b>".into(),
        user_id: "AIDA1".into(),
        arn: "arn:aws:iam::1:user/a".into(),
        create_date: "2026-01-02T03:04:05Z".parse().unwrap(),
        ..Default::default()
    };
    let response = iam::GetUserResponse { user };
    assert_eq!(
        encoded(&iam::SERVICE, "GetUser", &response.to_tree()),
        "<GetUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetUserResult><User><Path>/</Path>\
         <UserName>a&amp;&lt;b&gt;</UserName><UserId>AIDA1</UserId><Arn>arn:aws:iam::1:user/a</Arn>\
         <CreateDate>2026-01-02T03:04:05Z</CreateDate></User></GetUserResult>\
         <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetUserResponse>"
    );
    assert_eq!(
        encoded(&iam::SERVICE, "DeleteUser", &json!({"Unknown": 1})),
        "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteUserResponse>"
    );
    let users = iam::ListUsersResponse { is_truncated: Some(false), ..Default::default() };
    assert!(
        encoded(&iam::SERVICE, "ListUsers", &users.to_tree())
            .contains("<ListUsersResult><Users/><IsTruncated>false</IsTruncated></ListUsersResult>")
    );
    let summary = iam::GetAccountSummaryResponse {
        summary_map: Some(BTreeMap::from([(iam::SummaryKeyType::Users.as_str().to_owned(), 3)])),
    };
    assert!(
        encoded(&iam::SERVICE, "GetAccountSummary", &summary.to_tree())
            .contains("<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>")
    );
    let report = iam::GetCredentialReportResponse { content: Some(b"user,arn".to_vec()), ..Default::default() };
    assert!(
        encoded(&iam::SERVICE, "GetCredentialReport", &report.to_tree()).contains("<Content>dXNlcixhcm4=</Content>")
    );
}

#[test]
fn typed_input_comes_out_of_the_form() {
    let input = form(&format!(
        "{STS}AssumeRole&RoleArn=arn&RoleSessionName=s&DurationSeconds=900&Tags.member.1.Key=k&Tags.member.1.Value=v"
    ));
    let input = sts::AssumeRoleRequest::from_tree(input.unwrap()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((input.role_arn.as_str(), input.duration_seconds), ("arn", Some(900)));
    assert_eq!(input.tags.unwrap()[0].key, "k");
}
