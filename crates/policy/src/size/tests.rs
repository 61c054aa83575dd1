use super::*;

#[test]
fn white_space_between_tokens_is_not_counted() {
    for (text, size) in [
        ("", 0),
        ("{}", 2),
        (" { \t\r\n } ", 2),
        (r#"{"a": "b c"}"#, 11),
        (r#"{"a" : "b\" c" }"#, 13),
        (r#"{"a":"b\\" , "c":" "}"#, 19),
        (r#"{"a":"  "#, 8),
        ("\"é\"", 3),
        ("a b", 2),
        (r#"\" x"#, 4),
        (r#"" \\" "#, 5),
    ] {
        assert_eq!(counted_size(text), size, "{text:?}");
    }
}

#[test]
fn size_is_that_of_the_compact_text() {
    let pretty = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [ { \"Sid\": \"a b\\\\\" } ]\n}";
    let compact = serde_json::from_str::<serde_json::Value>(pretty).unwrap().to_string();
    assert_eq!(counted_size(pretty), compact.len());
}

#[test]
fn characters_allowed_in_the_parameter() {
    let message = "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.";
    for text in ["", "{}", "\t\n\r ~", "\u{7f}\u{80}\u{ff}"] {
        assert_eq!(check_characters(text, "policyDocument"), Ok(()), "{text:?}");
    }
    for text in ["\0", "\u{b}", "\u{1f}", "{\u{100}}", "\u{feff}{}", "😀", "\u{2028}"] {
        assert_eq!(check_characters(text, "policyDocument"), Err(message.to_owned()), "{text:?}");
    }
}
