//! One-time codes for scenarios, as an authenticator app makes them (RFC 6238).

use aws_lc_rs::hmac;
use data_encoding::{BASE32_NOPAD, BASE64};
use serde_json::Value;

use crate::Installation;

/// Seconds of a time step.
const STEP_SECONDS: i64 = 30;

impl Installation {
    /// The code of the device whose `Base32StringSeed` this is, so many time steps from now.
    ///
    /// # Errors
    /// A text, when that is no seed.
    pub fn code(&self, seed: &Value, steps: i64) -> Result<String, String> {
        let seed = seed.as_str().ok_or("the seed is no text")?;
        let seed = BASE64.decode(seed.as_bytes()).map_err(|error| error.to_string())?;
        let seed = BASE32_NOPAD.decode(&seed).map_err(|error| error.to_string())?;
        let counter = self.now().as_second() / STEP_SECONDS + steps;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed), &counter.to_be_bytes());
        let digits = truncated(tag.as_ref()).ok_or("no SHA-1")?;
        Ok(format!("{:06}", digits % 1_000_000))
    }
}

fn truncated(tag: &[u8]) -> Option<u32> {
    let offset = usize::from(tag.last()? % 16);
    Some(u32::from_be_bytes(*tag.get(offset..)?.first_chunk()?) & 0x7fff_ffff)
}
