//! TLS, and where it may be missing.

use crate::harness::*;
use doorward_server::{Config, ServeError, Server, TlsFiles};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

struct Identity {
    folder: TempDir,
    certificate: CertificateDer<'static>,
}

/// A certificate for `localhost` and its key, in files.
fn identity() -> Identity {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    Identity { folder, certificate: made.cert.der().clone() }
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") }
}

async fn start_tls(identity: &Identity) -> Running {
    start_with(Config { tls: Some(files(identity.folder.path())), ..config() }).await
}

async fn connect(
    server: &Running,
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(server.addresses.api).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[tokio::test]
async fn calls_over_both_versions() {
    let identity = identity();
    let server = start_tls(&identity).await;
    for (version, expect) in
        [(&rustls::version::TLS12, "TLSv1.2 TLS_ECDHE_"), (&rustls::version::TLS13, "TLSv1.3 TLS_AES_")]
    {
        let mut client = Client::new(connect(&server, &identity, &[version], &[]).await);
        client.send(form(IDENTITY)).await;
        let answer = client.answer().await;
        assert!(answer.body.contains(&format!("secure=true tls={expect}")), "{}", answer.body);
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
        client.send("GET / HTTP/1.1\n\n").await;
        assert_eq!(client.answer().await.code(), "MalformedHttpRequestException");
    }
    server.stop().await;
}

#[tokio::test]
async fn alpn_chooses_the_protocol() {
    let identity = identity();
    let server = start_tls(&identity).await;
    for (offer, chosen) in [(&["h2", "http/1.1"][..], "h2"), (&["http/1.1"], "http/1.1")] {
        let stream = connect(&server, &identity, rustls::ALL_VERSIONS, offer).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(chosen.as_bytes()));
        if chosen == "h2" {
            let io = hyper_util::rt::TokioIo::new(stream);
            let executor = hyper_util::rt::TokioExecutor::new();
            let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
            tokio::spawn(connection);
            let request = http::Request::get(format!("https://localhost/?{IDENTITY}"));
            let request = request.body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
            assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_has_its_time() {
    let identity = identity();
    let server = start_tls(&identity).await;
    let mut silent = server.connect().await;
    assert!(silent.closed().await.is_empty());
    // Plain HTTP gets no answer over which anything could be confused.
    let mut plain = server.connect().await;
    plain.send(form(IDENTITY)).await;
    let mut rest = Vec::new();
    let _ = plain.stream.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP"), "{rest:?}");
    assert!(server.metrics().await.contains("doorward_refused_total{reason=\"tls-handshake-timeout\"} 1"));
    server.stop().await;
}

async fn refused(config: Config) -> ServeError {
    Server::bind(config, Arc::<Script>::default()).await.err().expect("a refusal")
}

#[tokio::test]
async fn plaintext_stays_on_loopback() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = refused(Config { listen: everywhere, ..config() }).await;
    assert!(matches!(error, ServeError::Plaintext(_)));
    for mend in ["TLS certificate", "127.0.0.1", "allow plaintext"] {
        assert!(error.to_string().contains(mend), "{error}");
    }
    let allowed = Config { listen: everywhere, allow_plaintext: true, ..config() };
    assert!(Server::bind(allowed, Arc::<Script>::default()).await.is_ok());
    let error = refused(Config { metrics: Some(everywhere), ..config() }).await;
    assert!(matches!(error, ServeError::ExposedMetrics(_)), "{error}");
}

#[tokio::test]
async fn unusable_files_are_named() {
    let one = identity();
    let two = identity();
    let path = one.folder.path();
    let tls = |tls| Config { tls: Some(tls), ..config() };
    let nowhere = files(&path.join("nowhere"));
    assert!(refused(tls(nowhere)).await.to_string().contains("nowhere/cert.pem"));
    let swapped = TlsFiles { certificate: path.join("key.pem"), key: path.join("cert.pem") };
    assert!(refused(tls(swapped)).await.to_string().contains("key.pem holds no certificate"));
    let mismatched = TlsFiles { certificate: path.join("cert.pem"), key: two.folder.path().join("key.pem") };
    assert!(refused(tls(mismatched)).await.to_string().contains("cannot be used"));
    std::fs::write(path.join("key.pem"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0!\n-----END PRIVATE KEY-----\n")
        .unwrap();
    let broken = refused(tls(files(path))).await;
    assert!(
        broken.to_string().contains("key.pem is no valid PEM file") && !broken.to_string().contains("c2Vj"),
        "{broken}"
    );
}
