//! Which services a policy grants anything of.
//!
//! Statements that allow are looked at alone, and of them the actions: whether a condition, a resource or a denial leaves
//! anything of it is a question about a request (API Reference, ListPoliciesGrantingServiceAccess: "it only applies
//! permissions policy logic").

use std::collections::BTreeSet;

use doorward_policy::catalogue::Service;
use doorward_policy::document::{Clause, Effect};
use doorward_policy::policy::Policy;

use crate::Services;

/// Whether a policy allows an action of a service, whose prefix is in lower case.
pub(super) fn grants(policy: &Policy, prefix: &str, services: Services) -> bool {
    let service = services.0.and_then(|services| services.service(prefix));
    clauses(policy).any(|clause| reaches(clause, prefix, service))
}

/// The services that policies can grant: all that are known, and those that they name.
pub(super) fn candidates<'p>(policies: impl Iterator<Item = &'p Policy>, services: Services) -> BTreeSet<String> {
    let known = services.0.map(|services| services.prefixes()).unwrap_or_default();
    let mut out: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    for entry in policies.flat_map(clauses).filter(|clause| !clause.negated).flat_map(|clause| &clause.entries) {
        if let Some((prefix, _)) = entry.value.split_once(':') {
            out.insert(prefix.to_ascii_lowercase());
        }
    }
    out
}

fn clauses(policy: &Policy) -> impl Iterator<Item = &Clause> {
    let allowing = policy.document().statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allowing.map(|statement| &statement.action)
}

fn reaches(clause: &Clause, prefix: &str, service: Option<&Service>) -> bool {
    let entries: Vec<&str> = clause.entries.iter().map(|entry| entry.value.as_str()).collect();
    // Of a service that is not known, any action may exist.
    match (clause.negated, service) {
        (false, None) => entries.iter().any(|entry| of(entry, prefix).is_some()),
        (false, Some(service)) => entries
            .iter()
            .filter_map(|entry| of(entry, prefix))
            .any(|pattern| pattern == "*" || service.actions.iter().any(|action| matches(pattern, &action.name))),
        (true, None) => !entries.iter().any(|entry| of(entry, prefix) == Some("*")),
        (true, Some(service)) => {
            let patterns: Vec<&str> = entries.iter().filter_map(|entry| of(entry, prefix)).collect();
            service.actions.iter().any(|action| !patterns.iter().any(|pattern| matches(pattern, &action.name)))
        }
    }
}

/// The part of an entry that is about the actions of a service; none where it is about others. Policies cannot have
/// patterns in the place of a service's prefix.
fn of<'e>(entry: &'e str, prefix: &str) -> Option<&'e str> {
    match entry.split_once(':') {
        Some((service, name)) => service.eq_ignore_ascii_case(prefix).then_some(name),
        None => entry.bytes().all(|byte| byte == b'*').then_some("*"),
    }
}

/// Whether a pattern with `*` and `?` matches a text, in any case. After a `*` that turns out too short, only the last
/// one is made longer: the work is at most the product of the lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut pos, mut star) = (0, 0, None);
    while let Some(&byte) = text.get(pos) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, pos));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted.eq_ignore_ascii_case(&byte) => {
                at += 1;
                pos += 1;
            }
            _ => {
                let Some((star_at, star_pos)) = star else { return false };
                star = Some((star_at, star_pos + 1));
                at = star_at + 1;
                pos = star_pos + 1;
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use doorward_policy::document::PolicyType;

    use super::*;

    fn policy(statement: &str) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Resource":"*",{statement}}}]}}"#);
        Policy::parse(&text, PolicyType::Inline).unwrap()
    }

    /// Without a catalogue.
    fn check(statement: &str, granted: &[&str], not: &[&str]) {
        let policy = policy(statement);
        for prefix in granted {
            assert!(grants(&policy, prefix, Services::default()), "{statement} grants {prefix}");
        }
        for prefix in not {
            assert!(!grants(&policy, prefix, Services::default()), "{statement} does not grant {prefix}");
        }
    }

    #[test]
    fn services_of_policies() {
        check(r#""Effect":"Allow","Action":"s3:Get*""#, &["s3"], &["ec2", "s3-object-lambda"]);
        check(r#""Effect":"Allow","Action":["S3:GetObject","ec2:*"]"#, &["s3", "ec2"], &["iam"]);
        check(r#""Effect":"Allow","Action":"*""#, &["s3", "ec2"], &[]);
        check(r#""Effect":"Allow","NotAction":["iam:*","s3:Get*"]"#, &["s3", "ec2"], &["iam"]);
        check(r#""Effect":"Allow","NotAction":"*""#, &[], &["s3"]);
        check(r#""Effect":"Deny","Action":"s3:*""#, &[], &["s3"]);
    }

    #[test]
    fn candidates_are_what_policies_name() {
        let policies =
            [policy(r#""Effect":"Allow","Action":["S3:Get*","*"]"#), policy(r#""Effect":"Deny","Action":"sqs:*""#)];
        let found = candidates(policies.iter(), Services::default());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["s3"]);
    }

    #[test]
    fn patterns() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}")
        };
        for (pattern, text) in [("*", ""), ("", ""), ("a*c*", "abcd"), ("*b", "aab"), ("a?c", "ABC"), ("**", "x")] {
            check(pattern, text, true);
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("a*b", "abc"), ("?", ""), ("a?", "a"), ("*ab", "aba")] {
            check(pattern, text, false);
        }
        let (pattern, text) = ("*a".repeat(60), "a".repeat(120) + "b");
        check(&pattern, &text, false);
    }
}
