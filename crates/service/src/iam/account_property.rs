//! Properties of the account (IAM API Reference: GetAccountProperties, PutAccountProperties; User Guide, "Create roles
//! automatically with role manager").

use std::collections::{BTreeMap, BTreeSet};

use doorward_directory::{Account, AccountSettings};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};

/// The one namespace that there is, and its one property.
const ROLE_MANAGER: &str = "RoleManager";
const ENABLED: &str = "Enabled";

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read("GetAccountProperties", |scope, _: &api::GetAccountPropertiesRequest| got(scope), get_properties),
        Op::write("PutAccountProperties", put, put_properties),
    ]
}

fn got(scope: &Scope<'_>) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.any().keys("iam:AccountPropertyNamespaces", [ROLE_MANAGER.to_owned()])])
}

fn put(scope: &Scope<'_>, input: &api::PutAccountPropertiesRequest) -> Result<Vec<Target>, Error> {
    let namespace = |key: &String| key.split('/').next().unwrap_or_default().to_owned();
    let namespaces: BTreeSet<String> = input.properties.keys().map(namespace).collect();
    Ok(vec![scope.any().keys("iam:AccountPropertyNamespaces", namespaces)])
}

fn get_properties(
    _: &Cx<'_>,
    account: &Account,
    _: api::GetAccountPropertiesRequest,
) -> Result<api::GetAccountPropertiesResponse, Error> {
    let enabled = !account.settings().role_manager_disabled;
    let properties = BTreeMap::from([(format!("{ROLE_MANAGER}/{ENABLED}"), enabled.to_string())]);
    Ok(api::GetAccountPropertiesResponse { properties: Some(properties) })
}

fn put_properties(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::PutAccountPropertiesRequest,
) -> Result<api::PutAccountPropertiesResponse, Error> {
    let role_manager_disabled = !enabled(&input.properties).map_err(error::invalid_input)?;
    account.put_settings(AccountSettings { role_manager_disabled, ..account.settings().clone() });
    Ok(api::PutAccountPropertiesResponse::default())
}

/// The value of the one property that there is to set.
fn enabled(properties: &BTreeMap<String, String>) -> Result<bool, String> {
    let mut namespaces = BTreeSet::new();
    for key in properties.keys() {
        match key.split_once('/') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
                namespaces.insert(namespace);
            }
            _ => return Err(format!("Property key must be in format Namespace/PropertyName: {key}")),
        }
    }
    match namespaces.iter().collect::<Vec<_>>().as_slice() {
        [] => return Err("Properties must not be empty".to_owned()),
        [only] if **only == ROLE_MANAGER => {}
        [other] => return Err(format!("Unsupported namespace: {other}")),
        _ => return Err("All properties must belong to the same namespace".to_owned()),
    }
    let mut value = None;
    for (key, given) in properties {
        match key.split_once('/') {
            Some((_, ENABLED)) => value = Some(given.as_str()),
            _ => return Err(format!("Unsupported property: {key}")),
        }
    }
    match value {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err("Enabled must be 'true' or 'false'".to_owned()),
    }
}
