//! The keyring: a key for every purpose.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::World;
use crate::secrets::seal;

/// Length of a key, the KEK included, in bytes.
pub const KEY_LENGTH: usize = 32;

/// A symmetric key. No Debug, no Serialize; wiped when dropped.
pub(crate) struct Key(Zeroizing<[u8; KEY_LENGTH]>);

impl Key {
    fn random(world: &dyn World) -> Key {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        world.fill(bytes.as_mut_slice());
        Key(bytes)
    }

    fn from_slice(bytes: &[u8]) -> Option<Key> {
        Some(Key(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

/// A secret as text, such as a secret access key. No Debug, no Serialize; wiped when dropped.
pub(crate) struct SecretText(pub(crate) Zeroizing<String>);

/// What a key is for. What is sealed for one purpose cannot be opened for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// Secrets of long-term access keys, at rest.
    AccessKeys,
    /// Session tokens, in the hands of clients.
    SessionTokens,
    /// Pagination markers, in the hands of clients.
    Markers,
    /// Private keys of SAML providers, at rest.
    SamlKeys,
    /// Private keys of server certificates, at rest.
    ServerKeys,
    /// Hashes of passwords, at rest: what the store holds is not enough to guess at them.
    Passwords,
    /// Seeds of MFA devices, at rest.
    MfaSeeds,
    /// Private keys that sign web identity tokens, at rest.
    IssuerKeys,
    /// Encoded authorization messages, in the hands of clients.
    AuthorizationMessages,
}

impl Purpose {
    const ALL: [Purpose; 9] = [
        Purpose::AccessKeys,
        Purpose::SessionTokens,
        Purpose::Markers,
        Purpose::SamlKeys,
        Purpose::ServerKeys,
        Purpose::Passwords,
        Purpose::MfaSeeds,
        Purpose::IssuerKeys,
        Purpose::AuthorizationMessages,
    ];

    fn name(self) -> &'static str {
        match self {
            Purpose::AccessKeys => "access-keys",
            Purpose::SessionTokens => "session-tokens",
            Purpose::Markers => "markers",
            Purpose::SamlKeys => "saml-keys",
            Purpose::ServerKeys => "server-keys",
            Purpose::Passwords => "passwords",
            Purpose::MfaSeeds => "mfa-seeds",
            Purpose::IssuerKeys => "issuer-keys",
            Purpose::AuthorizationMessages => "authorization-messages",
        }
    }
}

/// Why a keyring cannot be opened.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The key-encryption key is not the one that the keyring was sealed with, or the keyring was tampered with.
    WrongKey,
    /// Sealing failed.
    Seal,
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            KeyError::WrongKey => {
                "the key-encryption key does not open the keyring: it is another key, or the keyring was changed"
            }
            KeyError::Seal => "the keyring could not be sealed",
        })
    }
}

impl std::error::Error for KeyError {}

struct Entry {
    purpose: Purpose,
    version: u32,
    key: Key,
}

/// The keys of all purposes. New ones are put last; the last of a purpose is the one that seals.
pub struct Keyring {
    root: Key,
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    purpose: Purpose,
    version: u32,
    key: String,
}

impl Drop for StoredEntry {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

const ROOT_CONTEXT: &[u8] = b"doorward root key v1";
const KEYRING_CONTEXT: &[u8] = b"doorward keyring v1";

impl Keyring {
    /// A new keyring of random keys.
    pub fn generate(world: &dyn World) -> Keyring {
        let entry = |purpose| Entry { purpose, version: 1, key: Key::random(world) };
        Keyring { root: Key::random(world), entries: Purpose::ALL.into_iter().map(entry).collect() }
    }

