//! The AWS SDK for Rust against the endpoint that the environment names, as its root identity.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::config::{BehaviorVersion, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::types::Tag;
use aws_smithy_http_client::Builder;

type Iam = aws_sdk_iam::Client;
type Sts = aws_sdk_sts::Client;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("set {name}: the tests run against the endpoint it names"))
}

fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials::new(id, secret, token.map(str::to_owned), None, "test")
}

fn root() -> Credentials {
    credentials(&variable("AWS_ACCESS_KEY_ID"), &variable("AWS_SECRET_ACCESS_KEY"), None)
}

fn iam(credentials: Credentials) -> Iam {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(variable("AWS_ENDPOINT_URL"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(aws_sdk_iam::config::retry::RetryConfig::disabled())
        .http_client(Builder::new().build_http())
        .build();
    Iam::from_conf(config)
}

fn sts(credentials: Credentials) -> Sts {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new("us-east-1"))
        .endpoint_url(variable("AWS_ENDPOINT_URL"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled())
        .http_client(Builder::new().build_http())
        .build();
    Sts::from_conf(config)
}

async fn account() -> String {
    sts(root()).get_caller_identity().send().await.unwrap().account.unwrap()
}

fn allow(action: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
}

/// A new user, with the action allowed if there is one; gives an access key of theirs.
async fn user(name: &str, action: Option<&str>) -> Credentials {
    let iam = iam(root());
    iam.create_user().user_name(name).send().await.unwrap();
    if let Some(action) = action {
        let put = iam.put_user_policy().user_name(name).policy_name("inline").policy_document(allow(action));
        put.send().await.unwrap();
    }
    let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
    credentials(&key.access_key_id, &key.secret_access_key, None)
}

/// Checks code, HTTP status and message of a failed call; gives the typed error.
fn check<E: ProvideErrorMetadata>(error: SdkError<E>, code: &str, status: u16, message: &str) -> E {
    let SdkError::ServiceError(error) = error else { panic!("the server did not answer") };
    let got = error.raw().status().as_u16();
    let error = error.into_err();
    assert_eq!((error.code(), got, error.message()), (Some(code), status, Some(message)));
    error
}

#[tokio::test]
async fn a_user_is_made_read_and_deleted() {
    let iam = iam(root());
    let tag = Tag::builder().key("a").value("b").build().unwrap();
    let made = iam.create_user().user_name("rust").path("/x/").tags(tag).send().await.unwrap().user.unwrap();
    assert_eq!(made.arn, format!("arn:aws:iam::{}:user/x/rust", account().await));
    assert!(made.user_id.starts_with("AIDA") && made.user_id.len() == 21);
    let got = iam.get_user().user_name("rust").send().await.unwrap().user.unwrap();
    assert_eq!(got, made);
    iam.delete_user().user_name("rust").send().await.unwrap();
    let gone = iam.get_user().user_name("rust").send().await.unwrap_err();
    let error = check(gone, "NoSuchEntity", 404, "The user with name rust cannot be found.");
    assert!(error.is_no_such_entity_exception());
}

#[tokio::test]
async fn a_taken_name_is_a_typed_error() {
    let iam = iam(root());
    iam.create_user().user_name("rust-twice").send().await.unwrap();
    let again = iam.create_user().user_name("Rust-Twice").send().await.unwrap_err().into_service_error();
    assert!(again.is_entity_already_exists_exception(), "{again:?}");
    assert_eq!(again.code(), Some("EntityAlreadyExists"));
    let message = again.message().unwrap().to_ascii_lowercase();
    assert_eq!(message, "user with name rust-twice already exists.");
}

#[tokio::test]
async fn a_user_with_a_key_is_a_typed_conflict() {
    user("rust-keyed", None).await;
    let refused = iam(root()).delete_user().user_name("rust-keyed").send().await.unwrap_err();
    let error = check(refused, "DeleteConflict", 409, "Cannot delete entity, must delete access keys first.");
    assert!(error.is_delete_conflict_exception());
}

#[tokio::test]
async fn a_bad_policy_is_a_typed_error() {
    let bad = iam(root()).create_policy().policy_name("rust-bad").policy_document("{}").send().await.unwrap_err();
    let error = check(bad, "MalformedPolicyDocument", 400, "Syntax errors in policy.");
    assert!(error.is_malformed_policy_document_exception());
}

#[tokio::test]
async fn a_third_key_is_a_typed_limit() {
    user("rust-greedy", None).await;
    let iam = iam(root());
    iam.create_access_key().user_name("rust-greedy").send().await.unwrap();
    let third = iam.create_access_key().user_name("rust-greedy").send().await.unwrap_err();
    let error = check(third, "LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2");
    assert!(error.is_limit_exceeded_exception());
}

#[tokio::test]
async fn pages_hold_each_name_once() {
    let iam = iam(root());
    let names: Vec<String> = (0..12).map(|number| format!("rust-paged{number:02}")).collect();
    for name in &names {
        iam.create_user().user_name(name).path("/rust-paged/").send().await.unwrap();
    }
    let mut pages = iam.list_users().path_prefix("/rust-paged/").into_paginator().page_size(5).send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let users = page.unwrap().users;
        assert!(users.len() <= 5);
        found.extend(users.into_iter().map(|user| user.user_name));
    }
    assert_eq!(found, names);
}

#[tokio::test]
async fn a_role_is_assumed_and_its_session_used() {
    let account = account().await;
    let walker = user("rust-walker", None).await;
    let iam_root = iam(root());
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:user/rust-walker"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let made = iam_root.create_role().role_name("rust-walk").assume_role_policy_document(trust).send().await.unwrap();
    let grant =
        iam_root.put_role_policy().role_name("rust-walk").policy_name("p").policy_document(allow("iam:ListUsers"));
    grant.send().await.unwrap();
    let role = made.role.unwrap();
    let taken = sts(walker).assume_role().role_arn(role.arn).role_session_name("rust").send().await.unwrap();
    let taken = taken.credentials.unwrap();
    let session = credentials(&taken.access_key_id, &taken.secret_access_key, Some(&taken.session_token));

    let who = sts(session.clone()).get_caller_identity().send().await.unwrap().arn.unwrap();
    assert_eq!(who, format!("arn:aws:sts::{account}:assumed-role/rust-walk/rust"));
    assert!(!iam(session.clone()).list_users().send().await.unwrap().users.is_empty());
    let denied = iam(session).create_user().user_name("x").send().await.unwrap_err();
    let text = format!(
        "User: {who} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::{account}:user/x \
         because no identity-based policy allows the iam:CreateUser action"
    );
    check(denied, "AccessDenied", 403, &text);
}

#[tokio::test]
async fn without_a_policy_nothing_is_allowed() {
    let account = account().await;
    let denied = iam(user("rust-nobody", None).await).list_users().send().await.unwrap_err();
    let text = format!(
        "User: arn:aws:iam::{account}:user/rust-nobody is not authorized to perform: iam:ListUsers on resource: \
         arn:aws:iam::{account}:user/ because no identity-based policy allows the iam:ListUsers action"
    );
    check(denied, "AccessDenied", 403, &text);
}

#[tokio::test]
async fn an_allowed_user_lists() {
    let lister = iam(user("rust-lister", Some("iam:ListUsers")).await);
    assert!(!lister.list_users().send().await.unwrap().users.is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let wrong = credentials(root().access_key_id(), &"x".repeat(40), None);
    let refused = iam(wrong).list_users().send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("SignatureDoesNotMatch"));
    assert!(refused.message().unwrap().starts_with("The request signature we calculated does not match"));
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let unknown = credentials("AKIAIOSFODNN7EXAMPLE", &"x".repeat(40), None);
    let refused = sts(unknown).get_caller_identity().send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("InvalidClientTokenId"));
    assert!(refused.message().unwrap().starts_with("The security token included in the request is invalid"));
}

#[tokio::test]
async fn a_session_of_a_user_says_who_it_is() {
    let key = user("rust-session", None).await;
    let taken = sts(key).get_session_token().send().await.unwrap().credentials.unwrap();
    let session = credentials(&taken.access_key_id, &taken.secret_access_key, Some(&taken.session_token));
    let who = sts(session).get_caller_identity().send().await.unwrap().arn.unwrap();
    assert_eq!(who, format!("arn:aws:iam::{}:user/rust-session", account().await));
}
