//! What only role trust policies must keep.

use crate::document::{Condition, PrincipalClause, PrincipalPattern, Spanned};
use crate::error::{PolicyError, Problem};
use crate::parse::{Fields, List};
use crate::validate::actions;
use crate::validate::shared_issuers::{self, SHARED_ISSUERS};

/// A trust policy belongs to the role it is attached to.
pub(super) fn refuse_resources(fields: &Fields<'_, '_>) -> Result<(), PolicyError> {
    let (element, message) = match (fields.get("Resource"), fields.get("NotResource")) {
        (Some(element), _) => (element, "Has prohibited field Resource"),
        (None, Some(element)) => (element, "AssumeRole policy must not contain resources."),
        (None, None) => return Ok(()),
    };
    let detail = "A trust policy says who may assume the role. What the role may do belongs in a permissions policy.";
    Err(Problem::new(element.key.span, detail).says(message))
}

/// Only actions of STS make sense.
pub(super) fn check_actions(list: &List) -> Result<(), PolicyError> {
    let other = list.clause.entries.iter().find(|entry| !actions::is_trust_action(&entry.value));
    let Some(entry) = other else { return Ok(()) };
    let detail = format!("`{}` is no action of STS; write `sts:AssumeRole` or the like.", entry.value);
    Err(Problem::new(entry.span, detail).says("AssumeRole policy may only specify STS AssumeRole actions."))
}

/// An identity provider that many tenants share must be pinned to one tenant by a condition.
pub(super) fn check_shared_issuers(principals: &PrincipalClause, conditions: &[Condition]) -> Result<(), PolicyError> {
    for issuer in SHARED_ISSUERS {
        let names = |entry: &&Spanned<PrincipalPattern>| match &entry.value {
            PrincipalPattern::Federated(provider) => issuer.is(provider),
            _ => false,
        };
        let Some(entry) = principals.entries.iter().find(names) else { continue };
        let key = issuer.key();
        if !conditions.iter().any(|condition| shared_issuers::pins(condition, &key)) {
            let detail = format!(
                "Tokens of this provider are issued to everyone's tenants: add a `StringEquals` or `StringLike` \
                 condition on `{key}` with a value that is not all wildcards."
            );
            return Err(Problem::new(entry.span, detail).says(issuer.message()));
        }
    }
    Ok(())
}
