//! AWS's signing test suite, read the other way round: its signed requests are requests to verify.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, str};

use common::{Facts, MISMATCH, Owned, Signer, at};
use doorward_sigv4::{Error, PathStyle, claim};
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/sigv4/v4");

/// Requests of the suite that are refused, and why.
const REFUSED: [(&str, &str, &str); 4] = [
    // A header continued on further lines is obsolete (RFC 9112, section 5.2): no HTTP server that we run behind lets it
    // through, and a line break within a value is refused here in any case.
    ("get-header-value-multiline", "header", "The header 'my-header1' contains a character that is not allowed."),
    ("get-header-value-multiline", "query", "The header 'my-header1' contains a character that is not allowed."),
    // The session token is added after signing, so that everyone can replace it.
    ("post-sts-header-after", "header", "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."),
    ("post-sts-header-after", "query", MISMATCH),
];

struct Case {
    name: String,
    folder: PathBuf,
    signer: Signer,
}

fn cases() -> Vec<Case> {
    if !Path::new(VECTORS).exists() {
        println!("skipped: {VECTORS} is not there");
        return Vec::new();
    }
    let mut folders: Vec<_> = fs::read_dir(VECTORS).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert_eq!(folders.len(), 38);
    let case = |folder: PathBuf| {
        let context: Value = serde_json::from_slice(&fs::read(folder.join("context.json")).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let signer = Signer {
            access_key_id: text(&context["credentials"]["access_key_id"]),
            secret: text(&context["credentials"]["secret_access_key"]),
            token: context["credentials"]["token"].as_str().map(str::to_owned),
            region: text(&context["region"]),
            service: text(&context["service"]),
            time: at(context["timestamp"].as_str().unwrap()),
            style: if context["normalize"] == true { PathStyle::Normalised } else { PathStyle::AsSent },
        };
        Case { name: folder.file_name().unwrap().to_str().unwrap().to_owned(), folder, signer }
    };
    folders.into_iter().map(case).collect()
}

impl Case {
    fn read(&self, place: &str, what: &str) -> Vec<u8> {
        fs::read(self.folder.join(format!("{place}-{what}.txt"))).unwrap()
    }

    fn refusal(&self, place: &str) -> Option<&'static str> {
        REFUSED.iter().find(|refused| (refused.0, refused.1) == (&self.name, place)).map(|refused| refused.2)
    }
}

/// Reads a request as it stands in the suite: the form of HTTP/1.1, with bare line feeds. `None` if it is no request.
fn parse(bytes: &[u8]) -> Option<Owned> {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes.strip_suffix(b"\n").unwrap_or(bytes), &b""[..]),
    };
    let mut lines = str::from_utf8(head).ok()?.split('\n').peekable();
    let (method, rest) = lines.next()?.split_once(' ')?;
    let target = rest.strip_suffix(" HTTP/1.1")?;
    let mut request = Owned::new(method, target, &[], "");
    while let Some(line) = lines.next() {
        let (name, value) = line.split_once(':')?;
        let mut value = value.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with(' ')) {
            value = format!("{value}\n{more}");
        }
        request.headers.push((name.to_ascii_lowercase(), value.into_bytes()));
    }
    request.body = body.to_vec();
    Some(request)
}

/// The canonical request, the string to sign and the access key id that a request leads to.
fn forms(request: &Owned, signer: &Signer) -> Option<(Vec<u8>, Vec<u8>, String)> {
    request.with(|request| {
        let claim = claim(request, signer.style).ok()??;
        Some((claim.canonical_request(), claim.string_to_sign(), claim.access_key_id().to_owned()))
    })
}

