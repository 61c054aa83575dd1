//! RSA public keys in the forms of SSH and of PEM.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{PublicEncryptingKey, PublicKey, PublicKeyComponents};
use data_encoding::BASE64;
use doorward_shapes::Error;
use doorward_shapes::iam::error;
use md5::{Digest, Md5};
use ssh_encoding::{Decode, Encode, Mpint, Reader};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;

use crate::iam::pem;

#[cfg(test)]
mod tests;

/// The algorithm that AWS takes, and how its keys begin in the form of SSH.
const ALGORITHM: &str = "ssh-rsa";

/// An RSA public key of 2,048 to 8,192 bits.
pub(super) struct RsaKey {
    exponent: Mpint,
    modulus: Mpint,
}

/// The key of a text, and the comment behind it: one line that begins with `ssh-rsa`, or one PEM block (API Reference,
/// UploadSSHPublicKey, `SSHPublicKeyBody`).
///
/// # Errors
/// `UnrecognizedPublicKeyEncoding` for other forms, `InvalidPublicKey` for what is in such a form and no good key.
pub(super) fn parse(text: &str) -> Result<(RsaKey, &str), Error> {
    let invalid = || error::invalid_public_key("The public key is malformed or otherwise invalid.");
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')) {
        let (blob, comment) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        let key = RsaKey::from_blob(blob).filter(|_| !comment.contains(['\n', '\r']));
        return Ok((key.ok_or_else(invalid)?, comment.trim()));
    }
    if let Some(label) = ["PUBLIC KEY", "RSA PUBLIC KEY"].into_iter().find(|label| pem::begins(text, label)) {
        let der = pem::block(text, label).ok_or_else(invalid)?;
        return Ok((RsaKey::from_der(&der).ok_or_else(invalid)?, ""));
    }
    let unrecognized = "The public key encoding format is unsupported or unrecognized.";
    Err(error::unrecognized_public_key_encoding(unrecognized))
}

impl RsaKey {
    /// From the form of RFC 4253 in base 64. Only the one way to write a key is taken, so that equal keys are equal texts.
    pub fn from_blob(blob: &str) -> Option<RsaKey> {
        let bytes = BASE64.decode(blob.as_bytes()).ok()?;
        let mut reader = bytes.as_slice();
        let algorithm = String::decode(&mut reader).ok()?;
        let exponent = Mpint::decode(&mut reader).ok()?;
        let modulus = Mpint::decode(&mut reader).ok()?;
        let whole = algorithm == ALGORITHM && reader.is_finished();
        RsaKey { exponent, modulus }.checked().filter(|_| whole)
    }

    /// From an X.509 `SubjectPublicKeyInfo` or a PKCS #1 `RSAPublicKey`.
    fn from_der(der: &[u8]) -> Option<RsaKey> {
        let key = PublicKey::from_der(der).ok()?;
        let (_, parts) = RSAPublicKey::from_der(key.as_ref()).ok()?;
        let exponent = Mpint::from_positive_bytes(parts.exponent);
        RsaKey { exponent, modulus: Mpint::from_positive_bytes(parts.modulus) }.checked()
    }

    /// The key itself if it can be one, and is neither too short nor too long.
    fn checked(self) -> Option<RsaKey> {
        let _: PublicEncryptingKey = self.components()?.try_into().ok()?;
        PublicKey::from_der(self.spki()?.as_ref()).ok()?;
        Some(self)
    }

    fn components(&self) -> Option<PublicKeyComponents<&[u8]>> {
        Some(PublicKeyComponents { n: self.modulus.as_positive_bytes()?, e: self.exponent.as_positive_bytes()? })
    }

    fn spki(&self) -> Option<PublicKeyX509Der<'static>> {
        self.components()?.as_der().ok()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to memory cannot fail: no part is longer than a text of the API.
        let _ = ALGORITHM.encode(&mut out).and_then(|()| self.exponent.encode(&mut out));
        let _ = self.modulus.encode(&mut out);
        out
    }

    /// The form of RFC 4253 in base 64.
    pub fn blob(&self) -> String {
        BASE64.encode(&self.bytes())
    }

    /// The `SubjectPublicKeyInfo` as PEM.
    pub fn pem(&self) -> Option<String> {
        Some(pem::text("PUBLIC KEY", self.spki()?.as_ref()))
    }

    /// The MD5 digest as AWS shows it, with colons (API Reference, SSHPublicKey, `Fingerprint`): it names a key, and
    /// nothing rests on it.
    pub fn fingerprint(&self) -> String {
        let digest = Md5::digest(self.bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    }
}
