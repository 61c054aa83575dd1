//! Private keys with which encrypted assertions are read.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
};
use doorward_shapes::Error;
use doorward_shapes::iam::error;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Whether a text is one unencrypted private key in PEM form, RSA of at least 2,048 bits or on a NIST curve.
///
/// # Errors
/// `InvalidInput`; its text tells nothing of the key.
pub(super) fn check(pem: &str) -> Result<(), Error> {
    let mut keys = PrivateKeyDer::pem_slice_iter(pem.as_bytes());
    let (Some(Ok(key)), None) = (keys.next(), keys.next()) else {
        return Err(error::invalid_input("The private key must be one unencrypted private key in PEM form."));
    };
    let key = Zeroizing::new(key);
    let good = match &*key {
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()).is_ok(),
        PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()).is_ok() || is_curve(&key),
        PrivateKeyDer::Sec1(_) => is_curve(&key),
        _ => false,
    };
    if good {
        Ok(())
    } else {
        let text = "The private key must be an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521.";
        Err(error::invalid_input(text))
    }
}

fn is_curve(key: &PrivateKeyDer<'_>) -> bool {
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
        .into_iter()
        .any(|curve| EcdsaKeyPair::from_private_key_der(curve, key.secret_der()).is_ok())
}
