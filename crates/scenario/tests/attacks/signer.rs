//! A signer of its own, after the AWS page "Create a signed AWS API request", that signs what it is told to, right or
//! not: another payload hash, fewer headers, another scope.

use data_encoding::HEXLOWER;
use doorward_scenario::{Credentials, Request};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What is signed, and for what.
pub struct Recipe<'a> {
    pub payload_hash: Option<&'a str>,
    pub leave_out: &'a [&'a str],
    pub date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    pub terminator: &'a str,
}

/// The date of every scenario's beginning.
pub const DATE: &str = "20261125";
const STAMP: &str = "20261125T120000Z";

impl Default for Recipe<'_> {
    fn default() -> Self {
        Recipe {
            payload_hash: None,
            leave_out: &[],
            date: DATE,
            region: "us-east-1",
            service: "sts",
            terminator: "aws4_request",
        }
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Adds `x-amz-date`, the session's token and the signature to a request to `/` with at most one parameter in its query.
pub fn sign(request: &mut Request, credentials: &Credentials, recipe: &Recipe<'_>) {
    request.headers.push(("x-amz-date".to_owned(), STAMP.to_owned()));
    if let Some(token) = &credentials.session_token {
        request.headers.push(("x-amz-security-token".to_owned(), token.clone()));
    }
    let mut headers: Vec<_> = request.headers.iter().filter(|(name, _)| name != "user-agent").collect();
    headers.retain(|(name, _)| !recipe.leave_out.contains(&name.as_str()));
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let body_hash = hash(request.body.as_bytes());
    let payload_hash = recipe.payload_hash.unwrap_or(&body_hash);
    let Request { method, path, query, .. } = &*request;
    let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload_hash}");
    let scope = format!("{}/{}/{}/{}", recipe.date, recipe.region, recipe.service, recipe.terminator);
    let text = format!("AWS4-HMAC-SHA256\n{STAMP}\n{scope}\n{}", hash(canonical.as_bytes()));
    let secret = format!("AWS4{}", credentials.secret_access_key);
    let key = [recipe.date, recipe.region, recipe.service, recipe.terminator]
        .iter()
        .fold(secret.into_bytes(), |key, part| hmac(&key, part));
    let signature = HEXLOWER.encode(&hmac(&key, &text));
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        credentials.access_key_id
    );
    request.headers.push(("authorization".to_owned(), value));
}
