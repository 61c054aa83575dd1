//! Requests signed by AWS's own signer (`aws-sigv4`), verified by ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use common::{MISMATCH, Owned, Signer, at};
use doorward_sigv4::PathStyle;
use proptest::prelude::*;

/// How AWS's signer differs from what it does for IAM.
#[derive(Default)]
struct How {
    presigned: bool,
    checksum: bool,
    excluded: Option<&'static str>,
    token_later: bool,
    body: Option<SignableBody<'static>>,
}

/// Signs as AWS does, and gives the request that would be sent.
fn signed_by_aws(mut request: Owned, signer: &Signer, how: How) -> Owned {
    let mut settings = SigningSettings::default();
    if how.presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(900));
    } else if how.checksum {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if signer.style == PathStyle::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    if how.token_later {
        settings.session_token_mode = SessionTokenMode::Exclude;
    }
    settings.excluded_headers.get_or_insert_default().extend(how.excluded.map(Into::into));
    let identity = Credentials::new(&signer.access_key_id, &signer.secret, signer.token.clone(), None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&signer.region)
        .name(&signer.service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(signer.time.as_second().try_into().unwrap()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let target =
        if request.query.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, request.query) };
    let url = format!("https://iam.example.com{target}");
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), std::str::from_utf8(value).unwrap())).collect();
    let signable = SignableRequest::new(
        &request.method,
        url,
        headers.into_iter(),
        how.body.unwrap_or(SignableBody::Bytes(&request.body)),
    )
    .unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    for (name, value) in instructions.headers() {
        request.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    }
    for (name, value) in instructions.params() {
        let value: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        request.query = format!("{}&{name}={value}", request.query).trim_start_matches('&').to_owned();
    }
    request
}

fn escaped(characters: &'static str, length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let plain = proptest::sample::select(characters.chars().collect::<Vec<_>>()).prop_map(|c| c.to_string());
    let escape = any::<u8>().prop_map(|byte| format!("%{byte:02X}"));
    let lower = any::<u8>().prop_map(|byte| format!("%{byte:02x}"));
    prop::collection::vec(prop_oneof![8 => plain, 1 => escape, 1 => lower], length).prop_map(|parts| parts.concat())
}

prop_compose! {
    fn requests()(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
        // `:` and the like are legal in a path as they are; a `.` would meet the differences in removing dot segments.
        segments in prop::collection::vec(escaped("abcXYZ019-_~:@!$&'()*,;=", 1..12), 0..4),
        slash in any::<bool>(),
        // AWS's signer reads `+` and invalid UTF-8 in a query in its own way, so neither is made here.
        query in prop::collection::vec(("[a-zA-Z0-9._~-]{1,8}", "([a-zA-Z0-9._~/:@!$'()*,;=-]|%20|%2[bfF5]|%C3%A9){0,12}"), 0..5),
        headers in prop::collection::btree_map("(x-amz-meta-|x-|accept-)[a-z0-9]{1,8}", " ?[!-~]{1,8}([ ]{1,3}[!-~]{1,8}){0,3} ?", 0..6),
        content_type in any::<bool>(),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) -> Owned {
        let mut path = segments.iter().map(|segment| format!("/{segment}")).collect::<String>();
        if slash || path.is_empty() { path.push('/') }
        let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let mut request = Owned::new(method, "", &[("host", "iam.example.com")], "");
        if content_type { request = request.push("content-type", "application/json") }
        for (name, value) in headers { request = request.push(&name, &value) }
        Owned { path, query, body, ..request }
    }
}

