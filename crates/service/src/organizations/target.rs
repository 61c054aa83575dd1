//! What calls touch (Service Authorization Reference, AWS Organizations). The policies of the caller's own account decide,
//! though the ARNs have the management account's id.

use doorward_directory::{Organization, OrganizationPolicy};
use doorward_shapes::organizations as api;

use crate::target::{Scope, Target};

/// `arn:aws:organizations::MANAGEMENT-ACCOUNT:KIND/ORGANIZATION/ID`.
pub(super) fn arn(organization: &Organization, kind: &str, id: &str) -> String {
    let settings = organization.settings();
    format!("arn:aws:organizations::{}:{kind}/{}/{id}", settings.management_account, settings.id)
}

/// The ARN of the root, unit or account of this id.
pub(super) fn place_arn(organization: &Organization, id: &str) -> String {
    let kind = match id {
        id if id.starts_with("r-") => "root",
        id if id.starts_with("ou-") => "ou",
        _ => "account",
    };
    arn(organization, kind, id)
}

/// The root, unit or account of this id. Without an organization there is none in particular.
pub(super) fn place(scope: &Scope<'_>, id: &str) -> Target {
    let Some(organization) = scope.organization else { return scope.any() };
    let target = scope.arn(place_arn(organization, id));
    match organization.node(id) {
        Some(node) => target.resource_tags(node.tags(), false),
        None => target,
    }
}

/// The policy of this id.
pub(super) fn policy(scope: &Scope<'_>, id: &str) -> Target {
    let Some(organization) = scope.organization else { return scope.any() };
    match organization.policy(id) {
        Some(policy) => {
            let target = scope.arn(organization.policy_arn(policy));
            typed(target, policy).resource_tags(&policy.tags, false)
        }
        None => scope.arn(arn(organization, "policy", id)),
    }
}

/// The root, unit, account or policy of this id.
pub(super) fn resource(scope: &Scope<'_>, id: &str) -> Target {
    if id.starts_with("p-") { policy(scope, id) } else { place(scope, id) }
}

/// With the tags of a request; making something with tags needs permission to tag, too (Organizations User Guide,
/// "Tagging AWS Organizations resources").
pub(super) fn tagged(target: Target, tags: Option<&[api::Tag]>) -> Vec<Target> {
    let Some(tags) = tags else { return vec![target] };
    let target = target.request_tags(Some(tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))));
    let tagging = (!tags.is_empty()).then(|| target.also("organizations:TagResource"));
    std::iter::once(target).chain(tagging).collect()
}

fn typed(target: Target, policy: &OrganizationPolicy) -> Target {
    target.key("organizations:PolicyType", policy.kind.name())
}
