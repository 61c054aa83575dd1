use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use data_encoding::BASE64;

use super::check as checked;

const NOT_ONE: &str = "The private key must be one unencrypted private key in PEM form.";
const NOT_GOOD: &str =
    "The private key must be an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521.";

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der))
}

#[track_caller]
fn check(text: &str, expect: Result<(), &str>) {
    let found = checked(text);
    if let Err(error) = &found {
        assert!(!error.message.contains("MI"), "{}", error.message);
    }
    assert_eq!(found.map_err(|error| error.message), expect.map_err(str::to_owned));
}

#[test]
fn rsa_and_nist_curves_are_keys() {
    let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    check(&pem("PRIVATE KEY", rsa.as_ref()), Ok(()));
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        check(&rcgen::KeyPair::generate_for(algorithm).unwrap().serialize_pem(), Ok(()));
    }
}

#[test]
fn what_decrypts_nothing_is_refused() {
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    check(&ed25519, Err(NOT_GOOD));
    let curve = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    check(&pem("PRIVATE KEY", b"no key at all"), Err(NOT_GOOD));
    check(&pem("RSA PRIVATE KEY", &curve.serialize_der()), Err(NOT_GOOD));
    check(&curve.public_key_pem(), Err(NOT_ONE));
    check(&pem("ENCRYPTED PRIVATE KEY", &curve.serialize_der()), Err(NOT_ONE));
    check(&curve.serialize_pem().repeat(2), Err(NOT_ONE));
    check("not a key", Err(NOT_ONE));
    check("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n", Err(NOT_ONE));
    let cut: String = curve.serialize_pem().lines().take(2).collect();
    check(&cut, Err(NOT_ONE));
}
