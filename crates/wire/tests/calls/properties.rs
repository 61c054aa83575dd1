use doorward_shapes::{SERVICES, check, iam, redact};
use doorward_wire::{RequestParts, parse_form, query, read};
use proptest::prelude::*;
use serde_json::json;

use crate::IAM;

/// Text as it comes back: XML 1.0 cannot hold most control characters.
fn storable(text: &str) -> String {
    let cannot =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if cannot(c) { '\u{fffd}' } else { c }).collect()
}

/// Text of the document's only `UserName`, as an XML parser reads it.
fn user_name(document: &[u8]) -> String {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_reader(document);
    let (mut inside, mut text) = (false, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => inside = start.local_name().as_ref() == "UserName",
            Event::End(_) => inside = false,
            Event::Text(part) if inside => text += &part.xml10_content(),
            Event::GeneralRef(part) if inside => match part.resolve_char_ref().unwrap() {
                Some(character) => text.push(character),
                None => text += quick_xml::escape::resolve_predefined_entity(&part).unwrap(),
            },
            Event::Eof => return text,
            _ => {}
        }
    }
}

fn percent_encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

proptest! {
    #[test]
    fn any_text_survives_the_response(text in any::<String>()) {
        let output = json!({"User": {"UserName": text}});
        let operation = iam::SERVICE.operation("GetUser").unwrap();
        prop_assert_eq!(user_name(&query::encode(&iam::SERVICE, operation, &output, "r")), storable(&text));
    }

    #[test]
    fn any_text_survives_the_request(text in any::<String>()) {
        let form = format!("{IAM}GetUser&UserName={}", percent_encode(&text));
        prop_assert_eq!(crate::form(&form), Ok(json!({"UserName": text})));
    }

    #[test]
    fn any_bytes_are_a_form_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_form(&bytes);
    }

    #[test]
    fn any_form_is_input_or_an_error(
        action in prop::sample::select(iam::SERVICE.operations.iter().map(|operation| operation.name).collect::<Vec<_>>()),
        parameters in prop::collection::vec("(Tags|TagKeys|UserName|MaxItems|x|)(\\.(member|entry|Key|Value|key|[0-9]{1,3}|)){0,5}=[a1]{0,2}", 0..8),
    ) {
        let form = format!("{IAM}{action}&{}", parameters.join("&"));
        let shape = iam::SERVICE.operation(action).unwrap().input;
        if let (Ok(input), Some(shape)) = (crate::form(&form), shape) {
            let _ = check(&iam::SERVICE, shape, &input);
            redact(shape, &input);
        }
    }

    #[test]
    fn any_request_is_answered(
        method in "GET|POST|PUT|[A-Z]{0,3}",
        path in "/|/v1/(authorize|events|accounts|decisions/.{0,5})|.{0,10}",
        query in ".{0,20}",
        target in prop::option::of(".{0,10}"),
        body in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let headers: Vec<(&str, &[u8])> = target.iter().map(|target| ("x-amz-target", target.as_bytes())).collect();
        let request = RequestParts { method: &method, path: &path, query: &query, headers: &headers, body: &body };
        let _ = read(SERVICES, &request);
    }
}
