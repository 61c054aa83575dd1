//! What the test files share: a request that owns its parts, and one function that runs the whole verification.

#![allow(dead_code, clippy::expect_used, reason = "each test file uses a part of it")]

use doorward_sigv4::{Claim, Credentials, Error, PathStyle, Request, Scope, claim, presign, sign};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi==";

/// A request that owns its parts, so that tests can change them.
#[derive(Clone, Debug, PartialEq)]
pub struct Owned {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Owned {
    pub fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Owned {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Owned {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// The request as AWS's clients send it to a query service.
    pub fn get_user() -> Owned {
        Owned::new(
            "POST",
            "/",
            &[("host", "iam.example.com"), ("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            "Action=GetUser&Version=2010-05-08",
        )
    }

    pub fn header(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|header| header.0 == name).expect("the header is there").1
    }

    pub fn push(mut self, name: &str, value: &str) -> Owned {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Replaces text in the header.
    pub fn replace(mut self, name: &str, from: &str, to: &str) -> Owned {
        let value = String::from_utf8(self.header(name).clone()).expect("text");
        assert!(value.contains(from), "{from:?} is not in {value:?}");
        *self.header(name) = value.replacen(from, to, 1).into_bytes();
        self
    }

    /// Replaces text in the query.
    pub fn requery(mut self, from: &str, to: &str) -> Owned {
        assert!(self.query.contains(from), "{from:?} is not in {:?}", self.query);
        self.query = self.query.replacen(from, to, 1);
        self
    }

    /// Replaces the signature, wherever it is.
    pub fn forged(mut self, signature: &str) -> Owned {
        let replace = |text: &str| {
            let (before, after) = text.split_once("Signature=").expect("it is signed");
            let after = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            format!("{before}Signature={signature}{after}")
        };
        match self.headers.iter_mut().find(|header| header.0 == "authorization") {
            Some((_, value)) => *value = replace(&String::from_utf8_lossy(value)).into_bytes(),
            None => self.query = replace(&self.query),
        }
        self
    }

    pub fn without(mut self, name: &str) -> Owned {
        self.headers.retain(|header| header.0 != name);
        self
    }

    /// Calls a function with the borrowed form.
    pub fn with<T>(&self, f: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        f(&Request { method: &self.method, path: &self.path, query: &self.query, headers: &headers, body: &self.body })
    }

    pub fn signed(self, signer: &Signer) -> Owned {
        let added =
            self.with(|request| sign(request, &signer.credentials(), &signer.scope()).expect("it can be signed"));
        added.iter().fold(self, |request, (name, value)| request.push(name, value))
    }

    pub fn presigned(mut self, signer: &Signer, expires: u32) -> Owned {
        self.query = self.with(|request| {
            presign(request, &signer.credentials(), &signer.scope(), expires).expect("it can be presigned")
        });
        self
    }
}

/// Who signs, and for what.
#[derive(Clone, Debug)]
pub struct Signer {
    pub access_key_id: String,
    pub secret: String,
    pub token: Option<String>,
    pub region: String,
    pub service: String,
    pub time: Timestamp,
    pub style: PathStyle,
}

impl Default for Signer {
    fn default() -> Signer {
        Signer {
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            region: "eu-west-1".to_owned(),
            service: "iam".to_owned(),
            time: at("2026-01-01T00:20:00Z"),
            style: PathStyle::Normalised,
        }
    }
}

impl Signer {
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: &self.secret,
            session_token: self.token.as_deref(),
        }
    }

    pub fn scope(&self) -> Scope<'_> {
        Scope { region: &self.region, service: &self.service, time: self.time, style: self.style }
    }

    /// Puts the signature that is right by the string to sign, for requests that no signer makes.
    pub fn resign(&self, request: Owned) -> Owned {
        let string_to_sign = request.with(|request| {
            let claim = claim(request, self.style).expect("it is well-formed").expect("it is signed");
            claim.string_to_sign()
        });
        let hmac = |key: &[u8], text: &[u8]| {
            let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length").chain_update(text);
            mac.finalize().into_bytes().to_vec()
        };
        let date = self.time.strftime("%Y%m%d").to_string();
        let key = [date.as_str(), &self.region, &self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", self.secret).into_bytes(), |key, text| hmac(&key, text.as_bytes()));
        let signature: String = hmac(&key, &string_to_sign).iter().map(|byte| format!("{byte:02x}")).collect();
        request.forged(&signature)
    }

    /// Verifies a request that claims to be this signer's, at the time of signing.
    pub fn verify(&self, request: &Owned) -> Result<Facts, Error> {
        self.verify_at(request, self.time)
    }

    pub fn verify_at(&self, request: &Owned, now: Timestamp) -> Result<Facts, Error> {
        request.with(|request| {
            let claim = claim(request, self.style)?.ok_or(Error::IncompleteSignature("not signed".into()))?;
            let checked = claim.check(now, &self.service)?;
            let verified = checked.verify(&checked.signing_key(&self.secret))?;
            Ok(Facts::of(verified.claim()))
        })
    }
}

/// What a verified request says.
#[derive(Debug, PartialEq)]
pub struct Facts {
    pub access_key_id: String,
    pub region: String,
    pub service: String,
    pub token: Option<String>,
    pub presigned: bool,
    pub signed_headers: Vec<String>,
}

impl Facts {
    fn of(claim: &Claim<'_>) -> Facts {
        Facts {
            access_key_id: claim.access_key_id().to_owned(),
            region: claim.region().to_owned(),
            service: claim.service().to_owned(),
            token: claim.session_token().map(str::to_owned),
            presigned: claim.is_presigned(),
            signed_headers: claim.signed_headers().map(str::to_owned).collect(),
        }
    }
}

pub fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

pub const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/// Checks what becomes of a request to the `iam` service, at the time it was signed: `Ok`, or error code and message.
pub fn check(request: &Owned, expect: Result<(), (&str, &str)>) {
    refused(Signer::default().verify(request), expect, &format!("{request:?}"));
}

/// Checks how a verification ends; of an error also that code, status and text belong together.
pub fn refused(result: Result<Facts, Error>, expect: Result<(), (&str, &str)>, what: &str) {
    let status = |code: &str| match code {
        "IncompleteSignature" | "AuthorizationQueryParametersError" => 400,
        "SignatureDoesNotMatch" => 403,
        _ => 404,
    };
    match result {
        Ok(_) => assert_eq!(Ok(()), expect, "{what}"),
        Err(error) => {
            assert_eq!(Err((error.code(), error.message())), expect, "{what}");
            assert_eq!(error.status(), status(error.code()));
            assert_eq!(error.to_string(), error.message());
        }
    }
}

pub fn incomplete(message: &str) -> Result<(), (&str, &str)> {
    Err(("IncompleteSignature", message))
}

pub fn mismatch(message: &str) -> Result<(), (&str, &str)> {
    Err(("SignatureDoesNotMatch", message))
}

/// A request as AWS's clients send it, signed.
pub fn signed() -> Owned {
    Owned::get_user().signed(&Signer::default())
}

/// A presigned request.
pub fn presigned() -> Owned {
    Owned::new("GET", "/?Action=GetUser&Version=2010-05-08", &[("host", "iam.example.com")], "")
        .presigned(&Signer::default(), 900)
}