    /// Adds keys for purposes that the keyring was made without, by an older version; whether there were any.
    pub(crate) fn complete(&mut self, world: &dyn World) -> bool {
        let is_missing = |purpose: &Purpose| !self.entries.iter().any(|entry| entry.purpose == *purpose);
        let missing: Vec<Purpose> = Purpose::ALL.into_iter().filter(is_missing).collect();
        let entry = |purpose: &Purpose| Entry { purpose: *purpose, version: 1, key: Key::random(world) };
        self.entries.extend(missing.iter().map(entry));
        !missing.is_empty()
    }

    /// The keyring sealed with the KEK, for the store.
    ///
    /// # Errors
    /// [`KeyError::Seal`] when the cipher refuses.
    pub fn sealed(&self, kek: &[u8; KEY_LENGTH], world: &dyn World) -> Result<Vec<u8>, KeyError> {
        let kek = Key(Zeroizing::new(*kek));
        let stored = |entry: &Entry| StoredEntry {
            purpose: entry.purpose,
            version: entry.version,
            key: BASE64URL_NOPAD.encode(entry.key.bytes()),
        };
        let entries: Vec<StoredEntry> = self.entries.iter().map(stored).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&entries).map_err(|_| KeyError::Seal)?);
        let mut out = seal::seal(&kek, world, ROOT_CONTEXT, self.root.bytes()).ok_or(KeyError::Seal)?;
        out.extend(seal::seal(&self.root, world, KEYRING_CONTEXT, &plain).ok_or(KeyError::Seal)?);
        Ok(out)
    }

    /// Opens a sealed keyring.
    ///
    /// # Errors
    /// [`KeyError::WrongKey`] when `sealed` was not made with this KEK.
    pub fn open(kek: &[u8; KEY_LENGTH], sealed: &[u8]) -> Result<Keyring, KeyError> {
        let kek = Key(Zeroizing::new(*kek));
        let (root, entries) = sealed.split_at_checked(KEY_LENGTH + seal::OVERHEAD).ok_or(KeyError::WrongKey)?;
        let root = seal::open(&kek, ROOT_CONTEXT, root).and_then(|bytes| Key::from_slice(&bytes));
        let root = root.ok_or(KeyError::WrongKey)?;
        let plain = seal::open(&root, KEYRING_CONTEXT, entries).ok_or(KeyError::WrongKey)?;
        let stored: Vec<StoredEntry> = serde_json::from_slice(&plain).map_err(|_| KeyError::WrongKey)?;
        let entry = |stored: &StoredEntry| {
            let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(stored.key.as_bytes()).ok()?);
            Some(Entry { purpose: stored.purpose, version: stored.version, key: Key::from_slice(&bytes)? })
        };
        let entries: Option<Vec<Entry>> = stored.iter().map(entry).collect();
        Ok(Keyring { root, entries: entries.ok_or(KeyError::WrongKey)? })
    }

    /// Seals `plain` for a purpose: key version (4 bytes), nonce, ciphertext, tag.
    pub(crate) fn seal(&self, purpose: Purpose, world: &dyn World, context: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let entry = self.entries.iter().rev().find(|entry| entry.purpose == purpose)?;
        let mut out = entry.version.to_be_bytes().to_vec();
        out.extend(seal::seal(&entry.key, world, &bound(purpose, entry.version, context), plain)?);
        Some(out)
    }

    /// Opens what [`Keyring::seal`] made for the same purpose and context.
    pub(crate) fn open_sealed(&self, purpose: Purpose, context: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (version, sealed) = sealed.split_first_chunk::<4>()?;
        let version = u32::from_be_bytes(*version);
        let entry = self.entries.iter().find(|entry| entry.purpose == purpose && entry.version == version)?;
        seal::open(&entry.key, &bound(purpose, version, context), sealed)
    }

    /// Seals a secret that is kept at rest to the id of what it is of, as text.
    pub(crate) fn seal_text(&self, purpose: Purpose, world: &dyn World, id: &str, plain: &[u8]) -> Option<String> {
        self.seal(purpose, world, id, plain).map(|sealed| BASE64URL_NOPAD.encode(&sealed))
    }

    /// Opens what [`Keyring::seal_text`] made for the same purpose and id.
    pub(crate) fn open_text(&self, purpose: Purpose, id: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.open_sealed(purpose, id, &BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?)
    }

    /// Seals the secret of an access key to the key's id, as text.
    pub(crate) fn seal_secret(&self, world: &dyn World, access_key_id: &str, secret: &SecretText) -> Option<String> {
        self.seal_text(Purpose::AccessKeys, world, access_key_id, secret.0.as_bytes())
    }

    /// Seals a private key that is kept for a purpose to the id of what it belongs to, as text.
    pub(crate) fn seal_private_key(&self, world: &dyn World, purpose: Purpose, id: &str, pem: &str) -> Option<String> {
        self.seal_text(purpose, world, id, pem.as_bytes())
    }

    /// The secret of an access key.
    pub(crate) fn open_secret(&self, access_key_id: &str, sealed: &str) -> Option<SecretText> {
        let plain = self.open_text(Purpose::AccessKeys, access_key_id, sealed)?;
        String::from_utf8(plain.to_vec()).ok().map(|text| SecretText(Zeroizing::new(text)))
    }
}

