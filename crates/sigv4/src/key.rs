//! The derived key that signs.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::TERMINATOR;

/// The key derived from a secret access key for one date, region and service. It signs and verifies nothing else, so it
/// may be kept where the secret must not be. Zeroized when dropped.
///
/// Kept is the state of the HMAC after its key: every use saves hashing the two blocks of the key again.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derives the key for a date (`YYYYMMDD`), region and service.
    ///
    /// For an access key that does not exist, derive from a dummy secret and go on as usual: looking up, deriving and
    /// comparing then take the same time, and who asks learns nothing from it.
    pub fn derive(secret_access_key: &str, date: &str, region: &str, service: &str) -> SigningKey {
        let mut secret = Zeroizing::new(Vec::with_capacity(4 + secret_access_key.len()));
        secret.extend_from_slice(b"AWS4");
        secret.extend_from_slice(secret_access_key.as_bytes());
        let date_key = hmac(&secret, date);
        let region_key = hmac(&*date_key, region);
        let service_key = hmac(&*region_key, service);
        let signing_key = hmac(&*service_key, TERMINATOR);
        SigningKey(keyed(&*signing_key))
    }

    /// A message authentication code under this key, nothing written to it yet.
    pub(crate) fn begin(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn hmac(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(keyed(key).chain_update(text).finalize().into_bytes().into())
}
