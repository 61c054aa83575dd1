//! TLS by rustls: versions 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.

use crate::{ServeError, TlsFiles};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// Reads certificate and key, and checks that they belong together.
pub(crate) fn load(files: &TlsFiles) -> Result<Arc<ServerConfig>, ServeError> {
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable("certificate", &files.certificate, &error))?;
    if certificates.is_empty() {
        return Err(unreadable("certificate", &files.certificate, &pem::Error::NoItemsFound));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable("private key", &files.key, &error))?;
    let unusable = |error: rustls::Error| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        ServeError::Tls(format!("the certificate {certificate} and the private key {key} cannot be used: {error}"))
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn unreadable(what: &str, path: &Path, error: &pem::Error) -> ServeError {
    let path = path.display();
    ServeError::Tls(match error {
        pem::Error::NoItemsFound => format!("the file {path} holds no {what} in PEM form (-----BEGIN …-----)"),
        pem::Error::Io(error) => format!("the {what} {path} cannot be read: {error}"),
        // The text of the other errors may quote the file, which may be the key.
        _ => format!("the file {path} is no valid PEM file"),
    })
}
