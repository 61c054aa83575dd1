//! IAM: users, groups, roles, policies, identity providers, passwords and MFA devices, instance profiles, certificates and
//! other credentials.

mod access_key;
mod account;
mod account_property;
mod attachment;
mod authorization_details;
mod boundary;
mod credential_report;
mod delegation;
mod granted;
mod group;
mod holder;
mod identity;
mod inline;
mod instance_profile;
mod last_accessed;
mod login_profile;
mod mfa_device;
mod oidc_provider;
mod outbound_web_identity;
mod owner;
mod password_policy;
mod pem;
mod policy;
mod policy_version;
mod private_key;
mod role;
mod role_template;
mod room;
mod saml_provider;
mod server_certificate;
mod service_access;
mod service_linked_role;
mod service_specific_credential;
mod signing_certificate;
mod simulate;
mod ssh_public_key;
mod status;
mod tag;
#[cfg(test)]
mod tests;
mod trust;
mod user;
mod x509;

use doorward_policy::arn::Arn;
use doorward_shapes::{Error, common};

use crate::op::Op;

/// The rows of IAM's operations.
pub(crate) fn ops() -> Vec<Op> {
    [
        access_key::ops(),
        account::ops(),
        account_property::ops(),
        attachment::ops(),
        authorization_details::ops(),
        boundary::ops(),
        credential_report::ops(),
        delegation::ops(),
        group::ops(),
        inline::ops(),
        instance_profile::ops(),
        last_accessed::ops(),
        login_profile::ops(),
        mfa_device::ops(),
        oidc_provider::ops(),
        outbound_web_identity::ops(),
        password_policy::ops(),
        policy::ops(),
        policy_version::ops(),
        role::ops(),
        role_template::ops(),
        saml_provider::ops(),
        server_certificate::ops(),
        service_access::ops(),
        service_linked_role::ops(),
        service_specific_credential::ops(),
        signing_certificate::ops(),
        simulate::ops(),
        ssh_public_key::ops(),
        user::ops(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether this is the ARN of a resource of this type, of an account that can have one. The partition must be the
/// account's own, IAM has no regions, and spelling counts (User Guide, "IAM identifiers").
fn check_arn_of(text: &str, resource_type: &str, is_owner: fn(&str) -> bool) -> Result<(), Error> {
    let Some(arn) = Arn::parse(text) else {
        return Err(common::validation_error("Invalid ARN:  Could not be parsed!"));
    };
    if arn.partition != "aws" {
        return Err(common::validation_error("Invalid ARN partition"));
    }
    let named = arn.resource_type() == resource_type && arn.resource.len() > resource_type.len() + 1;
    if arn.service == "iam" && arn.region.is_empty() && is_owner(arn.account) && named {
        Ok(())
    } else {
        Err(common::validation_error(format!("ARN {text} is not valid.")))
    }
}
