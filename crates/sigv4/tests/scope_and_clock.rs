//! Attacks on the scope, the time and the key of signed requests. Names begin with the row of the attack catalogue that
//! they cover.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{
    ACCESS_KEY_ID, MISMATCH, Owned, SECRET, Signer, TOKEN, at, check, incomplete, mismatch, presigned, refused, signed,
};
use doorward_sigv4::{Error, PathStyle, SigningKey, claim};
use jiff::{SignedDuration, Timestamp};

#[test]
fn f06_every_part_of_the_scope_is_exact() {
    let scope = |scope: &str| signed().replace("authorization", "20260101/eu-west-1/iam/aws4_request", scope);
    let service = "Credential should be scoped to correct service: 'iam'. ";
    for (text, expect) in [
        ("20260101/eu-west-1/sts/aws4_request", service.to_owned()),
        ("20260101/eu-west-1/IAM/aws4_request", service.to_owned()),
        ("20260101/eu-west-1//aws4_request", service.to_owned()),
        ("20260101/eu-west-1/iam/x", "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'.".to_owned()),
        ("20260101/eu-west-1/iam/AWS4_REQUEST", "Credential should be scoped with a valid terminator: 'aws4_request', not 'AWS4_REQUEST'.".to_owned()),
        (
            "20260102/eu-west-1/iam/aws4_request",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' != '20260101', from '20260101T002000Z'.".to_owned(),
        ),
        ("20260101/EU-WEST-1/iam/aws4_request", "Credential should be scoped to a valid region, not 'EU-WEST-1'. ".to_owned()),
        ("20260101//iam/aws4_request", "Credential should be scoped to a valid region, not ''. ".to_owned()),
        ("20260101/eu_west_1/iam/aws4_request", "Credential should be scoped to a valid region, not 'eu_west_1'. ".to_owned()),
        (&format!("20260101/{}/iam/aws4_request", "a".repeat(33)), format!("Credential should be scoped to a valid region, not '{}'. ", "a".repeat(33))),
        (
            "b/C/d/e",
            "Credential should be scoped to a valid region, not 'C'. Credential should be scoped to correct service: 'iam'. \
             Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. \
             Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20260101', from '20260101T002000Z'."
                .to_owned(),
        ),
    ] {
        check(&scope(text), mismatch(&expect));
    }
    // A well-formed region is not right yet: the signature is for another.
    check(&scope("20260101/us-east-1/iam/aws4_request"), mismatch(MISMATCH));
    for credential in
        ["20260101/eu-west-1/iam", "20260101/eu-west-1/iam/aws4_request/", "20260101/eu-west-1/iam/aws4_request/x", ""]
    {
        let key_id =
            if credential.is_empty() { ACCESS_KEY_ID.to_owned() } else { format!("{ACCESS_KEY_ID}/{credential}") };
        let whole = format!("{ACCESS_KEY_ID}/20260101/eu-west-1/iam/aws4_request");
        let expect = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{key_id}'"
        );
        check(&signed().replace("authorization", &whole, &key_id), incomplete(&expect));
        check(&presigned().requery(&whole.replace('/', "%2F"), &key_id.replace('/', "%2f")), incomplete(&expect));
    }
    check(
        &signed().replace("authorization", ACCESS_KEY_ID, &"A".repeat(129)),
        incomplete("The access key ID in Credential is too long."),
    );
    for region in ["us-east-1", "eu-west-1", "local", "a", "0-0", &"a".repeat(32)] {
        let signer = Signer { region: region.to_owned(), ..Signer::default() };
        check(&Owned::get_user().signed(&signer), Ok(()));
    }
}

/// Checks a request signed at a time, verified at another.
fn check_clock(request: &Owned, now: Timestamp, expect: Result<(), (&str, &str)>) {
    refused(Signer::default().verify_at(request, now), expect, &now.to_string());
}

#[test]
fn f07_the_clock_may_differ_by_15_minutes() {
    let sign = |time: &str| Owned::get_user().signed(&Signer { time: at(time), ..Signer::default() });
    let early = sign("2026-01-01T00:00:00Z");
    check_clock(&early, at("2026-01-01T00:15:00Z"), Ok(()));
    check_clock(&early, at("2026-01-01T00:15:00.999999999Z"), Ok(()));
    check_clock(
        &early,
        at("2026-01-01T00:15:01Z"),
        mismatch(
            "Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z (20260101T001501Z - 15 min.)",
        ),
    );
    check_clock(
        &early,
        at("2026-01-01T00:25:00Z"),
        mismatch(
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T002500Z - 15 min.)",
        ),
    );
    let late = sign("2026-01-01T00:45:00Z");
    check_clock(&late, at("2026-01-01T00:30:00Z"), Ok(()));
    check_clock(
        &late,
        at("2026-01-01T00:29:59.999999999Z"),
        mismatch(
            "Signature not yet current: 20260101T004500Z is still later than 20260101T004459Z (20260101T002959Z + 15 min.)",
        ),
    );
    check_clock(
        &late,
        at("2026-01-01T00:15:00Z"),
        mismatch(
            "Signature not yet current: 20260101T004500Z is still later than 20260101T003000Z (20260101T001500Z + 15 min.)",
        ),
    );
    // At the ends of time there is nothing to compute with, and still nothing to accept.
    let last = sign("9999-12-30T22:00:00Z");
    check_clock(
        &last,
        at("2026-01-01T00:00:00Z"),
        mismatch(
            "Signature not yet current: 99991230T220000Z is still later than 20260101T001500Z (20260101T000000Z + 15 min.)",
        ),
    );
    check_clock(&last, Timestamp::MAX, Ok(()));
    assert!(Signer::default().verify_at(&last, Timestamp::MIN).is_err());
}

