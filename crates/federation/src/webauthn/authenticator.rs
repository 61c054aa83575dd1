//! A security key in software, for tests: it answers as a browser with such a key would, or lies as it is told to.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests stop at what they do not expect")]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// The user was there.
const PRESENT: u8 = 0x01;
/// The user was verified.
const VERIFIED: u8 = 0x04;
/// Data of the credential follows.
const ATTESTED: u8 = 0x40;

/// A key, and how it behaves.
pub struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    /// The signature counter, which grows with every response.
    pub counter: u32,
    /// The page.
    pub origin: String,
    /// The domain, in place of the one that was asked for.
    pub rp_id: Option<String>,
    /// The challenge, in place of the one that was given.
    pub challenge: Option<String>,
    /// The ceremony, in place of the right one.
    pub ceremony: Option<String>,
    /// Whether the page is framed by one of another origin.
    pub cross_origin: bool,
    /// Whether the user was there.
    pub present: bool,
    /// Whether the user was verified.
    pub verified: bool,
    /// The format of the attestation.
    pub attestation: String,
    /// The user that the response to a request names.
    pub user_handle: Option<String>,
    /// Whether signatures are spoilt.
    pub forged: bool,
}

impl Authenticator {
    /// A key that behaves, on a page.
    pub fn new(origin: &str) -> Authenticator {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Authenticator {
            key,
            id,
            counter: 0,
            origin: origin.to_owned(),
            rp_id: None,
            challenge: None,
            ceremony: None,
            cross_origin: false,
            present: true,
            verified: true,
            attestation: "none".to_owned(),
            user_handle: None,
            forged: false,
        }
    }

    /// The response to `PublicKeyCredentialCreationOptionsJSON`.
    pub fn create(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.create", options);
        let rp_id = text(options, &["rp", "id"]);
        let mut data = self.data(&rp_id, ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let statement = match self.attestation.as_str() {
            "packed" => {
                let signature = self.sign(&data, &client_data);
                [b"\xa2".to_vec(), cbor_text("alg"), vec![0x26], cbor_text("sig"), cbor_bytes(&signature)].concat()
            }
            _ => vec![0xa0],
        };
        let object = [
            b"\xa3".to_vec(),
            cbor_text("fmt"),
            cbor_text(&self.attestation),
            cbor_text("attStmt"),
            statement,
            cbor_text("authData"),
            cbor_bytes(&data),
        ];
        self.response(json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
            "attestationObject": BASE64URL_NOPAD.encode(&object.concat()),
        }))
    }

    /// The response to `PublicKeyCredentialRequestOptionsJSON`.
    pub fn get(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(&text(options, &["rpId"]), 0);
        let signature = self.sign(&data, &client_data);
        let mut response = json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(&signature),
        });
        if let (Some(handle), Some(members)) = (&self.user_handle, response.as_object_mut()) {
            members.insert("userHandle".to_owned(), handle.clone().into());
        }
        self.response(response)
    }

    fn response(&self, response: Value) -> Value {
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let challenge = self.challenge.clone().unwrap_or_else(|| text(options, &["challenge"]));
        let ceremony = self.ceremony.as_deref().unwrap_or(ceremony);
        let data = json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin,
        });
        data.to_string().into_bytes()
    }

    fn data(&mut self, rp_id: &str, flags: u8) -> Vec<u8> {
        self.counter = self.counter.wrapping_add(1);
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let present = if self.present { PRESENT } else { 0 };
        let verified = if self.verified { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags | present | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// ES256 on P-256 (RFC 9053).
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point.get(1..).expect("a point").split_at(32);
        let head = b"\xa5\x01\x02\x03\x26\x20\x01\x21".to_vec();
        [head, cbor_bytes(x), b"\x22".to_vec(), cbor_bytes(y)].concat()
    }

    fn sign(&self, data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let signed = [data, digest(&SHA256, client_data).as_ref()].concat();
        let signed = if self.forged { b"something else".to_vec() } else { signed };
        self.key.sign(&SystemRandom::new(), &signed).expect("a signature").as_ref().to_vec()
    }
}

fn text(options: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(options, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn cbor_text(text: &str) -> Vec<u8> {
    cbor(0x60, text.as_bytes())
}

fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    cbor(0x40, bytes)
}

/// A text or byte string with its length.
fn cbor(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a short string");
    let mut out = match u8::try_from(length) {
        Ok(short @ 0..24) => vec![kind | short],
        Ok(short) => vec![kind | 24, short],
        Err(_) => [vec![kind | 25], length.to_be_bytes().to_vec()].concat(),
    };
    out.extend(bytes);
    out
}
