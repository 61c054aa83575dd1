//! Whose certificate is trusted: a server's that a public authority vouches for, else one whose authority the operator
//! named by its thumbprint (User Guide, "Obtain the thumbprint for an OpenID Connect identity provider").

use std::io;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use doorward_service::EgressError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

#[derive(Debug)]
struct Trust {
    provider: Arc<CryptoProvider>,
    /// None where this machine has no certificate authorities at all.
    public: Option<Arc<WebPkiServerVerifier>>,
    thumbprints: Vec<String>,
}

/// How a connection is protected that trusts these roots and thumbprints.
pub(super) fn config(roots: Arc<RootCertStore>, thumbprints: &[String]) -> Result<ClientConfig, EgressError> {
    let failed = |error: String| EgressError::Unreachable(format!("TLS cannot be set up: {error}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let public = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().ok();
    let trust = Trust { provider: Arc::clone(&provider), public, thumbprints: thumbprints.to_vec() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| failed(error.to_string()))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(trust)).with_no_client_auth())
}

/// Why there is no connection.
pub(super) fn told(name: &str, error: &io::Error) -> EgressError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(_)) => EgressError::Certificate(format!("{name}: {error}")),
        _ => EgressError::Unreachable(format!("{name}: {error}")),
    }
}

impl Trust {
    /// The authority at the top of the chain that the server shows, if its thumbprint is one of those named. What is
    /// below it is then verified as below any other root: names, times, signatures.
    fn pinned<'a>(
        &self,
        chain: &'a [CertificateDer<'a>],
    ) -> Option<(&'a CertificateDer<'a>, &'a [CertificateDer<'a>])> {
        let (top, below) = chain.split_last()?;
        let thumbprint = data_encoding::HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, top).as_ref());
        self.thumbprints.contains(&thumbprint).then_some((top, below))
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let untrusted = || Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let by_public = self.public.as_ref().map_or_else(
            || Err(untrusted()),
            |public| public.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
        );
        let (Err(error), Some((top, below))) = (&by_public, self.pinned(intermediates)) else { return by_public };
        let mut roots = RootCertStore::empty();
        roots.add(top.clone().into_owned()).map_err(|_| error.clone())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|_| error.clone())?
            .verify_server_cert(end_entity, below, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
