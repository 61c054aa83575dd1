//! A policy document as parsed: every part carries the place in the text that it came from.

use std::sync::Arc;

use crate::operator::Operator;

/// A byte range of the document's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The text at this place; empty where the span belongs to another text.
    pub fn slice(self, text: &str) -> &str {
        let byte = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        text.get(byte(self.start)..byte(self.end)).unwrap_or_default()
    }
}

/// A value and where it stands in the text. For strings the span includes the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the text.
    pub span: Span,
}

/// Which grammar a document has to follow (User Guide, "Grammar of the IAM JSON policy language").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// Managed policy: identity grammar, and `Version` must be `2012-10-17`.
    Managed,
    /// Inline policy of a user, group or role.
    Inline,
    /// Session policy passed to STS.
    Session,
    /// Role trust policy.
    Trust,
    /// Resource-based policy of another service.
    Resource,
    /// Service control policy.
    ServiceControl,
    /// Resource control policy.
    ResourceControl,
    /// VPC endpoint policy.
    VpcEndpoint,
}

/// The policy language version. A missing `Version` means [`Version::V2008`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`: `${…}` is literal text.
    V2008,
    /// `2012-10-17`: policy variables are expanded.
    V2012,
}

/// `Allow` or `Deny`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Grants what matches.
    Allow,
    /// Refuses what matches, whatever else allows it.
    Deny,
}

/// A parsed policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The text exactly as submitted; all spans point into it.
    pub text: Arc<str>,
    /// The `Version` element.
    pub version: Version,
    /// The `Id` element.
    pub id: Option<Spanned<String>>,
    /// The statements, in the order of the text.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The whole object, braces included.
    pub span: Span,
    /// `Sid`.
    pub sid: Option<Spanned<String>>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalClause>,
    /// `Action` or `NotAction`.
    pub action: Clause,
    /// `Resource` or `NotResource`; none in trust policies.
    pub resource: Option<Clause>,
    /// `Condition`, flattened: one entry per operator and key, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// `Action`/`NotAction` or `Resource`/`NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// True for the `Not…` form.
    pub negated: bool,
    /// The entries; a single string is a list of one.
    pub entries: Vec<Spanned<String>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalClause {
    /// True for `NotPrincipal`.
    pub negated: bool,
    /// The whole value.
    pub span: Span,
    /// The principals named.
    pub entries: Vec<Spanned<PrincipalPattern>>,
}

/// One principal named by a policy (User Guide, "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`.
    Anyone,
    /// An account, by id or `arn:…:iam::A:root`. Holds the 12-digit id.
    Account(String),
    /// A user's ARN, path included.
    User(String),
    /// A role's ARN, path included.
    Role(String),
    /// `arn:…:sts::A:assumed-role/name/session`.
    RoleSession(String),
    /// `arn:…:sts::A:federated-user/name`.
    FederatedUser(String),
    /// A unique id (`AIDA…`, `AROA…`): what a user's or role's ARN is bound to when a policy is saved.
    UniqueId(String),
    /// A service principal, such as `ec2.amazonaws.com`.
    Service(String),
    /// An identity provider: a SAML or OIDC provider's ARN, or a built-in web identity provider's name.
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
}

/// One operator applied to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The operator and where its name stands.
    pub operator: Spanned<Operator>,
    /// The condition key as written.
    pub key: Spanned<String>,
    /// The values; numbers and booleans as their literal text.
    pub values: Vec<Spanned<String>>,
}
