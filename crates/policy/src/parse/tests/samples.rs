//! Policies as people write them, covering every element.

use crate::document::PolicyType::{self, *};

pub(super) const SAMPLES: &[(PolicyType, &str)] = &[
    (Managed, r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#),
    (
        Managed,
        r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "ListBuckets",
            "Effect": "Allow",
            "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
            "Resource": "arn:aws:s3:::*"
        },
        {
            "Sid": "HomeFolder",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::reports",
            "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}
        },
        {
            "Sid": "OwnObjects",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject*"],
            "Resource": ["arn:aws:s3:::reports/home/${aws:username}", "arn:aws:s3:::reports/home/${aws:username}/*"]
        }
    ]
}"#,
    ),
    (
        Managed,
        r#"{"Version":"2012-10-17","Statement":{"Sid":"DenyWithoutMFA","Effect":"Deny",
        "NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","sts:GetSessionToken"],"Resource":"*",
        "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}"#,
    ),
    (
        Managed,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*",
        "NotResource":["arn:aws:s3:::payroll","arn:aws:s3:::payroll/*"]}]}"#,
    ),
    (
        Managed,
        r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*",
         "Condition":{"StringEquals":{"aws:RequestTag/CostCenter":["A-123","B-456"]},
                      "ForAllValues:StringEquals":{"aws:TagKeys":["CostCenter","Name"]},
                      "NumericLessThanEquals":{"ec2:VolumeSize":100},
                      "Null":{"aws:RequestTag/CostCenter":false}}},
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/ec2/*",
         "Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}]}"#,
    ),
    (
        Managed,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*",
        "Resource":"arn:aws:dynamodb:${aws:RequestedRegion}:${aws:PrincipalAccount}:table/app-${aws:PrincipalTag/team, 'all'}-*",
        "Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},
                     "DateLessThan":{"aws:EpochTime":"1798761600"},
                     "IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},
                     "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app/*"}}}]}"#,
    ),
    (
        Inline,
        r#"{"Version":"2008-10-17","Id":"old","Statement":[{"Sid":"","Effect":"Allow","Action":["sqs:*"],"Resource":["*"]}]}"#,
    ),
    (
        Inline,
        r#"{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111111111111:key/1"}}"#,
    ),
    (
        Session,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/x/*"}]}"#,
    ),
    (
        Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com",
        "ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#,
    ),
    (
        Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"CrossAccount","Effect":"Allow",
        "Principal":{"AWS":["arn:aws:iam::222222222222:root","arn:aws:iam::111111111111:user/ops/alice"]},
        "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],
        "Condition":{"StringEquals":{"sts:ExternalId":"f6c3"},"Bool":{"aws:MultiFactorAuthPresent":true},
                     "StringLike":{"sts:RoleSessionName":"${aws:username}"}}}]}"#,
    ),
    (
        Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},
        "Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},
                     "StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:*"}}}]}"#,
    ),
    (
        Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Federated":"arn:aws:iam::111111111111:saml-provider/ADFS"},"Action":"sts:AssumeRoleWithSAML",
        "Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"},
                     "ForAnyValue:StringEquals":{"saml:edupersonaffiliation":["staff"]}}}]}"#,
    ),
    (
        Resource,
        r#"{"Version":"2012-10-17","Id":"bucket policy 1","Statement":[
        {"Sid":"public read","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*"},
        {"Sid":"TLS only","Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*",
         "Resource":["arn:aws:s3:::site","arn:aws:s3:::site/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111111111111:user/bob","arn:aws:iam::111111111111:root"]},
         "Action":"s3:PutObject","Resource":"arn:aws:s3:::site/*"}]}"#,
    ),
    (
        Resource,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM policies","Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"},
        {"Sid":"sessions","Effect":"Allow","Principal":{"AWS":["arn:aws:sts::111111111111:assumed-role/R/s1",
         "arn:aws:sts::111111111111:federated-user/bob","AROADBQP57FF2AEXAMPLE"]},"Action":["kms:Decrypt"],"Resource":"*"}]}"#,
    ),
    (
        Resource,
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},
        "Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111111111111:q1",
        "Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111111111111:t-*"},
                     "StringEquals":{"aws:SourceAccount":"111111111111"}}}}"#,
    ),
    (
        ServiceControl,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"FullAccess","Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"Regions","Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*"],"Resource":"*",
         "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]},
                      "ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/Admin"}}}]}"#,
    ),
    (
        ResourceControl,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"Perimeter","Effect":"Deny","Principal":"*",
        "Action":["s3:*","sqs:*","kms:*","secretsmanager:*","sts:AssumeRole"],"Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1234567890"},
                     "BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}"#,
    ),
    (VpcEndpoint, r#"{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*","Principal":"*"}]}"#),
    (
        VpcEndpoint,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"own","Effect":"Allow","Principal":{"AWS":"111111111111"},
        "Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/*"],
        "Condition":{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}}]}"#,
    ),
    (
        Managed,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*",
        "Resource":"arn:aws:iam::*:user/${aws:username}","Condition":{"BinaryEquals":{"k":"QmluYXJ5"},
        "StringNotLike":{"aws:userid":"*:bad"},"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    ),
];
