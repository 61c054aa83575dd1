//! What passwords must be.

use super::*;

fn check(policy: Option<PasswordPolicy>, password: &str, expect: &str) {
    let created = "2026-11-25T12:00:00Z".parse().unwrap();
    let new = AccountSettings::new("111122223333".to_owned(), "Account-Number-1".to_owned(), created);
    let settings = AccountSettings { password_policy: policy, ..new };
    let refused = super::check(&settings, password).err();
    assert!(
        refused.as_ref().is_none_or(|error| (error.code.as_ref(), error.status) == ("PasswordPolicyViolation", 400))
    );
    assert_eq!(refused.map(|error| error.message).unwrap_or_default(), expect, "{password:?}");
}

#[test]
fn without_a_policy_eight_characters_of_three_kinds() {
    check(None, "Passw0rd", "");
    check(None, "passw0rd!", "");
    check(None, "PASSW0RD!", "");
    check(None, "Password!", "");
    check(None, "Passw0r", "Password should have a minimum length of 8");
    check(
        None,
        "passw0rd",
        "Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, \
         Password should have at least one symbol",
    );
    check(
        None,
        "a",
        "Password should have a minimum length of 8, Password should meet 2 more of the following requirements: Password \
         should have at least one uppercase letter, Password should have at least one number, Password should have at \
         least one symbol",
    );
    // Letters beyond ASCII and white space are of no kind.
    check(
        None,
        "\u{c4}\u{d6}\u{dc}\u{e4}\u{f6}\u{fc} \t\u{a7}",
        "Password should meet 3 more of the following requirements: Password should have at least one uppercase letter, \
         Password should have at least one lowercase letter, Password should have at least one number, Password should \
         have at least one symbol",
    );
    check(None, "Account-Number-1", "Password should not be the name of the account");
}

#[test]
fn with_a_policy_what_it_asks_for_and_nothing_else() {
    let policy = |change: fn(&mut PasswordPolicy)| {
        let mut policy = PasswordPolicy::default();
        change(&mut policy);
        Some(policy)
    };
    check(policy(|_| ()), "aaaaaa", "");
    check(policy(|_| ()), "aaaaa", "Password should have a minimum length of 6");
    check(policy(|_| ()), "Account-Number-1", "");
    // Characters are counted, not bytes.
    check(policy(|_| ()), "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}", "Password should have a minimum length of 6");
    check(policy(|policy| policy.minimum_length = 14), "thirteenchars", "Password should have a minimum length of 14");
    check(policy(|policy| policy.require_symbols = true), "aaaaaa", "Password should have at least one symbol");
    check(policy(|policy| policy.require_numbers = true), "aaaaaa", "Password should have at least one number");
    check(
        policy(|policy| policy.require_lowercase = true),
        "AAAAAA",
        "Password should have at least one lowercase letter",
    );
    check(
        policy(|policy| policy.require_uppercase = true),
        "aaaaaa",
        "Password should have at least one uppercase letter",
    );
    let all = |policy: &mut PasswordPolicy| {
        policy.require_symbols = true;
        policy.require_numbers = true;
        policy.require_lowercase = true;
        policy.require_uppercase = true;
    };
    for symbol in "!@#$%^&*()_+-=[]{}|'".chars() {
        check(policy(all), &format!("Passw0rd{symbol}"), "");
    }
    check(policy(all), "Passw0rd~", "Password should have at least one symbol");
    check(
        policy(all),
        "aaaaaa",
        "Password should have at least one uppercase letter, Password should have at least one number, Password should have at least one symbol",
    );
}
