//! OIDC issuers shared by many tenants (User Guide, "Identity-provider controls for shared OIDC providers").

use crate::document::Condition;
use crate::operator::{Base, SetOperator};

#[cfg(test)]
mod tests;

/// An issuer whose tokens do not say by their issuer alone whom they are for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SharedIssuer {
    /// The issuer's URL without `https://`.
    issuer: &'static str,
    control: Control,
}

/// What pins a token to one tenant.
#[derive(Debug, PartialEq, Eq)]
enum Control {
    /// A claim of the token.
    Claim(&'static str),
    /// A condition key of its own.
    Key(&'static str),
}

/// All of them, as far as they have an address of their own.
pub(super) const SHARED_ISSUERS: &[SharedIssuer] = &[
    by_claim("agent.buildkite.com", "sub"),
    by_claim("api.pulumi.com/oidc", "aud"),
    by_claim("app.terraform.io", "sub"),
    by_claim("cognito-identity.amazonaws.com", "aud"),
    by_claim("gitlab.com", "sub"),
    by_claim("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    by_claim("oidc.codefresh.io", "sub"),
    by_claim("oidc.vercel.com", "aud"),
    by_claim("proidc.upbound.io", "sub"),
    by_claim("sandboxes.cloud", "aud"),
    by_claim("scalr.io", "sub"),
    by_claim("studio.datachain.ai/api", "sub"),
    SharedIssuer {
        issuer: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d",
        control: Control::Key("sts:RoleSessionName"),
    },
    by_claim("token.actions.githubusercontent.com", "sub"),
    by_claim("tokens.cloud.shisho.dev", "sub"),
    by_claim("vstoken.actions.githubusercontent.com", "sub"),
];

const fn by_claim(issuer: &'static str, claim: &'static str) -> SharedIssuer {
    SharedIssuer { issuer, control: Control::Claim(claim) }
}

impl SharedIssuer {
    /// Whether a `Federated` principal, by its ARN or as a built-in provider, is this issuer.
    pub(super) fn is(&self, provider: &str) -> bool {
        let issuer = provider.split_once(":oidc-provider/").map_or(provider, |(_, issuer)| issuer);
        self.issuer.eq_ignore_ascii_case(issuer)
    }

    /// The condition key that must be restricted.
    pub(super) fn key(&self) -> String {
        match self.control {
            Control::Claim(claim) => format!("{}:{claim}", self.issuer),
            Control::Key(key) => key.to_owned(),
        }
    }

    /// The message when it is not. AWS's text is known for Cognito; the others follow its pattern.
    pub(super) fn message(&self) -> String {
        let name = if self.issuer == "cognito-identity.amazonaws.com" { "Cognito" } else { self.issuer };
        format!("A condition block must be present for the {name} provider")
    }
}

/// Whether the condition can only hold for some values of the key: a positive string operator that does not hold without
/// the key, and no value made of wildcards only.
pub(super) fn pins(condition: &Condition, key: &str) -> bool {
    let operator = condition.operator.value;
    let positive = matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike);
    let demands_key = !operator.if_exists && operator.set != Some(SetOperator::ForAllValues);
    positive
        && demands_key
        && condition.key.value.eq_ignore_ascii_case(key)
        && !condition.values.is_empty()
        && condition.values.iter().all(|value| value.value.contains(|c| c != '*' && c != '?'))
}
