use super::activity::ServiceUses;
use super::*;

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn used(activity: &mut Activity, principal: &str, action: &str, second: i64) {
    activity.note(&Use {
        account_id: "111122223333",
        principal: Some(principal),
        access_key_id: Some("AKIA"),
        by_credentials: true,
        action,
        region: "eu-west-1",
        time: time(second),
    });
}

/// Service, its last use, and the last use of each action.
fn told(activity: &Activity, principal: &str) -> Vec<String> {
    let uses = activity.principal(principal).map(|uses| uses.as_ref().clone()).unwrap_or_default();
    let service = |(name, uses): (&String, &ServiceUses)| {
        let actions: Vec<String> =
            uses.actions.iter().map(|(action, moment)| format!("{action} {}", moment.time.as_second())).collect();
        format!("{name} {}: {}", uses.last.time.as_second(), actions.join(", "))
    };
    uses.services.iter().map(service).collect()
}

#[test]
fn the_latest_use_counts_in_whatever_order_they_come() {
    let mut activity = Activity::default();
    for (action, second) in
        [("s3:GetObject", 5), ("s3:GetObject", 3), ("s3:PutObject", 4), ("S3:GetObject", 9), ("iam:GetUser", 7)]
    {
        used(&mut activity, "AIDA1", action, second);
    }
    assert_eq!(told(&activity, "AIDA1"), ["iam 7: GetUser 7", "s3 9: GetObject 9, PutObject 4"]);
    assert_eq!(activity.key("AKIA").map(|last| last.time), Some(time(9)));
    assert_eq!(told(&activity, "AIDA2"), [""; 0]);
}

#[test]
fn what_is_no_action_is_not_noted() {
    let mut activity = Activity::default();
    let long = format!("s3:{}", "a".repeat(200));
    for action in ["s3", "s3:", "s3:*", "s3:Get?bject", "*", long.as_str()] {
        used(&mut activity, "AIDA1", action, 1);
    }
    assert_eq!(activity, Activity::default());
}

#[test]
fn merging_knows_the_latest_of_both() {
    let (mut one, mut other) = (Activity::default(), Activity::default());
    used(&mut one, "AIDA1", "s3:GetObject", 5);
    used(&mut one, "AIDA1", "s3:PutObject", 2);
    used(&mut other, "AIDA1", "s3:GetObject", 4);
    used(&mut other, "AIDA1", "s3:PutObject", 6);
    used(&mut other, "AROA1", "ec2:RunInstances", 1);
    let mut merged = one.clone();
    merged.merge(&other);
    assert_eq!(told(&merged, "AIDA1"), ["s3 6: GetObject 5, PutObject 6"]);
    assert_eq!(told(&merged, "AROA1"), ["ec2 1: RunInstances 1"]);
    other.merge(&one);
    assert_eq!(merged, other);
}

#[test]
fn the_number_of_actions_is_bounded() {
    let mut activity = Activity::default();
    for number in 0..600 {
        used(&mut activity, "AIDA1", &format!("x:A{number}"), number);
        used(&mut activity, "AIDA2", &format!("s{number}:A"), number);
    }
    let actions = &activity.principal("AIDA1").unwrap().services["x"].actions;
    assert_eq!((actions.len(), actions.contains_key("A599"), actions.contains_key("A0")), (512, true, false));
    assert_eq!(activity.principal("AIDA2").unwrap().services.len(), 512);
}

/// Somebody who may ask about everybody asks about actions that there are not.
#[test]
fn the_number_of_actions_of_an_account_is_bounded() {
    let mut activity = Activity::default();
    for number in 0..2_100 {
        for action in 0..480 {
            used(&mut activity, &format!("AIDA{number}"), &format!("x:A{action}"), 1);
        }
    }
    let held =
        |id: &str| activity.principal(id).map_or(0, |uses| uses.services.values().map(|it| it.actions.len()).sum());
    assert_eq!((0..2_100).map(|number| held(&format!("AIDA{number}"))).sum::<usize>(), 1_000_000);
    // What is known is renewed all the same.
    used(&mut activity, "AIDA0", "x:A0", 7);
    used(&mut activity, "AIDA0", "x:New", 8);
    assert_eq!(activity.principal("AIDA0").unwrap().services["x"].actions["A0"].time, time(7));
    assert_eq!(activity.principal("AIDA0").unwrap().services["x"].last.time, time(8));
}

#[test]
fn what_is_gone_or_old_is_forgotten() {
    let mut activity = Activity::default();
    used(&mut activity, "AIDA1", "s3:GetObject", 5);
    used(&mut activity, "AIDA1", "iam:GetUser", 50);
    used(&mut activity, "AIDA2", "s3:GetObject", 50);
    activity.forget(|_| false, |id| id == "AIDA1", time(10));
    assert_eq!(told(&activity, "AIDA1"), ["iam 50: GetUser 50"]);
    assert_eq!((activity.principal("AIDA2"), activity.key("AKIA")), (None, None));
}

/// One who is only named has not used its credentials.
#[test]
fn a_role_is_used_by_its_credentials_alone() {
    let mut activity = Activity::default();
    let named = Use {
        account_id: "111122223333",
        principal: Some("AROA1"),
        access_key_id: None,
        by_credentials: false,
        action: "s3:GetObject",
        region: "us-east-1",
        time: time(1),
    };
    activity.note(&named);
    assert_eq!(activity.principal("AROA1").unwrap().last, None);
    activity.note(&Use { by_credentials: true, ..named });
    assert_eq!(activity.principal("AROA1").unwrap().last.as_ref().unwrap().service, "s3");
}
