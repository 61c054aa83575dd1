//! Session tokens: stateless sealed sessions. Nothing is stored; any node that has the keyring can read one.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::World;
use crate::secrets::{Keyring, Purpose, SecretText, seal};
use crate::session::Session;

/// Longest token in characters (API Reference, AssumeRole: `MinimumSessionTokenSize` goes up to it).
pub(crate) const MAX_LENGTH: usize = 4_096;
const VERSION: u8 = 1;
/// What a token has around what is sealed: the token's version and the key's, nonce and tag.
const OVERHEAD: usize = 1 + 4 + seal::OVERHEAD;
/// Length of a secret access key, which comes first in what is sealed.
const SECRET_LENGTH: usize = 40;

impl Keyring {
    /// The token of a session. It is bound to the session's access key id, and holds the secret key sealed: nobody can
    /// compute the one from the other.
    /// `minimum` is the least length in characters. None where the session does not fit into a token.
    pub(crate) fn seal_session(
        &self,
        world: &dyn World,
        session: &Session,
        secret: &SecretText,
        minimum: usize,
    ) -> Option<String> {
        let facts = serde_json::to_vec(session).ok()?;
        let mut plain = Zeroizing::new(Vec::with_capacity(SECRET_LENGTH + facts.len()));
        plain.extend_from_slice(secret.0.as_bytes());
        plain.extend_from_slice(&facts);
        // White space after a JSON text means nothing. A token has 4 characters for 3 bytes.
        let length = (minimum * 3).div_ceil(4).saturating_sub(OVERHEAD).max(plain.len());
        plain.resize(length, b' ');
        let mut token = vec![VERSION];
        token.extend(self.seal(Purpose::SessionTokens, world, &session.access_key_id, &plain)?);
        let token = BASE64URL_NOPAD.encode(&token);
        (token.len() <= MAX_LENGTH).then_some(token)
    }

    /// The session of a token that was presented with an access key id, over or not, and its secret key; none for a
    /// token that is not one of ours for this access key id.
    pub(crate) fn open_session(&self, access_key_id: &str, token: &str) -> Option<(Session, SecretText)> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (&version, sealed) = bytes.split_first()?;
        if version != VERSION {
            return None;
        }
        let plain = self.open_sealed(Purpose::SessionTokens, access_key_id, sealed)?;
        let (secret, facts) = plain.split_at_checked(SECRET_LENGTH)?;
        let secret = SecretText(Zeroizing::new(str::from_utf8(secret).ok()?.to_owned()));
        let session: Session = serde_json::from_slice(facts).ok()?;
        (session.access_key_id == access_key_id).then_some((session, secret))
    }
}
