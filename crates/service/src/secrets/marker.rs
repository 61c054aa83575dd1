//! Pagination markers: sealed to the account, the operation and its filter, so that none can be forged or moved.

use data_encoding::BASE64URL_NOPAD;

use crate::World;
use crate::secrets::{Keyring, Purpose};

impl Keyring {
    /// The marker that continues a list after `key`.
    pub(crate) fn marker(&self, world: &dyn World, list: &str, key: &str) -> Option<String> {
        self.seal(Purpose::Markers, world, list, key.as_bytes()).map(|sealed| BASE64URL_NOPAD.encode(&sealed))
    }

    /// The key that a marker of this list continues after.
    pub(crate) fn open_marker(&self, list: &str, marker: &str) -> Option<String> {
        let sealed = BASE64URL_NOPAD.decode(marker.as_bytes()).ok()?;
        String::from_utf8(self.open_sealed(Purpose::Markers, list, &sealed)?.to_vec()).ok()
    }
}
