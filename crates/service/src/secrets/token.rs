//! Session tokens: stateless sealed sessions. Nothing is stored; any node that has the keyring can read one.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
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

/// Why a token is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// Not a token of ours for this access key, whatever it is.
    Invalid,
    /// It was one.
    Expired,
}

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

    /// The session of a token that was presented with an access key id, and its secret key.
    pub(crate) fn open_session(
        &self,
        access_key_id: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<(Session, SecretText), TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| TokenError::Invalid)?;
        let Some((&VERSION, sealed)) = bytes.split_first() else { return Err(TokenError::Invalid) };
        let plain = self.open_sealed(Purpose::SessionTokens, access_key_id, sealed).ok_or(TokenError::Invalid)?;
        let (secret, facts) = plain.split_at_checked(SECRET_LENGTH).ok_or(TokenError::Invalid)?;
        let secret = str::from_utf8(secret).map_err(|_| TokenError::Invalid)?;
        let session: Session = serde_json::from_slice(facts).map_err(|_| TokenError::Invalid)?;
        if session.access_key_id != access_key_id {
            return Err(TokenError::Invalid);
        }
        if session.expires <= now {
            return Err(TokenError::Expired);
        }
        Ok((session, SecretText(Zeroizing::new(secret.to_owned()))))
    }
}
