//! Conditions on one value and on many, and what the global keys mean for them.

use crate::scene::*;

/// An Allow whose only condition is this one matches or does not.
#[track_caller]
fn check(scene: Scene, condition: &str, matches: bool) {
    let expect = if matches { Allow } else { DenyI };
    scene.id([allow("*").given(condition)]).ask("s3:GetObject", OBJECT, expect);
}

/// A Deny whose only condition is this one fires or does not.
#[track_caller]
fn check_deny(scene: Scene, condition: &str, fires: bool) {
    let expect = if fires { DenyE } else { Allow };
    scene.id([allow("*"), deny("*").given(condition)]).ask("s3:GetObject", OBJECT, expect);
}

const DEPT: &str = "aws:PrincipalTag/dept";

#[test]
fn strings() {
    let tag_a = case(63).key("aws:PrincipalTag/a", "1");
    check(tag_a, r#""StringEquals":{"aws:PrincipalTag/a":"1","aws:PrincipalTag/b":"2"}"#, false);
    check(case(64).key("k", "y"), r#""StringEquals":{"k":["x","y"]}"#, true);
    check(case(65).key("k", "y"), r#""StringNotEquals":{"k":["x","y"]}"#, false);
    check(case(65).key("k", "z"), r#""StringNotEquals":{"k":["x","y"]}"#, true);
    check_deny(case(66), &format!(r#""StringNotEquals":{{"{DEPT}":"hr"}}"#), true);
    check_deny(case(67), &format!(r#""StringNotEqualsIfExists":{{"{DEPT}":"hr"}}"#), true);
    check(case(68), &format!(r#""StringEquals":{{"{DEPT}":"hr"}}"#), false);
    check(case(69), &format!(r#""StringEqualsIfExists":{{"{DEPT}":"hr"}}"#), true);
    check(case(70), r#""StringEqualsIfExists":{"k":"v"},"Null":{"k":"false"}"#, false);
    check(case(71), r#""Null":{"aws:TokenIssueTime":"true"}"#, true);
    check(case(71).called_by(session("s1")), r#""Null":{"aws:TokenIssueTime":"true"}"#, false);
    check(case(72), r#""Null":{"k":["true","false"]}"#, true);
    check(case(72).key("k", "v"), r#""Null":{"k":["true","false"]}"#, true);
    check(case(74).key("aws:SourceIp", "10.0.0.1"), r#""IpAddress":{"AWS:SOURCEIP":"10.0.0.1"}"#, true);
    let team = case(75).key("aws:PrincipalTag/team", "red");
    check(team, r#""StringEquals":{"aws:PrincipalTag/TEAM":"red"}"#, true);
    check(case(76).key(DEPT, "dev"), &format!(r#""StringEquals":{{"{DEPT}":"Dev"}}"#), false);
    check(case(76).key(DEPT, "dev"), &format!(r#""StringEqualsIgnoreCase":{{"{DEPT}":"Dev"}}"#), true);
    check(case(77).key("s3:prefix", "home/a"), r#""StringEquals":{"s3:prefix":"home/*"}"#, false);
    let prefixes = r#""StringLike":{"s3:prefix":["","home/","home/${aws:username}/*"]}"#;
    check(case(78).key("s3:prefix", ""), prefixes, true);
    check(case(78), prefixes, false);
    check(case(79).key("k", "home/"), r#""StringLike":{"k":"home/?"}"#, false);
}

#[test]
fn numbers_dates_and_truth() {
    check(case(80).key("s3:max-keys", "7"), r#""NumericLessThan":{"s3:max-keys":["5","10"]}"#, true);
    check(case(81).key("k", "10.0"), r#""NumericEquals":{"k":"10"}"#, true);
    check(case(82).key("k", "10"), r#""NumericEquals":{"k":"abc"}"#, false);
    check(case(83).key("k", "10"), r#""NumericNotEquals":{"k":"abc"}"#, false);
    check_deny(case(83).key("k", "10"), r#""NumericNotEquals":{"k":"abc"}"#, true);
    check(case(84).key("s3:max-keys", "10"), r#""NumericLessThanEquals":{"s3:max-keys":10}"#, true);
    check(case(85), r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#, true);
    check(case(86), r#""DateLessThan":{"aws:CurrentTime":"2024"}"#, false);
    let offset = case(88).key("k", "2020-01-01T01:00:00+01:00");
    check(offset, r#""DateEquals":{"k":"2020-01-01T00:00:00Z"}"#, true);
    check(case(89), r#""Bool":{"aws:SecureTransport":"TRUE"}"#, true);
    check(case(90).key("k", "true"), r#""Bool":{"k":"yes"}"#, false);
    check(case(90).key("k", "yes"), r#""Bool":{"k":"yes"}"#, false);
}

#[test]
fn addresses_and_arns() {
    let from = |number: usize, ip: &str| case(number).key("aws:SourceIp", ip);
    check(from(91, "203.0.113.5"), r#""IpAddress":{"aws:SourceIp":"203.0.113.5"}"#, true);
    check(from(91, "203.0.113.6"), r#""IpAddress":{"aws:SourceIp":"203.0.113.5"}"#, false);
    let mixed = r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}"#;
    check(from(92, "2001:DB8::1"), mixed, true);
    let outside = r#""NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}"#;
    check_deny(from(93, "2001:db8::1"), outside, true);
    check_deny(case(94), outside, true);
    check_deny(case(95), r#""NotIpAddressIfExists":{"aws:SourceIp":["203.0.113.0/24"]}"#, true);
    let via_endpoint = case(96).key("aws:VpcSourceIp", "10.0.0.1");
    check(via_endpoint, r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, false);
    let topic = case(97).key("aws:SourceArn", "arn:aws:sns:us-east-1:111111111111:t-1");
    check(topic, r#""ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111111111111:t-*"}"#, true);
    let store = "arn:aws:x:us-east-2:999999999999:store/abc:111122223333:finance/d";
    check(case(98).key("k", store), r#""ArnLike":{"k":"arn:aws:x:*:111122223333:finance/*"}"#, false);
    check(case(98).key("k", store), r#""StringLike":{"k":"arn:aws:x:*:111122223333:finance/*"}"#, true);
    check(case(99).key("k", "foo"), r#""ArnLike":{"k":"foo"}"#, false);
    check(case(100), r#""ArnNotLike":{"k":"arn:aws:s3:::b"}"#, true);
    check(case(101), "", true);
    check(case(101), r#""StringEquals":{}"#, true);
    check(case(103), r#""StringEquals":{"aws:DoesNotExist":"x"}"#, false);
    check(case(104).key("k", "v"), r#""StringEquals":{"k":[]}"#, false);
}

#[test]
fn multivalued_keys() {
    let subset = r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#;
    check(case(105), subset, true);
    check(case(106), &format!(r#"{subset},"Null":{{"aws:TagKeys":"false"}}"#), false);
    check(case(107).key("aws:TagKeys", ["a"]), subset, true);
    check(case(107).key("aws:TagKeys", ["a", "c"]), subset, false);
    check(case(108).key("aws:TagKeys", [""]), subset, true);
    check(case(108).key("aws:TagKeys", ""), subset, true);
    let secret = r#""ForAnyValue:StringEquals":{"aws:TagKeys":["secret"]}"#;
    check_deny(case(109), secret, false);
    check_deny(case(110).key("aws:TagKeys", ["x", "secret"]), secret, true);
    check(case(111).key("k", ["a", "b"]), r#""ForAnyValue:StringNotEquals":{"k":["a"]}"#, true);
    check(case(111).key("k", ["a"]), r#""ForAnyValue:StringNotEquals":{"k":["a"]}"#, false);
    let none_of = r#""ForAllValues:StringNotEquals":{"k":["a"]}"#;
    check(case(112).key("k", ["b", "c"]), none_of, true);
    check(case(112).key("k", ["a", "b"]), none_of, false);
    check(case(112), none_of, true);
    check(case(113).key("aws:TagKeys", ["a"]), r#""StringEquals":{"aws:TagKeys":"a"}"#, false);
    check(case(114).key("k", "v"), r#""ForAnyValue:StringEquals":{"k":"v"}"#, true);
    check(case(114).key("k", "w"), r#""ForAnyValue:StringEquals":{"k":"v"}"#, false);
    let under_a = r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-1/r-1/ou-a/*"]}"#;
    check(case(115).key("aws:PrincipalOrgPaths", ["o-1/r-1/ou-a/"]), under_a, true);
    check(case(115).key("aws:PrincipalOrgPaths", ["o-1/r-1/ou-a/ou-b/"]), under_a, true);
    check_deny(case(116), r#""ForAllValues:StringNotEquals":{"aws:PrincipalOrgPaths":["o-1/r-1/"]}"#, true);
    check(case(117), r#""ForAnyValue:StringEqualsIfExists":{"k":"v"}"#, true);
}

#[test]
fn multi_factor_authentication() {
    const PRESENT: &str = "aws:MultiFactorAuthPresent";
    let with_mfa = |number: usize, present: &str| case(number).key(PRESENT, present);
    check_deny(case(119), r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#, false);
    let unless_mfa = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
    check_deny(case(120), unless_mfa, true);
    check_deny(with_mfa(121, "true"), unless_mfa, false);
    check(case(122), r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#, true);
    check(with_mfa(123, "false"), r#""Null":{"aws:MultiFactorAuthPresent":"false"}"#, true);
    check(case(124), r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#, false);
    check_deny(case(125), r#""NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"3600"}"#, true);
}

#[test]
fn global_keys() {
    let s1 = |number: usize| case(number).called_by(session("s1"));
    let revoked = |time: &str| format!(r#""DateLessThan":{{"aws:TokenIssueTime":"{time}"}}"#);
    check_deny(s1(126), &revoked("2026-01-15T11:30:00Z"), true);
    check_deny(s1(126), &revoked("2026-01-15T10:30:00Z"), false);
    check(s1(127), r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/R"}"#, true);
    let session_arn = r#""StringLike":{"aws:PrincipalArn":"arn:aws:sts::111111111111:assumed-role/R/*"}"#;
    check(s1(128), session_arn, false);
    let with_path = s1(129).key("aws:PrincipalArn", "arn:aws:iam::111111111111:role/svc/R");
    check(with_path, r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/R"}"#, false);
    check(s1(130), r#""StringLike":{"aws:userid":"AROAEXAMPLE:*"}"#, true);
    check(s1(131), r#""StringEquals":{"aws:username":"s1"}"#, false);
    check_deny(case(132), r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#, true);
    check_deny(case(135), r#""Bool":{"aws:ViaAWSService":"false"}"#, true);
    check_deny(case(135).key("aws:ViaAWSService", "true"), r#""Bool":{"aws:ViaAWSService":"false"}"#, false);
    check(case(136), r#""ForAnyValue:StringEquals":{"aws:CalledVia":["athena.amazonaws.com"]}"#, false);
    check(case(138), r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#, false);
    check_deny(case(139), r#""Null":{"aws:RequestTag/cost":"true"}"#, true);
}

#[test]
fn tags_that_differ_only_by_case_grant_nothing_and_still_deny() {
    let scene = || case(75).key("aws:ResourceTag/env", "prod").second_key("aws:ResourceTag/Env", "dev");
    for operator in ["StringEquals", "StringEqualsIfExists", "StringNotEquals", "ForAnyValue:StringLike"] {
        for value in ["prod", "dev", "test"] {
            let condition = format!(r#""{operator}":{{"aws:ResourceTag/env":"{value}"}}"#);
            check(scene(), &condition, false);
            check_deny(scene(), &condition, true);
        }
    }
    check(scene(), r#""Null":{"aws:ResourceTag/ENV":"false"}"#, true);
    // Not even as a variable with a default.
    scene().id([allow("s3:*").on("arn:aws:s3:::b/${aws:ResourceTag/env, 'o'}")]).ask("s3:GetObject", OBJECT, DenyI);
}
