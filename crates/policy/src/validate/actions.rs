//! The form of actions, and which ones a trust policy may name.

/// What is wrong with an entry of `Action` or `NotAction`, as AWS words it. Names are not looked up in any catalogue.
pub(super) fn fault(action: &str) -> Option<String> {
    if action == "*" {
        return None;
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Some("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
    };
    if name.contains(':') {
        return Some("Actions/Condition can contain only one colon.".to_owned());
    }
    let valid = !vendor.is_empty() && vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    (vendor != "*" && !valid).then(|| format!("Vendor {vendor} is not valid"))
}

/// The STS operations that a trust policy may name. Most have no use there, but IAM accepts them.
const TRUST_ACTIONS: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetCallerIdentity",
    "GetFederationToken",
    "GetServiceBearerToken",
    "GetSessionToken",
    "SetContext",
    "SetSourceIdentity",
    "TagSession",
];

/// Whether a trust policy may name the action: one of STS's, or a pattern of them.
///
/// Which patterns IAM accepts is not documented; any with a wildcard passes here.
pub(super) fn is_trust_action(action: &str) -> bool {
    let Some((vendor, name)) = action.split_once(':') else { return false };
    vendor.eq_ignore_ascii_case("sts")
        && !name.contains(':')
        && (name.contains(['*', '?']) || TRUST_ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)))
}
