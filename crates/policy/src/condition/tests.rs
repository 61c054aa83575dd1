use super::*;
use crate::context::Values;
use crate::document::{Span, Spanned};
use crate::pattern::STEP_BUDGET;

fn spanned(value: &str) -> Spanned<String> {
    Spanned { value: value.into(), span: Span::default() }
}

fn holds_for(operator: Operator, policy: &[&str], context: &Context, effect: Effect) -> bool {
    let condition = Condition {
        operator: Spanned { value: operator, span: Span::default() },
        key: spanned("k"),
        values: policy.iter().map(|value| spanned(value)).collect(),
    };
    let mut meter = Meter::new(STEP_BUDGET);
    let holds = Test::new(&condition, Version::V2012).holds(Scope { effect, context }, &mut meter);
    assert!(!meter.is_exhausted());
    holds
}

/// One value against one value, with an Allow's eyes.
#[track_caller]
fn check(operator: &str, policy: &str, request: &str, expect: bool) {
    let parsed = Operator::parse(operator).unwrap();
    let context = Context::new().with("k", request);
    assert_eq!(holds_for(parsed, &[policy], &context, Effect::Allow), expect, "{operator} {policy} on {request}");
}

/// An operator with values of the policy, one value that matches them and one that does not, for the positive form.
struct Sample {
    positive: &'static str,
    negated: Option<&'static str>,
    policy: [&'static str; 2],
    hit: &'static str,
    miss: &'static str,
}

const fn sample(
    positive: &'static str,
    negated: &'static str,
    policy: [&'static str; 2],
    hit: &'static str,
    miss: &'static str,
) -> Sample {
    let negated = if negated.is_empty() { None } else { Some(negated) };
    Sample { positive, negated, policy, hit, miss }
}

const SAMPLES: &[Sample] = &[
    sample("StringEquals", "StringNotEquals", ["a", "b"], "b", "B"),
    sample("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", ["a", "b"], "B", "c"),
    sample("StringLike", "StringNotLike", ["a", "b*"], "bc", "c"),
    sample("NumericEquals", "NumericNotEquals", ["1", "2"], "2.0", "3"),
    sample("NumericLessThan", "", ["1", "2"], "1.5", "2"),
    sample("NumericLessThanEquals", "", ["1", "2"], "2", "2.1"),
    sample("NumericGreaterThan", "", ["1", "2"], "1.5", "1"),
    sample("NumericGreaterThanEquals", "", ["1", "2"], "1", "0.9"),
    sample("DateEquals", "DateNotEquals", ["2020-01-01", "2021-01-01"], "2021-01-01T00:00Z", "2022-01-01"),
    sample("DateLessThan", "", ["2020-01-01", "2021-01-01"], "2020-06-01", "2021-01-01"),
    sample("DateLessThanEquals", "", ["2020-01-01", "2021-01-01"], "2021-01-01", "2021-01-02"),
    sample("DateGreaterThan", "", ["2020-01-01", "2021-01-01"], "2020-06-01", "2020-01-01"),
    sample("DateGreaterThanEquals", "", ["2020-01-01", "2021-01-01"], "2020-01-01", "2019-12-31"),
    sample("Bool", "", ["true", "true"], "True", "false"),
    sample("BinaryEquals", "", ["YWI=", "YWM="], "YWM=", "YWQ="),
    sample("IpAddress", "NotIpAddress", ["10.0.0.0/8", "2001:db8::/32"], "10.1.2.3", "11.0.0.1"),
    sample("ArnEquals", "ArnNotEquals", ["arn:a:b:c:d:e", "arn:*:b:c:d:f*"], "arn:x:b:c:d:fg", "arn:x:y:c:d:f"),
    sample("ArnLike", "ArnNotLike", ["arn:a:b:c:d:e", "arn:*:b:c:d:f*"], "arn:x:b:c:d:fg", "arn:x:y:c:d:f"),
];

/// What the request holds under the key.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    Absent,
    EmptyList,
    EmptyText,
    Hit,
    Miss,
    ListOfHit,
    ListOfBoth,
    ListOfMisses,
    Ambiguous,
}

const HELD: [Held; 9] = [
    Held::Absent,
    Held::EmptyList,
    Held::EmptyText,
    Held::Hit,
    Held::Miss,
    Held::ListOfHit,
    Held::ListOfBoth,
    Held::ListOfMisses,
    Held::Ambiguous,
];

fn context_for(held: Held, sample: &Sample) -> Context<'static> {
    let (hit, miss) = (sample.hit, sample.miss);
    let context = Context::new();
    match held {
        Held::Absent => context,
        Held::EmptyList => context.with("k", Vec::new()),
        Held::EmptyText => context.with("k", ""),
        Held::Hit => context.with("k", hit),
        Held::Miss => context.with("k", miss),
        Held::ListOfHit => context.with("k", [hit]),
        Held::ListOfBoth => context.with("k", [miss, hit]),
        Held::ListOfMisses => context.with("k", [miss, miss]),
        Held::Ambiguous => context.with("k", hit).with("K", miss),
    }
}

