//! The keys that a provider publishes (RFC 7517, JSON Web Key Set) and the signatures they verify (RFC 7518).

use std::collections::HashMap;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::DocumentError;
use crate::json;

/// Largest key set, in bytes.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// Keys of one type in a set (User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM").
const KEYS_MAX: usize = 100;
/// An RSA modulus has 2,048 to 8,192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// An RSA exponent: 65,537 has three bytes.
const EXPONENT_BYTES_MAX: usize = 4;

/// The algorithms that tokens may be signed with. There is no way to name another: neither none nor a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
    Es512,
}

impl Algorithm {
    /// The algorithm of this name, exactly.
    pub fn named(name: &str) -> Option<Algorithm> {
        Some(match name {
            "RS256" => Algorithm::Rs256,
            "RS384" => Algorithm::Rs384,
            "RS512" => Algorithm::Rs512,
            "ES256" => Algorithm::Es256,
            "ES384" => Algorithm::Es384,
            "ES512" => Algorithm::Es512,
            _ => return None,
        })
    }
}

#[derive(Debug)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point, on the curve of the one algorithm that goes with it.
    Ec {
        algorithm: Algorithm,
        point: Vec<u8>,
    },
}

#[derive(Debug)]
struct Key {
    material: Material,
    /// The algorithm that the key is for, where it says so.
    algorithm: Option<Algorithm>,
}

/// A provider's keys, by key id.
#[derive(Debug)]
pub struct KeySet {
    keys: HashMap<String, Key>,
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys that are not for verifying RS or ES signatures, or have no id, are left out, and so
    /// are those whose id is not theirs alone.
    ///
    /// # Errors
    /// The document is too large, no JSON object with `keys`, has a member twice, or holds too many keys.
    pub fn parse(document: &[u8]) -> Result<KeySet, DocumentError> {
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(DocumentError("the key set is too large"));
        }
        let set = json::object(document).ok_or(DocumentError("the key set is no JSON object"))?;
        let list = set.get("keys").and_then(Value::as_array).ok_or(DocumentError("the key set has no keys"))?;
        let of_type =
            |name: &str| list.iter().filter(|key| key.get("kty").and_then(Value::as_str) == Some(name)).count();
        if of_type("RSA") > KEYS_MAX || of_type("EC") > KEYS_MAX {
            return Err(DocumentError("the key set has more than 100 keys of one type"));
        }
        let mut keys: HashMap<String, Option<Key>> = HashMap::new();
        for (id, key) in list.iter().filter_map(Value::as_object).filter_map(usable) {
            keys.entry(id.to_owned()).and_modify(|one| *one = None).or_insert(Some(key));
        }
        Ok(KeySet { keys: keys.into_iter().filter_map(|(id, key)| Some((id, key?))).collect() })
    }

    /// Whether there is a key of exactly this id.
    pub fn has(&self, key_id: &str) -> bool {
        self.keys.contains_key(key_id)
    }

    /// Whether the key of this id verifies the signature. A key of another type than the algorithm's never does.
    pub(crate) fn verifies(&self, key_id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let Some(key) = self.keys.get(key_id) else { return false };
        if key.algorithm.is_some_and(|own| own != algorithm) {
            return false;
        }
        match &key.material {
            Material::Rsa { modulus, exponent } => {
                let parameters = match algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => return false,
                };
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(parameters, message, signature).is_ok()
            }
            Material::Ec { algorithm: own, point } => {
                let parameters = match algorithm {
                    Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
                    Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
                    Algorithm::Es512 => &ECDSA_P521_SHA512_FIXED,
                    Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => return false,
                };
                *own == algorithm && UnparsedPublicKey::new(parameters, point).verify(message, signature).is_ok()
            }
        }
    }
}

/// A key with its id, if it is one that may verify tokens.
fn usable(jwk: &Map<String, Value>) -> Option<(&str, Key)> {
    let id = json::text(jwk.get("kid")?)?;
    let for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let verifies = |operations: &Value| {
        operations.as_array().is_some_and(|list| list.iter().any(|operation| operation == "verify"))
    };
    // Whoever publishes the private part has no key any more.
    if !for_signatures || !jwk.get("key_ops").is_none_or(verifies) || jwk.contains_key("d") {
        return None;
    }
    let algorithm = match jwk.get("alg") {
        None => None,
        Some(name) => Some(Algorithm::named(name.as_str()?)?),
    };
    let material = match jwk.get("kty")?.as_str()? {
        "RSA" => rsa(jwk)?,
        "EC" => elliptic(jwk)?,
        _ => return None,
    };
    Some((id, Key { material, algorithm }))
}

fn rsa(jwk: &Map<String, Value>) -> Option<Material> {
    let (modulus, exponent) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
    let is_number = |bytes: &[u8]| bytes.first().is_some_and(|byte| *byte != 0);
    let fits = MODULUS_BYTES.contains(&modulus.len()) && exponent.len() <= EXPONENT_BYTES_MAX;
    (fits && is_number(&modulus) && is_number(&exponent)).then_some(Material::Rsa { modulus, exponent })
}

fn elliptic(jwk: &Map<String, Value>) -> Option<Material> {
    let (algorithm, length) = match jwk.get("crv")?.as_str()? {
        "P-256" => (Algorithm::Es256, 32),
        "P-384" => (Algorithm::Es384, 48),
        "P-521" => (Algorithm::Es512, 66),
        _ => return None,
    };
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    (x.len() == length && y.len() == length).then_some(Material::Ec { algorithm, point })
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(jwk.get(name)?.as_str()?.as_bytes()).ok()
}