#[test]
fn every_signed_request_of_the_suite_verifies() {
    let mut verified = 0;
    for case in cases() {
        for place in ["header", "query"] {
            let request = parse(&case.read(place, "signed-request")).unwrap();
            let result = case.signer.verify(&request);
            if let Some(refusal) = case.refusal(place) {
                assert_eq!(result.as_ref().map_err(Error::message), Err(refusal), "{} {place}", case.name);
                continue;
            }
            let Facts { access_key_id, region, service, token, presigned, .. } = result.unwrap();
            assert_eq!(access_key_id, case.signer.access_key_id);
            assert_eq!((region, service), (case.signer.region.clone(), case.signer.service.clone()));
            assert_eq!(token, case.signer.token);
            assert_eq!(presigned, place == "query");
            let (canonical_request, string_to_sign, _) = forms(&request, &case.signer).unwrap();
            assert_eq!(canonical_request, case.read(place, "canonical-request"), "{} {place}", case.name);
            assert_eq!(string_to_sign, case.read(place, "string-to-sign"), "{} {place}", case.name);
            verified += 1;
        }
    }
    assert!(verified == 72 || !Path::new(VECTORS).exists(), "{verified}");
}

/// The token that was added after signing is refused; without it the request is one that verifies.
#[test]
fn a_token_outside_of_the_signature_is_all_that_is_wrong_with_the_refused_request() {
    for case in cases().iter().filter(|case| case.name == "post-sts-header-after") {
        let request = parse(&case.read("header", "signed-request")).unwrap().without("x-amz-security-token");
        assert_eq!(case.signer.verify(&request).unwrap().token, None);
        let mut request = parse(&case.read("query", "signed-request")).unwrap();
        request.query = request.query.split('&').filter(|pair| !pair.contains("Token")).collect::<Vec<_>>().join("&");
        assert_eq!(case.signer.verify(&request).unwrap().token, None);
    }
}

#[test]
fn signing_gives_the_signed_requests_of_the_suite() {
    let mut signed = 0;
    for case in cases().iter().filter(|case| case.refusal("header").is_none()) {
        let request = parse(&fs::read(case.folder.join("request.txt")).unwrap()).unwrap();
        let signature = |request: &Owned| {
            let authorization = request.headers.iter().find(|header| header.0 == "authorization").unwrap();
            String::from_utf8(authorization.1.clone()).unwrap()
        };
        let mut expected = parse(&case.read("header", "signed-request")).unwrap();
        let mut ours = request.clone();
        if expected.headers.iter().any(|header| header.0 == "x-amz-content-sha256") {
            let hash = String::from_utf8(expected.header("x-amz-content-sha256").clone()).unwrap();
            ours = ours.push("x-amz-content-sha256", &hash);
        }
        assert_eq!(signature(&ours.signed(&case.signer)), signature(&expected), "{}", case.name);

        let expected = parse(&case.read("query", "signed-request")).unwrap().query;
        let parameters = |query: &str| query.split('&').map(str::to_owned).collect::<BTreeSet<_>>();
        let ours = request.presigned(&case.signer, 3600).query;
        assert_eq!(parameters(&ours), parameters(&expected.replace('ሴ', "%E1%88%B4")), "{}", case.name);
        signed += 1;
    }
    assert!(signed == 36 || !Path::new(VECTORS).exists(), "{signed}");
}

/// Flips the lowest bit and the bit of letter case in each byte of each signed request. Accepted may only be what says the same: another
/// spelling of the same canonical request (a space before a value, a letter's case in a header's name) and the access
/// key id, which only the choice of the secret binds.
#[test]
fn every_flipped_bit_of_every_signed_request_is_refused() {
    let mut refused = 0;
    for case in cases() {
        for place in ["header", "query"].into_iter().filter(|place| case.refusal(place).is_none()) {
            let bytes = case.read(place, "signed-request");
            let original = forms(&parse(&bytes).unwrap(), &case.signer);
            for (index, bit) in (0..bytes.len()).flat_map(|index| [(index, 0), (index, 5)]) {
                let mut flipped = bytes.clone();
                flipped[index] ^= 1 << bit;
                let Some(request) = parse(&flipped) else { continue };
                match case.signer.verify(&request) {
                    Err(_) => refused += 1,
                    Ok(facts) if facts.access_key_id != case.signer.access_key_id => {}
                    Ok(_) => assert_eq!(forms(&request, &case.signer), original, "{} {place} {index}", case.name),
                }
            }
        }
    }
    assert!(refused > 40_000 || !Path::new(VECTORS).exists(), "{refused}");
}
