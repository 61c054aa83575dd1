//! Secrets in memory.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret: neither shown nor written but by who asks for it by name, and wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// An access key, long-term or (with a session token) temporary.
#[derive(Clone)]
pub(crate) struct AccessKey {
    pub id: String,
    pub secret: Secret,
    pub session_token: Option<Secret>,
}

impl AccessKey {
    /// A long-term key.
    pub(crate) fn long_term(id: impl Into<String>, secret: Secret) -> Self {
        Self { id: id.into(), secret, session_token: None }
    }

    /// The key that the environment holds for AWS clients; none where there is none.
    pub(crate) fn from_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        Some(Self {
            id: variable("AWS_ACCESS_KEY_ID")?,
            secret: Secret::new(variable("AWS_SECRET_ACCESS_KEY")?),
            session_token: variable("AWS_SESSION_TOKEN").map(Secret::new),
        })
    }

    /// As `doorward-sigv4` takes it.
    pub(crate) fn credentials(&self) -> doorward_sigv4::Credentials<'_> {
        doorward_sigv4::Credentials {
            access_key_id: &self.id,
            secret_access_key: self.secret.expose(),
            session_token: self.session_token.as_ref().map(Secret::expose),
        }
    }
}
