//! Authenticated encryption: AES-256-GCM-SIV, which survives a nonce used twice (on a cloned disk, say).

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

use crate::World;
use crate::secrets::keyring::Key;

pub(crate) const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
/// What sealing adds to a text, in bytes.
pub(crate) const OVERHEAD: usize = NONCE_LENGTH + TAG_LENGTH;

/// Seals `plain` to `key` and to `context`: opening with any other context fails.
pub(crate) fn seal(key: &Key, world: &dyn World, context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LENGTH];
    world.fill(&mut nonce);
    let cipher = Aes256GcmSiv::new(key.bytes().into());
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context }).ok()?;
    let mut out = Vec::with_capacity(NONCE_LENGTH + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Some(out)
}

/// Opens what [`seal`] made; none for anything else, without saying what was wrong.
pub(crate) fn open(key: &Key, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>()?;
    let cipher = Aes256GcmSiv::new(key.bytes().into());
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: context }).ok().map(Zeroizing::new)
}
