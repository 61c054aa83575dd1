use super::*;
use crate::evaluate::Confusion;

const USER: &str = "arn:aws:iam::111111111111:user/alice";
const BASE: &str = "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: s3:GetObject";

#[track_caller]
fn check(denial: Denial, reason: &str) {
    assert_eq!(denial_message(USER, "s3:GetObject", None, denial, None), format!("{BASE}{reason}"));
}

#[test]
fn reasons() {
    use Denial::{Explicit, Implicit};
    check(Implicit(Layer::Identity), " because no identity-based policy allows the s3:GetObject action");
    check(Explicit(Layer::Identity), " with an explicit deny in an identity-based policy");
    check(Implicit(Layer::Boundary), " because no permissions boundary allows the s3:GetObject action");
    check(Explicit(Layer::Boundary), " with an explicit deny in a permissions boundary");
    check(Implicit(Layer::Session), " because no session policy allows the s3:GetObject action");
    check(Explicit(Layer::Session), " with an explicit deny in a session policy");
    check(Implicit(Layer::ServiceControl), " because no service control policy allows the s3:GetObject action");
    check(Explicit(Layer::ServiceControl), " with an explicit deny in a service control policy");
    check(Implicit(Layer::ResourceControl), " because no resource control policy allows the s3:GetObject action");
    check(Explicit(Layer::ResourceControl), " with an explicit deny in a resource control policy");
    check(Implicit(Layer::Resource), " because no resource-based policy allows the s3:GetObject action");
    check(Explicit(Layer::Resource), " with an explicit deny in a resource-based policy");
    check(Implicit(Layer::Endpoint), " because no VPC endpoint policy allows the s3:GetObject action");
    check(Explicit(Layer::Endpoint), " with an explicit deny in a VPC endpoint policy");
    check(Implicit(Layer::Trust), " because no role trust policy allows the s3:GetObject action");
    check(Explicit(Layer::Trust), " with an explicit deny in the role trust policy");
    check(Denial::OverBudget, "");
    check(Denial::NotUnderstood(Confusion::Action), "");
}

#[test]
fn resources_and_policies_are_named() {
    let role = denial_message(USER, "iam:GetRole", Some("role X"), Denial::Implicit(Layer::Identity), Some("arn:p"));
    assert_eq!(
        role,
        "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: iam:GetRole on resource: role X \
         because no identity-based policy allows the iam:GetRole action"
    );
    let policy = "arn:aws:iam::111111111111:policy/name";
    let denied = denial_message(USER, "iam:GetRole", Some("role X"), Denial::Explicit(Layer::Identity), Some(policy));
    assert_eq!(
        denied,
        "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: iam:GetRole on resource: role X \
         with an explicit deny in an identity-based policy: arn:aws:iam::111111111111:policy/name"
    );
}

#[test]
fn shorter_and_other_texts() {
    assert_eq!(
        short_denial_message(USER, "sts:AssumeRole", Some("arn:aws:iam::111111111111:role/R")),
        "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::111111111111:role/R"
    );
    assert_eq!(
        endpoint_denial_message(USER, "s3:GetObject", None, Layer::ServiceControl),
        format!("{BASE} with an explicit deny in a VPC endpoint policy transitively through a service control policy")
    );
    assert_eq!(
        federation_denial_message("sts:AssumeRoleWithWebIdentity"),
        "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
}
