//! Effects, actions, resources and variables.

use crate::scene::*;

#[test]
fn effects() {
    case(1).ask("s3:GetObject", OBJECT, DenyI);
    case(2).id([allow("*")]).id([deny("s3:*")]).ask("s3:GetObject", OBJECT, DenyE);
    case(3).id([deny("s3:*"), allow("*")]).ask("s3:GetObject", OBJECT, DenyE);
    case(3).id([allow("*"), deny("s3:*")]).ask("s3:GetObject", OBJECT, DenyE);
    // A group's policies are identity-based policies like the user's own.
    case(4).id([deny("ec2:*")]).id([allow("s3:GetObject")]).ask("s3:GetObject", OBJECT, Allow);
    case(5).called_by(root()).ask("s3:GetObject", OBJECT, Allow);
    case(6).called_by(root()).resource_policy([deny("*").to("\"*\"")]).ask("s3:GetObject", OBJECT, DenyE);
    case(7).id([allow("s3:GetObject")]).ask("s3:GetObject", OBJECT, Allow).ask("s3:GetObjectTagging", OBJECT, DenyI);
}

#[test]
fn actions() {
    case(11).id([allow("S3:getobject")]).ask("s3:GetObject", OBJECT, Allow);
    case(12).id([allow("s3:?etObject")]).ask("s3:GetObject", OBJECT, Allow).ask("s3:BudgetObject", OBJECT, DenyI);
    case(13).id([allow("iam:*AccessKey*")]).ask("iam:UpdateAccessKey", ALICE, Allow);
    case(14).id([allow("*:*")]).ask("s3:GetObject", OBJECT, Allow);
    case(14).id([allow("*:GetObject")]).ask("s3:GetObject", OBJECT, DenyI);
    case(15).id([allow("s3:")]).ask("s3:GetObject", OBJECT, DenyI);
    case(16).id([allow("s3:").not_action()]).ask("s3:GetObject", OBJECT, Allow);
    case(17)
        .id([allow("s3:*")])
        .identity_document(|document| {
            document.statements[0].action.entries[0].value = "s3:GetObject,s3:PutObject".into();
        })
        .ask("s3:GetObject", OBJECT, DenyI);
    case(18).id([allow("iam:*").not_action()]).ask("ec2:DescribeInstances", "*", Allow).ask(
        "iam:GetUser",
        ALICE,
        DenyI,
    );
    case(19).id([allow("*"), deny("iam:* sts:*").not_action()]).ask("s3:GetObject", OBJECT, DenyE).ask(
        "iam:GetUser",
        ALICE,
        Allow,
    );
    // A variable in an action cannot be saved; were it there, it would be text.
    case(22)
        .id([allow("s3:Get*")])
        .identity_document(|document| document.statements[0].action.entries[0].value = "s3:Get${aws:username}".into())
        .ask("s3:Getalice", OBJECT, DenyI)
        .ask("s3:Get${aws:username}", OBJECT, Allow);
}

