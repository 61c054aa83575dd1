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
