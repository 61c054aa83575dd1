use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use data_encoding::BASE64;

use super::Refused::{NotGood, NotOne};
use super::*;

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der))
}

#[track_caller]
fn check(text: &str, expect: Result<(), Refused>) {
    assert_eq!(public_key(text).map(|_| ()), expect);
}

#[test]
fn rsa_and_nist_curves_are_keys() {
    let rsa = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    check(&pem("PRIVATE KEY", rsa.as_ref()), Ok(()));
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        check(&rcgen::KeyPair::generate_for(algorithm).unwrap().serialize_pem(), Ok(()));
    }
}

#[test]
fn what_decrypts_nothing_is_refused() {
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    check(&ed25519, Err(NotGood));
    let curve = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    check(&pem("PRIVATE KEY", b"no key at all"), Err(NotGood));
    check(&pem("RSA PRIVATE KEY", &curve.serialize_der()), Err(NotGood));
    check(&curve.public_key_pem(), Err(NotOne));
    check(&pem("ENCRYPTED PRIVATE KEY", &curve.serialize_der()), Err(NotOne));
    check(&curve.serialize_pem().repeat(2), Err(NotOne));
    check("not a key", Err(NotOne));
    check("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n", Err(NotOne));
    let cut: String = curve.serialize_pem().lines().take(2).collect();
    check(&cut, Err(NotOne));
}

/// A certificate of a key has the public key that is found.
#[test]
fn the_public_key_is_the_one_of_certificates() {
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(public_key(&key.serialize_pem()).unwrap(), rcgen::PublicKeyData::der_bytes(&key));
    }
    let rsa = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let key = rcgen::KeyPair::try_from(der.as_ref()).unwrap();
    assert_eq!(public_key(&key.serialize_pem()).unwrap(), rcgen::PublicKeyData::der_bytes(&key));
}