#[test]
fn resources() {
    let on = |number: usize, pattern: &str| case(number).id([allow("*").on(pattern)]);
    on(23, "arn:aws:s3:::b/*").ask("s3:ListBucket", "arn:aws:s3:::b", DenyI);
    on(24, "arn:aws:s3:::b*").ask("s3:GetObject", "arn:aws:s3:::b2/x", Allow);
    on(25, "arn:aws:s3:::b/*/test/*")
        .ask("s3:GetObject", "arn:aws:s3:::b/1/2/test/3/o", Allow)
        .ask("s3:GetObject", "arn:aws:s3:::b//test/o", Allow)
        .ask("s3:GetObject", "arn:aws:s3:::b/1/test/", Allow);
    on(26, "arn:aws:s3:::b/*/test/*").ask("s3:GetObject", "arn:aws:s3:::b/test/o", DenyI);
    on(27, "arn:aws:iam::111111111111:user/*").ask("iam:GetUser", "arn:aws:iam::111111111111:user/div/alice", Allow);
    on(28, "arn:aws:s3:::Bucket/*").ask("s3:GetObject", "arn:aws:s3:::bucket/x", DenyI);
    on(29, "arn:aws:s3:::b/*").ask("s3:GetObject", "arn:aws:s3:::b/a:b:c", Allow);
    on(30, "arn:aws:logs:*:*:log-group:/x/*").ask(
        "logs:GetLogEvents",
        "arn:aws:logs:us-east-1:111111111111:log-group:/x/y:log-stream:z",
        Allow,
    );
    on(31, "arn:aws:sqs:*:q1").ask("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:q1", DenyI);
    on(32, "arn:aws:s3").ask("s3:GetObject", OBJECT, Allow).ask("s3:ListBucket", "arn:aws:s3:::b", Allow);
    case(33)
        .resource_policy([allow("s3:*").to("\"*\"").on("arn:aws:s3:::b/*")])
        .resource_document(|document| {
            document.statements[0].resource.as_mut().unwrap().entries[0].value = "arn:aws:s3".into()
        })
        .ask("s3:GetObject", OBJECT, DenyI);
    on(34, "arn:aws:ec2:*:*:security-group*/*").ask(
        "ec2:ModifySecurityGroupRules",
        "arn:aws:ec2:us-east-1:111111111111:security-group-rule/sgr-1",
        Allow,
    );
    case(35).id([allow("ec2:DescribeInstances").on("arn:aws:ec2:*:*:instance/*")]).ask(
        "ec2:DescribeInstances",
        "*",
        DenyI,
    );
    case(36).id([allow("*"), deny("ec2:DescribeInstances").on("arn:aws:ec2:*:*:instance/*")]).ask(
        "ec2:DescribeInstances",
        "*",
        Allow,
    );
    case(37).id([allow("ec2:*").not_on("arn:aws:ec2:*:*:instance/i-1")]).ask("ec2:DescribeInstances", "*", Allow);
    case(37).id([allow("ec2:*").not_on("*")]).ask("ec2:DescribeInstances", "*", DenyI);
    on(38, "arn:aws:iam::111111111111:user/*").ask("iam:ListUsers", "arn:aws:iam::111111111111:user/", Allow);
    case(39)
        .id([allow("s3:*").not_on("arn:aws:s3:::x arn:aws:s3:::x/*")])
        .ask("s3:GetObject", "arn:aws:s3:::y/o", Allow)
        .ask("s3:GetObject", "arn:aws:s3:::x/o", DenyI);
    case(40)
        .id([allow("*"), deny("s3:*").not_on("arn:aws:s3:::x/*")])
        .ask("s3:GetObject", "arn:aws:s3:::x/o", Allow)
        .ask("s3:GetObject", "arn:aws:s3:::y/o", DenyE);
}

