//! Unique identifiers and access key ids (User Guide, "IAM identifiers").

/// Prefix of a user's unique id.
pub const USER: &str = "AIDA";
/// Prefix of a role's unique id.
pub const ROLE: &str = "AROA";
/// Prefix of a group's unique id.
pub const GROUP: &str = "AGPA";
/// Prefix of a managed policy's unique id.
pub const POLICY: &str = "ANPA";
/// Prefix of an instance profile's unique id.
pub const INSTANCE_PROFILE: &str = "AIPA";
/// Prefix of the id of a public key for SSH.
pub const SSH_PUBLIC_KEY: &str = "APKA";
/// Prefix of a server certificate's unique id.
pub const SERVER_CERTIFICATE: &str = "ASCA";
/// Prefix of the id of a service-specific credential.
pub const SERVICE_SPECIFIC_CREDENTIAL: &str = "ACCA";
/// Prefix of an OpenID Connect provider's unique id. AWS gives such providers none that anybody sees.
pub const OIDC_PROVIDER: &str = "OIDC";
/// Prefix of a SAML provider's unique id, which the API calls its UUID.
pub const SAML_PROVIDER: &str = "SAMLP";
/// Prefix of the id of a SAML provider's private key.
pub const SAML_PRIVATE_KEY: &str = "SAMLK";
/// Prefix of the id of a key that signs web identity tokens.
pub const ISSUER_KEY: &str = "OIDCK";
/// Prefix of a virtual MFA device's unique id. AWS gives such devices none that anybody sees.
pub const MFA_DEVICE: &str = "MFAV";
/// Prefix of a role template's unique id. AWS gives templates none that anybody sees.
pub const ROLE_TEMPLATE: &str = "ARTM";
/// Prefix of the id of a role template's version.
pub const ROLE_TEMPLATE_VERSION: &str = "ARTV";
/// Prefix of a security key's unique id.
pub const SECURITY_KEY: &str = "MFAK";
/// Prefix of the id of a challenge to a security key.
pub const SECURITY_KEY_CHALLENGE: &str = "MFAC";
/// Prefix of a long-term access key id.
pub const ACCESS_KEY: &str = "AKIA";
/// Prefix of a temporary access key id.
pub const TEMPORARY_ACCESS_KEY: &str = "ASIA";

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Characters of base 32 (A–Z, 2–7), five bits each, most significant first.
fn base32(mut bits: u128, characters: usize) -> String {
    let mut out = vec![0u8; characters];
    for slot in out.iter_mut().rev() {
        let index = usize::try_from(bits & 31).unwrap_or_default();
        *slot = ALPHABET.get(index).copied().unwrap_or(b'A');
        bits >>= 5;
    }
    out.into_iter().map(char::from).collect()
}

/// A unique id: the prefix and 17 random characters (85 of the bits given).
pub fn unique_id(prefix: &str, random: u128) -> String {
    format!("{prefix}{}", base32(random, 17))
}

/// A signing certificate's id: 24 random characters (120 of the bits given), as long as the API wants it.
pub fn certificate_id(random: u128) -> String {
    base32(random, 24)
}

/// An id of an organization's: the prefix and so many random characters, all small.
pub fn organization_id(prefix: &str, random: u128, characters: usize) -> String {
    format!("{prefix}{}", base32(random, characters).to_ascii_lowercase())
}

/// An access key id of 20 characters that carries its account, as GetAccessKeyInfo reads it back: after the prefix, 80
/// bits of which the first is set, the next 40 are the account's number, and the rest is random.
pub fn access_key_id(prefix: &str, account_id: &str, random: u64) -> Option<String> {
    let account: u64 = account_id.parse().ok()?;
    let bits = (1u128 << 79) | (u128::from(account) << 39) | u128::from(random & ((1 << 39) - 1));
    (account < 1 << 40).then(|| format!("{prefix}{}", base32(bits, 16)))
}

/// The account that an access key id carries; none when it is not of the form.
pub fn account_of_access_key(access_key_id: &str) -> Option<String> {
    let digits = access_key_id.strip_prefix(ACCESS_KEY).or_else(|| access_key_id.strip_prefix(TEMPORARY_ACCESS_KEY))?;
    if digits.len() != 16 {
        return None;
    }
    let mut bits: u128 = 0;
    for byte in digits.bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    let account = (bits >> 39) & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

/// Whether this is an account id: 12 digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_id_carries_its_account() {
        for account in ["000000000000", "000000000001", "111122223333", "999999999999"] {
            for prefix in [ACCESS_KEY, TEMPORARY_ACCESS_KEY] {
                let id = access_key_id(prefix, account, u64::MAX).unwrap();
                assert_eq!(id.len(), 20);
                assert_eq!(account_of_access_key(&id).as_deref(), Some(account));
            }
        }
    }

    /// The id and account of AWS's published example for GetAccessKeyInfo's layout.
    #[test]
    fn the_layout_is_the_one_of_aws() {
        assert_eq!(account_of_access_key("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
    }

    #[test]
    fn ids_have_their_form() {
        let id = unique_id(USER, u128::MAX);
        assert_eq!(id.len(), 21);
        assert_eq!(id, format!("AIDA{}", "7".repeat(17)));
        assert_eq!(account_of_access_key("AKIAIOSFODNN7EXAMPL1"), None);
        assert_eq!(account_of_access_key("AKIA"), None);
    }
}
