use proptest::prelude::*;

use super::*;

/// Whether the text is accepted, and if not, the fault's offset.
#[track_caller]
fn check(text: &str, expect: Result<(), u32>) {
    let found = parse(text);
    assert_eq!(found.as_ref().map(|_| ()).map_err(|e| e.offset), expect, "{text:?}: {found:?}");
}

#[test]
fn accepts_what_rfc_8259_accepts() {
    for text in [
        "null",
        "true",
        " false ",
        "\t\r\n[]\n",
        "{}",
        "[ ]",
        "{ }",
        "0",
        "-0",
        "10",
        "-1.5",
        "1e5",
        "1E+5",
        "0.1e-07",
        "1e999",
        "123456789012345678901234567890",
        r#""""#,
        r#""a\"\\\/\b\f\n\r\tz""#,
        r#""é\u00e9\u20ac""#,
        r#""\ud83d\ude00""#,
        r#"[1,[2,{"a":[null]}],"x"]"#,
        r#"{"a":1,"b":{"a":1}}"#,
        "\"\u{7f}\"",
        r#""\u0001""#,
    ] {
        check(text, Ok(()));
    }
}

#[test]
fn refuses_what_rfc_8259_refuses() {
    for (text, offset) in [
        ("", 0),
        (" ", 1),
        ("nul", 0),
        ("True", 0),
        ("nulll", 4),
        ("1 2", 2),
        ("01", 1),
        ("-", 1),
        ("+1", 0),
        (".5", 0),
        ("1.", 2),
        ("1.e5", 2),
        ("1e", 2),
        ("0x10", 1),
        ("NaN", 0),
        ("[", 1),
        ("[1", 2),
        ("[1,", 3),
        ("[1,]", 3),
        ("[,1]", 1),
        ("[1 2]", 3),
        ("]", 0),
        ("{", 1),
        ("{a:1}", 1),
        ("{'a':1}", 1),
        (r#"{"a"}"#, 4),
        (r#"{"a":}"#, 5),
        (r#"{"a":1,}"#, 7),
        (r#"{"a":1 "b":2}"#, 7),
        (r#"{"a":1]"#, 6),
        (r#"{1:2}"#, 1),
        (r#""abc"#, 0),
        (r#"["abc"#, 1),
        (r#""\x""#, 1),
        (r#""\u12""#, 1),
        (r#""\u12g4""#, 1),
        (r#""\u+123""#, 1),
        ("\"\\", 1),
        ("\"a\nb\"", 2),
        ("\"\t\"", 1),
        ("// no\n1", 0),
        ("\u{a0}1", 0),
        ("\u{c}1", 0),
    ] {
        check(text, Err(offset));
    }
}

#[test]
fn b01_duplicate_keys_are_refused_at_any_depth() {
    for (text, offset) in [
        (r#"{"a":1,"a":2}"#, 7),
        (r#"{"a":1,"b":2,"a":1}"#, 13),
        (r#"{"x":{"a":1,"a":1}}"#, 12),
        (r#"[[{"a":[{"b":0,"b":0}]}]]"#, 15),
        (r#"{"a":1,"\u0061":2}"#, 7),
        (r#"{"":1,"":2}"#, 6),
        (r#"{"Condition":{"StringEquals":{"k":"v"},"StringEquals":{}}}"#, 39),
    ] {
        check(text, Err(offset));
    }
    check(r#"{"a":{"a":{"a":1}},"A":2,"a ":3}"#, Ok(()));
}

#[test]
fn b03_numbers_keep_their_text() {
    for text in ["9007199254740993", "9007199254740993.0", "5.50", "-0", "1e400", "123456789012345678901234567890"] {
        assert_eq!(parse(text).unwrap().value, Json::Number(text));
    }
}

/// Every way of writing each of these characters, in strings and outside of them.
#[test]
fn b04_encodings() {
    let mut cases = 0;
    let mut check = |text: String, expect: bool| {
        cases += 1;
        assert_eq!(parse(&text).is_ok(), expect, "{text:?}");
    };
    for code in 0..0x20u8 {
        let character = char::from(code);
        check(format!("\"{character}\""), false);
        check(format!("\"\\u{code:04x}\""), code != 0);
        check(format!("{{\"k{character}\":1}}"), false);
        let white_space = matches!(character, '\t' | '\n' | '\r');
        check(format!("{character}1{character}"), white_space);
    }
    for unit in [0xd800u16, 0xd801, 0xdbff, 0xdc00, 0xdc01, 0xdfff] {
        check(format!("\"\\u{unit:04x}\""), false);
        check(format!("\"\\u{unit:04X}\""), false);
        check(format!("\"\\u{unit:04x}x\""), false);
        check(format!("\"\\u{unit:04x}\\u0041\""), false);
        check(format!("\"\\u{unit:04x}\\n\""), false);
        check(format!("\"\\u{unit:04x}\\ud800\""), false);
        check(format!("\"\\u{unit:04x}\\udc00\""), unit < 0xdc00);
        check(format!("\"\\u{unit:04x}\\u\""), false);
    }
    for character in ['\u{7f}', '\u{80}', '\u{ff}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}', '😀']
    {
        check(format!("\"{character}\""), true);
        check(format!("{{\"{character}\":1}}"), true);
        check(format!("{character}1"), false);
        check(format!("1{character}"), false);
    }
    assert!(cases >= 200, "{cases}");
    assert_eq!(parse("\u{feff}{}").unwrap_err().message, "a byte order mark is not part of JSON");
}

#[test]
fn b05_depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check(&nested(MAX_DEPTH), Ok(()));
    check(&nested(MAX_DEPTH + 1), Err(20));
    check(&"[".repeat(MAX_BYTES), Err(20));
    check(&r#"{"a":"#.repeat(1000), Err(100));
}

/// Bombs of the API's greatest length must not take noticeably longer than plain text. The bound is generous for
/// machines under load: anything quadratic takes minutes.
#[test]
fn b05_size_bombs_take_linear_time() {
    let length = 131_072;
    let fill = |piece: &str| piece.repeat(length / piece.len());
    let keys: Vec<String> = (0..length / 10).map(|i| format!("\"{i:05}\":0")).collect();
    let long_keys: Vec<String> = (0..256).map(|i| format!("\"{}{i}\":0", "k".repeat(length / 256))).collect();
    let start = std::time::Instant::now();
    for text in [
        format!("[{}0]", fill("0,")),
        format!("\"{}\"", fill("\\u0041")),
        format!("\"{}", fill("a")),
        format!("[{}0]", fill("[],")),
        format!("{{{}}}", keys.join(",")),
        format!("{{{}}}", long_keys.join(",")),
        fill("9"),
        fill(" "),
    ] {
        let _result = parse(&text);
    }
    check(&" ".repeat(MAX_BYTES + 1), Err(0));
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn spans_cover_values_and_keys() {
    let text = r#" { "ké" : [ "a\n" , -1.5 , { } ] } "#;
    let root = parse(text).unwrap();
    assert_eq!(root.span.slice(text), text.trim());
    let Json::Object(members) = &root.value else { panic!() };
    assert_eq!(members[0].key.span.slice(text), "\"ké\"");
    let Json::Array(values) = &members[0].value.value else { panic!() };
    let texts: Vec<&str> = values.iter().map(|value| value.span.slice(text)).collect();
    assert_eq!(texts, [r#""a\n""#, "-1.5", "{ }"]);
}

/// Our value as the oracle's; numbers through the oracle itself.
fn to_oracle(value: &Value<'_>) -> serde_json::Value {
    match &value.value {
        Json::Null => serde_json::Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(text) => serde_json::from_str(text).unwrap(),
        Json::String(text) => text.as_ref().into(),
        Json::Array(values) => values.iter().map(to_oracle).collect(),
        Json::Object(members) => members.iter().map(|m| (m.key.value.to_string(), to_oracle(&m.value))).collect(),
    }
}

/// Checks every string's span: the text there is a JSON string of that value.
fn check_spans(text: &str, value: &Value<'_>) {
    let check = |span: Span, expect: &str| {
        assert_eq!(serde_json::from_str::<String>(span.slice(text)).unwrap(), expect);
    };
    match &value.value {
        Json::String(string) => check(value.span, string),
        Json::Array(values) => values.iter().for_each(|value| check_spans(text, value)),
        Json::Object(members) => members.iter().for_each(|member| {
            check(member.key.span, &member.key.value);
            check_spans(text, &member.value);
        }),
        _ => {}
    }
}

fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "[^\u{0}]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map("[^\u{0}]{0,4}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Text that is nearly JSON: its tokens in any order, so that the parser gets past the first character.
fn tokens() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "null",
            "true",
            "false",
            "0",
            "-1",
            "1.5",
            "1e3",
            "\"a\"",
            "\"b\"",
            "\"\\n\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            " ",
            "\n",
            "\"",
            "\\",
            "u",
            "é",
            "01",
            "tru",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

/// Whether a text is refused for what the oracle accepts: a repeated key, or U+0000.
fn is_stricter(error: &Error) -> bool {
    error.message.contains("occurs twice") || error.message.contains("U+0000")
}

proptest! {
    #[test]
    fn never_panics(text in any::<String>()) {
        let _result = parse(&text);
    }

    #[test]
    fn agrees_with_serde_json_on_nearly_json(text in tokens()) {
        prop_assume!(!parse(&text).is_err_and(|error| is_stricter(&error)));
        prop_assert_eq!(parse(&text).ok().map(|v| to_oracle(&v)), serde_json::from_str(&text).ok());
    }

    #[test]
    fn agrees_with_serde_json_on_values(tree in tree(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.unwrap();
        let value = parse(&text).unwrap();
        prop_assert_eq!(to_oracle(&value), serde_json::from_str::<serde_json::Value>(&text).unwrap());
        check_spans(&text, &value);
    }

    #[test]
    fn agrees_with_serde_json_on_damaged_text(tree in tree(), at: prop::sample::Index, junk in "[\\]\\[{}:,\"\\\\0-9a ]") {
        let mut text = serde_json::to_string(&tree).unwrap();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        text.insert_str(*at.get(&places), &junk);
        let found = parse(&text);
        prop_assume!(!found.as_ref().is_err_and(is_stricter));
        // The oracle refuses numbers that overflow its type; we keep their text.
        let oracle: Result<serde_json::Value, _> = serde_json::from_str(&text);
        prop_assume!(!oracle.as_ref().is_err_and(|error| error.to_string().contains("out of range")));
        prop_assert_eq!(found.is_ok(), oracle.is_ok(), "{}", text);
    }
}
