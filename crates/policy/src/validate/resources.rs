//! The form of resources.

use crate::arn::{is_partition, split_pattern};

#[cfg(test)]
mod tests;

/// What the resource part of an IAM ARN may begin with.
const IAM_RESOURCES: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// What the resource part of an S3 ARN with a region may begin with: buckets and objects have none.
const REGIONAL_S3_RESOURCES: &[&str] =
    &["accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens/", "storage-lens-group/"];

/// What is wrong with an entry of `Resource` or `NotResource` of an identity policy, as AWS words it.
pub(super) fn format_fault(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let parts = split_pattern(resource);
    let part = |index: usize| parts.get(index).copied();
    let Some(partition) = part(1) else { return Some(not_an_arn(resource)) };
    if partition != "*" && !is_partition(partition) {
        return Some(bad_partition(partition, &parts));
    }
    let Some(service) = part(2).filter(|service| !service.contains(['*', '?'])) else {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".to_owned());
    };
    if part(0) != Some("arn") {
        return Some(not_an_arn(resource));
    }
    let regional = part(3).is_some_and(|region| !region.is_empty());
    let rest = part(5);
    match service {
        "iam" if regional => Some(format!("IAM resource {resource} cannot contain region information.")),
        "iam" => rest.filter(|rest| !is_iam_resource(rest)).map(|_| bad_iam_resource()),
        "s3" if regional && !rest.is_some_and(is_regional_s3_resource) => {
            Some(format!("Resource {resource} can not contain region information."))
        }
        _ => None,
    }
}

/// Whether a resource of acceptable format fails IAM's older parser: it has fewer than six parts, one of them empty in
/// the middle, or no service. `arn:aws:s3` passes: what it lacks is taken for `*`.
pub(super) fn fails_legacy_parsing(resource: &str) -> bool {
    let parts = split_pattern(resource);
    resource != "*"
        && ((parts.len() < 6 && resource.contains("::")) || parts.get(2).is_some_and(|part| part.is_empty()))
}

/// AWS's own policies name role templates (`iam:GetRoleTemplateVersion`), and the Service Authorization Reference has
/// delegation requests as resources; AWS's message lists neither.
fn is_iam_resource(resource: &str) -> bool {
    matches!(resource, "*" | "root")
        || ["role-template/", "delegation-request/"].iter().any(|prefix| resource.starts_with(prefix))
        || IAM_RESOURCES.iter().any(|prefix| resource.starts_with(prefix))
}

fn is_regional_s3_resource(resource: &str) -> bool {
    resource == "*" || REGIONAL_S3_RESOURCES.iter().any(|prefix| resource.starts_with(prefix))
}

fn not_an_arn(resource: &str) -> String {
    format!("Resource {resource} must be in ARN format or \"*\".")
}

/// The message shows the ARN filled up with `*` where parts are missing.
fn bad_partition(partition: &str, parts: &[&str]) -> String {
    let part = |index: usize| parts.get(index).copied().unwrap_or("*");
    let service = match part(2) {
        "" if parts.len() == 3 => "*",
        service => service,
    };
    let arn = format!("arn:{partition}:{service}:{}:{}:{}", part(3), part(4), part(5));
    format!("Partition \"{partition}\" is not valid for resource \"{arn}\".")
}

fn bad_iam_resource() -> String {
    format!("IAM resource path must either be \"*\" or start with {}.", IAM_RESOURCES.join(", "))
}
