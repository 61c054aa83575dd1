//! Checksums against damage (not against an attacker who can write the files).

use sha2::{Digest, Sha256};

use crate::{RealmId, Revision};

/// The checksum of a byte string.
pub(crate) fn bytes(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(prefix(Sha256::digest(bytes).as_ref()))
}

/// The checksum of one record. The wrapping sum of a realm's records is the checksum of its state, so a commit
/// computes the new state's from the old one's and its own changes.
pub(crate) fn record(realm: &RealmId, kind: &str, key: &str, from: Revision, body: &[u8]) -> u128 {
    let mut hash = Sha256::new();
    for part in [realm.as_str().as_bytes(), kind.as_bytes(), key.as_bytes(), &from.to_le_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    hash.update(body);
    u128::from_le_bytes(prefix(hash.finalize().as_ref()))
}

fn prefix<const N: usize>(digest: &[u8]) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}
