//! A provider with one key of each kind, for tests.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::KeySet;

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

/// A provider with one key of each kind.
pub(crate) struct Provider {
    rsa: RsaKeyPair,
    ec: Vec<(&'static str, &'static str, EcdsaKeyPair)>,
}

impl Provider {
    pub(crate) fn new() -> Provider {
        let curves: [(_, _, &'static EcdsaSigningAlgorithm); 3] = [
            ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
            ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
            ("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
        ];
        let ec = curves.map(|(name, curve, algorithm)| (name, curve, EcdsaKeyPair::generate(algorithm).unwrap()));
        Provider { rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), ec: ec.into() }
    }

    pub(crate) fn jwks(&self) -> Value {
        let mut keys = Vec::new();
        let public = self.rsa.public_key();
        keys.push(json!({
            "kty": "RSA", "kid": "rsa", "use": "sig",
            "n": encoded(public.modulus().big_endian_without_leading_zero()),
            "e": encoded(public.exponent().big_endian_without_leading_zero()),
        }));
        for (name, curve, pair) in &self.ec {
            let point = &pair.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            keys.push(json!({ "kty": "EC", "kid": name, "crv": curve, "alg": name, "x": encoded(x), "y": encoded(y) }));
        }
        json!({ "keys": keys })
    }

    pub(crate) fn keys(&self) -> KeySet {
        KeySet::parse(self.jwks().to_string().as_bytes()).unwrap()
    }

    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let algorithm = serde_json::from_str::<Value>(header).unwrap()["alg"].as_str().unwrap_or("RS256").to_owned();
        let message = format!("{}.{}", encoded(header), encoded(claims));
        format!("{message}.{}", encoded(self.signature(&algorithm, message.as_bytes())))
    }

    pub(crate) fn signature(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        if let Some((_, _, pair)) = self.ec.iter().find(|(name, ..)| *name == algorithm) {
            return pair.sign(&random, message).unwrap().as_ref().to_vec();
        }
        let padding = match algorithm {
            "RS384" => &RSA_PKCS1_SHA384,
            "RS512" => &RSA_PKCS1_SHA512,
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa.sign(padding, &random, message, &mut signature).unwrap();
        signature
    }
}
