use doorward_shapes::{Error, common, doorward, iam, sts};
use doorward_wire::{RequestParts, encode, refuse};

fn request<'a>(path: &'a str, headers: &'a [(&'a str, &'a [u8])]) -> RequestParts<'a> {
    RequestParts { method: "POST", path, query: "", headers, body: b"" }
}

#[test]
fn query_errors_have_awss_form() {
    let error = iam::error::no_such_entity("The user with name <a> cannot be found.");
    let sent = encode(&iam::SERVICE, iam::SERVICE.operation("GetUser").unwrap(), &Err(error), "r-1");
    assert_eq!((sent.status, sent.content_type), (404, "text/xml"));
    assert_eq!(sent.headers, [("x-amzn-requestid", "r-1".to_owned())]);
    assert_eq!(
        String::from_utf8(sent.body).unwrap(),
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
         <Code>NoSuchEntity</Code><Message>The user with name &lt;a&gt; cannot be found.</Message></Error>\
         <RequestId>r-1</RequestId></ErrorResponse>"
    );
    let failure = encode(&sts::SERVICE, &sts::SERVICE.operations[0], &Err(common::internal_failure("")), "r-1");
    assert_eq!(failure.status, 500);
    assert!(
        String::from_utf8(failure.body)
            .unwrap()
            .contains("<Error><Type>Receiver</Type><Code>InternalFailure</Code><Message/></Error>")
    );
}

#[test]
fn json_errors_carry_their_type_twice() {
    let check = |error: Error, status: u16, code: &str| {
        let sent = encode(&doorward::SERVICE, &doorward::SERVICE.operations[0], &Err(error), "r-1");
        assert_eq!((sent.status, sent.content_type), (status, "application/json"));
        assert_eq!(sent.headers[1], ("x-amzn-errortype", code.to_owned()));
        assert_eq!(String::from_utf8(sent.body).unwrap(), format!(r#"{{"__type":"{code}","message":"no"}}"#));
    };
    check(doorward::error::resource_not_found("no"), 404, "ResourceNotFoundException");
    check(common::access_denied("no"), 403, "AccessDeniedException");
    check(common::validation_error("no"), 400, "ValidationException");
    check(common::malformed_query_string("no"), 400, "SerializationException");
    check(common::signature_does_not_match("no"), 403, "InvalidSignatureException");
    check(common::throttling("no"), 429, "ThrottlingException");
}

#[test]
fn refusals_take_the_form_that_the_sender_expects() {
    let error = common::invalid_action("no");
    let form = |path, headers| refuse(&request(path, headers), &error, "r-1").content_type;
    assert_eq!(form("/", &[]), "text/xml");
    assert_eq!(form("/v1/authorize", &[]), "application/json");
    assert_eq!(form("/", &[("x-amz-target", b"X.Y")]), "application/x-amz-json-1.1");
}

#[test]
fn f13_echoed_input_cannot_leave_its_element() {
    let error = common::invalid_action("</Message></Error><Evil/>\r\n\u{0}\u{1b}]]>&amp;\"");
    let sent = refuse(&request("/", &[]), &error, "r-1");
    assert_eq!(
        String::from_utf8(sent.body).unwrap(),
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>&lt;/Message&gt;&lt;/Error&gt;\
         &lt;Evil/&gt;&#13;&#10;\u{FFFD}\u{FFFD}]]&gt;&amp;amp;&quot;</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    );
}

#[test]
fn f13_echoed_input_is_cut() {
    let body = format!("Action={}&Version=2010-05-08", "a".repeat(10_000));
    let error = crate::send("POST", "/", &[], body.as_bytes()).err().unwrap();
    assert_eq!(error.message.len(), "Could not find operation  for version 2010-05-08".len() + 200);
}
