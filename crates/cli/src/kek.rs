//! The key-encryption key: 32 random bytes in a file that nobody else can read.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use doorward_service::{KEY_LENGTH, World};
use zeroize::Zeroizing;

use crate::failure::{Failure, Result};

/// The key-encryption key of an installation.
pub(crate) type Kek = Zeroizing<[u8; KEY_LENGTH]>;

/// A key of fewer different bytes was not drawn at random: 32 random ones have less than 16 once in 10^11 times.
const LEAST_DIFFERENT_BYTES: usize = 16;

/// Where a key is and who may read its file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    path: PathBuf,
    /// Permission bits that must not be set.
    forbidden: u32,
}

impl Place {
    /// A file of the operator's: its owner alone may read it.
    pub(crate) fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), forbidden: 0o077 }
    }

    /// Where the key of an installation in `data` is: in the file that was named, else among the service's systemd
    /// credentials, else in the data directory.
    pub(crate) fn find(named: Option<&Path>, credentials: Option<&Path>, data: &Path) -> Self {
        if let Some(path) = named {
            return Self::file(path);
        }
        match credentials.map(|directory| directory.join("kek")) {
            // systemd gives the service's user access by an access control list, which shows as bits of the group.
            Some(path) if path.exists() => Self { path, forbidden: 0o007 },
            _ => Self::file(in_data(data)),
        }
    }

    /// Reads the key.
    pub(crate) fn read(&self) -> Result<Kek> {
        let Self { path, forbidden } = self;
        let mut file = File::open(path).map_err(|error| missing(path, &error))?;
        let metadata = file.metadata().map_err(|error| Failure::of_path("read", path, error))?;
        if !metadata.is_file() {
            return Err(Failure::of_path("use", path, "the key-encryption key must be a regular file"));
        }
        if metadata.mode() & forbidden != 0 {
            return Err(Failure::new(format!(
                "refusing the key-encryption key {0}: others can read it (mode {1:04o}). Run: chmod 0400 {0}   and if \
                 anybody may have read it, make a new installation",
                path.display(),
                metadata.mode() & 0o7777,
            )));
        }
        let owner = metadata.uid();
        if owner != rustix::process::geteuid().as_raw() && owner != 0 {
            return Err(Failure::of_path("use", path, format!("it belongs to another user (id {owner})")));
        }
        let mut bytes = Zeroizing::new([0; KEY_LENGTH + 1]);
        let mut length = 0;
        while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(|error| Failure::of_path("read", path, error))? {
                0 => break,
                read => length += read,
            }
        }
        let key = bytes.first_chunk::<KEY_LENGTH>().filter(|_| length == KEY_LENGTH);
        let key =
            key.filter(|key| key.iter().collect::<std::collections::BTreeSet<_>>().len() >= LEAST_DIFFERENT_BYTES);
        let Some(key) = key else {
            return Err(Failure::new(format!(
                "the key-encryption key {0} is not {KEY_LENGTH} random bytes. Make one with: (umask 077; head -c \
                 {KEY_LENGTH} /dev/urandom > {0})",
                path.display(),
            )));
        };
        Ok(Zeroizing::new(*key))
    }
}

/// Where `doorward init` puts the key that it makes.
pub(crate) fn in_data(data: &Path) -> PathBuf {
    data.join("kek")
}

/// A new key.
pub(crate) fn generate(world: &dyn World) -> Kek {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    world.fill(key.as_mut_slice());
    key
}

/// Writes a new key file, durably; one that is there is never overwritten.
pub(crate) fn write(path: &Path, key: &Kek) -> Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path).and_then(|mut file| {
        file.write_all(key.as_slice())?;
        file.sync_all()
    });
    written.map_err(|error| Failure::of_path("write the key-encryption key", path, error))
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    if error.kind() != std::io::ErrorKind::NotFound {
        return Failure::of_path("read the key-encryption key", path, error);
    }
    Failure::new(format!(
        "there is no key-encryption key {}: name its file with --kek-file or DOORWARD_KEK_FILE, or make an installation \
         with: doorward init --data DIR",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::System;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn check(bytes: &[u8], mode: u32, expected: &str) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let said = Place::file(&path).read().map_or_else(|refused| refused.to_string(), |_| "taken".into());
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let key = generate(&System);
        check(key.as_slice(), 0o400, "taken");
        check(key.as_slice(), 0o600, "taken");
        for mode in [0o640, 0o604, 0o440, 0o620, 0o602, 0o644] {
            check(key.as_slice(), mode, "others can read it");
        }
    }

    #[test]
    fn a10_keys_that_are_not_random_are_refused() {
        let key = generate(&System);
        check(&[0; KEY_LENGTH], 0o400, "not 32 random bytes");
        check(b"minioadminminioadminminioadminmi", 0o400, "not 32 random bytes");
        check(&key[1..], 0o400, "not 32 random bytes");
        check(&[key.as_slice(), b"\n"].concat(), 0o400, "not 32 random bytes");
        assert_ne!(generate(&System).as_slice(), key.as_slice());
    }

    #[test]
    fn the_key_is_looked_for_where_it_was_said_to_be() {
        let directory = tempfile::tempdir().unwrap();
        let (data, credentials) = (directory.path().join("data"), directory.path());
        assert_eq!(Place::find(None, None, &data), Place::file(data.join("kek")));
        assert_eq!(Place::find(None, Some(credentials), &data), Place::file(data.join("kek")));
        fs::write(credentials.join("kek"), generate(&System)).unwrap();
        let credential = Place { path: credentials.join("kek"), forbidden: 0o007 };
        assert_eq!(Place::find(None, Some(credentials), &data), credential);
        let named = Path::new("elsewhere");
        assert_eq!(Place::find(Some(named), Some(credentials), &data), Place::file(named));
        let said = Place::file(&data).read().unwrap_err().to_string();
        assert!(said.contains("--kek-file"), "{said}");
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let key = generate(&System);
        write(&path, &key).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o400);
        assert_eq!(Place::file(&path).read().unwrap().as_slice(), key.as_slice());
        assert!(write(&path, &generate(&System)).is_err());
    }
}