/// The table, written down: for positive and negated operators without a set operator, and with either.
fn expected(set: Option<SetOperator>, negated: bool, if_exists: bool, held: Held, effect: Effect) -> bool {
    use Held::*;
    let missing = matches!(held, Absent | EmptyList);
    if if_exists && missing {
        return true;
    }
    if held == Ambiguous {
        return effect == Effect::Deny;
    }
    match (set, negated) {
        (None, false) => matches!(held, Hit),
        (None, true) => missing || matches!(held, Miss),
        (Some(SetOperator::ForAllValues), false) => missing || matches!(held, EmptyText | Hit | ListOfHit),
        (Some(SetOperator::ForAllValues), true) => missing || matches!(held, EmptyText | Miss | ListOfMisses),
        (Some(SetOperator::ForAnyValue), false) => matches!(held, Hit | ListOfHit | ListOfBoth),
        (Some(SetOperator::ForAnyValue), true) => matches!(held, Miss | ListOfMisses | ListOfBoth),
    }
}

#[test]
fn a13_truth_table_of_every_operator() {
    let mut cases = 0;
    for sample in SAMPLES {
        for (name, negated) in [(Some(sample.positive), false), (sample.negated, true)] {
            let Some(base) = name.map(|name| Operator::parse(name).unwrap().base) else { continue };
            assert_eq!(is_negated(base), negated);
            for set in [None, Some(SetOperator::ForAllValues), Some(SetOperator::ForAnyValue)] {
                for (if_exists, held) in [false, true].into_iter().flat_map(|exists| HELD.map(|held| (exists, held))) {
                    // Without a set operator an empty text is a value like others, or none that can be read.
                    if held == Held::EmptyText && set.is_none() {
                        continue;
                    }
                    for effect in [Effect::Allow, Effect::Deny] {
                        let operator = Operator { set, base, if_exists };
                        let context = context_for(held, sample);
                        let actual = holds_for(operator, &sample.policy, &context, effect);
                        let expect = expected(set, negated, if_exists, held, effect);
                        assert_eq!(actual, expect, "{operator:?} {held:?} {effect:?}");
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, 2704);
}

#[test]
fn every_operator_is_in_the_table() {
    let sampled = SAMPLES.iter().flat_map(|sample| [Some(sample.positive), sample.negated]).flatten();
    let sampled: Vec<_> = sampled.collect();
    for base in Base::ALL {
        assert!(*base == Base::Null || sampled.contains(&base.name()), "{base:?}");
    }
}

#[test]
fn null() {
    let operator = Operator::parse("Null").unwrap();
    let cases: [(&[&str], Context, bool); 8] = [
        (&["true"], Context::new(), true),
        (&["TRUE"], Context::new(), true),
        (&["false"], Context::new(), false),
        (&["true"], Context::new().with("k", Vec::new()), true),
        (&["false"], Context::new().with("k", ""), true),
        (&["false"], Context::new().with("k", ["a"]), true),
        (&["yes"], Context::new(), false),
        (&[], Context::new(), false),
    ];
    for (policy, context, expect) in cases {
        for set in [None, Some(SetOperator::ForAllValues), Some(SetOperator::ForAnyValue)] {
            let operator = Operator { set, ..operator };
            assert_eq!(holds_for(operator, policy, &context, Effect::Allow), expect, "{policy:?} {context:?}");
        }
    }
}

#[test]
fn no_values_in_the_policy() {
    for (operator, context, expect) in [
        ("StringEquals", Context::new().with("k", "v"), false),
        ("StringNotEquals", Context::new().with("k", "v"), true),
        ("StringEqualsIfExists", Context::new(), true),
        ("StringEqualsIfExists", Context::new().with("k", "v"), false),
        ("ForAllValues:StringEquals", Context::new(), true),
        ("ForAllValues:StringEquals", Context::new().with("k", ["v"]), false),
        ("ForAnyValue:StringEquals", Context::new().with("k", ["v"]), false),
    ] {
        let parsed = Operator::parse(operator).unwrap();
        assert_eq!(holds_for(parsed, &[], &context, Effect::Allow), expect, "{operator} {context:?}");
    }
}

#[test]
fn numbers() {
    for (left, right) in [
        ("10", "10.0"),
        ("10", "010"),
        ("10", "+10"),
        ("10", "1e1"),
        ("10", "100E-1"),
        ("0", "-0.0"),
        ("0", "0e99"),
        (".5", "0.50"),
        ("5.", "5"),
        ("0.0012", "1.2e-3"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.500"),
    ] {
        check("NumericEquals", left, right, true);
        check("NumericLessThan", left, right, false);
        check("NumericGreaterThanEquals", left, right, true);
    }
    for (less, more) in [
        ("-10", "-9"),
        ("-1", "0"),
        ("9", "10"),
        ("9.99", "10"),
        ("0.09", "0.1"),
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.10000000000000000000000000001"),
        ("1", "1e2147483647"),
        ("1e-2147483648", "1"),
        ("-1e9", "1e-9"),
    ] {
        check("NumericLessThan", more, less, true);
        check("NumericLessThan", less, more, false);
        check("NumericNotEquals", more, less, true);
    }
}

#[test]
fn what_cannot_be_read_satisfies_no_allow_and_every_negated_deny() {
    let samples: [(&str, &str, &[&str], &str); 3] = [
        (
            "NumericEquals",
            "NumericNotEquals",
            &["", "abc", "1,5", "1e", "1e5.5", "--1", "0x10", "1 ", "\u{661}", "1e99999999999", "."],
            "1",
        ),
        (
            "DateEquals",
            "DateNotEquals",
            &[
                "",
                "today",
                "2020-13",
                "2020-01-32",
                "2020-01-01T24:00",
                "2020-01-01T00:60",
                "2020-01-01T00:00+1",
                "T00:00",
                "2020-1-1-1",
                "1.5",
                "2020-01-01T00:00.5",
                "2020-01-01T00:00:00.1234567890",
                "300000000-01-01",
            ],
            "2020-01-01",
        ),
        (
            "IpAddress",
            "NotIpAddress",
            &[
                "",
                "10",
                "10.0.0.256",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/",
                "10.0.0.0/+8",
                "010.0.0.1",
                "10.0.0.0/8/8",
                "::g",
            ],
            "10.0.0.1",
        ),
    ];
    for (positive, negated, unreadable, readable) in samples {
        for text in unreadable {
            // In the policy and in the request.
            for (policy, request) in [(*text, readable), (readable, *text)] {
                let context = Context::new().with("k", request);
                let judge =
                    |operator, effect| holds_for(Operator::parse(operator).unwrap(), &[policy], &context, effect);
                // A range is nothing that a request could come from.
                assert!(!judge(positive, Effect::Allow), "{positive} {policy} {request}");
                assert!(!judge(positive, Effect::Deny), "{positive} {policy} {request}");
                assert!(!judge(negated, Effect::Allow), "{negated} {policy} {request}");
                assert!(judge(negated, Effect::Deny), "{negated} {policy} {request}");
            }
        }
    }
    // A readable value that matches decides.
    let context = Context::new().with("k", "7");
    let not_equals = Operator::parse("NumericNotEquals").unwrap();
    assert!(!holds_for(not_equals, &["abc", "7"], &context, Effect::Deny));
}

#[test]
fn dates() {
    for (left, right) in [
        ("1970-01-01T00:00:00Z", "0"),
        ("2026-01-15T12:00:00Z", "1768478400"),
        ("2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00"),
        ("2020-01-01T00:00:00Z", "2019-12-31T18:30:00-05:30"),
        ("2020", "33"),
        ("2020-01", "2020-01-01"),
        ("2020-01-01", "2020-01-01T00:00"),
        ("2020-03-01", "2020-02-30"),
        ("2020-02-29T12:00:00.5z", "2020-02-29t12:00:00.500000000Z"),
        ("2000-03-01T00:00:00Z", "951868800"),
        ("1900-03-01", "1900-02-29"),
        ("2016-12-13t2:00:00.593194+23", "2016-12-12T03:00:00.593194Z"),
        ("01T", "1-01-01"),
        ("-1-12-31T23:59:59Z", "-1-12-31T23:59:59"),
        ("1970-01-01T01:02:03Z", "3723"),
        ("1970-01-01T00:00:30Z", "30"),
        ("2020-01-01T+01:00", "2019-12-31T23:00:00Z"),
        ("2020-01-01T-01:30", "2020-01-01T01:30:00Z"),
    ] {
        // A bare number is seconds, so `2020` is not the year.
        let expect = left != "2020";
        check("DateEquals", left, right, expect);
    }
    for (less, more) in [
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000000001Z"),
        ("-292275054", "0"),
        ("2019-12-31T23:59:59Z", "2020"),
        ("1969-12-31T23:59:59Z", "0"),
    ] {
        let expect = more != "2020";
        check("DateLessThan", more, less, expect);
    }
}

/// What cannot be read is equal to nothing, not even to itself.
#[test]
fn no_dates() {
    for text in [
        "",
        "+5",
        "5a",
        "1e3",
        "T",
        "-",
        "2020-",
        "2020-001",
        "2020-13",
        "2020-00",
        "2020-01-00",
        "2020-01-32",
        "2020-01-01-01",
        "2020-01-01T24:00",
        "2020-01-01T00:60",
        "2020-01-01T00:00:60",
        "2020-01-01T000:00",
        "2020-01-01T00:00:00:00",
        "2020-01-01T00:00.5",
        "2020-01-01T00:00:00.",
        "2020-01-01T00:00:00.0123456789",
        "2020-01-01T00:00:00.x",
        "2020-01-01T00:00+24:00",
        "2020-01-01T00:00+01:60",
        "2020-01-01T00:00+1",
        "2020-01-01T00:00+001",
        "2020-01-01T00:00+",
        "2020-01-01T00:00ZZ",
        "1234567890-01-01",
        "292278994-01-01",
        "-292275055-01-01",
    ] {
        check("DateEquals", text, text, false);
    }
}

#[test]
fn addresses() {
    for (policy, request, expect) in [
        ("203.0.113.5", "203.0.113.5", true),
        ("203.0.113.7/24", "203.0.113.200", true),
        ("203.0.113.0/24", "203.0.114.0", false),
        ("0.0.0.0/0", "255.255.255.255", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "10.0.0.1", false),
        ("::/0", "::ffff:10.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ("::ffff:10.0.0.0/104", "11.9.9.9", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("2001:db8::1", "2001:0DB8:0:0::0001", true),
        ("2001:db8::/127", "2001:db8::1", true),
        ("2001:db8::/127", "2001:db8::2", false),
        ("::1/128", "::1", true),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201", true),
    ] {
        check("IpAddress", policy, request, expect);
        check("NotIpAddress", policy, request, !expect);
    }
}

#[test]
fn arns() {
    for (policy, request, expect) in [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c", true),
        ("arn:aws:s3:::B", "arn:aws:s3:::b", false),
        ("arn:AWS:s3:::b", "arn:aws:s3:::b", false),
        ("arn:*:s3:::b", "arn:aws-cn:s3:::b", true),
        ("arn:aws:s3:*:b", "arn:aws:s3:::b", false),
        ("*", "arn:aws:s3:::b", false),
        ("arn:aws:s3:::b", "b", false),
        ("b", "b", false),
        ("*:*:*:*:*:*", "a:b:c:d:e:f", true),
    ] {
        check("ArnLike", policy, request, expect);
        check("ArnEquals", policy, request, expect);
        check("ArnNotLike", policy, request, !expect);
        check("ArnNotEquals", policy, request, !expect);
    }
}

#[test]
fn binary() {
    for (policy, request, expect) in [
        ("", "", true),
        ("YQ==", "YQ==", true),
        ("YQ==", "YQ", false),
        ("YQ", "YQ", false),
        ("YR==", "YR==", false),
        ("YWI=", "YWI=", true),
        ("YWJ=", "YWJ=", false),
        ("YW!=", "YW!=", false),
        ("A===", "A===", false),
        ("====", "====", false),
        ("+/09", "+/09", true),
        ("azAZ", "azAZ", true),
        ("aa==", "aa==", false),
        ("ag==", "ag==", true),
        ("zw==", "zw==", true),
        ("5w==", "5w==", true),
        ("+w==", "+w==", true),
        ("YW8=", "YW8=", true),
        ("YW/=", "YW/=", false),
    ] {
        check("BinaryEquals", policy, request, expect);
    }
}

#[test]
fn variables_expand_where_they_may() {
    let context = Context::new()
        .with("k", "alice")
        .with("name", "alice")
        .with("arn", "arn:aws:iam::1:user/a")
        .with("truth", "true")
        .with("number", "5")
        .with("flag", "TRUE");
    let judge = |operator: &str, key: &str, policy: &str| {
        let condition = Condition {
            operator: Spanned { value: Operator::parse(operator).unwrap(), span: Span::default() },
            key: spanned(key),
            values: vec![spanned(policy)],
        };
        let scope = Scope { effect: Effect::Allow, context: &context };
        Test::new(&condition, Version::V2012).holds(scope, &mut Meter::new(STEP_BUDGET))
    };
    for (operator, key, policy, expect) in [
        ("StringEquals", "k", "${name}", true),
        ("StringEqualsIgnoreCase", "k", "AL${absent, 'ICE'}", true),
        ("StringLike", "k", "a*${absent, 'e'}", true),
        ("ArnEquals", "arn", "${arn}", true),
        ("ArnLike", "arn", "arn:aws:iam::1:*/${absent, 'a'}", true),
        ("Bool", "truth", "${flag}", true),
        ("NumericEquals", "number", "${number}", false),
        ("StringEquals", "k", "${absent}", false),
        ("StringNotEquals", "k", "${absent}", true),
        ("StringNotLike", "k", "${absent}*", true),
        ("ArnNotLike", "arn", "${absent}", true),
    ] {
        assert_eq!(judge(operator, key, policy), expect, "{operator} {policy}");
    }
}

#[test]
fn nothing_expands_in_the_old_version() {
    let context = Context::new().with("k", "${name}").with("name", "alice");
    let condition = Condition {
        operator: Spanned { value: Operator::parse("StringEquals").unwrap(), span: Span::default() },
        key: spanned("k"),
        values: vec![spanned("${name}")],
    };
    let scope = Scope { effect: Effect::Allow, context: &context };
    assert!(Test::new(&condition, Version::V2008).holds(scope, &mut Meter::new(STEP_BUDGET)));
}

#[test]
fn b07_ignoring_case_is_for_ascii_letters() {
    check("StringEqualsIgnoreCase", "kevin", "KEVIN", true);
    check("StringEqualsIgnoreCase", "kevin", "\u{212a}evin", false);
    check("StringEqualsIgnoreCase", "stra\u{df}e", "STRASSE", false);
    check("StringEqualsIgnoreCase", "i", "\u{131}", false);
}

#[test]
fn a_condition_of_many_values_keeps_to_the_budget() {
    let values: Vec<String> = (0..2000).map(|n| format!("*{n}*")).collect();
    let policy: Vec<&str> = values.iter().map(String::as_str).collect();
    let context = Context::new().with("k", Values::Many(vec!["x".repeat(2000); 100]));
    let condition = Condition {
        operator: Spanned { value: Operator::parse("ForAllValues:StringNotLike").unwrap(), span: Span::default() },
        key: spanned("k"),
        values: policy.iter().map(|value| spanned(value)).collect(),
    };
    let scope = Scope { effect: Effect::Allow, context: &context };
    let mut meter = Meter::new(STEP_BUDGET / 100);
    let _ = Test::new(&condition, Version::V2012).holds(scope, &mut meter);
    assert!(meter.is_exhausted());
}
