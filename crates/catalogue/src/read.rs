//! The form of the facts: lines of fields, separated by tabs.
//!
//! ```text
//! source  PACKAGE VERSION INTEGRITY
//! g       NAME TYPE                          a global condition key
//! s       PREFIX NAME [rcp]                  a service; what follows is its own
//! k       NAME TYPE                          a condition key; referred to by its number in the service
//! r       NAME ARN KEYS                      a resource type, likewise
//! a       NAME LEVEL KEYS [RESOURCE[!][/KEYS]]…   an action; `!`: the resource is required
//! ```
//!
//! KEYS are numbers with commas; TYPE is AWS's, `ArrayOf…` for several values; LEVEL a letter.

use doorward_policy::catalogue::{AccessLevel, Action, ActionResource, ConditionKey, ResourceType, Service, ValueType};

/// What stands before the services.
pub(crate) struct Head {
    pub(crate) source: &'static str,
    pub(crate) global_keys: Vec<ConditionKey>,
}

/// The head, and each service's prefix and lines, its own first.
pub(crate) fn sections(text: &'static str) -> Option<(Head, Vec<(&'static str, &'static str)>)> {
    let mut parts = text.split("\ns\t");
    let mut lines = parts.next()?.lines();
    let source = lines.next()?.strip_prefix("source\t")?;
    let global_keys = lines.filter_map(|line| condition_key(line.strip_prefix("g\t")?)).collect();
    let services = parts.filter_map(|part| Some((part.split(['\t', '\n']).next()?, part))).collect();
    Some((Head { source, global_keys }, services))
}

/// The names of a service's condition keys.
pub(crate) fn condition_key_names(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(|line| line.strip_prefix("k\t")?.split('\t').next())
}

/// The ARNs of a service's resource types.
pub(crate) fn arns(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(|line| line.strip_prefix("r\t")?.split('\t').nth(1))
}

/// The service of some lines. What is not in the form is left out, which a test excludes for the facts at hand.
pub(crate) fn service(prefix: &str, text: &str) -> Service {
    let mut service = Service { prefix: prefix.to_owned(), ..Service::default() };
    for line in text.lines() {
        match line.split_once('\t') {
            Some(("k", rest)) => service.condition_keys.extend(condition_key(rest)),
            Some(("r", rest)) => service.resource_types.extend(resource_type(rest)),
            Some(("a", rest)) => service.actions.extend(action(rest)),
            Some((_, rest)) => {
                let (name, marks) = rest.split_once('\t').unwrap_or((rest, ""));
                service.name = name.to_owned();
                service.resource_control = marks == "rcp";
            }
            None => {}
        }
    }
    service
}

fn condition_key(fields: &str) -> Option<ConditionKey> {
    let (name, kind) = fields.split_once('\t')?;
    let (multivalued, kind) = kind.strip_prefix("ArrayOf").map_or((false, kind), |kind| (true, kind));
    let value_type = match kind {
        "String" => ValueType::String,
        "ARN" => ValueType::Arn,
        "Bool" => ValueType::Bool,
        "Numeric" => ValueType::Numeric,
        "Date" => ValueType::Date,
        "IPAddress" => ValueType::IpAddress,
        _ => return None,
    };
    Some(ConditionKey { name: name.to_owned(), value_type, multivalued })
}

fn resource_type(fields: &str) -> Option<ResourceType> {
    let mut fields = fields.split('\t');
    let (name, arn, keys) = (fields.next()?, fields.next()?, fields.next()?);
    Some(ResourceType { name: name.to_owned(), arn: arn.to_owned(), condition_keys: numbers(keys)? })
}

fn action(fields: &str) -> Option<Action> {
    let mut fields = fields.split('\t');
    let (name, level, keys) = (fields.next()?, fields.next()?, fields.next()?);
    let access_level = match level {
        "L" => AccessLevel::List,
        "R" => AccessLevel::Read,
        "W" => AccessLevel::Write,
        "P" => AccessLevel::PermissionsManagement,
        "T" => AccessLevel::Tagging,
        _ => return None,
    };
    let resource_types = fields.map(action_resource).collect::<Option<_>>()?;
    Some(Action { name: name.to_owned(), access_level, resource_types, condition_keys: numbers(keys)? })
}

fn action_resource(field: &str) -> Option<ActionResource> {
    let (resource, keys) = field.split_once('/').unwrap_or((field, ""));
    let (number, required) = resource.strip_suffix('!').map_or((resource, false), |number| (number, true));
    Some(ActionResource { resource_type: number.parse().ok()?, required, condition_keys: numbers(keys)? })
}

fn numbers(list: &str) -> Option<Vec<usize>> {
    list.split(',').filter(|number| !number.is_empty()).map(|number| number.parse().ok()).collect()
}
