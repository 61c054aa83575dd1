use super::*;

fn policy(path: &str, name: &str, size: usize) -> ManagedPolicy {
    ManagedPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        created: "2015-02-06T18:39:46Z".parse().unwrap(),
        updated: "2019-06-20T15:42:00Z".parse().unwrap(),
        version: 3,
        document: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{}","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#,
            "x".repeat(size)
        ),
    }
}

fn written() -> Vec<u8> {
    Catalogue::write(
        "somewhere 1.0",
        vec![
            policy("/", "ReadOnly", 70_000),
            policy("/job-function/", "Billing", 3),
            policy("/", "Admin", 1),
            policy("/", "Zero", 0),
        ],
    )
}

#[test]
fn what_was_written_is_found() {
    let catalogue = Catalogue::open(written()).unwrap();
    assert_eq!(catalogue.source(), Some("somewhere 1.0"));
    let arns: Vec<&str> = catalogue.after("").collect();
    let expected = ["Admin", "ReadOnly", "Zero", "job-function/Billing"].map(|name| format!("{AWS_MANAGED}{name}"));
    assert_eq!(arns, expected);
    assert_eq!(catalogue.after(&expected[1]).count(), 2);
    let billing = catalogue.get("arn:aws:iam::aws:policy/job-function/Billing").unwrap();
    assert_eq!((billing.path.as_str(), billing.default_version, billing.aws_managed), ("/job-function/", 3, true));
    assert!(billing.id.starts_with("ANPA") && billing.id.len() == 21, "{}", billing.id);
    assert!(billing.default().unwrap().document.text().contains("xxx"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let catalogue = Catalogue::open(written()).unwrap();
    for arn in [
        "arn:aws:iam::aws:policy/admin",
        "arn:aws:iam::aws:policy/Billing",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::111111111111:policy/Admin",
        "",
    ] {
        assert!(catalogue.get(arn).is_none(), "{arn}");
        assert!(Catalogue::default().get(arn).is_none());
    }
    assert_eq!((Catalogue::default().len(), Catalogue::default().source()), (0, None));
    assert!(Catalogue::default().is_none() && !catalogue.is_none());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = Catalogue::write("s", vec![policy("/", "Admin", 1)]);
    assert!(Catalogue::open(bytes.clone()).is_ok());
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            assert!(Catalogue::open(flipped).is_err(), "byte {place}, bit {bit}");
        }
        assert!(Catalogue::open(bytes[..place].to_vec()).is_err());
    }
}
