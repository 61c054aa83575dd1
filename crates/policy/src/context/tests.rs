use super::*;

fn check(context: &Context, key: &str, expect: Lookup<'_>) {
    assert_eq!(context.get(key), expect, "{key}");
}

#[test]
fn keys_are_found_in_any_case() {
    let context = Context::new().with("aws:SourceIp", "10.0.0.1").with("aws:PrincipalTag/Team", "red");
    check(&context, "aws:SourceIp", Lookup::One("10.0.0.1"));
    check(&context, "AWS:SOURCEIP", Lookup::One("10.0.0.1"));
    check(&context, "aws:principaltag/TEAM", Lookup::One("red"));
    check(&context, "aws:SourceIp2", Lookup::Absent);
    check(&context, "", Lookup::Absent);
}

#[test]
fn b07_only_ascii_letters_fold() {
    let context = Context::new().with("aws:PrincipalTag/kind", "1").with("aws:PrincipalTag/\u{c4}", "2");
    check(&context, "aws:PrincipalTag/\u{212a}ind", Lookup::Absent);
    check(&context, "aws:PrincipalTag/K\u{131}nd", Lookup::Absent);
    check(&context, "aws:PrincipalTag/\u{e4}", Lookup::Absent);
    check(&context, "aws:PrincipalTag/\u{ff4b}ind", Lookup::Absent);
    check(&context, "aws:PrincipalTag/\u{c4}", Lookup::One("2"));
    check(&context, "aws:PrincipalTag/A\u{308}", Lookup::Absent);
}

#[test]
fn keys_that_differ_by_case_and_value_are_ambiguous() {
    let context = Context::new()
        .with("aws:ResourceTag/env", "prod")
        .with("aws:ResourceTag/Env", "dev")
        .with("aws:ResourceTag/a", "same")
        .with("aws:ResourceTag/A", "same");
    check(&context, "aws:ResourceTag/env", Lookup::Ambiguous);
    check(&context, "aws:ResourceTag/ENV", Lookup::Ambiguous);
    check(&context, "aws:ResourceTag/a", Lookup::One("same"));
    assert_eq!(context.len(), 3);
}

#[test]
fn one_value_and_a_list_of_it_are_not_the_same() {
    let context = Context::new().with("k", "v").with("k", ["v"]);
    check(&context, "k", Lookup::Ambiguous);
}

#[test]
fn an_empty_list_is_absent_and_an_empty_text_is_not() {
    let context = Context::new().with("list", Vec::new()).with("text", "").with("many", ["a", "b"]);
    check(&context, "list", Lookup::Absent);
    check(&context, "text", Lookup::One(""));
    check(&context, "many", Lookup::Many(&["a".to_owned(), "b".to_owned()]));
}

#[test]
fn iteration_keeps_the_order_and_rebuilds_the_context() {
    let context = Context::new().with("z", "1").with("a", ["2"]).with("Z", "3").with("m", "4");
    let keys: Vec<_> = context.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["z", "a", "Z", "m"]);
    let again: Context = context.iter().map(|(key, values)| (key, values.clone())).collect();
    assert_eq!(again, context);
    check(&again, "z", Lookup::Ambiguous);
}

#[test]
fn contexts_are_equal_when_all_is() {
    let context = || Context::with_capacity(2).with("a:b", "1").with("c:d", ["2", "3"]);
    assert_eq!(context(), context());
    assert_ne!(context(), Context::new().with("a:b", "1"));
    assert_ne!(context(), context().with("e:f", "4"));
    assert_ne!(context(), Context::new().with("a:b", "1").with("c:d", ["2", "4"]));
    assert_ne!(context(), Context::new().with("a:B", "1").with("c:d", ["2", "3"]));
    assert_eq!(context().iter().map(|(key, values)| (key, values.clone())).collect::<Context>(), context());
    assert!(Context::new().is_empty());
    assert!(!context().is_empty());
    assert!(Context::with_capacity(20).entries.capacity() >= 20);
}

#[test]
fn values_are_gone_through() {
    let all = |values: Values<'_>| values.iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(all("1".into()), ["1"]);
    assert_eq!(all(["2", "3"].into()), ["2", "3"]);
    assert_eq!(all(Vec::new().into()), [""; 0]);
}

/// A hash that does not tell names apart would make every search a long one.
#[test]
fn hashes_tell_names_apart() {
    let mut names: Vec<String> = (0..200).map(|number| format!("aws:PrincipalTag/k{number}")).collect();
    names.extend((b'a'..=b'z').map(|letter| char::from(letter).to_string()));
    names.extend(["s3", "s4", "3s", "ss3", "ec2", "ec", "abcdefg", "abcdefh", "bbcdefg"].map(str::to_owned));
    names
        .extend(["abcdefgh", "abcdefghi", "abcdefghij", "bbcdefgh", "abcdefgi", "abcdefghabcdefgh"].map(str::to_owned));
    let hashes: std::collections::BTreeSet<u64> = names.iter().map(|name| folded_hash(name.as_bytes())).collect();
    assert_eq!(hashes.len(), names.len());
    let bits: std::collections::BTreeSet<u64> = names.iter().map(|name| Key::from(name.as_str()).bit()).collect();
    assert!(bits.len() > 32, "{} bits of 64 for {} names", bits.len(), names.len());
    assert!(bits.iter().all(|bit| bit.is_power_of_two()));
    for name in &names {
        assert_eq!(folded_hash(name.as_bytes()), folded_hash(name.to_ascii_uppercase().as_bytes()), "{name}");
    }
}