prop_compose! {
    fn signers()(
        access_key_id in "(AKIA|ASIA)[A-Z2-7]{16}",
        secret in "[A-Za-z0-9/+]{40}",
        token in prop::option::of("[A-Za-z0-9/+]{1,300}={0,2}"),
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        service in prop::sample::select(vec!["iam", "sts", "organizations", "access-analyzer"]),
        second in 0_i64..4_000_000_000,
        s3 in any::<bool>(),
    ) -> Signer {
        let time = at("1970-01-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let style = if s3 { PathStyle::S3 } else { PathStyle::Normalised };
        Signer { access_key_id, secret, token, region, service: service.to_owned(), time, style }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_aws_signs_verifies(request in requests(), signer in signers(), presigned: bool, checksum: bool) {
        // Single encoding in AWS's signer leaves the path as it is, which is the canonical form only if it was that
        // already.
        let mut request = request;
        if signer.style == PathStyle::S3 {
            request.path = request.path.split('%').next().unwrap().replace(|c: char| !c.is_ascii_alphanumeric(), "/");
        }
        let request = signed_by_aws(request, &signer, How { presigned, checksum, ..How::default() });
        let facts = signer.verify(&request).map_err(|error| TestCaseError::fail(format!("{error} {request:?}")))?;
        prop_assert_eq!(facts.access_key_id, signer.access_key_id);
        prop_assert_eq!(facts.token, signer.token);
        prop_assert_eq!(facts.presigned, presigned);
    }
}

/// A path with dot and empty segments, in every combination of some.
#[test]
fn f01_aws_and_we_remove_the_same_segments() {
    let signer = Signer::default();
    let segments = ["", ".", "..", "a", "b.", ".c", "%2e%2e", "%2F", "%252F", "a+b", "a%20b"];
    let mut verified = 0;
    for index in 0..segments.len().pow(3) {
        let [first, second, third] = [1, 11, 121].map(|weight| segments[index / weight % 11]);
        let request = Owned::new("GET", &format!("/root/{first}/{second}/{third}"), &[("host", "iam.example.com")], "");
        let request = signed_by_aws(request, &signer, How::default());
        match signer.verify(&request) {
            Ok(_) => verified += 1,
            // AWS's signer drops what leads above the root, the service refuses it.
            Err(error) => {
                assert_eq!(error.message(), "The path of the request leads above the root.", "{}", request.path)
            }
        }
    }
    assert!(verified > 1250, "{verified}");
}

/// Checks that a request is refused although its signature is right for what it covers.
fn check_refused(request: Owned, how: How, expect: &str) {
    let signer = Signer { token: how.token_later.then(|| common::TOKEN.to_owned()), ..Signer::default() };
    let request = signed_by_aws(request, &signer, how);
    assert_eq!(signer.verify(&request).unwrap_err().message(), expect, "{request:?}");
}

#[test]
fn f04_a_right_signature_over_no_payload_is_refused() {
    for body in [
        SignableBody::UnsignedPayload,
        SignableBody::StreamingUnsignedPayloadTrailer,
        SignableBody::StreamingSignedPayloadTrailer,
    ] {
        let mode = match &body {
            SignableBody::UnsignedPayload => "UNSIGNED-PAYLOAD",
            SignableBody::StreamingUnsignedPayloadTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            _ => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        };
        let expect = format!("The payload must be signed: 'x-amz-content-sha256' must not be '{mode}'.");
        check_refused(Owned::get_user(), How { checksum: true, body: Some(body.clone()), ..How::default() }, &expect);
        // Without the header that says so, it is a signature over another body.
        for presigned in [false, true] {
            let how = How { presigned, body: Some(body.clone()), ..How::default() };
            check_refused(Owned::get_user(), how, MISMATCH);
        }
    }
    let precomputed = SignableBody::Precomputed("UNSIGNED-PAYLOAD".to_owned());
    check_refused(Owned::get_user(), How { body: Some(precomputed), ..How::default() }, MISMATCH);
}

#[test]
fn f05_a_right_signature_that_leaves_out_a_deciding_header_is_refused() {
    let target = |request: Owned| request.push("x-amz-target", "AWSOrganizationsV20161128.ListAccounts");
    for (excluded, name) in
        [("host", "Host' or ':authority"), ("content-type", "content-type"), ("x-amz-target", "x-amz-target")]
    {
        for presigned in [false, true] {
            let expect = format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.");
            let how = How { presigned, excluded: Some(excluded), ..How::default() };
            check_refused(target(Owned::get_user()), how, &expect);
        }
    }
    let how = How { excluded: Some("x-amz-date"), ..How::default() };
    check_refused(Owned::get_user(), how, "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.");
}

#[test]
fn f05_a_session_token_added_after_signing_is_refused() {
    let expect = "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.";
    check_refused(Owned::get_user(), How { token_later: true, ..How::default() }, expect);
    check_refused(Owned::get_user(), How { token_later: true, presigned: true, ..How::default() }, MISMATCH);
}
