//! Principals as policies name them (User Guide, "AWS JSON policy elements: Principal").

use crate::arn::{self, Arn};
use crate::document::{PrincipalClause, PrincipalPattern, Span, Spanned};
use crate::error::Problem;
use crate::json::{Json, Member, Value};
use crate::services::is_service_principal;

#[cfg(test)]
mod tests;

/// The identity providers that are named by domain and need not be created in an account.
pub const BUILT_IN_PROVIDERS: &[&str] =
    &["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// What is wrong with a `Principal` or `NotPrincipal` element.
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) problem: Problem,
}

/// The kinds that AWS has different messages for.
pub(crate) enum FaultKind {
    /// Neither an object nor, where that is allowed, `"*"`.
    NotAnObject,
    /// `{}`, or a key with an empty array.
    Empty,
    /// A value that is neither a string nor an array of strings.
    Shape,
    /// A key that is no principal type here.
    Key(String),
    /// A principal that does not exist in this form. Holds the key as AWS's message shows it, and the value.
    Value(&'static str, String),
    /// A `Federated` principal that is neither a domain name nor a provider's ARN.
    Federated,
}

impl FaultKind {
    fn at(self, span: Span, detail: impl Into<String>) -> Fault {
        Fault { kind: self, problem: Problem::new(span, detail) }
    }
}

/// Reads the element. In trust policies (`trust`) the bare `"*"` and canonical user ids are refused, and identity
/// providers allowed; elsewhere it is the other way round.
pub(crate) fn clause(member: &Member<'_>, trust: bool) -> Result<PrincipalClause, Fault> {
    let span = member.value.span;
    let entries = match &member.value.value {
        Json::String(text) if text == "*" && !trust => vec![Spanned { value: PrincipalPattern::Anyone, span }],
        Json::Object(types) if types.is_empty() => {
            return Err(FaultKind::Empty.at(span, "No principal is named; `{\"AWS\": \"*\"}` stands for everyone."));
        }
        Json::Object(types) => {
            let lists = types.iter().map(|one| typed(one, trust)).collect::<Result<Vec<_>, _>>()?;
            lists.into_iter().flatten().collect()
        }
        _ => {
            let detail =
                "Name principals in an object by type: `{\"AWS\": …}`, `{\"Service\": …}`, `{\"Federated\": …}`.";
            return Err(FaultKind::NotAnObject.at(span, detail));
        }
    };
    Ok(PrincipalClause { negated: member.key.value == "NotPrincipal", span, entries })
}

/// One key of the object with its value or values.
fn typed(member: &Member<'_>, trust: bool) -> Result<Vec<Spanned<PrincipalPattern>>, Fault> {
    let key = member.key.value.as_ref();
    let values: Vec<&Value<'_>> = match &member.value.value {
        Json::Array(values) => values.iter().collect(),
        _ => vec![&member.value],
    };
    if values.is_empty() {
        return Err(FaultKind::Empty.at(member.value.span, format!("The list of `{key}` principals is empty.")));
    }
    let allowed = match key {
        "AWS" | "Service" => true,
        "Federated" => trust,
        "CanonicalUser" => !trust,
        _ => false,
    };
    if !allowed {
        let detail = format!("`{key}` is no type of principal in this kind of policy.");
        return Err(FaultKind::Key(key.to_owned()).at(member.key.span, detail));
    }
    values.into_iter().map(|value| one(key, value)).collect()
}

fn one(key: &str, value: &Value<'_>) -> Result<Spanned<PrincipalPattern>, Fault> {
    let Json::String(text) = &value.value else {
        let detail = format!("A principal is a string, not {}.", value.value.describe());
        return Err(FaultKind::Shape.at(value.span, detail));
    };
    match PrincipalPattern::parse(key, text) {
        Some(pattern) => Ok(Spanned { value: pattern, span: value.span }),
        None => Err(refuse(key, text, value.span)),
    }
}

