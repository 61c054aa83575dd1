//! Against a small server on loopback whose authority is made for the test.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use doorward_service::Egress;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;

/// A server that answers every connection in the same way, and the thumbprint of its authority.
struct Provider {
    address: SocketAddr,
    thumbprint: String,
}

impl Provider {
    fn start(answer: impl Into<Vec<u8>>, pause: Duration) -> Provider {
        let authority_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["idp.example".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let chain = vec![leaf.der().clone(), authority.der().clone()];
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .unwrap();
        let (config, answer) = (Arc::new(config), answer.into());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, answer) = (Arc::clone(&config), answer.clone());
                thread::spawn(move || {
                    let connection = rustls::ServerConnection::new(config).unwrap();
                    let mut tls = rustls::StreamOwned::new(connection, stream.unwrap());
                    // A client that does not trust us ends here.
                    let Ok(_) = tls.read(&mut [0; 4_096]) else { return };
                    thread::sleep(pause);
                    let _ = tls.write_all(&answer);
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                });
            }
        });
        let thumbprint = data_encoding::HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, authority.der()).as_ref());
        Provider { address, thumbprint }
    }

    fn get(&self, url: &str, thumbprints: &[&str]) -> Result<Vec<u8>, EgressError> {
        get(&EgressClient::new(Vec::new(), [("idp.example".to_owned(), self.address)]), url, thumbprints)
    }
}

fn get(client: &EgressClient, url: &str, thumbprints: &[&str]) -> Result<Vec<u8>, EgressError> {
    let thumbprints: Vec<String> = thumbprints.iter().map(|text| (*text).to_owned()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.get(url, &thumbprints))
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

const URL: &str = "https://idp.example/.well-known/openid-configuration";

#[test]
fn a_server_is_trusted_by_its_authoritys_thumbprint() {
    let provider = Provider::start(answer("200 OK", "{}"), Duration::ZERO);
    assert_eq!(provider.get(URL, &[&provider.thumbprint]), Ok(b"{}".to_vec()));
    assert!(matches!(provider.get(URL, &[]), Err(EgressError::Certificate(_))));
    assert!(matches!(provider.get(URL, &[&"0".repeat(40)]), Err(EgressError::Certificate(_))));
    // The authority vouches for one name.
    let client = EgressClient::new(Vec::new(), [("other.example".to_owned(), provider.address)]);
    let other = get(&client, "https://other.example/", &[&provider.thumbprint]);
    assert!(matches!(other, Err(EgressError::Certificate(_))), "{other:?}");
}

#[test]
fn d05_only_what_may_be_asked_is_asked() {
    let client = EgressClient::default();
    for url in [
        "http://8.8.8.8/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0/",
        "https://user@127.0.0.1/",
        "ftp://idp.example/",
        "file:///etc/passwd",
        "https:///x",
        "",
    ] {
        let refused = get(&client, url, &[]);
        assert!(matches!(refused, Err(EgressError::Refused(_) | EgressError::Unreachable(_))), "{url}: {refused:?}");
        if url.contains("127.0.0.1") || url.contains("169.254") {
            assert!(matches!(refused, Err(EgressError::Refused(_))), "{url}: {refused:?}");
        }
    }
    // An operator may allow a network.
    let provider = Provider::start(answer("200 OK", "{}"), Duration::ZERO);
    let client = EgressClient::new(vec!["127.0.0.0/8".parse().unwrap()], []);
    let url = format!("https://127.0.0.1:{}/", provider.address.port());
    assert!(matches!(get(&client, &url, &[&provider.thumbprint]), Err(EgressError::Certificate(_))));
}

#[test]
fn d05_nothing_is_followed_and_everything_is_bounded() {
    let large = "x".repeat(EGRESS_BYTES_MAX + 1);
    for (answer, unreachable) in [
        (format!("HTTP/1.1 302 Found\r\nlocation: {URL}\r\ncontent-length: 0\r\n\r\n"), false),
        (answer("404 Not Found", "{}"), false),
        (answer("200 OK", &large), false),
        (
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len()),
            false,
        ),
        (answer("503 Service Unavailable", ""), true),
        ("nonsense".to_owned(), true),
        (String::new(), true),
    ] {
        let provider = Provider::start(answer.clone(), Duration::ZERO);
        let got = provider.get(URL, &[&provider.thumbprint]);
        let as_expected = match got {
            Err(EgressError::Unreachable(_)) => unreachable,
            Err(EgressError::Refused(_)) => !unreachable,
            _ => false,
        };
        assert!(as_expected, "{}: {got:?}", &answer[..answer.len().min(40)]);
    }
}

#[test]
fn a_slow_server_is_given_up() {
    let provider = Provider::start(answer("200 OK", "{}"), Duration::from_secs(20));
    let start = std::time::Instant::now();
    assert!(matches!(provider.get(URL, &[&provider.thumbprint]), Err(EgressError::Unreachable(_))));
    assert!(start.elapsed() < Duration::from_secs(5));
}
