//! Whether a certificate, its private key and the certificates of its authorities belong together (User Guide, "Manage
//! server certificates in IAM", "Troubleshoot").

use doorward_shapes::Error;
use doorward_shapes::iam::error;
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;

use crate::iam::{pem, private_key, x509};

#[cfg(test)]
mod tests;

/// Certificates in a chain. AWS names no number; none that is in use comes near.
const MAX_CHAIN: usize = 10;

/// Until when a certificate is valid that is in force, has this key, and has been signed by this chain.
///
/// # Errors
/// `MalformedCertificate`, `KeyPairMismatch`. Their texts tell nothing of the key.
pub(super) fn check(body: &str, key: &str, chain: Option<&str>, now: Timestamp) -> Result<Timestamp, Error> {
    let malformed = |text: &str| error::malformed_certificate(text);
    let unreadable = || malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
    let der = pem::block(body, x509::LABEL).ok_or_else(unreadable)?;
    let certificate = x509::parse(&der).ok_or_else(unreadable)?;
    let key = private_key::public_key(key).map_err(|refused| malformed(refused.text()))?;
    if certificate.public_key().subject_public_key.data.as_ref() != key.as_slice() {
        return Err(error::key_pair_mismatch("The public key certificate and the private key do not match."));
    }
    if !x509::is_in_force(&certificate, now) {
        return Err(malformed("The certificate has expired, or is not valid yet."));
    }
    match chain {
        Some(chain) => check_chain(&certificate, chain, now)?,
        None if x509::is_self_issued(&certificate) && !x509::is_signed_by(&certificate, certificate.public_key()) => {
            return Err(malformed("The certificate has not been signed by its issuer."));
        }
        None => {}
    }
    Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|_| unreadable())
}

/// Each certificate must have been signed by the next, which must be an authority in force.
fn check_chain(certificate: &X509Certificate<'_>, chain: &str, now: Timestamp) -> Result<(), Error> {
    let unreadable = || {
        let text = "Unable to parse certificate chain. Please ensure the certificate chain is in PEM format.";
        error::malformed_certificate(text)
    };
    let ders = pem::blocks(chain, x509::LABEL, MAX_CHAIN).ok_or_else(unreadable)?;
    let authorities: Option<Vec<X509Certificate<'_>>> = ders.iter().map(|der| x509::parse(der)).collect();
    let authorities = authorities.ok_or_else(unreadable)?;
    let signed = std::iter::once(certificate).chain(&authorities);
    match signed.zip(&authorities).position(|(signed, issuer)| !has_issued(issuer, signed, now)) {
        None => Ok(()),
        Some(place) => Err(error::malformed_certificate(format!(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
             certificate, followed by any intermediaries in order. The index within the chain of the invalid \
             certificate is: {}",
            // The certificate itself stands before the chain.
            i64::try_from(place).unwrap_or_default() - 1
        ))),
    }
}

fn has_issued(issuer: &X509Certificate<'_>, signed: &X509Certificate<'_>, now: Timestamp) -> bool {
    issuer.is_ca()
        && x509::is_in_force(issuer, now)
        && signed.issuer().as_raw() == issuer.subject().as_raw()
        && x509::is_signed_by(signed, issuer.public_key())
}
