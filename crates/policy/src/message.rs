//! The texts of refusals (User Guide, "Troubleshoot access denied error messages"). Tools parse them, so they are AWS's
//! to the letter.

use crate::evaluate::Denial;
use crate::request::Layer;

/// The full text of an AccessDenied error.
///
/// `resource` is spelled as the service spells it (IAM: `role NAME` for an existing role) and left out by services that
/// do not name it. `policy_arn` is the denying policy's ARN; it belongs into the text only when the caller is of the
/// policy's account or organization, and is shown for explicit denials only.
pub fn denial_message(
    caller_arn: &str,
    action: &str,
    resource: Option<&str>,
    denial: Denial,
    policy_arn: Option<&str>,
) -> String {
    let mut text = short_denial_message(caller_arn, action, resource);
    match denial {
        Denial::Explicit(layer) => {
            text.push_str(" with an explicit deny in ");
            text.push_str(policy_kind(layer));
            if let Some(arn) = policy_arn {
                text.push_str(": ");
                text.push_str(arn);
            }
        }
        Denial::Implicit(layer) => {
            text.push_str(&format!(" because no {} allows the {action} action", without_article(layer)));
        }
        // AWS has no text for what is not a policy's doing.
        Denial::NotUnderstood(_) | Denial::OverBudget => {}
    }
    text
}

/// The text without a reason, as AssumeRole and the calls behind it (`sts:TagSession`, …) answer.
pub fn short_denial_message(caller_arn: &str, action: &str, resource: Option<&str>) -> String {
    let on = resource.map(|resource| format!(" on resource: {resource}")).unwrap_or_default();
    format!("User: {caller_arn} is not authorized to perform: {action}{on}")
}

/// The text for a request through a VPC endpoint that policies of another layer refuse.
pub fn endpoint_denial_message(caller_arn: &str, action: &str, resource: Option<&str>, refusing: Layer) -> String {
    let text = denial_message(caller_arn, action, resource, Denial::Explicit(Layer::Endpoint), None);
    format!("{text} transitively through {}", policy_kind(refusing))
}

/// The text of AssumeRoleWithSAML and AssumeRoleWithWebIdentity, whose callers have no ARN.
pub fn federation_denial_message(action: &str) -> String {
    format!("Not authorized to perform {action}")
}

/// What AWS calls a layer's policies, with the article. No text for a missing Allow in resource control policies is
/// documented; it follows the others.
fn policy_kind(layer: Layer) -> &'static str {
    match layer {
        Layer::ResourceControl => "a resource control policy",
        Layer::ServiceControl => "a service control policy",
        Layer::Endpoint => "a VPC endpoint policy",
        Layer::Resource => "a resource-based policy",
        Layer::Trust => "the role trust policy",
        Layer::Identity => "an identity-based policy",
        Layer::Boundary => "a permissions boundary",
        Layer::Session => "a session policy",
    }
}

/// What AWS calls one of a layer's policies.
pub(crate) fn without_article(layer: Layer) -> &'static str {
    policy_kind(layer).split_once(' ').map_or("", |(_article, kind)| kind)
}

#[cfg(test)]
mod tests;
