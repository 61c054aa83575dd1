//! Hashes of passwords: Argon2id (RFC 9106), sealed to their user. Sealing does what a pepper does, and its key can change.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::BASE64;
use doorward_directory::PasswordHash;
use zeroize::Zeroizing;

use crate::World;
use crate::secrets::{Keyring, Purpose};

const SALT_LENGTH: usize = 16;
const HASH_LENGTH: usize = 32;
/// Memory in KiB, passes and lanes of new hashes: the least that OWASP's Password Storage Cheat Sheet recommends.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A salt.
pub(crate) type Salt = [u8; SALT_LENGTH];

/// How a password is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Salt,
}

/// A hash before it is sealed. No Debug, no Serialize; wiped when dropped.
#[derive(Clone)]
pub(crate) struct Hashed(Zeroizing<[u8; HASH_LENGTH]>);

impl Recipe {
    /// The one for new passwords.
    pub fn new(salt: Salt) -> Recipe {
        Recipe { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt }
    }

    /// The one that a stored hash was made by; none where its salt is not one of ours.
    pub fn of(hash: &PasswordHash) -> Option<Recipe> {
        let salt = BASE64.decode(hash.salt.as_bytes()).ok()?.try_into().ok()?;
        Some(Recipe { memory_kib: hash.memory_kib, passes: hash.passes, lanes: hash.lanes, salt })
    }

    /// Whether new passwords are hashed so, but for the salt.
    pub fn is_current(&self) -> bool {
        *self == Recipe::new(self.salt)
    }

    /// Hashes a password. It takes its time: tens of milliseconds.
    pub fn hash(&self, password: &str) -> Option<Hashed> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_LENGTH)).ok()?;
        let mut out = Zeroizing::new([0; HASH_LENGTH]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.as_bytes(), &self.salt, out.as_mut_slice()).ok()?;
        Some(Hashed(out))
    }
}

impl Hashed {
    /// The hash to be stored, sealed to its user.
    pub fn sealed(&self, recipe: &Recipe, keyring: &Keyring, world: &dyn World, user_id: &str) -> Option<PasswordHash> {
        Some(PasswordHash {
            memory_kib: recipe.memory_kib,
            passes: recipe.passes,
            lanes: recipe.lanes,
            salt: BASE64.encode(&recipe.salt),
            sealed: keyring.seal_text(Purpose::Passwords, world, user_id, self.0.as_slice())?,
        })
    }

    /// Whether a stored hash of the user is this one; none where that does not open.
    pub fn is(&self, stored: &PasswordHash, keyring: &Keyring, user_id: &str) -> Option<bool> {
        let opened = keyring.open_text(Purpose::Passwords, user_id, &stored.sealed)?;
        Some(verify_slices_are_equal(self.0.as_slice(), &opened).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestWorld;

    /// The same cost as a unit test can afford, and a known answer of the reference implementation (`argon2` of Debian,
    /// `echo -n password | argon2 somesaltsomesalt -id -v 13 -t 2 -k 64 -p 1 -l 32`).
    #[test]
    fn the_hash_is_argon2id() {
        let recipe = Recipe { memory_kib: 64, passes: 2, lanes: 1, salt: *b"somesaltsomesalt" };
        let hashed = recipe.hash("password").unwrap();
        assert_eq!(
            data_encoding::HEXLOWER.encode(hashed.0.as_slice()),
            "1a98fba8e6394425c9bdc333a9c750aaf811df070f5fb4a5788e1cf4db5793a1"
        );
    }

    #[test]
    fn a_hash_is_bound_to_its_user_and_the_store_does_not_tell_it() {
        let world = TestWorld::default();
        let keyring = Keyring::generate(&world);
        let recipe = Recipe { memory_kib: 8, passes: 1, lanes: 1, salt: [1; SALT_LENGTH] };
        let hashed = recipe.hash("password").unwrap();
        let stored = hashed.sealed(&recipe, &keyring, &world, "AIDA1").unwrap();
        assert_eq!(hashed.is(&stored, &keyring, "AIDA1"), Some(true));
        assert_eq!(recipe.hash("Password").unwrap().is(&stored, &keyring, "AIDA1"), Some(false));
        assert_eq!(hashed.is(&stored, &keyring, "AIDA2"), None);
        assert_eq!(Recipe::of(&stored), Some(recipe));
        assert!(!stored.sealed.contains(&data_encoding::BASE64URL_NOPAD.encode(hashed.0.as_slice())));
    }

    #[test]
    fn new_hashes_cost_what_they_must() {
        let recipe = Recipe::new([0; SALT_LENGTH]);
        assert!(recipe.is_current());
        assert!((recipe.memory_kib, recipe.passes, recipe.lanes) == (19_456, 2, 1));
        assert!(!Recipe { passes: 1, ..recipe }.is_current());
    }
}
