use doorward_directory::ParameterKind::{self, Arn, ArnList, Number, NumberList, String as Text, StringList};

use super::{is_value, name_in};

#[track_caller]
fn check(kinds: &[ParameterKind], value: &str, expect: bool) {
    for kind in kinds {
        assert_eq!(is_value(*kind, value), expect, "{kind:?} {value:?}");
    }
}

const ALL: &[ParameterKind] = &[Text, StringList, Number, NumberList, Arn, ArnList];
const ARN: &str = "arn:aws:s3:::bucket/key";

#[test]
fn values_are_of_their_type() {
    for text in ["a", "ec2.amazonaws.com", "/aws/lambda/x", "two words", "a@example.com", "quo\"te"] {
        check(&[Text, StringList], text, true);
        check(&[Number, NumberList, Arn, ArnList], text, false);
    }
    for number in ["0", "-1", "12.5", "007"] {
        check(&[Text, Number, NumberList], number, true);
    }
    for number in ["", "-", "1.", ".5", "1e3", "+1", "1 ", "١"] {
        check(&[Number, NumberList], number, false);
    }
    check(&[Number], &"1".repeat(33), false);
    check(&[Arn, ArnList], ARN, true);
    check(&[Arn, ArnList], "arn:aws:s3", false);
}

/// A20: whoever may make roles from a template makes of it no more than it says.
#[test]
fn a20_no_value_means_anything_in_a_policy() {
    for special in ["*", "?", "$", "{", "}", "\n", "\u{0}"] {
        check(ALL, special, false);
        check(ALL, &format!("{ARN}{special}"), false);
        check(ALL, &format!("1{special}"), false);
    }
    check(&[Text, StringList], "us-east-1:111122223333:function:other", false);
    check(ALL, "", false);
    check(&[Text], &"a".repeat(1_024), true);
    check(&[Text], &"a".repeat(1_025), false);
}

#[test]
fn arns_of_role_templates_have_one_form() {
    let name = |rest: &str| name_in(&format!("arn:aws:iam::aws:role-template/{rest}")).map(str::to_owned);
    assert_eq!(name("example.com/Reader:1").as_deref(), Some("example.com/Reader:1"));
    for rest in ["", "Reader:1", "example.com/Reader", "example.com/:1", "/Reader:1", "example.com/Reader:", "a/b:x"] {
        assert_eq!(name(rest), None, "{rest}");
    }
    assert_eq!(name_in("arn:aws:iam::111122223333:role-template/example.com/Reader:1"), None);
}