/// What a sealed text is bound to; the purpose's name ends with a byte that no context can hold.
fn bound(purpose: Purpose, version: u32, context: &str) -> Vec<u8> {
    let mut out = format!("doorward {} v{version}", purpose.name()).into_bytes();
    out.push(0);
    out.extend_from_slice(context.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestWorld;

    #[test]
    fn a_keyring_opens_only_with_its_key() {
        let world = TestWorld::default();
        let keyring = Keyring::generate(&world);
        let sealed = keyring.sealed(&[7; 32], &world).unwrap();
        assert!(Keyring::open(&[7; 32], &sealed).is_ok());
        assert_eq!(Keyring::open(&[8; 32], &sealed).err(), Some(KeyError::WrongKey));
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(Keyring::open(&[7; 32], &changed).err(), Some(KeyError::WrongKey), "byte {position}");
        }
    }

    #[test]
    fn a_keyring_of_an_older_version_gets_the_keys_that_it_lacks() {
        let world = TestWorld::default();
        let mut keyring = Keyring::generate(&world);
        let sealed = keyring.seal(Purpose::AccessKeys, &world, "context", b"secret").unwrap();
        keyring.entries.retain(|entry| entry.purpose != Purpose::SamlKeys);
        assert!(keyring.seal_private_key(&world, Purpose::SamlKeys, "id", "key").is_none());
        assert!(keyring.complete(&world));
        assert!(!keyring.complete(&world));
        assert!(keyring.seal_private_key(&world, Purpose::SamlKeys, "id", "key").is_some());
        assert!(keyring.open_sealed(Purpose::AccessKeys, "context", &sealed).is_some());
    }

    #[test]
    fn a09_what_is_sealed_for_one_purpose_opens_for_no_other() {
        let world = TestWorld::default();
        let keyring = Keyring::generate(&world);
        for purpose in Purpose::ALL {
            let sealed = keyring.seal(purpose, &world, "context", b"secret").unwrap();
            for other in Purpose::ALL {
                assert_eq!(keyring.open_sealed(other, "context", &sealed).is_some(), other == purpose);
            }
            assert!(keyring.open_sealed(purpose, "another", &sealed).is_none());
        }
    }

    #[test]
    fn g11_a_sealed_secret_is_bound_to_its_row_and_plaintext_is_refused() {
        let world = TestWorld::default();
        let keyring = Keyring::generate(&world);
        let secret = SecretText(Zeroizing::new("s3cret".to_owned()));
        let sealed = keyring.seal_secret(&world, "AKIA1", &secret).unwrap();
        assert_eq!(keyring.open_secret("AKIA1", &sealed).unwrap().0.as_str(), "s3cret");
        assert!(keyring.open_secret("AKIA2", &sealed).is_none());
        assert!(keyring.open_secret("AKIA1", "s3cret").is_none());
    }
}
