use super::*;

#[test]
fn reports_are_good_for_four_hours() {
    let check = |generated: &str, now: &str, expected: bool| {
        assert_eq!(is_valid(generated.parse().unwrap(), now.parse().unwrap()), expected, "{generated} at {now}");
    };
    let noon = "2026-11-25T12:00:00Z";
    check(noon, noon, true);
    check(noon, "2026-11-25T16:00:00Z", true);
    check(noon, "2026-11-25T16:00:01Z", false);
    check(noon, "2026-11-25T08:00:00Z", true);
    check(noon, "2026-11-25T07:59:59Z", false);
}

#[test]
fn fields_with_commas_and_quotation_marks_are_quoted() {
    let check = |field: &str, expected: &str| {
        let mut fields: [String; 22] = std::array::from_fn(|_| String::new());
        fields[0] = field.to_owned();
        assert_eq!(line(&fields), format!("{expected}{}", ",".repeat(21)));
    };
    check("alice", "alice");
    check("a,b", "\"a,b\"");
    check("arn:aws:iam::111122223333:user/a\"b/c", "\"arn:aws:iam::111122223333:user/a\"\"b/c\"");
    // It stays what it is: what a spreadsheet takes for a formula is for whoever opens it there to handle.
    check("=1+1", "=1+1");
}

#[test]
fn inactive_certificates_come_first() {
    let certificate = |uploaded: &str, status| SigningCertificate {
        id: String::new(),
        status,
        uploaded: uploaded.parse().unwrap(),
        body: String::new(),
        digest: String::new(),
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let check = |held: &[(&str, KeyStatus)], expected: [[&str; 2]; 2]| {
        let held: Vec<_> = held.iter().map(|(uploaded, status)| certificate(uploaded, *status)).collect();
        assert_eq!(certificates(&held), expected);
    };
    check(&[], [["false", "N/A"], ["false", "N/A"]]);
    check(&[(new, KeyStatus::Active)], [["true", new], ["false", "N/A"]]);
    check(&[(old, KeyStatus::Active), (new, KeyStatus::Inactive)], [["false", new], ["true", old]]);
    check(&[(new, KeyStatus::Active), (old, KeyStatus::Active)], [["true", old], ["true", new]]);
}
