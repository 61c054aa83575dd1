//! The keys of an issuer: made in pairs, published before they sign, and for a while after others do.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::BASE64URL_NOPAD;
use doorward_directory::{IssuerAlgorithm, IssuerKey, id};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::World;
use crate::secrets::{Keyring, Purpose};
use crate::world::random_u128;

const ALGORITHMS: [IssuerAlgorithm; 2] = [IssuerAlgorithm::Rs256, IssuerAlgorithm::Es384];

const DAY: i64 = 86_400;
/// How old the newest keys become, in seconds, before others follow them.
const RENEWAL_SECONDS: i64 = 90 * DAY;
/// How long keys are published before they sign, in seconds: nobody who keeps a set that long meets an unknown key.
const AHEAD_SECONDS: i64 = DAY;
/// How long they are published after the next ones sign, in seconds: longer than a token is good for.
const BEHIND_SECONDS: i64 = DAY;

/// A key before it is sealed. No Debug, no Serialize; the private part is wiped when dropped.
pub(super) struct NewKey {
    algorithm: IssuerAlgorithm,
    public: (String, String),
    pkcs8: Zeroizing<Vec<u8>>,
}

/// A key of each algorithm. It takes its time: a tenth of a second, and now and then a whole one.
pub(super) fn generate() -> Option<Vec<NewKey>> {
    let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
    let public = rsa.public_key();
    let (modulus, exponent) = (public.modulus(), public.exponent());
    let rsa_public =
        (text(modulus.big_endian_without_leading_zero()), text(exponent.big_endian_without_leading_zero()));
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().ok()?;
    let ec = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).ok()?;
    // An uncompressed point: 4, then the coordinates.
    let (x, y) = ec.public_key().as_ref().get(1..)?.split_at_checked(48)?;
    let ec_public = (text(x), text(y));
    let ec = ec.to_pkcs8v1().ok()?;
    let key = |algorithm, public, pkcs8: &[u8]| NewKey { algorithm, public, pkcs8: Zeroizing::new(pkcs8.to_vec()) };
    Some(vec![
        key(IssuerAlgorithm::Rs256, rsa_public, rsa.as_ref()),
        key(IssuerAlgorithm::Es384, ec_public, ec.as_ref()),
    ])
}

impl NewKey {
    /// The key as it is kept.
    pub fn sealed(&self, keyring: &Keyring, world: &dyn World, created: Timestamp) -> Option<IssuerKey> {
        let id = id::unique_id(id::ISSUER_KEY, random_u128(world));
        let sealed_key = keyring.seal_text(Purpose::IssuerKeys, world, &id, &self.pkcs8)?;
        Some(IssuerKey { id, algorithm: self.algorithm, created, public: self.public.clone(), sealed_key })
    }
}

fn age(key: &IssuerKey, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(key.created.as_second())
}

/// Whether the newest key of an algorithm is so old that another is to follow.
pub(crate) fn is_renewal_due(keys: &[IssuerKey], now: Timestamp) -> bool {
    let newest = |algorithm| keys.iter().rfind(|key| key.algorithm == algorithm);
    ALGORITHMS.into_iter().any(|algorithm| newest(algorithm).is_none_or(|key| age(key, now) >= RENEWAL_SECONDS))
}

/// The key that signs: the newest that has been published long enough. An account's first signs at once, for nobody can
/// hold an older set.
pub(super) fn signing(keys: &[IssuerKey], algorithm: IssuerAlgorithm, now: Timestamp) -> Option<&IssuerKey> {
    let mut of_it = keys.iter().filter(|key| key.algorithm == algorithm);
    of_it.clone().rfind(|key| age(key, now) >= AHEAD_SECONDS).or_else(|| of_it.next())
}

/// The keys that are published: all but those that others have taken the place of long enough ago.
pub(super) fn published(keys: &[IssuerKey], now: Timestamp) -> impl Iterator<Item = &IssuerKey> {
    keys.iter().enumerate().filter_map(move |(at, key)| {
        let mut later = keys.iter().skip(at + 1).filter(|other| other.algorithm == key.algorithm);
        let replaced = later.any(|other| age(other, now) >= AHEAD_SECONDS + BEHIND_SECONDS);
        (!replaced).then_some(key)
    })
}

/// Signs with a key: the signature as JSON Web Signatures have it (RFC 7518, sections 3.3 and 3.4).
pub(super) fn sign(keyring: &Keyring, key: &IssuerKey, message: &[u8]) -> Option<Vec<u8>> {
    let pkcs8 = keyring.open_text(Purpose::IssuerKeys, &key.id, &key.sealed_key)?;
    match key.algorithm {
        IssuerAlgorithm::Rs256 => {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8).ok()?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
            Some(signature)
        }
        IssuerAlgorithm::Es384 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &pkcs8).ok()?;
            Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
        }
    }
}
