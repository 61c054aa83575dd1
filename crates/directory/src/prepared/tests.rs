use doorward_policy::document::Document;
use jiff::Timestamp;

use super::*;
use crate::{AccountSettings, Group, PasswordPolicy, Policy, PolicyText, PolicyVersion};

const ARN: &str = "arn:aws:iam::111122223333:policy/p";

fn text(action: &str) -> PolicyText {
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#);
    PolicyText::new(Document::parse(&text, PolicyType::Managed).unwrap())
}

fn policies(inline: &str, attached: &[&str]) -> Policies {
    let attached = attached.iter().map(|&arn| arn.to_owned()).collect();
    Policies { inline: [("own".to_owned(), text(inline))].into(), attached }
}

fn user(inline: &str) -> User {
    User {
        policies: policies(inline, &[ARN]),
        boundary: Some(ARN.into()),
        groups: ["AGPA1".to_owned()].into(),
        ..User::new("AIDA1".into(), "alice".into(), "/".into(), Timestamp::UNIX_EPOCH)
    }
}

fn group(inline: &str) -> Group {
    Group {
        id: "AGPA1".into(),
        name: "team".into(),
        path: "/".into(),
        created: Timestamp::UNIX_EPOCH,
        policies: policies(inline, &[]),
    }
}

fn managed(action: &str) -> Policy {
    Policy {
        id: "ANPA1".into(),
        name: "p".into(),
        path: "/".into(),
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        description: None,
        tags: Default::default(),
        versions: vec![PolicyVersion { number: 1, document: text(action), created: Timestamp::UNIX_EPOCH }],
        default_version: 1,
        next_version: 2,
        aws_managed: false,
    }
}

fn account() -> Account {
    let settings = AccountSettings::new("111122223333".into(), "test".into(), Timestamp::UNIX_EPOCH);
    let mut account = Account::new(settings);
    account.put(managed("s3:Managed"));
    account.put(group("s3:Group"));
    account.put(user("s3:User"));
    account
}

/// The actions of the policies that hold for the user, with what they are attached to.
fn held(account: &Account) -> Vec<String> {
    let policies = account.policies_of_user(account.users().by_id("AIDA1").unwrap());
    let boundary = policies.boundary.iter().flat_map(PolicySet::policies);
    let shown = policies.identity.policies().iter().chain(boundary).map(|attached| {
        let name = attached.source.attached_to().and_then(|arn| arn.rsplit('/').next()).unwrap();
        let action = attached.policy.as_ref().map(|policy| &policy.document().statements[0].action.entries[0].value);
        format!("{name} {}", action.map_or("unreadable", String::as_str))
    });
    shown.collect()
}

fn check<const N: usize>(account: &Account, expect: [&str; N]) {
    assert_eq!(held(account), expect);
    // The same again, from what has been prepared.
    assert_eq!(held(account), expect);
}

#[test]
fn what_is_prepared_holds_until_a_policy_changes() {
    let mut account = account();
    check(&account, ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
    let before = account.clone();
    account.put(managed("s3:Managed2"));
    check(&account, ["alice s3:User", "alice s3:Managed2", "team s3:Group", "alice s3:Managed2"]);
    account.put(group("s3:Group2"));
    check(&account, ["alice s3:User", "alice s3:Managed2", "team s3:Group2", "alice s3:Managed2"]);
    account.put(user("s3:User2"));
    check(&account, ["alice s3:User2", "alice s3:Managed2", "team s3:Group2", "alice s3:Managed2"]);
    account.put(User { name: "alicia".into(), ..user("s3:User2") });
    check(&account, ["alicia s3:User2", "alicia s3:Managed2", "team s3:Group2", "alicia s3:Managed2"]);
    account.put(Group { name: "crew".into(), ..group("s3:Group2") });
    check(&account, ["alicia s3:User2", "alicia s3:Managed2", "crew s3:Group2", "alicia s3:Managed2"]);
    account.remove::<Policy>("ANPA1");
    check(&account, ["alicia s3:User2", "alicia unreadable", "crew s3:Group2", "alicia unreadable"]);
    // An older state is what it was, also when both are asked in turn.
    check(&before, ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
    check(&account, ["alicia s3:User2", "alicia unreadable", "crew s3:Group2", "alicia unreadable"]);
}

#[test]
fn what_the_password_policy_grants_holds_as_long_as_it_does() {
    let mut account = account();
    let without = ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice s3:Managed"];
    check(&account, without);
    let before = account.clone();
    let mut set = |allow_users_to_change_password| {
        let password_policy = Some(PasswordPolicy { allow_users_to_change_password, ..PasswordPolicy::default() });
        account.put_settings(AccountSettings { password_policy, ..account.settings().clone() });
        account.clone()
    };
    let (allowed, not) = (set(true), set(false));
    let with = ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice iam:ChangePassword", "alice s3:Managed"];
    check(&allowed, with);
    check(&not, without);
    check(&before, without);
    check(&allowed, with);
}

#[test]
fn two_states_that_begin_as_one_are_not_mixed_up() {
    let before = account();
    check(&before, ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
    let (mut one, mut other) = (before.clone(), before.clone());
    one.put(user("s3:One"));
    other.put(user("s3:Other"));
    for _ in 0..2 {
        check(&one, ["alice s3:One", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
        check(&other, ["alice s3:Other", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
        check(&before, ["alice s3:User", "alice s3:Managed", "team s3:Group", "alice s3:Managed"]);
    }
    one.put(managed("s3:One"));
    other.put(managed("s3:Other"));
    check(&one, ["alice s3:One", "alice s3:One", "team s3:Group", "alice s3:One"]);
    check(&other, ["alice s3:Other", "alice s3:Other", "team s3:Group", "alice s3:Other"]);
}

#[test]
fn nothing_is_prepared_twice_and_not_without_bound() {
    let account = account();
    let alice = account.users().by_id("AIDA1").unwrap();
    assert!(Arc::ptr_eq(&account.policies_of_user(alice), &account.policies_of_user(alice)));
    for number in 0..=MOST {
        account.policies_of_user(&Arc::new(User { id: format!("AIDA{number}"), ..user("s3:Many") }));
    }
    assert!(account.prepared().entries().len() <= MOST);
}
