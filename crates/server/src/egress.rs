//! Documents of other servers, such as the keys of identity providers: the one way out.
//!
//! Who asks for a URL may be anybody, so an address that is not public is never asked, unless the operator allows it; the
//! connection goes to the very address that was looked at; nothing is followed; and time and size are bounded.

mod address;
mod trust;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use doorward_service::{EGRESS_BYTES_MAX, EgressError, Fetching};
use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Cidr;
use address::is_public;

/// From looking up the name to the last byte.
const PATIENCE: Duration = Duration::from_millis(2_500);
const HTTPS: u16 = 443;

/// Fetches documents over HTTPS.
#[derive(Default)]
pub struct EgressClient {
    /// Networks that may be asked although they are not public.
    permitted: Vec<Cidr>,
    /// Names that are at another address than the name service says, which the operator vouches for.
    routes: BTreeMap<String, SocketAddr>,
    /// This machine's certificate authorities, read when first needed.
    roots: OnceLock<Arc<RootCertStore>>,
}

impl fmt::Debug for EgressClient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("EgressClient")
    }
}

impl EgressClient {
    /// A client that may ask public addresses, the `permitted` networks, and the names that have `routes`.
    pub fn new(permitted: Vec<Cidr>, routes: impl IntoIterator<Item = (String, SocketAddr)>) -> EgressClient {
        EgressClient { permitted, routes: routes.into_iter().collect(), roots: OnceLock::new() }
    }

    async fn fetch(&self, url: &str, thumbprints: &[String]) -> Result<Vec<u8>, EgressError> {
        let uri: Uri = url.parse().map_err(|_| refused("the URL cannot be read"))?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority =
            authority.filter(|_| uri.scheme_str() == Some("https")).ok_or_else(|| refused("no https URL"))?;
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let address = self.address(name, authority.port_u16().unwrap_or(HTTPS)).await?;
        let stream = TcpStream::connect(address).await.map_err(|error| unreachable(&format!("{name}: {error}")))?;
        let server_name = ServerName::try_from(name.to_owned()).map_err(|_| refused("the host is no name"))?;
        let roots = Arc::clone(self.roots.get_or_init(native_roots));
        let tls = TlsConnector::from(Arc::new(trust::config(roots, thumbprints)?));
        let stream = tls.connect(server_name, stream).await.map_err(|error| trust::told(name, &error))?;
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_headers(64)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&format!("{name}: {error}")))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path)
            .header(HOST, authority.as_str())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("doorward/", env!("CARGO_PKG_VERSION")))
            .body(Empty::<Bytes>::new())
            .map_err(|_| refused("the URL cannot be asked for"))?;
        let answer = async move {
            let response =
                sender.send_request(request).await.map_err(|error| unreachable(&format!("{name}: {error}")))?;
            match response.status().as_u16() {
                200 => {}
                status @ 500.. => return Err(unreachable(&format!("{name} answered {status}"))),
                status => return Err(refused(&format!("{name} answered {status}"))),
            }
            let body = Limited::new(response.into_body(), EGRESS_BYTES_MAX).collect().await;
            let body = body.map_err(|error| refused(&format!("{name}: {error}")))?;
            Ok(body.to_bytes().to_vec())
        };
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => answer,
            // The connection may end first, with the answer already there.
            _ = connection => answer.await,
        }
    }

    /// The address to connect to: one that may be asked.
    async fn address(&self, name: &str, port: u16) -> Result<SocketAddr, EgressError> {
        if let Some(route) = self.routes.get(&name.to_ascii_lowercase()) {
            return Ok(*route);
        }
        let found = tokio::net::lookup_host((name, port)).await;
        let found = found.map_err(|error| unreachable(&format!("{name}: {error}")))?;
        let may_be_asked =
            |address: IpAddr| is_public(address) || self.permitted.iter().any(|network| network.contains(address));
        let mut found = found.filter(|address| may_be_asked(address.ip()));
        found.next().ok_or_else(|| refused(&format!("{name} is at no address that may be asked (--allow-egress)")))
    }
}

impl doorward_service::Egress for EgressClient {
    fn get<'a>(&'a self, url: &'a str, thumbprints: &'a [String]) -> Fetching<'a> {
        Box::pin(async move {
            let fetched = tokio::time::timeout(PATIENCE, self.fetch(url, thumbprints)).await;
            fetched.unwrap_or_else(|_| Err(unreachable(&format!("{url} took longer than {PATIENCE:?}"))))
        })
    }
}

fn native_roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(roots)
}

fn refused(why: &str) -> EgressError {
    EgressError::Refused(why.to_owned())
}

fn unreachable(why: &str) -> EgressError {
    EgressError::Unreachable(why.to_owned())
}

#[cfg(test)]
mod tests;
