//! Requests signed by AWS's own signer (`aws-sigv4`), verified by ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use common::{Owned, Signer, at};
use doorward_sigv4::PathStyle;
use proptest::prelude::*;

/// Signs as AWS does, and gives the request that would be sent.
fn signed_by_aws(mut request: Owned, signer: &Signer, presigned: bool, checksum: bool) -> Owned {
    let mut settings = SigningSettings::default();
    if presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(900));
    } else if checksum {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if signer.style == PathStyle::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
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
    let signable =
        SignableRequest::new(&request.method, url, headers.into_iter(), SignableBody::Bytes(&request.body)).unwrap();
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
        let request = signed_by_aws(request, &signer, presigned, checksum);
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
        let request = signed_by_aws(request, &signer, false, false);
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
