//! `ResourceArns`, `ResourceOwner` and `ResourceHandlingOption`.

use doorward_policy::arn::{Arn, is_account_id};
use doorward_shapes::Error;
use doorward_shapes::iam::error;

/// The types of resources that each EC2 scenario needs (API Reference, SimulateCustomPolicy, `ResourceHandlingOption`).
const SCENARIOS: &[(&str, &[&str])] = &[
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance", "image", "security-group", "network-interface", "subnet"]),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    ("EC2-VPC-EBS-Subnet", &["instance", "image", "security-group", "network-interface", "subnet", "volume"]),
];

/// The resources: `*` where none is named.
pub(super) fn resources(arns: Option<&[String]>) -> Result<Vec<String>, Error> {
    let arns = arns.unwrap_or_default();
    if let Some(arn) = arns.iter().find(|arn| *arn != "*" && Arn::parse(arn).is_none()) {
        return Err(error::invalid_input(format!("ResourceNames are not in a valid ARN format: {arn}.")));
    }
    Ok(if arns.is_empty() { vec!["*".to_owned()] } else { arns.to_vec() })
}

/// The account that owns what does not say whose it is: an account id, or the ARN of an account.
pub(super) fn owner(text: &str) -> Result<&str, Error> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty() && arn.resource == "root");
    let account = arn.map_or(text, |arn| arn.account);
    if is_account_id(account) { Ok(account) } else { Err(error::invalid_input("Invalid Resource Owner.")) }
}

/// Whether all resources are there that a scenario needs.
pub(super) fn check_scenario(option: &str, resources: &[String]) -> Result<(), Error> {
    let Some((_, needed)) = SCENARIOS.iter().find(|(name, _)| *name == option) else {
        return Err(error::invalid_input(format!("Invalid ResourceHandlingOption: {option}.")));
    };
    let is_of = |arn: &String, kind: &str| {
        Arn::parse(arn).is_some_and(|arn| arn.service == "ec2" && arn.resource_type() == kind)
    };
    match needed.iter().find(|kind| !resources.iter().any(|arn| is_of(arn, kind))) {
        None => Ok(()),
        Some(kind) => Err(error::invalid_input(format!("{option} requires a resource of the type {kind}."))),
    }
}
