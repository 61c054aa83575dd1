//! X.509 certificates as users upload them.

use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ParsedPublicKey, VerificationAlgorithm,
};
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

#[cfg(test)]
mod tests;

/// The label of certificates in PEM.
pub(super) const LABEL: &str = "CERTIFICATE";

/// The curves that keys may be on.
static CURVES: [&dyn VerificationAlgorithm; 3] =
    [&ECDSA_P256_SHA256_ASN1, &ECDSA_P384_SHA384_ASN1, &ECDSA_P521_SHA512_ASN1];

/// A certificate and nothing behind it. Signatures and keys are whole bytes.
pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    let (signature, key) = (&certificate.signature_value, &certificate.public_key().subject_public_key);
    (rest.is_empty() && signature.unused_bits == 0 && key.unused_bits == 0).then_some(certificate)
}

/// What its issuer has signed. Two certificates of which this is the same are the same.
pub(super) fn signed_part<'a>(certificate: &'a X509Certificate<'_>) -> &'a [u8] {
    certificate.tbs_certificate.as_ref()
}

/// Whether it is in force.
pub(super) fn is_in_force(certificate: &X509Certificate<'_>, now: Timestamp) -> bool {
    let validity = certificate.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_second())
}

/// Whether its key is RSA of 2,048 to 8,192 bits, or EC on P-256, P-384 or P-521.
pub(super) fn has_good_key(certificate: &X509Certificate<'_>) -> bool {
    let key = certificate.public_key();
    let point = &key.subject_public_key.data;
    PublicEncryptingKey::from_der(key.raw).is_ok()
        || CURVES.iter().any(|curve| ParsedPublicKey::new(*curve, point).is_ok())
}

/// Whether it names itself as its issuer.
pub(super) fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// Whether this key has signed it.
pub(super) fn is_signed_by(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> bool {
    certificate.signature_algorithm == certificate.tbs_certificate.signature
        && certificate.verify_signature(Some(key)).is_ok()
}
