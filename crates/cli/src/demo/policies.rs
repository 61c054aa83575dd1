//! The documents of the demo account, written as people write them.

use serde_json::{Value, json};

pub(super) const ADMINISTRATOR: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*" }
  ]
}"#;

pub(super) const READER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:ListBucket"
      ],
      "Resource": ["arn:aws:s3:::demo", "arn:aws:s3:::demo/*"] },

    { "Sid": "NeverDelete", "Effect": "Deny",
      "Action": "s3:DeleteObject",
      "Resource": "arn:aws:s3:::demo/*" }
  ]
}"#;

pub(super) const READ_ONLY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::demo", "arn:aws:s3:::demo/*"] }
  ]
}"#;

pub(super) const DEVELOPER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "ReadStorage", "Effect": "Allow",
      "Action": ["s3:Get*", "s3:List*"],
      "Resource": "*" },

    { "Sid": "Machines", "Effect": "Allow",
      "Action": "ec2:*",
      "Resource": "*" }
  ]
}"#;

pub(super) const BOUNDARY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Storage", "Effect": "Allow", "Action": "s3:*", "Resource": "*" },

    { "Sid": "ReadIdentities", "Effect": "Allow",
      "Action": ["iam:Get*", "iam:List*"],
      "Resource": "*" }
  ]
}"#;

pub(super) const MFA_REQUIRED: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Storage", "Effect": "Allow", "Action": "s3:*", "Resource": "*" },

    { "Sid": "NothingWithoutMfa", "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" }
      } }
  ]
}"#;

/// A trust policy.
pub(super) fn trust(principal: &Value, external_id: Option<&str>) -> String {
    let condition = external_id.map_or_else(String::new, |id| {
        format!(",\n      \"Condition\": {}", json!({ "StringEquals": { "sts:ExternalId": id } }))
    });
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{ "Sid": "Trust", "Effect": "Allow",
      "Principal": {principal},
      "Action": "sts:AssumeRole"{condition} }}
  ]
}}"#
    )
}
