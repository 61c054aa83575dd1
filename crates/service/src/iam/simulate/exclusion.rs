//! `PolicyExclusionList`: what would be if a policy were removed (IAM API Reference, PolicyIdentifier).

use doorward_directory::AWS_MANAGED;
use doorward_policy::arn::Arn;
use doorward_policy::request::{Attached, Source};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::source::{EntityArn, Held};

/// Takes the policies that are named out of those that are held. Names of none are ignored.
pub(super) fn exclude(held: &mut Held, identifiers: &[api::PolicyIdentifier]) -> Result<(), Error> {
    let excluded = identifiers.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    held.identity.retain(|attached| !excluded.iter().any(|identifier| identifier.is(attached)));
    if excluded.iter().any(|one| matches!(one, Excluded::Type(api::PolicyIdentifierPolicyType::PermissionBoundary))) {
        held.boundary = None;
    }
    Ok(())
}

/// What is left out.
enum Excluded<'a> {
    Type(api::PolicyIdentifierPolicyType),
    Arn(&'a str),
    Inline(&'a api::InlinePolicyIdentifierType),
}

fn read(identifier: &api::PolicyIdentifier) -> Result<Excluded<'_>, Error> {
    match (&identifier.policy_type, &identifier.policy_arn, &identifier.inline_policy_identifier) {
        (Some(kind), None, None) => Ok(Excluded::Type(*kind)),
        (None, Some(arn), None) if is_pattern(arn) => Ok(Excluded::Arn(arn)),
        (None, Some(arn), None) => {
            Err(error::invalid_input(format!("PolicyExclusionList: {arn} does not identify a managed policy.")))
        }
        (None, None, Some(inline)) => Ok(Excluded::Inline(inline)),
        _ => Err(error::invalid_input(
            "PolicyExclusionList: specify exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier.",
        )),
    }
}

/// Wildcards stand for parts of the name alone, and one `*` at most.
fn is_pattern(text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else { return false };
    let Some(name) = arn.resource.strip_prefix("policy/") else { return false };
    let before = [arn.partition, arn.service, arn.region, arn.account];
    matches!(arn.service, "iam" | "organizations")
        && !name.is_empty()
        && !before.iter().any(|part| part.contains(['*', '?']))
        && name.matches('*').count() <= 1
}

impl Excluded<'_> {
    fn is(&self, attached: &Attached) -> bool {
        use api::PolicyIdentifierPolicyType::{AwsManaged, Inline, PermissionBoundary, Rcp, Scp, UserManaged};
        match (self, &attached.source) {
            (Excluded::Type(Inline), Source::Inline { .. }) => true,
            (Excluded::Type(AwsManaged), Source::Managed { arn, .. }) => arn.starts_with(AWS_MANAGED),
            (Excluded::Type(UserManaged), Source::Managed { arn, .. }) => !arn.starts_with(AWS_MANAGED),
            (Excluded::Type(Inline | AwsManaged | UserManaged | PermissionBoundary | Scp | Rcp), _) => false,
            (Excluded::Arn(pattern), Source::Managed { arn, .. }) => covers(pattern, arn),
            (Excluded::Inline(id), Source::Inline { name, owner }) => EntityArn::parse(owner).is_some_and(|owner| {
                owner.kind == id.attachment_type.as_str()
                    && owner.name.eq_ignore_ascii_case(&id.attachment_name)
                    && **name == *id.policy_name
            }),
            _ => false,
        }
    }
}

/// Whether a pattern with at most one `*` covers a text.
fn covers(pattern: &str, text: &str) -> bool {
    let same = |pattern: &str, text: &str| {
        pattern.chars().count() == text.chars().count()
            && pattern.chars().zip(text.chars()).all(|(wanted, found)| wanted == '?' || wanted == found)
    };
    let Some((start, end)) = pattern.split_once('*') else { return same(pattern, text) };
    let (first, last, all) = (start.chars().count(), end.chars().count(), text.chars().count());
    let Some(skipped) = all.checked_sub(last).filter(|skipped| *skipped >= first) else { return false };
    let head: String = text.chars().take(first).collect();
    let tail: String = text.chars().skip(skipped).collect();
    same(start, &head) && same(end, &tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expect: bool) {
        assert_eq!(covers(pattern, text), expect, "{pattern} {text}");
    }

    #[test]
    fn wildcards_cover_names() {
        check("arn:aws:iam::aws:policy/Read*", "arn:aws:iam::aws:policy/ReadOnlyAccess", true);
        check("arn:aws:iam::aws:policy/Read*", "arn:aws:iam::aws:policy/Read", true);
        check("arn:aws:iam::aws:policy/*Access", "arn:aws:iam::aws:policy/ReadOnlyAccess", true);
        check("arn:aws:iam::aws:policy/R?ad*s", "arn:aws:iam::aws:policy/ReadOnlyAccess", true);
        check("arn:aws:iam::aws:policy/aba*aba", "arn:aws:iam::aws:policy/aba", false);
        check("arn:aws:iam::aws:policy/Read?", "arn:aws:iam::aws:policy/Read", false);
        check("arn:aws:iam::aws:policy/read*", "arn:aws:iam::aws:policy/ReadOnlyAccess", false);
    }

    #[test]
    fn wildcards_stand_in_names_alone() {
        for good in
            ["arn:aws:iam::aws:policy/*", "arn:aws:iam::111122223333:policy/t?am/a*", "arn:aws:iam::aws:policy/A"]
        {
            assert!(is_pattern(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "arn:aws:iam::*:policy/A",
            "arn:aws:iam::aws:policy/",
            "arn:aws:iam::aws:p*",
            "arn:aws:iam::aws:policy/*a*",
            "arn:aws:s3:::policy/x",
        ] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }
}
