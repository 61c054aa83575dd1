//! Amazon Resource Names (User Guide, "Amazon Resource Names (ARNs)" and "IAM identifiers").

#[cfg(test)]
mod tests;

/// The partitions that exist.
pub const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// Whether there is such a partition.
pub fn is_partition(name: &str) -> bool {
    PARTITIONS.contains(&name)
}

/// Whether the text is an account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `arn:partition:service:region:account:resource`, split at the first five colons; the resource may hold more.
///
/// Only the form is checked: each part may be empty or hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// `aws` and the like.
    pub partition: &'a str,
    /// `iam`, `s3`, ….
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// The owner's account id; empty where names are unique without it.
    pub account: &'a str,
    /// All the rest.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits a text of six parts whose first is `arn`; anything else is none.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut found = [""; COMPONENTS];
        let [_, partition, service, region, account, resource] = components(text, &mut found).then_some(found)?;
        Some(Arn { partition, service, region, account, resource })
    }

    /// For resources such as `role/path/name`: what stands before the first `/`, or the whole (`root`).
    pub fn resource_type(&self) -> &'a str {
        self.resource.split_once('/').map_or(self.resource, |(kind, _)| kind)
    }

    /// For IAM resources: the path, which begins and ends with `/` (`/`, `/path/`); none without a name.
    pub fn path(&self) -> Option<&'a str> {
        let first = self.resource.find('/')?;
        let last = self.resource.rfind('/')?;
        self.resource.get(first..=last)
    }

    /// For IAM resources: the name after the path; none in `root`.
    pub fn name(&self) -> Option<&'a str> {
        self.resource.rsplit_once('/').map(|(_, name)| name)
    }

    /// For `assumed-role/role/session` of STS: the role's name and the session's.
    pub fn role_session(&self) -> Option<(&'a str, &'a str)> {
        let rest = self.resource.strip_prefix("assumed-role/")?;
        (self.service == "sts").then(|| rest.split_once('/')).flatten()
    }
}

/// How many components an ARN has.
pub(crate) const COMPONENTS: usize = 6;

/// Splits an ARN at its first five colons; false, with some components set, where it has fewer or does not begin with
/// `arn`.
pub(crate) fn components<'a>(text: &'a str, out: &mut [&'a str; COMPONENTS]) -> bool {
    let Some(mut rest) = text.strip_prefix("arn:") else { return false };
    let [prefix, between @ .., resource] = out;
    *prefix = "arn";
    for component in between {
        let Some(colon) = rest.bytes().position(|byte| byte == b':') else { return false };
        let Some((part, tail)) = rest.split_at_checked(colon) else { return false };
        *component = part;
        rest = tail.get(1..).unwrap_or_default();
    }
    *resource = rest;
    true
}

/// Splits an ARN pattern of a policy into at most six parts. Colons inside `${…}` do not separate, so that
/// `arn:aws:iam::${aws:PrincipalAccount}:role/x` has the six parts that its author means.
pub fn split_pattern(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let (mut start, mut at) = (0, 0);
    // Once a `${` turns out not to be closed, no later one is: they need not be searched for again.
    let mut variables = true;
    while parts.len() < 5
        && let Some(rest) = pattern.get(at..)
        && let Some(step) = rest.find([':', '$'])
    {
        at += step;
        let here = pattern.get(at..).unwrap_or_default();
        if here.starts_with(':') {
            parts.push(pattern.get(start..at).unwrap_or_default());
            start = at + 1;
        } else if variables && here.starts_with("${") {
            match here.find('}') {
                Some(length) => at += length,
                None => variables = false,
            }
        }
        at += 1;
    }
    parts.push(pattern.get(start..).unwrap_or_default());
    parts
}
