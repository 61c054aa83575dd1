//! Text that must not leak.

use zeroize::Zeroize;

/// Secret text: no `Debug`, no `Display`; wiped from memory when dropped.
#[derive(Clone, Default)]
pub struct Sensitive(String);

impl Sensitive {
    /// The secret itself. Every use of it is a place to look at in review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the secret out; from here on the caller answers for it.
    pub fn into_exposed(mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

impl From<String> for Sensitive {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl From<&str> for Sensitive {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl Drop for Sensitive {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