#[test]
fn f07_only_the_basic_format_is_a_date() {
    for date in [
        "2026-01-01T00:20:00Z",
        "20260101",
        "20260101T002000",
        "20260101T002000+0000",
        "20260101T0020Z",
        "20261301T002000Z",
        "20260101T002060Z",
        "99991231T235959Z",
        "1767226800",
        "Thu, 01 Jan 2026 00:20:00 GMT",
    ] {
        let expect =
            format!("Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601");
        check(&signed().replace("x-amz-date", "20260101T002000Z", date), incomplete(&expect));
        let encoded = date.replace('+', "%2B").replace(' ', "%20");
        if !date.contains(' ') {
            check(
                &presigned().requery("X-Amz-Date=20260101T002000Z", &format!("X-Amz-Date={encoded}")),
                incomplete(&expect),
            );
        }
    }
}

#[test]
fn f07_the_date_header_counts_only_without_x_amz_date() {
    // With both, `X-Amz-Date` wins, as with AWS.
    check(&Owned::get_user().push("date", "nonsense").signed(&Signer::default()), Ok(()));
    check(&signed().push("date", "Thu, 01 Jan 1970 00:00:00 GMT"), Ok(()));

    // Without it, the `Date` header is the time that was signed, in either of its forms, whether it is signed itself or not.
    let date_only = |date: &str, list: &str| {
        let scope = "20260101/eu-west-1/iam/aws4_request";
        let credential = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{scope}");
        let authorization = format!("{credential}, SignedHeaders={list}, Signature=0");
        Owned::get_user().push("date", date).push("authorization", &authorization)
    };
    for date in ["Thu, 01 Jan 2026 00:20:00 GMT", "20260101T002000Z"] {
        for list in ["content-type;date;host", "content-type;host"] {
            let request = Signer::default().resign(date_only(date, list));
            check(&request, Ok(()));
            let other = if date.contains("GMT") { "Thu, 01 Jan 2026 00:20:01 GMT" } else { "20260101T002001Z" };
            check(&request.replace("date", date, other), mismatch(MISMATCH));
        }
    }
    let expect = "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601";
    check(&date_only("yesterday", "content-type;date;host"), incomplete(expect));
}

#[test]
fn f08_a_presigned_request_that_lacks_something_is_told_what() {
    let include = |name: &str| format!("AWS query-string parameters must include '{name}'. ");
    let names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
    for name in names {
        let expect = format!("{}Re-examine the query-string parameters.", include(name));
        let query = presigned().query;
        let rest: Vec<_> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        check(&Owned { query: rest.join("&"), ..presigned() }, incomplete(&expect));
        check(&Owned { query: format!("{}&{name}=", rest.join("&")), ..presigned() }, incomplete(&expect));
    }
    let all = format!("{}Re-examine the query-string parameters.", names.map(include).concat());
    check(&Owned { query: "X-Amz-Foo=1".to_owned(), ..presigned() }, incomplete(&all));
    check(&Owned { query: "x-amz-foo".to_owned(), ..presigned() }, incomplete(&all));
}

#[test]
fn f08_expires_is_1_to_604800_in_digits() {
    let expires = |text: &str| presigned().requery("X-Amz-Expires=900", &format!("X-Amz-Expires={text}"));
    let error = |message| Err(("AuthorizationQueryParametersError", message));
    for text in ["", "1e3", "%2B5", "+5", "0x10", "1.0", "%205", "5%20", "-", "%D9%A3", "900s", "Infinity"] {
        match text {
            "%205" | "5%20" | "%D9%A3" => check(
                &expires(text),
                Err(("MalformedQueryString", "The value of 'X-Amz-Expires' contains a character that is not allowed.")),
            ),
            _ => check(&expires(text), error("X-Amz-Expires should be a number")),
        }
    }
    for text in ["0", "000", "-1", "-604801", "-0"] {
        check(&expires(text), error("X-Amz-Expires must be non-negative"));
    }
    for text in ["604801", "4294967296", "18446744073709551617", "99999999999999999999999999999999999999999999"] {
        check(
            &expires(text),
            error(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ),
        );
    }
    // In range, but not what was signed.
    for text in ["1", "899", "604800", "0900"] {
        check(&expires(text), mismatch(MISMATCH));
    }
    check(
        &expires("900&X-Amz-Expires=900"),
        incomplete("The query parameter 'X-Amz-Expires' must not occur more than once."),
    );
}

