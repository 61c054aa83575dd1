//! A managed policy with its versions, whose numbers are to be those of the file.

use std::collections::BTreeMap;

use doorward_policy::document::PolicyType;

use super::file::Policy;
use super::plan::{Call, Chain, Planner, pair};

/// The highest number of a version that is made. Numbers are given in order, so each one below it costs two calls.
const NUMBER_MAX: u32 = 1_000;

/// The calls that make a policy. Numbers are never used again, so where the file has gaps a version is made and deleted.
pub(super) fn policy(planner: &mut Planner<'_>, policy: &Policy) -> Option<Chain> {
    let what = format!("policy {}", policy.policy_name);
    planner.unknown(&what, &policy.unknown);
    let (mut documents, mut default) = (BTreeMap::new(), None);
    for version in &policy.policy_version_list {
        let what = format!("{what}: its version {}", version.version_id);
        let Some(number) = number(&version.version_id) else {
            planner.problem(&what, format!("its number is not one of 1 to {NUMBER_MAX}"));
            continue;
        };
        if let Some(text) = planner.document(&what, &version.document, PolicyType::Managed) {
            if version.version_id == policy.default_version_id {
                default = Some(number);
            }
            documents.insert(number, text);
        }
    }
    let Some(default) = default else {
        planner.problem(&what, "its default version is not there, or cannot be made; it is left out");
        return None;
    };
    let arn = planner.arn(&policy.arn);
    let mut first = vec![pair("PolicyName", &policy.policy_name), pair("Path", &policy.path)];
    first.extend(policy.description.as_deref().filter(|text| !text.is_empty()).map(|text| pair("Description", text)));
    Some(Steps { what, arn, chain: Chain::new() }.all(first, &documents, default))
}

fn number(id: &str) -> Option<u32> {
    let number = id.strip_prefix('v')?.parse().ok()?;
    (format!("v{number}") == id && (1..=NUMBER_MAX).contains(&number)).then_some(number)
}

struct Steps {
    what: String,
    arn: String,
    chain: Chain,
}

impl Steps {
    fn all(mut self, mut first: Vec<(String, String)>, documents: &BTreeMap<u32, String>, default: u32) -> Chain {
        let Some((&lowest, filler)) = documents.first_key_value() else { return self.chain };
        let highest = documents.last_key_value().map_or(lowest, |(number, _)| *number);
        first.push(pair("PolicyDocument", filler));
        self.push("CreatePolicy", first);
        // Versions below the first one that stays are the default one until they go; later ones go at once. So there
        // are never more than those that stay and one.
        for number in 2..=highest {
            let document = documents.get(&number);
            let is_default = number <= lowest || number == default;
            self.push(
                "CreatePolicyVersion",
                vec![
                    pair("PolicyArn", &self.arn),
                    pair("PolicyDocument", document.unwrap_or(filler)),
                    pair("SetAsDefault", if is_default { "true" } else { "false" }),
                ],
            );
            if number <= lowest {
                self.delete(number - 1);
            } else if document.is_none() {
                self.delete(number);
            }
        }
        self.chain
    }

    fn delete(&mut self, number: u32) {
        self.push("DeletePolicyVersion", vec![pair("PolicyArn", &self.arn), pair("VersionId", &format!("v{number}"))]);
    }

    fn push(&mut self, operation: &'static str, parameters: Vec<(String, String)>) {
        self.chain.push(Call { operation, parameters, what: self.what.clone(), needed: true });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays the calls as IAM would: the versions that are left, and the default one.
    fn played(documents: &[u32], default: u32) -> (Vec<u32>, u32) {
        let documents: BTreeMap<u32, String> = documents.iter().map(|number| (*number, number.to_string())).collect();
        let steps = Steps { what: String::new(), arn: String::new(), chain: Chain::new() };
        let (mut left, mut next, mut current) = (BTreeMap::new(), 1, 1);
        for call in steps.all(Vec::new(), &documents, default) {
            let value =
                |name: &str| call.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            if call.operation == "DeletePolicyVersion" {
                let gone = number(&value("VersionId").unwrap()).unwrap();
                assert_ne!(gone, current, "the default version cannot be deleted");
                left.remove(&gone).unwrap();
                continue;
            }
            assert!(left.len() < 5, "there would be six versions");
            left.insert(next, value("PolicyDocument").unwrap());
            if call.operation == "CreatePolicy" || value("SetAsDefault").unwrap() == "true" {
                current = next;
            }
            next += 1;
        }
        assert!(left.iter().all(|(number, text)| number.to_string() == *text), "{left:?}");
        (left.into_keys().collect(), current)
    }

    #[test]
    fn versions_keep_their_numbers() {
        let check =
            |documents: &[u32], default: u32| assert_eq!(played(documents, default), (documents.to_vec(), default));
        check(&[1], 1);
        check(&[1, 2, 3, 4, 5], 3);
        check(&[4], 4);
        check(&[3, 7], 3);
        check(&[3, 7], 7);
        check(&[2, 4, 6, 8, 20], 6);
        check(&[16, 17, 18, 19, 20], 16);
    }

    #[test]
    fn numbers_of_versions() {
        let check = |id: &str, expected: Option<u32>| assert_eq!(number(id), expected, "{id}");
        check("v1", Some(1));
        check("v1000", Some(1_000));
        for id in ["v0", "v1001", "1", "v01", "v+1", "v", "v1.a"] {
            check(id, None);
        }
    }
}
