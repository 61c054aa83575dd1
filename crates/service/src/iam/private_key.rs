//! Private keys as they are given to keep: for reading encrypted assertions, and beside server certificates.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    KeyPair,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Why a text is no private key to keep.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is not one unencrypted key in PEM.
    NotOne,
    /// The key is of another kind, or too weak.
    NotGood,
}

impl Refused {
    /// What the caller is told. It tells nothing of the key.
    pub fn text(&self) -> &'static str {
        match self {
            Refused::NotOne => "The private key must be one unencrypted private key in PEM form.",
            Refused::NotGood => {
                "The private key must be an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521."
            }
        }
    }
}

/// The public key of the one unencrypted private key that a text is, as it stands in certificates: RSA of at least 2,048
/// bits in the form of PKCS #1, or a point on a NIST curve.
pub(super) fn public_key(pem: &str) -> Result<Vec<u8>, Refused> {
    let mut keys = PrivateKeyDer::pem_slice_iter(pem.as_bytes());
    let (Some(Ok(key)), None) = (keys.next(), keys.next()) else { return Err(Refused::NotOne) };
    let key = Zeroizing::new(key);
    let rsa = |key: rsa::KeyPair| key.public_key().as_ref().to_vec();
    let public_key = match &*key {
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()).ok().map(rsa),
        PrivateKeyDer::Pkcs8(der) => {
            rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()).ok().map(rsa).or_else(|| point(&key))
        }
        PrivateKeyDer::Sec1(_) => point(&key),
        _ => None,
    };
    public_key.ok_or(Refused::NotGood)
}

fn point(key: &PrivateKeyDer<'_>) -> Option<Vec<u8>> {
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
        .into_iter()
        .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, key.secret_der()).ok())
        .map(|key| key.public_key().as_ref().to_vec())
}
