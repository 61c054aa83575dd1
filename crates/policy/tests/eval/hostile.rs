//! What somebody who means harm would try: look-alikes, wildcards in values, tags in two cases, and documents that no
//! parser lets through but a store may hold. The cases that are plain data are in `scenarios/edge/decisions`.

use doorward_policy::request::Principal;

use crate::scene::*;

#[test]
fn a16_the_same_names_in_another_account_are_someone_else() {
    let mut lookalike = session("s1");
    if let Principal::RoleSession(session) = &mut lookalike {
        session.arn = session.arn.replace(A, B).into();
        session.role_arn = session.role_arn.replace(A, B);
        session.role_unique_id = "AROAOTHER".into();
    }
    let scene = |caller: &Principal, to: &str| {
        let to_someone = allow("s3:GetObject").to(&format!(r#"{{"AWS":"{to}"}}"#));
        scene().called_by(caller.clone()).id([allow("s3:GetObject")]).resource_policy([to_someone])
    };
    scene(&user_in_b(), ALICE).ask("s3:GetObject", OBJECT, DenyI);
    scene(&lookalike, ROLE).ask("s3:GetObject", OBJECT, DenyI);
    scene(&lookalike, S1).ask("s3:GetObject", OBJECT, DenyI);
    scene(&lookalike, B).ask("s3:GetObject", OBJECT, Allow);
}

#[test]
fn b07_only_ascii_folds_in_actions() {
    let may = |action: &str| scene().id([allow(action)]);
    may("s3:Kind").ask("s3:kind", OBJECT, Allow).ask("s3:\u{212a}ind", OBJECT, DenyI);
    may("s3:?ind").ask("s3:\u{212a}ind", OBJECT, Allow).ask("s3:\u{212a}\u{212a}ind", OBJECT, DenyI);
}

#[test]
fn b08_values_never_act_as_wildcards_or_variables() {
    for value in ["*", "?????", "${*}", "a*", "*a", "${aws:username}", "alice/*"] {
        let own = allow("s3:*").on("arn:aws:s3:::b/${aws:PrincipalTag/p}");
        let scene = scene().key("aws:PrincipalTag/p", value).id([own]);
        let scene = scene.ask("s3:GetObject", "arn:aws:s3:::b/alice", DenyI);
        scene.ask("s3:GetObject", &format!("arn:aws:s3:::b/{value}"), Allow);
    }
    // Nor can a value shift the components of an ARN.
    scene()
        .key("aws:PrincipalTag/p", "us-east-1:111111111111")
        .id([allow("*").on("arn:aws:sqs:${aws:PrincipalTag/p}:q")])
        .ask("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:q", DenyI);
}

#[test]
fn tags_that_differ_only_by_case_grant_nothing_and_still_deny() {
    let tagged = || scene().key("aws:ResourceTag/env", "prod").second_key("aws:ResourceTag/Env", "dev");
    for operator in ["StringEquals", "StringEqualsIfExists", "StringNotEquals", "ForAnyValue:StringLike"] {
        for value in ["prod", "dev", "test"] {
            let condition = format!(r#""{operator}":{{"aws:ResourceTag/env":"{value}"}}"#);
            tagged().id([allow("*").given(&condition)]).ask("s3:GetObject", OBJECT, DenyI);
            tagged().id([allow("*"), deny("*").given(&condition)]).ask("s3:GetObject", OBJECT, DenyE);
        }
    }
    let is_there = r#""Null":{"aws:ResourceTag/ENV":"false"}"#;
    tagged().id([allow("*").given(is_there)]).ask("s3:GetObject", OBJECT, Allow);
    // Not even as a variable with a default.
    tagged().id([allow("s3:*").on("arn:aws:s3:::b/${aws:ResourceTag/env, 'o'}")]).ask("s3:GetObject", OBJECT, DenyI);
}

/// Cases 17, 22, 162 and 248: what cannot be saved, but is there.
#[test]
fn documents_that_no_parser_lets_through_grant_nothing() {
    let action = |text: &str| {
        let text = text.to_owned();
        scene().id([allow("s3:*")]).identity_document(|document| {
            document.statements[0].action.entries[0].value = text;
        })
    };
    // A comma separates nothing.
    action("s3:GetObject,s3:PutObject").ask("s3:GetObject", OBJECT, DenyI);
    // A variable in an action is text.
    action("s3:Get${aws:username}").ask("s3:Getalice", OBJECT, DenyI).ask("s3:Get${aws:username}", OBJECT, Allow);
    // A statement for nobody is nobody's.
    scene()
        .resource_policy([allow("s3:*").to("\"*\"")])
        .resource_document(|document| document.statements[0].principal = None)
        .ask("s3:GetObject", OBJECT, DenyI);
    // Resource control policies do not reach IAM, nor kms:RetireGrant, even if they deny everything.
    scene()
        .id([allow("*")])
        .rcp(deny("s3:*"))
        .resource_control_document(|document| document.statements[0].action.entries[0].value = "*".into())
        .ask("iam:GetRole", ROLE, Allow)
        .ask("kms:RetireGrant", "arn:aws:kms:us-east-1:111111111111:key/k", Allow)
        .ask("s3:GetObject", OBJECT, DenyE);
}

/// It would be the root user, and nothing would hold it down.
#[test]
fn a_session_of_assume_root_without_its_task_policy_may_do_nothing() {
    let root = format!("arn:aws:iam::{A}:root");
    let task = deny("iam:GetUser").not_action();
    let scene = scene().called_by(Principal::AssumedRoot { arn: root.as_str().into() });
    scene.clone().session([task]).ask("iam:GetUser", &root, Allow);
    scene.ask("iam:GetUser", &root, DenyI);
}
