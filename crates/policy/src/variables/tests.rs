use super::*;
use crate::pattern::STEP_BUDGET;

fn context() -> Context<'static> {
    Context::new()
        .with("aws:username", "alice")
        .with("aws:PrincipalTag/team", "a*b:c")
        .with("aws:PrincipalTag/none", "")
        .with("aws:TagKeys", ["x"])
        .with("aws:ResourceTag/e", "1")
        .with("aws:ResourceTag/E", "2")
}

/// Reads and writes down: text as it is, values in `<>`, wildcards as `ANY` and `ONE`, separators as `|`.
fn show(pattern: &str, syntax: Syntax) -> String {
    let context = context();
    let mut meter = Meter::new(STEP_BUDGET);
    let pattern = Pattern::read(pattern, syntax, Version::V2012);
    let tokens: Tokens<'_> = match &pattern {
        Pattern::Fixed(parts) => parts.iter().map(Element::token).collect(),
        Pattern::Template(template) => match template.resolve(&context, &mut meter) {
            Ok(tokens) => tokens,
            Err(Unresolved) => return "unresolved".into(),
        },
    };
    let shown = tokens.iter().map(|token| match token {
        Token::Text(text) => (*text).to_owned(),
        Token::Value(value) => format!("<{value}>"),
        Token::AnyRun => "ANY".into(),
        Token::AnyChar => "ONE".into(),
        Token::Colon => "|".into(),
    });
    shown.collect()
}

#[track_caller]
fn check(pattern: &str, expect: &str) {
    assert_eq!(show(pattern, Syntax::Glob), expect, "{pattern}");
}

#[test]
fn references() {
    check("b/${aws:username}/*", "b/<alice>/ANY");
    check("${AWS:USERNAME}", "<alice>");
    check("${aws:PrincipalTag/team}", "<a*b:c>");
    check("${aws:absent}", "unresolved");
    check("${aws:absent, 'de fault*'}", "<de fault*>");
    check("${aws:absent, ''}", "");
    check("${aws:username, 'x'}", "<alice>");
    check("${aws:PrincipalTag/none}", "unresolved");
    check("${aws:PrincipalTag/none, 'x'}", "<x>");
    check("${aws:TagKeys}", "unresolved");
    check("${aws:TagKeys, 'x'}", "<x>");
    check("${aws:ResourceTag/e}", "unresolved");
    check("${aws:ResourceTag/e, 'x'}", "unresolved");
    check("${*}${?}${$}", "<*><?><$>");
    check("$${aws:username}", "$<alice>");
}

#[test]
fn malformed_references_are_text() {
    check("a${", "a${");
    check("a${}", "a${}");
    check("${aws:username", "${aws:username");
    check("${ aws:username}", "${ aws:username}");
    check("${aws:user name}", "${aws:user name}");
    check("${aws:absent,'x'}", "${aws:absent,'x'}");
    check("${aws:absent, x}", "${aws:absent, x}");
    check("${aws:absent, 'x}", "${aws:absent, 'x}");
    check("${**}", "${ANYANY}");
    check("${}${aws:username}", "${}<alice>");
    check("$aws:username}", "$aws:username}");
}

#[test]
fn syntaxes() {
    let pattern = "arn:*:${aws:PrincipalTag/team}:x?";
    assert_eq!(show(pattern, Syntax::Literal), "arn:*:<a*b:c>:x?");
    assert_eq!(show(pattern, Syntax::Glob), "arn:ANY:<a*b:c>:xONE");
    assert_eq!(show(pattern, Syntax::ResourceArn), "arn|ANY|<a*b:c>|xONE");
    assert_eq!(show(pattern, Syntax::ConditionArn), "arn|ANY|<a*b>|<c>|xONE");
    assert_eq!(show("a:b:c:d:e:f:g", Syntax::ResourceArn), "a|b|c|d|e|f:g");
}

#[test]
fn without_variables_all_is_text() {
    let pattern = Pattern::read("${aws:username}", Syntax::Glob, Version::V2008);
    assert_eq!(pattern, Pattern::Fixed(vec![Part::Text("${aws:username}".into())]));
}

#[test]
fn what_a_component_begins_with() {
    let start = |pattern: &str, component| match Pattern::read(pattern, Syntax::ResourceArn, Version::V2012) {
        Pattern::Template(template) => template.literal_start(component).to_owned(),
        fixed @ Pattern::Fixed(_) => panic!("{fixed:?}"),
    };
    assert_eq!(start("arn:aws:s3:::home/${aws:username}/*", 5), "home/");
    assert_eq!(start("arn:aws:s3:::home/${aws:username}/*", 0), "arn");
    assert_eq!(start("arn:aws:s3:::home/${aws:username}/*", 2), "s3");
    assert_eq!(start("arn:aws:s3:::home/${aws:username}/*", 3), "");
    assert_eq!(start("arn:aws:s3:::${aws:username}/x", 5), "");
    assert_eq!(start("arn:aws:s3:::*/${aws:username}", 5), "");
    assert_eq!(start("arn:aws:iam::${aws:PrincipalAccount}:role/x:y", 5), "role/x:y");
    assert_eq!(start("arn:aws:${aws:username}", 5), "");
}

#[test]
fn keys_in_patterns() {
    let found: Vec<_> = keys("${a:b}/${*}/${c:d, '${e:f}'}${g").collect();
    assert_eq!(found, ["a:b", "c:d"]);
}

/// Unclosed references must not be searched to the end again and again.
#[test]
fn b06_many_malformed_references_are_read_in_time() {
    for part in ["${", "${a", "${a, '", "${a, "] {
        let pattern = part.repeat(131_072 / part.len());
        let start = std::time::Instant::now();
        assert!(matches!(Pattern::read(&pattern, Syntax::Glob, Version::V2012), Pattern::Fixed(_)), "{part}");
        assert!(start.elapsed() < std::time::Duration::from_secs(1), "{part}");
    }
}
