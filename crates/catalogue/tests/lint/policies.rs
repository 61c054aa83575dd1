//! Whole policies: sizes, workloads, and that good ones have no findings.

use std::time::{Duration, Instant};

use super::*;

fn large(kind: Kind, statement: &str, count: usize) -> Vec<&'static str> {
    let statements: Vec<String> = (0..count).map(|n| statement.replace('#', &n.to_string())).collect();
    codes(kind, &format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")))
}

/// The quotas are tested with statements of some hundred characters.
#[test]
fn sizes() {
    let identity = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-#/*"}"#;
    let resource = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-#/*"}"#;
    let trust =
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/r#"},"Action":"sts:AssumeRole"}"#;
    let rcp = r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-#/*"}"#;
    let check = |code: &str, kind: Kind, statement: &str, fits: usize, too_many: usize| {
        assert!(!large(kind, statement, fits).contains(&code), "{code}");
        assert!(large(kind, statement, too_many).contains(&code), "{code}");
    };
    check("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Kind::Identity, identity, 70, 80);
    check("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", Kind::Bucket, resource, 160, 185);
    check("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", Kind::Trust, trust, 18, 22);
    check("POLICY_SIZE_EXCEEDS_SCP_QUOTA", Kind::Scp, identity, 115, 130);
    check("POLICY_SIZE_EXCEEDS_RCP_QUOTA", Kind::Rcp, rcp, 50, 58);
}

pub const SIZES: &[&str] = &[
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
    "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
];

#[test]
fn good_policies_have_no_findings() {
    let check = |kind: Kind, text: &str| assert_eq!(codes(kind, text), [""; 0], "{text}");
    check(
        Kind::Identity,
        r#""Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/${aws:username}/*"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
    );
    check(
        Kind::Identity,
        r#""Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}"#,
    );
    check(
        Kind::Identity,
        r#""Effect":"Allow","Action":"ec2:StartInstances","Resource":"arn:aws:ec2:*:111122223333:instance/*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
    );
    check(
        Kind::Trust,
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x-1"}}"#,
    );
    check(
        Kind::Bucket,
        r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
    );
    check(Kind::Scp, r#""Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*""#);
}

#[test]
fn names_that_were_meant() {
    let check = |kind: Kind, text: &str, expected: &str| {
        let findings = lint(&document(text), kind.policy_type(), aws());
        assert!(findings.iter().any(|finding| finding.finding_details.contains(expected)), "{expected}: {findings:#?}");
    };
    check(Kind::Identity, r#""Effect":"Allow","Action":"s3:GetObjct","Resource":"*""#, "Did you mean s3:GetObject?");
    check(Kind::Identity, r#""Effect":"Allow","Action":"lamda:*","Resource":"*""#, "Did you mean lambda?");
    check(
        Kind::Identity,
        r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgld":"o-1"}}"#,
        "Did you mean aws:PrincipalOrgID?",
    );
    check(
        Kind::Identity,
        r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLikes":{"s3:prefix":"a/*"}}"#,
        "Did you mean StringLike?",
    );
}

/// The large workloads: thousands of statements, and a list that makes the search for redundancy as long as can be.
#[test]
fn large_policies_take_little_time() {
    let began = Instant::now();
    let actions: Vec<String> = (0..4_000).map(|n| format!("\"s3:G*e*t*{n}\"")).collect();
    let list = format!(r#""Effect":"Allow","Action":[{}],"Resource":"*""#, actions.join(","));
    assert!(codes(Kind::Identity, &list).contains(&"INVALID_ACTION"));
    for name in ["W2", "W3", "W3S", "W4a", "W4b", "W4c"] {
        let path = format!("{}/../../../shared/workloads/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("no workload {name}: left out");
            continue;
        };
        let workload: serde_json::Value = serde_json::from_str(&text).unwrap();
        for attached in workload["identityPolicies"].as_array().unwrap() {
            lint(&attached["policy"].to_string(), PolicyType::Identity, aws());
        }
    }
    assert!(began.elapsed() < Duration::from_secs(30), "took {:?}", began.elapsed());
    println!("took {:?}", began.elapsed());
}