#[test]
fn f08_a_presigned_request_expires_when_it_says() {
    let presign = |expires| {
        Owned::get_user().presigned(&Signer { time: at("2026-01-01T00:00:00Z"), ..Signer::default() }, expires)
    };
    for (expires, unit) in [(1, "1 sec."), (60, "1 min."), (61, "61 sec."), (900, "15 min."), (604_800, "10080 min.")] {
        let end = at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(expires.into());
        check_clock(&presign(expires), end, Ok(()));
        let after = end + SignedDuration::from_secs(1);
        let digits = after.to_string().replace(['-', ':'], "");
        let expect =
            format!("Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z ({digits} - {unit})");
        check_clock(&presign(expires), after, mismatch(&expect));
    }
    let soon = at("2025-12-31T23:45:00Z");
    check_clock(&presign(604_800), soon, Ok(()));
    check_clock(
        &presign(604_800),
        soon - SignedDuration::from_secs(1),
        mismatch(
            "Signature not yet current: 20260101T000000Z is still later than 20251231T235959Z (20251231T234459Z + 15 min.)",
        ),
    );
}

#[test]
fn f08_without_expires_a_presigned_request_is_valid_for_15_minutes() {
    // AWS's services other than S3 do not ask for the parameter.
    let request = Owned::new("GET", "/?Action=GetUser", &[("host", "iam.example.com")], "");
    let stripped = request.presigned(&Signer::default(), 900).requery("&X-Amz-Expires=900", "");
    check(&stripped, mismatch(MISMATCH));
    let presigned = Signer::default().resign(stripped);
    check(&presigned, Ok(()));
    let end = Signer::default().time + SignedDuration::from_secs(900);
    check_clock(&presigned, end, Ok(()));
    let expect =
        "Signature expired: 20260101T002000Z is now earlier than 20260101T002001Z (20260101T003501Z - 15 min.)";
    check_clock(&presigned, end + SignedDuration::from_secs(1), mismatch(expect));
}

#[test]
fn f08_the_body_of_a_presigned_post_is_signed() {
    let mut request = Owned::get_user().presigned(&Signer::default(), 900);
    check(&request, Ok(()));
    request.body = b"Action=DeleteUser&Version=2010-05-08".to_vec();
    check(&request, mismatch(MISMATCH));
    request.body.clear();
    check(&request, mismatch(MISMATCH));
}

#[test]
fn f08_a_token_added_after_presigning_is_refused() {
    let request = presigned();
    let query = format!("{}&X-Amz-Security-Token={TOKEN}", request.query);
    check(&Owned { query, ..request }, mismatch(MISMATCH));
    let long = Signer { token: Some("a".repeat(8 * 1024 + 1)), ..Signer::default() };
    check(&Owned::get_user().signed(&long), incomplete("The session token is too long."));
    check(&Owned::get_user().presigned(&long, 60), incomplete("The session token is too long."));
    let longest = Signer { token: Some("a".repeat(8 * 1024)), ..Signer::default() };
    check(&Owned::get_user().signed(&longest), Ok(()));
}

/// A dummy secret for an access key that does not exist leads through the same steps to the same error as a wrong secret.
#[test]
fn f09_a_dummy_secret_fails_like_a_wrong_one() {
    for request in [signed(), presigned()] {
        request.with(|request| {
            let claim = claim(request, PathStyle::Normalised).unwrap().unwrap();
            let checked = claim.check(at("2026-01-01T00:20:00Z"), "iam").unwrap();
            assert_eq!(checked.claim().access_key_id(), ACCESS_KEY_ID);
            for secret in ["", "wrong", "dummy secret of an access key that does not exist", &SECRET[1..]] {
                let error = checked.verify(&checked.signing_key(secret)).err().unwrap();
                assert_eq!(error, Error::SignatureDoesNotMatch(MISMATCH.into()));
            }
            assert!(checked.verify(&checked.signing_key(SECRET)).is_ok());
            assert!(checked.verify(&SigningKey::derive(SECRET, "20260101", "eu-west-1", "iam")).is_ok());
            for (date, region, service) in
                [("20260102", "eu-west-1", "iam"), ("20260101", "eu-west-2", "iam"), ("20260101", "eu-west-1", "sts")]
            {
                assert!(checked.verify(&SigningKey::derive(SECRET, date, region, service)).is_err());
            }
        });
    }
}

#[test]
fn signing_what_is_signed_already_is_refused() {
    let signer = Signer::default();
    for request in [
        signed(),
        presigned(),
        Owned::get_user().push("x-amz-date", "20260101T002000Z"),
        Owned::new("GET", "/", &[], ""),
    ] {
        let failed =
            request.with(|request| doorward_sigv4::sign(request, &signer.credentials(), &signer.scope()).is_err());
        assert!(failed, "{request:?}");
        assert!(
            request
                .with(|request| doorward_sigv4::presign(request, &signer.credentials(), &signer.scope(), 60).is_err())
        );
    }
}