#[test]
fn variables() {
    let own = "arn:aws:s3:::b/${aws:username}/*";
    let (alices, other) = ("arn:aws:s3:::b/alice/o", "arn:aws:s3:::b/anything/o");
    case(45).id([allow("s3:*").on(own)]).ask("s3:GetObject", alices, Allow).ask("s3:GetObject", other, DenyI);
    case(46).called_by(session("s1")).id([allow("s3:*").on(own)]).ask("s3:GetObject", other, DenyI);
    for version in ["", "2008-10-17"] {
        case(47).version(version).id([allow("s3:*").on(own)]).ask("s3:GetObject", alices, DenyI).ask(
            "s3:GetObject",
            "arn:aws:s3:::b/${aws:username}/o",
            Allow,
        );
    }
    case(48).called_by(session("s1")).id([allow("*"), deny("s3:*").on(own)]).ask("s3:GetObject", alices, Allow);
    case(49).called_by(session("s1")).id([allow("s3:*").not_on(own)]).ask("s3:GetObject", "arn:aws:s3:::c/o", DenyI);
    let team = "arn:aws:s3:::b-${aws:PrincipalTag/team, 'all'}/*";
    case(50).id([allow("s3:*").on(team)]).ask("s3:GetObject", "arn:aws:s3:::b-all/o", Allow);
    case(51)
        .key("aws:PrincipalTag/team", "red")
        .id([allow("s3:*").on(team)])
        .ask("s3:GetObject", "arn:aws:s3:::b-all/o", DenyI)
        .ask("s3:GetObject", "arn:aws:s3:::b-red/o", Allow);
    case(52).id([allow("s3:*").on("arn:aws:s3:::b/${*}")]).ask("s3:GetObject", "arn:aws:s3:::b/*", Allow).ask(
        "s3:GetObject",
        "arn:aws:s3:::b/x",
        DenyI,
    );
    let same_tag = r#""StringEquals":{"aws:ResourceTag/t":"${aws:PrincipalTag/t}"}"#;
    case(53).key("aws:ResourceTag/t", "x").id([allow("*").given(same_tag)]).ask("s3:GetObject", OBJECT, DenyI);
    case(54).id([allow("*").given(same_tag)]).ask("s3:GetObject", OBJECT, DenyI);
    case(55)
        .key("s3:ExistingObjectTag/Team", "x")
        .id([
            allow("*"),
            deny("s3:*").given(r#""StringNotEquals":{"s3:ExistingObjectTag/Team":"${aws:PrincipalTag/Team}"}"#),
        ])
        .ask("s3:GetObject", OBJECT, DenyE);
    case(56).key("aws:TagKeys", ["o"]).id([allow("s3:*").on("arn:aws:s3:::b/${aws:TagKeys}")]).ask(
        "s3:GetObject",
        OBJECT,
        DenyI,
    );
    case(57)
        .key("aws:PrincipalTag/p", "*")
        .key("k", "abc")
        .id([allow("*").given(r#""StringLike":{"k":"${aws:PrincipalTag/p}"}"#)])
        .ask("s3:GetObject", OBJECT, DenyI);
    case(58)
        .id([allow("*")])
        .identity_document(|document| {
            let given = policy_condition(r#""NumericEquals":{"aws:EpochTime":"1"}"#);
            document.statements[0].conditions = given;
            document.statements[0].conditions[0].values[0].value = "${aws:EpochTime}".into();
        })
        .ask("s3:GetObject", OBJECT, DenyI);
    case(59)
        .id([allow("*").on("arn:aws:secretsmanager:${aws:RequestedRegion}:${aws:PrincipalAccount}:secret:*")])
        .ask("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111111111111:secret:x", Allow)
        .ask("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x", DenyI);
    case(60).id([allow("*").on("arn:aws:iam::111111111111:user/${aws:username}")]).ask(
        "iam:GetUser",
        "arn:aws:iam::111111111111:user/dev/alice",
        DenyI,
    );
    case(61).id([allow("*").on("arn:aws:s3:::b/${AWS:UserName}/*")]).ask("s3:GetObject", alices, Allow);
    case(62)
        .called_by(session("s1"))
        .id([allow("s3:*").on("arn:aws:s3:::b/${aws:username}/*|arn:aws:s3:::b/pub/*")])
        .ask("s3:GetObject", "arn:aws:s3:::b/pub/o", Allow);
}

/// A refusal must not lose its effect because a variable has no value.
#[test]
fn an_unresolved_not_resource_still_denies() {
    let others = deny("s3:*").not_on("arn:aws:s3:::b/${aws:username}/*");
    case(49).called_by(session("s1")).id([allow("*"), others]).ask("s3:GetObject", OBJECT, DenyE);
}

#[test]
fn b08_values_never_act_as_wildcards_or_variables() {
    for value in ["*", "?????", "${*}", "a*", "*a", "${aws:username}", "alice/*"] {
        let scene =
            case(57).key("aws:PrincipalTag/p", value).id([allow("s3:*").on("arn:aws:s3:::b/${aws:PrincipalTag/p}")]);
        scene.clone().ask("s3:GetObject", "arn:aws:s3:::b/alice", DenyI);
        scene.ask("s3:GetObject", &format!("arn:aws:s3:::b/{value}"), Allow);
    }
    // Nor can a value shift the components of an ARN.
    case(59)
        .key("aws:PrincipalTag/p", "us-east-1:111111111111")
        .id([allow("*").on("arn:aws:sqs:${aws:PrincipalTag/p}:q")])
        .ask("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:q", DenyI);
}

#[test]
fn b07_only_ascii_folds_in_actions() {
    case(11).id([allow("s3:Kind")]).ask("s3:kind", OBJECT, Allow).ask("s3:\u{212a}ind", OBJECT, DenyI);
    case(12).id([allow("s3:?ind")]).ask("s3:\u{212a}ind", OBJECT, Allow).ask("s3:\u{212a}\u{212a}ind", OBJECT, DenyI);
}
