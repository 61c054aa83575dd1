//! Session policies of a request (User Guide, "Session policies").

use doorward_directory::{Account, PolicyText, Tags};
use doorward_policy::document::{Document, PolicyType};
use doorward_shapes::sts::{self as api, error};
use doorward_shapes::{Error, common};

use crate::session::SessionPolicy;

/// Characters of the inline policy and the ARNs together, in plain text.
const MAX_PLAIN: usize = 2_048;
const MAX_ARNS: usize = 10;
/// What session policies and tags may take up of a token, in bytes; `PackedPolicySize` is in percent of it. AWS's own
/// limit is not published; this one keeps tokens within the length that AWS promises.
const MAX_PACKED: usize = 2_500;

/// The session policies of a request, checked. `account` is the one of the role.
pub(super) fn checked(
    account: &Account,
    inline: Option<&str>,
    arns: Option<&[api::PolicyDescriptorType]>,
) -> Result<Vec<SessionPolicy>, Error> {
    let arns: Vec<&str> = arns.unwrap_or_default().iter().filter_map(|descriptor| descriptor.arn.as_deref()).collect();
    let plain = inline.map_or(0, |text| text.chars().count()) + arns.iter().map(|arn| arn.len()).sum::<usize>();
    if plain > MAX_PLAIN {
        return Err(common::validation_error(format!(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less \
             than or equal to {MAX_PLAIN}"
        )));
    }
    if arns.len() > MAX_ARNS {
        return Err(common::validation_error(format!(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length \
             less than or equal to {MAX_ARNS}"
        )));
    }
    let mut policies = Vec::new();
    if let Some(text) = inline {
        let document = Document::parse(text, PolicyType::Session);
        let document = document.map_err(|refused| error::malformed_policy_document(refused.message))?;
        policies.push(SessionPolicy::Inline(PolicyText::new(document)));
    }
    for arn in arns {
        let policy = account.policy_by_arn(arn).ok_or_else(|| {
            common::validation_error(format!("The policy {arn} does not exist in the account of the role."))
        })?;
        policies.push(SessionPolicy::Managed { arn: arn.to_owned(), version: policy.default_version });
    }
    Ok(policies)
}

/// `PackedPolicySize`: none when there is nothing to pack.
pub(super) fn packed_size(policies: &[SessionPolicy], tags: &Tags) -> Result<Option<i32>, Error> {
    if policies.is_empty() && tags.is_empty() {
        return Ok(None);
    }
    // Writing plain data as JSON to memory cannot fail.
    let bytes = serde_json::to_vec(&(policies, tags)).unwrap_or_default().len();
    let percent = (bytes * 100).div_ceil(MAX_PACKED);
    if percent > 100 {
        return Err(error::packed_policy_too_large(format!(
            "Packed size of session policies and tags consumes {percent}% of allotted space."
        )));
    }
    Ok(i32::try_from(percent).ok())
}
