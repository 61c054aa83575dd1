//! A provider's metadata (OpenID Connect Discovery 1.0).

use crate::{DocumentError, json};

/// Largest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
const URL_CHARS_MAX: usize = 2_048;

/// Where the provider of `issuer` publishes its metadata (section 4: a `/` that ends the issuer is not doubled).
pub fn configuration_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Where the provider of `issuer` publishes its keys, as its metadata says.
///
/// # Errors
/// The document is no JSON object, is of another issuer, or its `jwks_uri` is no https URL.
pub fn keys_url(document: &[u8], issuer: &str) -> Result<String, DocumentError> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(DocumentError("the metadata are too large"));
    }
    let metadata = json::object(document).ok_or(DocumentError("the metadata are no JSON object"))?;
    // Section 4.3: the issuer must be exactly the one that was asked.
    if metadata.get("issuer").and_then(|own| own.as_str()) != Some(issuer) {
        return Err(DocumentError("the metadata are of another issuer"));
    }
    let url = metadata.get("jwks_uri").and_then(json::text).ok_or(DocumentError("the metadata name no keys"))?;
    match url.starts_with("https://") && url.len() <= URL_CHARS_MAX {
        true => Ok(url.to_owned()),
        false => Err(DocumentError("the keys are at no https URL")),
    }
}