fn refuse(key: &str, text: &str, span: Span) -> Fault {
    let value = text.to_owned();
    let wildcard = text.contains(['*', '?']);
    match key {
        "Service" => FaultKind::Value("SERVICE", value).at(span, format!("`{text}` is no known service principal.")),
        "Federated" if is_domain_name(text) => {
            let known = BUILT_IN_PROVIDERS.join(", ");
            let detail = format!("Only {known} are known by domain; name any other provider by the ARN it has in IAM.");
            FaultKind::Value("FEDERATED", value).at(span, detail)
        }
        "Federated" => {
            FaultKind::Federated.at(span, format!("`{text}` is neither a provider's domain nor its ARN in IAM."))
        }
        "CanonicalUser" => FaultKind::Value("CanonicalUser", value).at(span, "A canonical user id is 64 hex digits."),
        _ if wildcard => {
            let detail = "A principal is `*` or is named exactly; match many with a condition on `aws:PrincipalArn`.";
            FaultKind::Value("AWS", value).at(span, detail)
        }
        _ => {
            let detail = format!("`{text}` is no account id, nor the ARN or unique id of a user, role or session.");
            FaultKind::Value("AWS", value).at(span, detail)
        }
    }
}

impl PrincipalPattern {
    /// Reads one principal of the given type (`AWS`, `Service`, `Federated`, `CanonicalUser`).
    ///
    /// None when the text is not of a form that can name such a principal. Whether the principal exists is not checked.
    pub fn parse(kind: &str, text: &str) -> Option<PrincipalPattern> {
        match kind {
            "AWS" => aws(text),
            "Service" => is_service_principal(text).then(|| PrincipalPattern::Service(text.to_owned())),
            "Federated" => is_provider(text).then(|| PrincipalPattern::Federated(text.to_owned())),
            "CanonicalUser" => (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
                .then(|| PrincipalPattern::CanonicalUser(text.to_owned())),
            _ => None,
        }
    }
}

fn aws(text: &str) -> Option<PrincipalPattern> {
    if text == "*" {
        return Some(PrincipalPattern::Anyone);
    }
    if arn::is_account_id(text) {
        return Some(PrincipalPattern::Account(text.to_owned()));
    }
    if is_unique_id(text) {
        return Some(PrincipalPattern::UniqueId(text.to_owned()));
    }
    let arn = Arn::parse(text)?;
    if !arn::is_partition(arn.partition) || !arn.region.is_empty() || !arn::is_account_id(arn.account) {
        return None;
    }
    let named = is_path(arn.resource) && arn.name().is_some_and(is_name);
    match (arn.service, arn.resource_type()) {
        ("iam", "root") if arn.resource == "root" => Some(PrincipalPattern::Account(arn.account.to_owned())),
        ("iam", "user") if named => Some(PrincipalPattern::User(text.to_owned())),
        ("iam", "role") if named => Some(PrincipalPattern::Role(text.to_owned())),
        ("sts", "assumed-role") if named => {
            let (role, _) = arn.role_session()?;
            is_name(role).then(|| PrincipalPattern::RoleSession(text.to_owned()))
        }
        ("sts", "federated-user") if named => Some(PrincipalPattern::FederatedUser(text.to_owned())),
        _ => None,
    }
}

/// A user's or role's id (User Guide, "IAM identifiers"). Groups and policies have ids too, but are no principals.
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && (16..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The characters of IAM's friendly names, and of session names.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// The characters of IAM's paths, without those that would be wildcards.
fn is_path(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && b != b'*' && b != b'?')
}

fn is_provider(text: &str) -> bool {
    if BUILT_IN_PROVIDERS.contains(&text) {
        return true;
    }
    let Some(arn) = Arn::parse(text) else { return false };
    let provider = arn.resource.split_once('/').is_some_and(|(kind, name)| match kind {
        "saml-provider" => is_name(name),
        "oidc-provider" => !name.is_empty() && is_path(name),
        _ => false,
    });
    provider
        && arn::is_partition(arn.partition)
        && arn.service == "iam"
        && arn.region.is_empty()
        && arn::is_account_id(arn.account)
}

fn is_domain_name(text: &str) -> bool {
    text.contains('.')
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}
