use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use rcgen::{CertificateParams, KeyPair};

use super::*;

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

fn rsa() -> KeyPair {
    let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    KeyPair::try_from(der.as_ref()).unwrap()
}

fn check_key(key: &KeyPair, expect: bool) {
    let der = params("a.example.com").self_signed(key).unwrap().der().to_vec();
    let certificate = parse(&der).unwrap();
    assert_eq!(has_good_key(&certificate), expect, "{:?}", key.algorithm());
    assert!(is_self_issued(&certificate));
}

#[test]
fn keys_are_rsa_and_nist_curves() {
    check_key(&rsa(), true);
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        check_key(&KeyPair::generate_for(algorithm).unwrap(), true);
    }
    check_key(&KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(), false);
}

#[test]
fn a_certificate_is_in_force_from_its_first_second_to_its_last() {
    let mut params = params("a.example.com");
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    let certificate = parse(&der).unwrap();
    for (time, expect) in [
        ("2025-12-31T23:59:59Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2027-01-01T00:00:00Z", true),
        ("2027-01-01T00:00:01Z", false),
    ] {
        assert_eq!(is_in_force(&certificate, time.parse().unwrap()), expect, "{time}");
    }
}

#[test]
fn what_is_signed_is_signed_by_one_key() {
    for key in [rsa(), KeyPair::generate().unwrap()] {
        let der = params("a.example.com").self_signed(&key).unwrap().der().to_vec();
        let other = params("a.example.com").self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
        let (certificate, other) = (parse(&der).unwrap(), parse(&other).unwrap());
        assert!(is_signed_by(&certificate, certificate.public_key()));
        assert!(!is_signed_by(&certificate, other.public_key()));
        assert!(!is_signed_by(&other, certificate.public_key()));
    }
}

/// Whatever byte is changed: it is no certificate any more, or one that its key has not signed. What a certificate says of
/// its signature is the one thing that nobody signs, and there are several ways to spell it.
#[test]
fn no_byte_can_be_changed() {
    let key = KeyPair::generate().unwrap();
    let der = params("a.example.com").self_signed(&key).unwrap().der().to_vec();
    let original = parse(&der).unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let signed = parse(&changed).filter(|certificate| is_signed_by(certificate, original.public_key()));
        if let Some(certificate) = signed {
            assert_eq!(signed_part(&certificate), signed_part(&original), "byte {at}");
        }
    }
    let mut longer = der.clone();
    longer.push(0);
    assert!(parse(&longer).is_none());
    assert!(parse(&der[..der.len() - 1]).is_none());
}
