//! From the package that carries AWS's documents to a catalogue.

use std::collections::BTreeMap;
use std::fmt;

use doorward_directory::{Catalogue, ManagedPolicy};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::layout::laid_out;

/// Why a catalogue cannot be derived.
#[derive(Debug, PartialEq, Eq)]
pub enum DeriveError {
    /// The text holds no object of policies by name.
    NoPolicies,
    /// The object cannot be read.
    Unreadable(String),
    /// A policy's version or path is not one.
    Strange {
        /// The policy's name.
        name: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl fmt::Display for DeriveError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeriveError::NoPolicies => out.write_str("it holds no JSON object of policies by name"),
            DeriveError::Unreadable(why) => write!(out, "its policies cannot be read: {why}"),
            DeriveError::Strange { name, what } => write!(out, "the policy {name} has no proper {what}"),
        }
    }
}

impl std::error::Error for DeriveError {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Carried {
    create_date: Timestamp,
    update_date: Timestamp,
    default_version_id: String,
    path: String,
    document: Value,
}

/// Derives a catalogue from moto's `moto/iam/aws_managed_policies.py`, or from the JSON object alone that this file holds
/// as text: policies by name, each with `CreateDate`, `UpdateDate`, `DefaultVersionId`, `Path` and `Document`. `source`
/// says where it is from.
///
/// # Errors
/// The text holds no such object.
pub fn derive(text: &str, source: &str) -> Result<Vec<u8>, DeriveError> {
    let object = text.find('{').zip(text.rfind('}')).and_then(|(first, last)| text.get(first..=last));
    let object = object.ok_or(DeriveError::NoPolicies)?;
    // In Python's text a backslash would mean something else than in JSON. AWS's documents have none.
    if object.contains('\\') {
        return Err(DeriveError::Unreadable("there is a backslash in it".to_owned()));
    }
    let policies: BTreeMap<String, Carried> =
        serde_json::from_str(object).map_err(|error| DeriveError::Unreadable(error.to_string()))?;
    if policies.is_empty() {
        return Err(DeriveError::NoPolicies);
    }
    let policies: Result<Vec<_>, _> = policies.into_iter().map(|(name, carried)| managed(name, carried)).collect();
    Ok(Catalogue::write(source, policies?))
}

fn managed(name: String, carried: Carried) -> Result<ManagedPolicy, DeriveError> {
    let strange = |what| DeriveError::Strange { name: name.clone(), what };
    let version = carried.default_version_id.strip_prefix('v').and_then(|number| number.parse().ok());
    let version = version.ok_or_else(|| strange("DefaultVersionId"))?;
    let path = carried.path;
    if !(path.starts_with('/') && path.ends_with('/')) {
        return Err(strange("Path"));
    }
    let document = laid_out(&carried.document);
    Ok(ManagedPolicy { name, path, created: carried.create_date, updated: carried.update_date, version, document })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# Imported
aws_managed_policies_data = """
{"Admin":{"CreateDate":"2015-02-06T18:39:46+00:00","DefaultVersionId":"v1","Document":{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"},"Path":"/","PermissionsBoundaryUsageCount":0,"UpdateDate":"2015-02-06T18:39:46+00:00"}}"""
"#;

    #[test]
    fn the_file_becomes_a_catalogue() {
        let catalogue = Catalogue::open(derive(FILE, "moto 5").unwrap()).unwrap();
        let policy = catalogue.get("arn:aws:iam::aws:policy/Admin").unwrap();
        assert_eq!((catalogue.len(), catalogue.source(), policy.default_version), (1, Some("moto 5"), 1));
        assert!(policy.default().unwrap().document.text().starts_with("{\n    \"Version\""));
    }

    #[test]
    fn what_is_strange_is_refused() {
        for (from, to) in [
            ("\"v1\"", "\"latest\""),
            ("\"Path\":\"/\"", "\"Path\":\"job\""),
            ("\"Action\":\"*\"", "\"Action\":\"\\*\""),
            ("CreateDate", "Created"),
        ] {
            assert!(derive(&FILE.replace(from, to), "").is_err(), "{to}");
        }
        assert_eq!(derive("nothing", ""), Err(DeriveError::NoPolicies));
        assert_eq!(derive("{}", ""), Err(DeriveError::NoPolicies));
    }
}
